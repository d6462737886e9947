#include "broker/quotas/client_quotas.hpp"

#include <algorithm>

namespace sealane::broker::quotas {

namespace {

constexpr Duration kSweep = std::chrono::minutes(1);
constexpr Duration kLongestForTime = RateMeter::kSample;

std::string meter_name(std::string_view key, const QuotaLimit& limit) {
    std::string name(key);
    name += '|';
    name += limit.bucket;
    return name;
}

}  // namespace

RateMeter& ClientQuotas::meter(std::string bucket, Instant now) {
    if (now - swept_ >= kSweep) {
        swept_ = now;
        std::erase_if(meters_, [now](const auto& one) {
            return now - one.second.last_used() >= kForgotten;
        });
    }
    const auto found = meters_.find(bucket);
    if (found != meters_.end()) return found->second;
    if (meters_.size() >= kMostMeters) {
        // The one that rests longest: what it forgets is least.
        const auto oldest = std::ranges::min_element(meters_, {}, [](const auto& one) {
            return one.second.last_used();
        });
        meters_.erase(oldest);
    }
    return meters_[std::move(bucket)];
}

Duration ClientQuotas::charge(
    std::string_view key, const QuotaLimit& limit, double amount, Instant now
) {
    RateMeter& used = meter(meter_name(key, limit), now);
    used.record(now, amount);
    const Duration rest = used.excess(now, limit.value);
    if (rest > Duration::zero()) ++throttled_;
    return rest;
}

Duration ClientQuotas::use(
    const QuotaTable& table,
    std::string_view key,
    const QuotaClient& client,
    double amount,
    Instant now
) {
    const auto limit = table.limit(key, client.user, client.client_id);
    return limit ? charge(key, *limit, amount, now) : Duration::zero();
}

void ClientQuotas::take_back(
    const QuotaTable& table, std::string_view key, const QuotaClient& client, double amount
) {
    const auto limit = table.limit(key, client.user, client.client_id);
    if (!limit) return;
    const auto found = meters_.find(meter_name(key, *limit));
    if (found != meters_.end()) found->second.take_back(amount);
}

Duration ClientQuotas::use_time(
    const QuotaTable& table, const QuotaClient& client, Duration spent, Instant now
) {
    const auto limit = table.limit(kRequestPercentage, client.user, client.client_id);
    if (!limit) return Duration::zero();
    const double percent = std::chrono::duration<double>(spent).count() * 100;
    return std::min(charge(kRequestPercentage, *limit, percent, now), kLongestForTime);
}

Duration ClientQuotas::connect(const QuotaTable& table, std::string_view ip, Instant now) {
    const auto limit = table.connection_limit(ip);
    return limit ? charge(kConnectionCreationRate, *limit, 1, now) : Duration::zero();
}

}  // namespace sealane::broker::quotas
