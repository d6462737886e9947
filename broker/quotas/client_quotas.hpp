#pragma once
// ClientQuotas: the meters of this broker's clients. A decider: told what was used, it says how
// long the client has to rest (KIP-13, KIP-124, KIP-219, KIP-612). One per broker; meters are made
// on demand, bounded in number, and forgotten when they rest for an hour.

#include "broker/quotas/quota_table.hpp"
#include "broker/quotas/rate_meter.hpp"

#include <cstdint>

namespace sealane::broker::quotas {

// A client as quotas see it.
struct QuotaClient {
    std::string_view user;  // without "User:"
    std::string_view client_id;
};

class ClientQuotas {
 public:
    static constexpr std::size_t kMostMeters = 10'000;
    static constexpr Duration kForgotten = std::chrono::hours(1);

    // `amount` of bytes under kProducerByteRate or kConsumerByteRate. Zero: within the limit.
    [[nodiscard]] Duration use(
        const QuotaTable& table,
        std::string_view key,
        const QuotaClient& client,
        double amount,
        Instant now
    );
    // What use() counted last for this client was not given to it after all.
    void take_back(
        const QuotaTable& table, std::string_view key, const QuotaClient& client, double amount
    );
    // Time that requests took on the shard; at most a second of rest at once, as Kafka.
    [[nodiscard]] Duration use_time(
        const QuotaTable& table, const QuotaClient& client, Duration spent, Instant now
    );
    // One more connection of an address.
    [[nodiscard]] Duration connect(const QuotaTable& table, std::string_view ip, Instant now);

    [[nodiscard]] std::size_t meters() const { return meters_.size(); }
    [[nodiscard]] std::uint64_t throttled() const { return throttled_; }  // answers above zero

 private:
    [[nodiscard]] RateMeter& meter(std::string bucket, Instant now);
    [[nodiscard]] Duration charge(
        std::string_view key, const QuotaLimit& limit, double amount, Instant now
    );
    std::map<std::string, RateMeter, std::less<>> meters_;
    Instant swept_;
    std::uint64_t throttled_ = 0;
};

}  // namespace sealane::broker::quotas
