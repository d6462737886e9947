// TxnOffsetCommit (KIP-98, KIP-447): offsets that count when the transaction is committed. Before
// they are written the transaction's coordinator confirms that it goes on (KIP-890).

#include "broker/api/groups/group_handlers.hpp"
#include "common/kafka/messages/transactions.hpp"

namespace sealane::broker {
namespace {

using kafka::TxnOffsetCommitRequest;
using kafka::TxnOffsetCommitResponse;
using runtime::Task;
using Entry = groups::CommitRequest::Entry;

constexpr kafka::ApiKey kApi = kafka::ApiKey::kTxnOffsetCommit;
constexpr std::int16_t kAddsSince = 5;
constexpr Duration kPatience = 5s;

std::vector<Entry> entries_of(const Services& broker, const TxnOffsetCommitRequest& wire) {
    std::vector<Entry> entries;
    const auto image = broker.metadata.image();
    for (const auto& topic : wire.topics) {
        const auto known = image->topic(topic.name);
        for (const auto& partition : topic.partitions) {
            Entry entry;
            entry.partition = {topic.name, partition.partition_index};
            if (known != nullptr) entry.topic_id = known->id;
            entry.offset = partition.committed_offset;
            entry.leader_epoch = partition.committed_leader_epoch;
            entry.metadata = partition.committed_metadata.value_or("");
            const auto index = partition.partition_index.value;
            if (known == nullptr || index < 0 ||
                std::cmp_greater_equal(index, known->partitions.size())) {
                entry.error = ErrorCode::kUnknownTopicOrPartition;
            }
            entries.push_back(std::move(entry));
        }
    }
    return entries;
}

// What the coordinator's word means to a group's client.
ErrorCode for_client(ErrorCode error, std::int16_t version) {
    switch (error) {
        case ErrorCode::kNetworkException:
            return ErrorCode::kCoordinatorLoadInProgress;
        case ErrorCode::kProducerFenced:
            return ErrorCode::kInvalidProducerEpoch;
        case ErrorCode::kConcurrentTransactions:
            return version < kAddsSince ? ErrorCode::kCoordinatorLoadInProgress : error;
        default:
            return error;
    }
}

Task<ErrorCode> verify(
    GroupServicesPtr services, std::int16_t version, const TxnOffsetCommitRequest& wire
) {
    Services& broker = services->broker;
    if (const Status ready = co_await services->coordinator.ensure_ready(); !ready)
        co_return wire_code(ready.error());
    const TopicPartition offsets{
        std::string(groups::kOffsetsTopic), services->coordinator.partition_of(wire.group_id)
    };
    const auto led =
        find_partition(broker, TopicName{offsets.topic, {}}, offsets.partition, kNoLeaderEpoch);
    if (!led) co_return ErrorCode::kNotCoordinator;
    const PartitionPtr partition = *led;
    const ProducerId id = wire.producer_id;
    const ProducerEpoch epoch = wire.producer_epoch;
    if (!partition->producers().needs_verification(id, epoch)) co_return ErrorCode::kNone;
    const std::uint64_t token = partition->producers().begin_verification(id, epoch);
    TransactionQuestion question;
    question.transactional_id = wire.transactional_id;
    question.producer = {id, epoch};
    question.partitions = {offsets};
    question.adds = version >= kAddsSince;
    question.deadline = broker.world.now() + kPatience;
    const auto answer = co_await broker.transactions.ask(std::move(question));
    if (partition->closed()) co_return ErrorCode::kNotCoordinator;
    const bool outdated = partition->producers().is_outdated(id, answer.coordinator_epoch);
    const ErrorCode error = outdated ? ErrorCode::kNetworkException : answer.errors.front();
    if (error != ErrorCode::kNone) co_return for_client(error, version);
    co_return partition->producers().confirm(id, epoch, token) ? ErrorCode::kNone
                                                               : ErrorCode::kInvalidTxnState;
}

Task<Reply<TxnOffsetCommitResponse>> txn_offset_commit(
    GroupServicesPtr services, std::int16_t version, TxnOffsetCommitRequest wire
) {
    ErrorCode all = ErrorCode::kNone;
    Result<groups::CommitReply> reply;
    if (wire.group_id.empty()) all = ErrorCode::kInvalidGroupId;
    if (all == ErrorCode::kNone) all = co_await verify(services, version, wire);
    if (all == ErrorCode::kNone) {
        groups::CommitRequest request;
        request.group_id = wire.group_id;
        request.generation = wire.generation_id_or_member_epoch;
        request.member_id = wire.member_id;
        request.instance_id = wire.group_instance_id;
        request.producer = TransactionalProducer{wire.producer_id, wire.producer_epoch};
        request.entries = entries_of(services->broker, wire);
        reply = co_await services->coordinator.commit(std::move(request));
        if (!reply) all = wire_code(reply.error());
    }
    TxnOffsetCommitResponse response;
    std::size_t at = 0;
    for (const auto& topic : wire.topics) {
        auto& topic_answer = response.topics.emplace_back();
        topic_answer.name = topic.name;
        for (const auto& partition : topic.partitions) {
            const ErrorCode error = all == ErrorCode::kNone ? reply->errors.at(at++) : all;
            topic_answer.partitions.push_back(
                {partition.partition_index, wire_code(error, kApi, version)}
            );
        }
    }
    co_return response;
}

}  // namespace

void add_txn_offset_commit(ApiRegistry& registry, GroupServicesPtr services) {
    registry.add<TxnOffsetCommitRequest>(
        {0, 5},
        [services](
            RequestContext context, TxnOffsetCommitRequest request
        ) -> Task<Reply<TxnOffsetCommitResponse>> {
            return txn_offset_commit(services, context.api_version, std::move(request));
        }
    );
}

}  // namespace sealane::broker
