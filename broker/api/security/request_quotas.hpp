#pragma once
// RequestQuotas: quotas at work. Charges clients for what they send, receive and take time for, and
// remembers which connections are muted. All decisions are those of broker/quotas. Nodes of the
// cluster and super users are not limited.

#include "broker/api/request_meter.hpp"
#include "broker/metadata/metadata_store.hpp"
#include "broker/quotas/client_quotas.hpp"
#include "common/runtime/metrics.hpp"
#include "common/runtime/world.hpp"

#include <map>

namespace sealane::broker {

class RequestQuotas final : public RequestMeter, public runtime::MetricSource {
 public:
    RequestQuotas(runtime::World& world, const MetadataStore& metadata)
        : world_(world), metadata_(metadata) {}

    [[nodiscard]] bool active() const override {
        return !metadata_.image()->security().quotas.empty();
    }
    [[nodiscard]] Instant now() const override { return world_.now(); }
    [[nodiscard]] Duration charge(const RequestContext& context, std::size_t body, Duration spent)
        override;
    // Bytes that a consumer is about to get. Above zero: it gets them later, and they do not count.
    [[nodiscard]] Duration charge_fetch(const RequestContext& context, std::size_t bytes);
    [[nodiscard]] Duration connection_rest(std::string_view ip);

    [[nodiscard]] Instant muted_until(std::uint64_t connection) const;
    void forget(std::uint64_t connection) { muted_.erase(connection); }
    void collect(runtime::MetricSink& sink) const override;

 private:
    void mute(std::uint64_t connection, Duration rest);

    runtime::World& world_;
    const MetadataStore& metadata_;
    quotas::ClientQuotas used_;
    std::map<std::uint64_t, Instant> muted_;  // at most one for each open connection
};

}  // namespace sealane::broker
