#pragma once
// The broker's group coordinator: has a shard for every partition of __consumer_offsets that this
// node leads, routes groups to them, makes that topic when the first group needs it, and answers
// reads. API handlers in broker/api call it; nothing else of broker/groups is for them.
//
// Errors of the Result are the coordinator's own (COORDINATOR_LOAD_IN_PROGRESS,
// COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR); errors of the protocol are in the replies.

#include "broker/coordinator/shard_set.hpp"
#include "broker/groups/group_machine.hpp"
#include "common/runtime/metrics.hpp"

namespace sealane::broker::groups {

class GroupCoordinator : public runtime::MetricSource {
 public:
    // `topic` must outlive this.
    GroupCoordinator(runtime::World& world, GroupConfig config, CoordinatorTopic& topic);
    ~GroupCoordinator() override;

    // Begins to follow leaderships. Returns at once; loading goes on.
    void start();
    [[nodiscard]] runtime::Task<void> stop();

    [[nodiscard]] runtime::Task<Result<JoinReply>> join(JoinRequest request);
    [[nodiscard]] runtime::Task<Result<SyncReply>> sync(SyncRequest request);
    [[nodiscard]] runtime::Task<Result<HeartbeatReply>> heartbeat(HeartbeatRequest request);
    [[nodiscard]] runtime::Task<Result<LeaveReply>> leave(LeaveRequest request);
    [[nodiscard]] runtime::Task<Result<CommitReply>> commit(CommitRequest request);
    [[nodiscard]] runtime::Task<Result<DeleteGroupReply>> delete_group(DeleteGroupRequest request);
    [[nodiscard]] runtime::Task<Result<DeleteOffsetsReply>> delete_offsets(
        DeleteOffsetsRequest request
    );

    [[nodiscard]] runtime::Task<Result<ConsumerHeartbeatReply>> consumer_heartbeat(
        ConsumerHeartbeatRequest request
    );

    // Writes a transaction's marker to a partition of __consumer_offsets.
    [[nodiscard]] runtime::Task<Status> end_transaction(PartitionId partition, TransactionEnd end);

    // One entry per partition asked, in that order; none: no committed offset.
    [[nodiscard]] runtime::Task<Result<std::vector<std::optional<CommittedOffset>>>> fetch(
        std::string group_id, std::vector<TopicPartition> partitions
    );
    // The same, with whether a transaction may change it (KIP-447). kUnknownMemberId and
    // kStaleMemberEpoch: they are not for that reader.
    struct StableOffset {
        std::optional<CommittedOffset> committed;
        bool pending = false;
    };
    [[nodiscard]] runtime::Task<Result<std::vector<StableOffset>>> fetch_stable(
        std::string group_id, OffsetReader reader, std::vector<TopicPartition> partitions
    );
    [[nodiscard]] runtime::Task<Result<std::vector<CoordinatorCore::FetchedOffset>>> fetch_all(
        std::string group_id, OffsetReader reader
    );
    // Nothing: no classic group.
    [[nodiscard]] runtime::Task<Result<std::optional<DescribedGroup>>> describe(std::string group_id
    );
    // Nothing: no group of KIP-848.
    [[nodiscard]] runtime::Task<Result<std::optional<DescribedConsumerGroup>>> describe_consumer(
        std::string group_id
    );
    [[nodiscard]] runtime::Task<Result<std::vector<ListedGroup>>> list();

    // Makes the topic if needed. COORDINATOR_NOT_AVAILABLE: it cannot be made now.
    [[nodiscard]] runtime::Task<Status> ensure_ready() { return shards_.ensure_ready(); }
    // Whose leader coordinates the group. After ensure_ready().
    [[nodiscard]] PartitionId partition_of(std::string_view group_id) const {
        return shards_.partition_of(group_id);
    }
    // Unguessable end of a new member id.
    [[nodiscard]] std::string fresh_suffix();

    void collect(runtime::MetricSink& sink) const override;

 private:
    using Shards = ShardSet<GroupMachine>;
    template <class R, class Q>
    [[nodiscard]] runtime::Task<Result<R>> ask(Q request);

    runtime::World& world_;
    CoordinatorTopic& topic_;
    Shards shards_;
};

}  // namespace sealane::broker::groups
