// InitProducerId (KIP-98, KIP-360) for idempotent producers. Transactional ids are refused: there
// is no transaction coordinator here.

#include "broker/api/controller_channel.hpp"
#include "broker/api/error_map.hpp"
#include "broker/api/handlers.hpp"
#include "broker/api/producer_ids.hpp"
#include "common/kafka/messages/producers.hpp"

namespace sealane::broker {

using kafka::InitProducerIdRequest;
using kafka::InitProducerIdResponse;
using runtime::Task;

namespace {
constexpr Duration kPatience = 10s;
}

Task<Result<ProducerId>> ProducerIds::next() {
    while (next_ == end_) {
        kafka::AllocateProducerIdsRequest request;
        request.broker_id = services_.config.node_id;
        const BrokerState* self = services_.metadata.image()->broker(services_.config.node_id);
        if (self != nullptr) request.broker_epoch = self->epoch;
        SEALANE_CO_TRY(
            const auto block,
            co_await services_.controller.send(request, services_.world.now() + kPatience)
        );
        if (block.error_code != ErrorCode::kNone) co_return fail(block.error_code);
        if (next_ != end_) break;  // another request brought a block meanwhile
        next_ = block.producer_id_start.value;
        end_ = next_ + block.producer_id_len;
    }
    co_return ProducerId(next_++);
}

void add_init_producer_id(ApiRegistry& registry, Services& services) {
    auto ids = std::make_shared<ProducerIds>(services);
    registry.add<InitProducerIdRequest>(
        {0, 5},
        [ids](
            RequestContext context, InitProducerIdRequest request
        ) -> Task<Reply<InitProducerIdResponse>> {
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
            const auto id = co_await ids->next();
            if (id) {
                response.producer_id = *id;
                response.producer_epoch = ProducerEpoch(0);
            } else {
                response.error_code = wire_code(
                    id.error().code(), kafka::ApiKey::kInitProducerId, context.api_version
                );
            }
            co_return response;
        }
    );
}

}  // namespace sealane::broker
