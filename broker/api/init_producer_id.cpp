// InitProducerId (KIP-98, KIP-360) for idempotent producers. Transactional ids are refused: there
// is no transaction coordinator here.

#include "broker/api/controller_channel.hpp"
#include "broker/api/handlers.hpp"
#include "broker/api/producer_ids.hpp"
#include "broker/api/services.hpp"
#include "common/kafka/messages/producers.hpp"

namespace sealane::broker {

using kafka::AllocateProducerIdsRequest;
using kafka::AllocateProducerIdsResponse;
using kafka::InitProducerIdRequest;
using kafka::InitProducerIdResponse;
using runtime::Task;

namespace {

constexpr Duration kPatience = 5s;

// As the broker that is registered now; it may be another registration at the next try.
Task<Result<AllocateProducerIdsResponse>> allocate(Services& services) {
    AllocateProducerIdsRequest request;
    request.broker_id = services.config.node_id;
    const BrokerState* self = services.metadata.image()->broker(services.config.node_id);
    if (self != nullptr) request.broker_epoch = self->epoch;
    co_return co_await services.controller.send(request, services.world.now() + kPatience);
}

struct InitProducerId {
    explicit InitProducerId(Services& services)
        : log(services.world.log("broker.producer_ids")),
          ids(services.world, services.tasks, [&services] { return allocate(services); }) {}

    Task<InitProducerIdResponse> answer(InitProducerIdRequest request) {
        InitProducerIdResponse response;
        response.producer_id = kNoProducerId;
        response.producer_epoch = kNoProducerEpoch;
        if (request.transactional_id) {
            // No coordinator will ever appear: a fatal code, not a retriable one.
            response.error_code = request.transactional_id->empty()
                                      ? ErrorCode::kInvalidRequest
                                      : ErrorCode::kTransactionalIdAuthorizationFailed;
            co_return response;
        }
        const auto id = co_await ids.next();
        if (id) {
            response.producer_id = *id;
            response.producer_epoch = ProducerEpoch(0);
            co_return response;
        }
        // The one code upon which every client asks again; as Kafka does.
        response.error_code = ErrorCode::kCoordinatorLoadInProgress;
        if (!id.error().is_stopped()) log.warning("no producer id", {{"error", id.error()}});
        co_return response;
    }

    runtime::Log log;
    ProducerIds ids;
};

}  // namespace

void add_init_producer_id(ApiRegistry& registry, Services& services) {
    auto shared = std::make_shared<InitProducerId>(services);
    registry.add<InitProducerIdRequest>(
        {0, 5},
        [shared](
            RequestContext, InitProducerIdRequest request
        ) -> Task<Reply<InitProducerIdResponse>> {
            co_return co_await shared->answer(std::move(request));
        }
    );
}

}  // namespace sealane::broker
