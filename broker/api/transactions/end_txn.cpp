// EndTxn: answered when the decision is durable; markers follow. Version 5 gives the producer its
// next epoch (KIP-890).

#include "broker/api/transactions/transaction_handlers.hpp"
#include "common/kafka/messages/transactions.hpp"

namespace sealane::broker {
namespace {

using kafka::EndTxnRequest;
using kafka::EndTxnResponse;
using runtime::Task;

constexpr std::int16_t kEpochPerTransactionSince = 5;

Task<Reply<EndTxnResponse>> end_txn(
    TransactionServicesPtr services, std::int16_t version, EndTxnRequest wire
) {
    transactions::EndRequest request;
    request.id = wire.transactional_id;
    request.producer = {wire.producer_id, wire.producer_epoch};
    request.commit = wire.committed;
    if (version >= kEpochPerTransactionSince)
        request.client_version = transactions::kEpochPerTransaction;
    const auto reply = co_await services->coordinator.end(std::move(request));
    const ErrorCode error = reply ? reply->error : wire_code(reply.error());
    EndTxnResponse response;
    response.error_code = wire_code(error, kafka::ApiKey::kEndTxn, version);
    if (error == ErrorCode::kNone) {
        response.producer_id = reply->producer.id;
        response.producer_epoch = reply->producer.epoch;
    }
    co_return response;
}

}  // namespace

void add_end_txn(ApiRegistry& registry, TransactionServicesPtr services) {
    registry.add<EndTxnRequest>(
        {0, 5},
        [services](RequestContext context, EndTxnRequest request) -> Task<Reply<EndTxnResponse>> {
            return end_txn(services, context.api_version, std::move(request));
        }
    );
}

}  // namespace sealane::broker
