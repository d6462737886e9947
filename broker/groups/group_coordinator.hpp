#pragma once
// The broker's group coordinator: has a shard for every partition of __consumer_offsets that this
// node leads, routes groups to them, makes that topic when the first group needs it, and answers
// reads. API handlers in broker/api call it; nothing else of broker/groups is for them.
//
// Shards come and go with leaderships: a task compares them with GroupTopic::led() whenever that
// may have changed. Between a change of the metadata and that comparison a shard answers already as
// if it were stopped, and a group whose shard is not there yet is being loaded.
//
// Errors of the Result are the coordinator's own (COORDINATOR_LOAD_IN_PROGRESS,
// COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR); errors of the protocol are in the replies.

#include "broker/groups/coordinator_shard.hpp"
#include "common/runtime/metrics.hpp"
#include "common/runtime/task_group.hpp"

namespace sealane::broker::groups {

class GroupCoordinator : public runtime::MetricSource {
 public:
    // `topic` must outlive this.
    GroupCoordinator(runtime::World& world, GroupConfig config, GroupTopic& topic);
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

    // One entry per partition asked, in that order; none: no committed offset.
    [[nodiscard]] runtime::Task<Result<std::vector<std::optional<CommittedOffset>>>> fetch(
        std::string group_id, std::vector<TopicPartition> partitions
    );
    [[nodiscard]] runtime::Task<Result<std::vector<CoordinatorCore::FetchedOffset>>> fetch_all(
        std::string group_id
    );
    // Nothing: unknown group.
    [[nodiscard]] runtime::Task<Result<std::optional<DescribedGroup>>> describe(std::string group_id
    );
    [[nodiscard]] runtime::Task<Result<std::vector<ListedGroup>>> list();

    // Makes the topic if needed. COORDINATOR_NOT_AVAILABLE: it cannot be made now.
    [[nodiscard]] runtime::Task<Status> ensure_ready();
    // Whose leader coordinates the group. After ensure_ready().
    [[nodiscard]] PartitionId partition_of(std::string_view group_id) const;
    // Unguessable end of a new member id.
    [[nodiscard]] std::string fresh_suffix();

    void collect(runtime::MetricSink& sink) const override;

 private:
    using ShardPtr = std::shared_ptr<CoordinatorShard>;
    // Somebody makes the topic; whoever needs it meanwhile waits for the same outcome.
    struct Creation {
        explicit Creation(runtime::WaitQueue& queue) : done(queue) {}
        std::optional<Status> outcome;
        runtime::Event done;
    };
    [[nodiscard]] runtime::Task<Result<ShardPtr>> shard_of(std::string group_id);
    template <class R, class Q>
    [[nodiscard]] runtime::Task<Result<R>> ask(Q request);
    [[nodiscard]] runtime::Task<void> follow();
    [[nodiscard]] bool follows() const;
    [[nodiscard]] runtime::Task<void> close_lost();
    void open_gained();

    runtime::World& world_;
    GroupConfig config_;
    GroupTopic& topic_;
    bool stopping_ = false;
    std::map<PartitionId, ShardPtr> shards_;
    std::shared_ptr<Creation> creation_;
    runtime::TaskGroup tasks_;
};

}  // namespace sealane::broker::groups
