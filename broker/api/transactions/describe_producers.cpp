// DescribeProducers (KIP-664): who writes to a partition, and whose transaction is open.

#include "broker/api/partition_lookup.hpp"
#include "broker/api/transactions/transaction_handlers.hpp"
#include "common/kafka/messages/producers.hpp"

namespace sealane::broker {
namespace {

using kafka::DescribeProducersRequest;
using kafka::DescribeProducersResponse;
using runtime::Task;

DescribeProducersResponse::PartitionResponse describe(
    const Services& broker, const std::string& topic, PartitionId index
) {
    DescribeProducersResponse::PartitionResponse answer;
    answer.partition_index = index;
    answer.error_message.reset();
    const auto partition = find_partition(broker, TopicName{topic, Uuid{}}, index, kNoLeaderEpoch);
    if (!partition) {
        answer.error_code = wire_code(partition.error());
        answer.error_message = wire_message(partition.error());
        return answer;
    }
    for (const auto& [id, entry] : (*partition)->producers().entries()) {
        const ProducedBatch* latest = entry.latest();
        auto& shown = answer.active_producers.emplace_back();
        shown.producer_id = id;
        shown.producer_epoch = entry.epoch.value;
        if (latest != nullptr) shown.last_sequence = latest->last_sequence;
        shown.last_timestamp = entry.last_timestamp.ms;
        shown.coordinator_epoch = entry.coordinator_epoch;
        shown.current_txn_start_offset = entry.open_transaction_start;
    }
    return answer;
}

}  // namespace

void add_describe_producers(ApiRegistry& registry, TransactionServicesPtr services) {
    registry.add<DescribeProducersRequest>(
        {0, 0},
        [services](
            RequestContext /*context*/, DescribeProducersRequest request
        ) -> Task<Reply<DescribeProducersResponse>> {
            DescribeProducersResponse response;
            for (const auto& topic : request.topics) {
                auto& answer = response.topics.emplace_back();
                answer.name = topic.name;
                for (const PartitionId partition : topic.partition_indexes)
                    answer.partitions.push_back(describe(services->broker, topic.name, partition));
            }
            co_return response;
        }
    );
}

}  // namespace sealane::broker
