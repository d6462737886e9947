#pragma once
// QuotaTable: the limits that the metadata has for users, client ids and addresses (KIP-13,
// KIP-257, KIP-546), and which of them holds for a client. A decider.

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sealane::broker::quotas {

inline constexpr std::string_view kUser = "user";
inline constexpr std::string_view kClientId = "client-id";
inline constexpr std::string_view kIp = "ip";

inline constexpr std::string_view kProducerByteRate = "producer_byte_rate";
inline constexpr std::string_view kConsumerByteRate = "consumer_byte_rate";
inline constexpr std::string_view kRequestPercentage = "request_percentage";
inline constexpr std::string_view kConnectionCreationRate = "connection_creation_rate";

// One part of an entity: a name, or the default of its kind.
struct QuotaName {
    bool is_default = false;
    std::string name;  // empty for the default
    friend auto operator<=>(const QuotaName&, const QuotaName&) = default;
};

// Whom limits are for: a user, a client id, both, or an address.
struct QuotaEntity {
    std::optional<QuotaName> user;
    std::optional<QuotaName> client_id;
    std::optional<QuotaName> ip;
    friend auto operator<=>(const QuotaEntity&, const QuotaEntity&) = default;
};

// The limit that holds for one client, and the meter it shares with others.
struct QuotaLimit {
    double value = 0;    // bytes or connections a second, or per cent of a thread
    std::string bucket;  // everybody with the same bucket is counted together
};

class QuotaTable {
 public:
    static constexpr std::size_t kMostEntities = 100'000;
    using Values = std::map<std::string, double, std::less<>>;

    void set(const QuotaEntity& entity, std::string_view key, double value);
    void remove(const QuotaEntity& entity, std::string_view key);
    [[nodiscard]] const std::map<QuotaEntity, Values>& entities() const { return entities_; }

    // Kafka's order: user and client id by name before defaults, then the user alone, then the
    // client id alone. Nothing: no limit.
    [[nodiscard]] std::optional<QuotaLimit> limit(
        std::string_view key, std::string_view user, std::string_view client_id
    ) const;
    [[nodiscard]] std::optional<QuotaLimit> connection_limit(std::string_view ip) const;
    [[nodiscard]] bool empty() const { return entities_.empty(); }

    friend bool operator==(const QuotaTable&, const QuotaTable&) = default;

 private:
    [[nodiscard]] std::optional<double> value(const QuotaEntity& entity, std::string_view key)
        const;
    std::map<QuotaEntity, Values> entities_;
};

}  // namespace sealane::broker::quotas
