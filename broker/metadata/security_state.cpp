#include "broker/metadata/security_state.hpp"

namespace sealane::broker {

namespace {

std::unexpected<Error> misfit(std::string text) {
    return fail(ErrorCode::kCorrupt, "metadata log: " + std::move(text));
}

identity::AclEntry entry_of(const kafka::AccessControlEntryRecord& record) {
    return {
        .resource_type = identity::ResourceType{record.resource_type},
        .resource_name = record.resource_name,
        .pattern_type = identity::PatternType{record.pattern_type},
        .principal = record.principal,
        .host = record.host,
        .operation = identity::AclOperation{record.operation},
        .permission = identity::AclPermission{record.permission_type},
    };
}

kafka::AccessControlEntryRecord record_of(const Uuid& id, const identity::AclEntry& entry) {
    kafka::AccessControlEntryRecord record;
    record.id = id;
    record.resource_type = static_cast<std::int8_t>(entry.resource_type);
    record.resource_name = entry.resource_name;
    record.pattern_type = static_cast<std::int8_t>(entry.pattern_type);
    record.principal = entry.principal;
    record.host = entry.host;
    record.operation = static_cast<std::int8_t>(entry.operation);
    record.permission_type = static_cast<std::int8_t>(entry.permission);
    return record;
}

}  // namespace

const identity::ScramCredential* SecurityState::credential(
    const std::string& user, identity::ScramMechanism mechanism
) const {
    const auto found = scram.find({user, mechanism});
    return found == scram.end() ? nullptr : &found->second;
}

Status SecurityState::apply(const kafka::AccessControlEntryRecord& record) {
    identity::AclEntry entry = entry_of(record);
    if (const Status good = identity::check(entry); !good) {
        // A denial that is not understood must not be passed over.
        return misfit("access control entry: " + good.error().detail());
    }
    acls.add(record.id, std::move(entry));
    return {};
}

Status SecurityState::apply(const kafka::RemoveAccessControlEntryRecord& record) {
    if (acls.remove(record.id)) return {};
    return misfit("removal of unknown access control entry " + record.id.to_string());
}

Status SecurityState::apply(const kafka::UserScramCredentialRecord& record) {
    identity::ScramCredential credential;
    credential.salt = record.salt.text();
    credential.stored_key = record.stored_key.text();
    credential.server_key = record.server_key.text();
    credential.iterations = record.iterations;
    scram.insert_or_assign(
        {record.name, identity::ScramMechanism{record.mechanism}}, std::move(credential)
    );
    return {};
}

Status SecurityState::apply(const kafka::RemoveUserScramCredentialRecord& record) {
    const auto removed = scram.erase({record.name, identity::ScramMechanism{record.mechanism}});
    return removed == 1 ? Status{} : misfit("removal of an unknown SCRAM credential");
}

Status SecurityState::apply(const kafka::ClientQuotaRecord& record) {
    std::vector<QuotaPart> parts;
    for (const auto& part : record.entity) parts.push_back({part.entity_type, part.entity_name});
    const auto entity = quota_entity(parts);
    if (!entity) return misfit("quota: " + entity.error().detail());
    if (record.remove) {
        quotas.remove(*entity, record.key);
    } else {
        quotas.set(*entity, record.key, record.value);
    }
    return {};
}

void SecurityState::add_records(Records& to) const {
    for (const auto& [id, entry] : acls.entries()) to.emplace_back(record_of(id, entry));
    for (const auto& [key, credential] : scram) {
        kafka::UserScramCredentialRecord record;
        record.name = key.first;
        record.mechanism = static_cast<std::int8_t>(key.second);
        record.salt = BufferSlice::copy_of(credential.salt);
        record.stored_key = BufferSlice::copy_of(credential.stored_key);
        record.server_key = BufferSlice::copy_of(credential.server_key);
        record.iterations = credential.iterations;
        to.emplace_back(std::move(record));
    }
    for (const auto& [entity, values] : quotas.entities()) {
        for (const auto& [key, value] : values) {
            kafka::ClientQuotaRecord record;
            for (QuotaPart& part : quota_parts(entity)) {
                record.entity.push_back({std::move(part.type), std::move(part.name)});
            }
            record.key = key;
            record.value = value;
            to.emplace_back(std::move(record));
        }
    }
}

Result<quotas::QuotaEntity> quota_entity(const std::vector<QuotaPart>& parts) {
    const auto invalid = [](std::string text) {
        return fail(ErrorCode::kInvalidRequest, std::move(text));
    };
    quotas::QuotaEntity entity;
    for (const QuotaPart& part : parts) {
        auto* const place = part.type == quotas::kUser       ? &entity.user
                            : part.type == quotas::kClientId ? &entity.client_id
                            : part.type == quotas::kIp       ? &entity.ip
                                                             : nullptr;
        if (place == nullptr) return invalid("a quota is for user, client-id or ip");
        if (*place) return invalid("a quota names " + part.type + " twice");
        if (part.name && part.name->empty()) return invalid("the name of a " + part.type);
        *place = quotas::QuotaName{!part.name, part.name.value_or("")};
    }
    if (parts.empty()) return invalid("a quota needs a user, a client-id or an ip");
    if (entity.ip && (entity.user || entity.client_id)) {
        return invalid("a quota of an ip is for nothing else");
    }
    return entity;
}

std::vector<QuotaPart> quota_parts(const quotas::QuotaEntity& entity) {
    std::vector<QuotaPart> parts;
    const auto add = [&parts](std::string_view type, const std::optional<quotas::QuotaName>& name) {
        if (!name) return;
        QuotaPart part{std::string(type), std::nullopt};
        if (!name->is_default) part.name = name->name;
        parts.push_back(std::move(part));
    };
    add(quotas::kUser, entity.user);
    add(quotas::kClientId, entity.client_id);
    add(quotas::kIp, entity.ip);
    return parts;
}

}  // namespace sealane::broker
