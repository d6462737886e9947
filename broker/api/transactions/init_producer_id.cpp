// InitProducerId (KIP-98, KIP-360): a fresh id for idempotent producers, from any broker; the next
// epoch of a transactional id, from its coordinator.

#include "broker/api/transactions/transaction_handlers.hpp"
#include "common/kafka/messages/producers.hpp"

namespace sealane::broker {
namespace {

using kafka::InitProducerIdRequest;
using kafka::InitProducerIdResponse;
using runtime::Task;

constexpr kafka::ApiKey kApi = kafka::ApiKey::kInitProducerId;

InitProducerIdResponse refused(ErrorCode error, std::int16_t version) {
    InitProducerIdResponse response;
    response.error_code = wire_code(error, kApi, version);
    response.producer_id = kNoProducerId;
    response.producer_epoch = kNoProducerEpoch;
    return response;
}

InitProducerIdResponse given(TransactionalProducer producer) {
    InitProducerIdResponse response;
    response.producer_id = producer.id;
    response.producer_epoch = producer.epoch;
    return response;
}

Task<InitProducerIdResponse> init(
    TransactionServicesPtr services, std::int16_t version, InitProducerIdRequest wire
) {
    if (!wire.transactional_id) {
        const auto id = co_await services->ids.next();
        if (id) co_return given({*id, ProducerEpoch(0)});
        if (!id.error().is_stopped())
            services->log.warning("no producer id", {{"error", id.error()}});
        // The one code upon which every client asks again; as Kafka does.
        co_return refused(ErrorCode::kCoordinatorLoadInProgress, version);
    }
    const bool has_id = wire.producer_id != kNoProducerId;
    const bool has_epoch = wire.producer_epoch != kNoProducerEpoch;
    if (wire.transactional_id->empty() || has_id != has_epoch)
        co_return refused(ErrorCode::kInvalidRequest, version);
    transactions::InitRequest request;
    request.id = *wire.transactional_id;
    request.timeout_ms = wire.transaction_timeout_ms;
    if (has_id) request.expected = TransactionalProducer{wire.producer_id, wire.producer_epoch};
    const auto reply = co_await services->coordinator.init(std::move(request));
    if (!reply) co_return refused(wire_code(reply.error()), version);
    if (reply->error != ErrorCode::kNone) co_return refused(reply->error, version);
    co_return given(reply->producer);
}

}  // namespace

void add_init_producer_id(ApiRegistry& registry, TransactionServicesPtr services) {
    registry.add<InitProducerIdRequest>(
        {0, 5},
        [services](
            RequestContext context, InitProducerIdRequest request
        ) -> Task<Reply<InitProducerIdResponse>> {
            co_return co_await init(services, context.api_version, std::move(request));
        }
    );
}

}  // namespace sealane::broker
