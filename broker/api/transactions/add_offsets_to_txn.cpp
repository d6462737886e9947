// AddOffsetsToTxn: the partition of __consumer_offsets that holds a group joins the transaction.

#include "broker/api/transactions/transaction_handlers.hpp"
#include "common/kafka/messages/transactions.hpp"

namespace sealane::broker {
namespace {

using kafka::AddOffsetsToTxnRequest;
using kafka::AddOffsetsToTxnResponse;
using runtime::Task;

constexpr std::string_view kOffsetsTopic = "__consumer_offsets";

Task<ErrorCode> add(TransactionServicesPtr services, AddOffsetsToTxnRequest wire) {
    if (wire.group_id.empty()) co_return ErrorCode::kInvalidGroupId;
    const GroupPorts& groups = services->broker.groups;
    if (const Status ready = co_await groups.ensure_ready(); !ready)
        co_return wire_code(ready.error());
    transactions::AddRequest request;
    request.id = wire.transactional_id;
    request.producer = {wire.producer_id, wire.producer_epoch};
    request.partitions = {{std::string(kOffsetsTopic), groups.partition_of(wire.group_id)}};
    const auto reply = co_await services->coordinator.add(std::move(request));
    co_return reply ? reply->error : wire_code(reply.error());
}

}  // namespace

void add_offsets_to_txn(ApiRegistry& registry, TransactionServicesPtr services) {
    registry.add<AddOffsetsToTxnRequest>(
        {0, 4},
        [services](
            RequestContext context, AddOffsetsToTxnRequest request
        ) -> Task<Reply<AddOffsetsToTxnResponse>> {
            AddOffsetsToTxnResponse response;
            const ErrorCode error = co_await add(services, std::move(request));
            response.error_code =
                wire_code(error, kafka::ApiKey::kAddOffsetsToTxn, context.api_version);
            co_return response;
        }
    );
}

}  // namespace sealane::broker
