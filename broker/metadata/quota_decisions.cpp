// Client quotas: set, removed, shown (KIP-546).

#include "broker/metadata/security_decisions.hpp"

#include <cmath>
#include <set>

namespace sealane::broker {

using quotas::QuotaEntity;
using quotas::QuotaName;
using quotas::QuotaTable;

namespace {

constexpr std::int8_t kExact = 0;
constexpr std::int8_t kDefault = 1;
constexpr std::int8_t kAny = 2;

std::unexpected<Error> invalid(std::string text) {
    return fail(ErrorCode::kInvalidRequest, std::move(text));
}

Status check_value(const kafka::AlterClientQuotasRequest::OpData& op) {
    if (!std::isfinite(op.value) || op.value <= 0) {
        return invalid("the quota " + op.key + " must be above zero");
    }
    const bool whole = op.key != quotas::kRequestPercentage;
    if (whole && std::abs(op.value - std::round(op.value)) > 1e-6) {
        return invalid("the quota " + op.key + " must be a whole number");
    }
    return {};
}

Status check_op(const QuotaEntity& entity, const kafka::AlterClientQuotasRequest::OpData& op) {
    const bool of_address = op.key == quotas::kConnectionCreationRate;
    const bool of_client = op.key == quotas::kProducerByteRate ||
                           op.key == quotas::kConsumerByteRate ||
                           op.key == quotas::kRequestPercentage;
    if (op.key == "controller_mutation_rate") {
        return invalid("controller_mutation_rate is not enforced by this broker, so not accepted");
    }
    if (!of_address && !of_client) return invalid("there is no quota " + op.key);
    if (of_address != entity.ip.has_value()) {
        return invalid(
            of_address ? "connection_creation_rate is a quota of an ip"
                       : op.key + " is a quota of a user or a client-id"
        );
    }
    return op.remove ? Status{} : check_value(op);
}

class QuotaAlteration {
 public:
    explicit QuotaAlteration(const Image& image) : table_(image.security().quotas) {}

    Result<Records> decide(const kafka::AlterClientQuotasRequest::EntryData& entry) {
        std::vector<QuotaPart> parts;
        for (const auto& part : entry.entity) parts.push_back({part.entity_type, part.entity_name});
        SEALANE_TRY(const QuotaEntity entity, quota_entity(parts));
        if (!seen_.insert(entity).second) return invalid("the entity is there more than once");
        std::set<std::string> keys;
        Records records;
        for (const auto& op : entry.ops) {
            SEALANE_CHECK(check_op(entity, op));
            if (!keys.insert(op.key).second)
                return invalid("the key " + op.key + " is there twice");
            if (op.remove && !has(entity, op.key)) continue;
            kafka::ClientQuotaRecord record;
            for (const QuotaPart& part : parts) record.entity.push_back({part.type, part.name});
            record.key = op.key;
            record.value = op.remove ? 0 : op.value;
            record.remove = op.remove;
            records.emplace_back(std::move(record));
        }
        if (!table_.entities().contains(entity) && !records.empty() &&
            table_.entities().size() + ++added_ > QuotaTable::kMostEntities) {
            return fail(
                ErrorCode::kPolicyViolation, "there are quotas for 100000 entities already"
            );
        }
        return records;
    }

 private:
    [[nodiscard]] bool has(const QuotaEntity& entity, const std::string& key) const {
        const auto found = table_.entities().find(entity);
        return found != table_.entities().end() && found->second.contains(key);
    }
    const QuotaTable& table_;
    std::set<QuotaEntity> seen_;
    std::size_t added_ = 0;
};

struct QuotaFilter {
    // What is asked of each kind: nothing, or a match.
    struct Part {
        std::int8_t match = kAny;
        std::string name;
    };
    std::optional<Part> user;
    std::optional<Part> client_id;
    std::optional<Part> ip;
    bool strict = false;

    [[nodiscard]] bool matches(const QuotaEntity& entity) const {
        return fits(user, entity.user) && fits(client_id, entity.client_id) && fits(ip, entity.ip);
    }
    [[nodiscard]] bool fits(const std::optional<Part>& asked, const std::optional<QuotaName>& name)
        const {
        if (!asked) return !strict || !name;
        if (!name) return false;
        if (asked->match == kDefault) return name->is_default;
        return asked->match == kAny || (!name->is_default && name->name == asked->name);
    }
};

Result<QuotaFilter> filter_of(const kafka::DescribeClientQuotasRequest& request) {
    QuotaFilter filter;
    filter.strict = request.strict;
    for (const auto& component : request.components) {
        const std::string& type = component.entity_type;
        auto* const place = type == quotas::kUser       ? &filter.user
                            : type == quotas::kClientId ? &filter.client_id
                            : type == quotas::kIp       ? &filter.ip
                                                        : nullptr;
        if (place == nullptr) {
            return fail(
                type.empty() ? ErrorCode::kInvalidRequest : ErrorCode::kUnsupportedVersion,
                "there are no quotas for '" + type + "'"
            );
        }
        if (*place) return invalid("the filter names " + type + " twice");
        if (component.match_type < kExact || component.match_type > kAny) {
            return invalid("unknown match type " + std::to_string(component.match_type));
        }
        if ((component.match_type == kExact) != component.match.has_value()) {
            return invalid("an exact match, and no other, needs a name");
        }
        *place = QuotaFilter::Part{component.match_type, component.match.value_or("")};
    }
    if (filter.ip && (filter.user || filter.client_id)) {
        return invalid("quotas of an ip are for nothing else");
    }
    return filter;
}

}  // namespace

SecurityDecision<kafka::AlterClientQuotasResponse> alter_quotas(
    const Image& image, const kafka::AlterClientQuotasRequest& request
) {
    SecurityDecision<kafka::AlterClientQuotasResponse> decision;
    QuotaAlteration alteration(image);
    for (const auto& entry : request.entries) {
        auto& answer = decision.response.entries.emplace_back();
        answer.error_message.reset();
        for (const auto& part : entry.entity) {
            answer.entity.push_back({part.entity_type, part.entity_name});
        }
        auto records = alteration.decide(entry);
        if (!records) {
            answer.error_code = records.error().code();
            answer.error_message = records.error().detail();
            continue;
        }
        for (MetadataRecord& record : *records) decision.records.push_back(std::move(record));
    }
    if (request.validate_only) decision.records.clear();
    return decision;
}

kafka::DescribeClientQuotasResponse describe_quotas(
    const Image& image, const kafka::DescribeClientQuotasRequest& request
) {
    kafka::DescribeClientQuotasResponse response;
    response.error_message.reset();
    const auto filter = filter_of(request);
    if (!filter) {
        response.error_code = filter.error().code();
        response.error_message = filter.error().detail();
        response.entries.reset();
        return response;
    }
    for (const auto& [entity, values] : image.security().quotas.entities()) {
        if (!filter->matches(entity)) continue;
        auto& entry = response.entries->emplace_back();
        for (QuotaPart& part : quota_parts(entity)) {
            entry.entity.push_back({std::move(part.type), std::move(part.name)});
        }
        for (const auto& [key, value] : values) entry.values.push_back({key, value});
    }
    return response;
}

}  // namespace sealane::broker
