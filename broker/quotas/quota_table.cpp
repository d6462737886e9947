#include "broker/quotas/quota_table.hpp"

namespace sealane::broker::quotas {

namespace {

QuotaName named(std::string_view name) {
    return {false, std::string(name)};
}

const QuotaName kDefault{true, ""};

// A length before each part: no two pairs make the same text.
std::string bucket_of(std::string_view kind, std::string_view user, std::string_view client_id) {
    std::string bucket(kind);
    for (const std::string_view part : {user, client_id}) {
        bucket += '|';
        bucket += std::to_string(part.size());
        bucket += ':';
        bucket += part;
    }
    return bucket;
}

}  // namespace

void QuotaTable::set(const QuotaEntity& entity, std::string_view key, double value) {
    entities_[entity].insert_or_assign(std::string(key), value);
}

void QuotaTable::remove(const QuotaEntity& entity, std::string_view key) {
    const auto found = entities_.find(entity);
    if (found == entities_.end()) return;
    if (const auto one = found->second.find(key); one != found->second.end()) {
        found->second.erase(one);
    }
    if (found->second.empty()) entities_.erase(found);
}

std::optional<double> QuotaTable::value(const QuotaEntity& entity, std::string_view key) const {
    const auto found = entities_.find(entity);
    if (found == entities_.end()) return std::nullopt;
    const auto one = found->second.find(key);
    if (one == found->second.end()) return std::nullopt;
    return one->second;
}

std::optional<QuotaLimit> QuotaTable::limit(
    std::string_view key, std::string_view user, std::string_view client_id
) const {
    if (entities_.empty()) return std::nullopt;
    const QuotaName who = named(user);
    const QuotaName what = named(client_id);
    for (const QuotaName& u : {who, kDefault}) {
        for (const QuotaName& c : {what, kDefault}) {
            if (const auto found = value({u, c, {}}, key)) {
                return QuotaLimit{*found, bucket_of("both", user, client_id)};
            }
        }
        if (const auto found = value({u, {}, {}}, key)) {
            return QuotaLimit{*found, bucket_of("user", user, "")};
        }
    }
    for (const QuotaName& c : {what, kDefault}) {
        if (const auto found = value({{}, c, {}}, key)) {
            return QuotaLimit{*found, bucket_of("client", "", client_id)};
        }
    }
    return std::nullopt;
}

std::optional<QuotaLimit> QuotaTable::connection_limit(std::string_view ip) const {
    if (entities_.empty()) return std::nullopt;
    for (const QuotaName& name : {named(ip), kDefault}) {
        if (const auto found = value({{}, {}, name}, kConnectionCreationRate)) {
            return QuotaLimit{*found, bucket_of("ip", ip, "")};
        }
    }
    return std::nullopt;
}

}  // namespace sealane::broker::quotas
