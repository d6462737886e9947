// BrokerRegistration, BrokerHeartbeat (KIP-631), UnregisterBroker (KIP-664's way out) and
// UpdateFeatures (KIP-584).

#include "broker/api/cluster/cluster_handlers.hpp"
#include "common/kafka/messages/brokers.hpp"
#include "common/kafka/messages/cluster.hpp"

namespace sealane::broker {

using kafka::BrokerHeartbeatRequest;
using kafka::BrokerHeartbeatResponse;
using kafka::BrokerRegistrationRequest;
using kafka::BrokerRegistrationResponse;
using kafka::UnregisterBrokerRequest;
using kafka::UnregisterBrokerResponse;
using kafka::UpdateFeaturesRequest;
using kafka::UpdateFeaturesResponse;
using runtime::Task;

void add_broker_apis(ApiRegistry& registry, Services& services) {
    registry.add_cluster<BrokerRegistrationRequest>(
        {0, 4},
        [&services](
            RequestContext, BrokerRegistrationRequest request
        ) -> Task<Reply<BrokerRegistrationResponse>> {
            co_return Reply<BrokerRegistrationResponse>::later(
                [&services, request]() -> Task<Result<BrokerRegistrationResponse>> {
                    co_return co_await services.controller_duties.register_broker(request);
                }
            );
        }
    );
    registry.add_cluster<BrokerHeartbeatRequest>(
        {0, 2},
        [&services](
            RequestContext context, BrokerHeartbeatRequest request
        ) -> Task<Reply<BrokerHeartbeatResponse>> {
            const std::uint64_t connection = context.connection;
            co_return Reply<BrokerHeartbeatResponse>::later(
                [&services, request, connection]() -> Task<Result<BrokerHeartbeatResponse>> {
                    co_return co_await services.controller_duties.heartbeat(request, connection);
                }
            );
        }
    );
    registry.add_controller<UnregisterBrokerRequest>(
        {0, 0},
        [&services](
            RequestContext, UnregisterBrokerRequest request
        ) -> Task<Reply<UnregisterBrokerResponse>> {
            co_return co_await services.controller_duties.unregister(std::move(request));
        }
    );
    registry.add_controller<UpdateFeaturesRequest>(
        {0, 2},
        [&services](
            RequestContext context, UpdateFeaturesRequest request
        ) -> Task<Reply<UpdateFeaturesResponse>> {
            co_return co_await services.controller_duties.update_features(
                std::move(request), context.api_version
            );
        }
    );
}

}  // namespace sealane::broker
