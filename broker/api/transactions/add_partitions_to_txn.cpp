// AddPartitionsToTxn: versions 0 to 3 come from clients, one transaction each; 4 and later from the
// leaders of partitions, which verify or add what producers write (KIP-890).

#include "broker/api/transactions/transaction_handlers.hpp"
#include "common/kafka/messages/transactions.hpp"

namespace sealane::broker {
namespace {

using kafka::AddPartitionsToTxnRequest;
using kafka::AddPartitionsToTxnResponse;
using runtime::Task;
using Topics = std::vector<AddPartitionsToTxnRequest::AddPartitionsToTxnTopic>;
using TopicResults = std::vector<AddPartitionsToTxnResponse::AddPartitionsToTxnTopicResult>;

constexpr kafka::ApiKey kApi = kafka::ApiKey::kAddPartitionsToTxn;
constexpr std::int16_t kFromBrokers = 4;

std::vector<TopicPartition> partitions_of(const Topics& topics) {
    std::vector<TopicPartition> partitions;
    for (const auto& topic : topics)
        for (const PartitionId partition : topic.partitions)
            partitions.push_back({topic.name, partition});
    return partitions;
}

// One error for each partition, in their order.
TopicResults results_of(
    const Topics& topics, const std::vector<ErrorCode>& errors, std::int16_t version
) {
    TopicResults results;
    std::size_t at = 0;
    for (const auto& topic : topics) {
        auto& result = results.emplace_back();
        result.name = topic.name;
        for (const PartitionId partition : topic.partitions)
            result.results_by_partition.push_back(
                {partition, wire_code(errors.at(at++), kApi, version)}
            );
    }
    return results;
}

// Which partitions do not exist, or may not be written.
std::vector<ErrorCode> check_exist(
    const Services& broker, const std::vector<TopicPartition>& partitions
) {
    const auto image = broker.metadata.image();
    std::vector<ErrorCode> errors;
    for (const TopicPartition& partition : partitions) {
        const auto topic = image->topic(partition.topic);
        const auto index = partition.partition.value;
        const bool exists =
            topic != nullptr && index >= 0 && std::cmp_less(index, topic->partitions.size());
        ErrorCode error = exists ? ErrorCode::kNone : ErrorCode::kUnknownTopicOrPartition;
        if (exists)
            if (const auto may = broker.may_produce(*image, partition.topic); !may)
                error = wire_code(may.error());
        errors.push_back(error);
    }
    return errors;
}

Task<std::vector<ErrorCode>> add(
    TransactionServicesPtr services, transactions::AddRequest request, bool from_client
) {
    const std::size_t count = request.partitions.size();
    if (from_client) {
        std::vector<ErrorCode> errors = check_exist(services->broker, request.partitions);
        const bool bad =
            std::ranges::any_of(errors, [](ErrorCode error) { return error != ErrorCode::kNone; });
        if (bad) {
            std::ranges::replace(errors, ErrorCode::kNone, ErrorCode::kOperationNotAttempted);
            co_return errors;
        }
    }
    auto reply = co_await services->coordinator.add(std::move(request));
    const ErrorCode error = reply ? reply->error : wire_code(reply.error());
    if (error != ErrorCode::kNone) co_return std::vector<ErrorCode>(count, error);
    co_return std::move(reply->partitions);
}

Task<Reply<AddPartitionsToTxnResponse>> from_client(
    TransactionServicesPtr services, std::int16_t version, AddPartitionsToTxnRequest wire
) {
    transactions::AddRequest request;
    request.id = wire.v3_and_below_transactional_id;
    request.producer = {wire.v3_and_below_producer_id, wire.v3_and_below_producer_epoch};
    request.partitions = partitions_of(wire.v3_and_below_topics);
    AddPartitionsToTxnResponse response;
    const auto errors = co_await add(services, std::move(request), true);
    response.results_by_topic_v3_and_below = results_of(wire.v3_and_below_topics, errors, version);
    co_return response;
}

Task<Reply<AddPartitionsToTxnResponse>> from_broker(
    TransactionServicesPtr services, std::int16_t version, AddPartitionsToTxnRequest wire
) {
    AddPartitionsToTxnResponse response;
    for (const auto& asked : wire.transactions) {
        transactions::AddRequest request;
        request.id = asked.transactional_id;
        request.producer = {asked.producer_id, asked.producer_epoch};
        request.partitions = partitions_of(asked.topics);
        request.verify_only = asked.verify_only;
        request.client_version = transactions::kEpochPerTransaction;
        const auto errors = co_await add(services, std::move(request), false);
        auto& result = response.results_by_transaction.emplace_back();
        result.transactional_id = asked.transactional_id;
        result.topic_results = results_of(asked.topics, errors, version);
    }
    co_return response;
}

}  // namespace

void add_partitions_to_txn(ApiRegistry& registry, TransactionServicesPtr services) {
    registry.add<AddPartitionsToTxnRequest>(
        ServedVersions(0, 5).to_clients_up_to(kFromBrokers - 1),
        [services](
            RequestContext context, AddPartitionsToTxnRequest request
        ) -> Task<Reply<AddPartitionsToTxnResponse>> {
            if (context.api_version < kFromBrokers)
                return from_client(services, context.api_version, std::move(request));
            if (context.cluster_action)
                return from_broker(services, context.api_version, std::move(request));
            return []() -> Task<Reply<AddPartitionsToTxnResponse>> {
                AddPartitionsToTxnResponse response;
                response.error_code = ErrorCode::kClusterAuthorizationFailed;
                co_return response;
            }();
        }
    );
}

}  // namespace sealane::broker
