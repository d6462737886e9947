#include "broker/api/security/request_quotas.hpp"

#include "common/kafka/codec/api_key.hpp"

#include <algorithm>

namespace sealane::broker {

namespace {

constexpr std::size_t kSweepMuted = 4096;

quotas::QuotaClient client_of(const RequestContext& context) {
    constexpr std::string_view kPrefix = "User:";
    std::string_view user = context.principal;
    if (user.starts_with(kPrefix)) user.remove_prefix(kPrefix.size());
    return {user, context.client_id};
}

bool is_limited(const RequestContext& context) {
    return context.connection != 0 && !context.cluster_action && !context.trusted;
}

}  // namespace

Duration RequestQuotas::charge(const RequestContext& context, std::size_t body, Duration spent) {
    if (!is_limited(context)) return Duration::zero();
    const auto image = metadata_.image();
    const quotas::QuotaTable& table = image->security().quotas;
    const quotas::QuotaClient client = client_of(context);
    const Instant now = world_.now();
    Duration rest = used_.use_time(table, client, spent, now);
    if (kafka::ApiKey{context.api_key} == kafka::ApiKey::kProduce) {
        const auto bytes = static_cast<double>(body);
        rest = std::max(rest, used_.use(table, quotas::kProducerByteRate, client, bytes, now));
    }
    mute(context.connection, rest);
    return rest;
}

Duration RequestQuotas::charge_fetch(const RequestContext& context, std::size_t bytes) {
    if (!is_limited(context) || bytes == 0) return Duration::zero();
    const auto image = metadata_.image();
    const quotas::QuotaTable& table = image->security().quotas;
    const quotas::QuotaClient client = client_of(context);
    const auto amount = static_cast<double>(bytes);
    const Duration rest = used_.use(table, quotas::kConsumerByteRate, client, amount, world_.now());
    if (rest > Duration::zero()) {
        used_.take_back(table, quotas::kConsumerByteRate, client, amount);
        mute(context.connection, rest);
    }
    return rest;
}

Duration RequestQuotas::connection_rest(std::string_view ip) {
    const auto image = metadata_.image();
    return used_.connect(image->security().quotas, ip, world_.now());
}

void RequestQuotas::mute(std::uint64_t connection, Duration rest) {
    if (rest <= Duration::zero()) return;
    const Instant now = world_.now();
    // A handler may end after its connection: nobody forgets that one.
    if (muted_.size() >= kSweepMuted) {
        std::erase_if(muted_, [now](const auto& one) { return one.second <= now; });
    }
    Instant& until = muted_[connection];
    until = std::max(until, now + rest);
}

Instant RequestQuotas::muted_until(std::uint64_t connection) const {
    const auto found = muted_.find(connection);
    return found == muted_.end() ? Instant{} : found->second;
}

void RequestQuotas::collect(runtime::MetricSink& sink) const {
    const auto now = world_.now();
    const auto muted =
        std::ranges::count_if(muted_, [now](const auto& one) { return one.second > now; });
    sink.gauge(
        "sealane_quota_muted_connections",
        "Connections that rest because their client is over a quota.",
        static_cast<double>(muted)
    );
    sink.counter(
        "sealane_quota_throttled_total",
        "Answers that told a client to rest.",
        static_cast<double>(used_.throttled())
    );
    sink.gauge(
        "sealane_quota_meters", "Clients measured now.", static_cast<double>(used_.meters())
    );
}

}  // namespace sealane::broker
