#pragma once
// The broker's group coordinator: routes every group to the shard of its __consumer_offsets
// partition, makes that topic when the first group needs it, and answers reads. API handlers in
// broker/api call it; nothing else of broker/groups is for them.
//
// Errors of the Result are the coordinator's own (COORDINATOR_LOAD_IN_PROGRESS,
// COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR); errors of the protocol are in the replies.

#include "broker/groups/coordinator_shard.hpp"
#include "common/runtime/metrics.hpp"

namespace sealane::broker::groups {

class GroupCoordinator : public runtime::MetricSource {
 public:
    // `topic` must outlive this.
    GroupCoordinator(runtime::World& world, GroupConfig config, GroupTopic& topic);
    ~GroupCoordinator() override;

    // Loads the groups if the topic exists already. Returns at once; loading goes on.
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

    // Makes the topic if needed and says whether groups can be served (FindCoordinator).
    [[nodiscard]] runtime::Task<Status> ensure_ready();
    // Unguessable end of a new member id.
    [[nodiscard]] std::string fresh_suffix();

    void collect(runtime::MetricSink& sink) const override;

 private:
    [[nodiscard]] runtime::Task<Result<CoordinatorShard*>> shard_of(std::string group_id);
    template <class R, class Q>
    [[nodiscard]] runtime::Task<Result<R>> ask(Q request);
    void open_shards(std::int32_t partitions);

    runtime::World& world_;
    GroupConfig config_;
    GroupTopic& topic_;
    bool stopping_ = false;
    std::vector<std::unique_ptr<CoordinatorShard>> shards_;
};

}  // namespace sealane::broker::groups
