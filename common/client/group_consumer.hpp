#pragma once
// GroupConsumer: a member of a consumer group by the classic protocol (JoinGroup, SyncGroup,
// Heartbeat, LeaveGroup) with the range assignor. Reads what it is assigned and commits offsets,
// by itself (before each rebalance, at intervals, at the end) or when told.

#include "common/client/consumer.hpp"
#include "common/client/group_request.hpp"

#include <string>
#include <vector>

namespace sealane::client {

struct GroupOptions {
    std::string group_id;
    std::vector<std::string> topics;
    std::optional<std::string> instance_id;  // static membership (KIP-345)
    Duration session_timeout = 45s;
    Duration rebalance_timeout = 60s;
    Duration heartbeat_interval = 3s;
    bool auto_commit = true;
    Duration auto_commit_interval = 5s;
    // Where a partition without a committed offset begins.
    StartAt without_commit = StartAt::earliest();
    ConsumerOptions consumer;
};

class GroupConsumer {
 public:
    GroupConsumer(ClusterClient& cluster, GroupOptions options);
    GroupConsumer(const GroupConsumer&) = delete;
    GroupConsumer& operator=(const GroupConsumer&) = delete;
    // Commits (when automatic), leaves the group and joins all tasks. Call before destroying.
    [[nodiscard]] runtime::Task<void> stop();

    // Records of the assigned partitions. The first call joins the group. Between calls the
    // membership is kept; rebalances happen inside.
    [[nodiscard]] runtime::Task<Result<std::vector<ConsumerRecord>>> poll(Instant deadline);
    // Commits what poll() has returned so far. kRebalanceInProgress or kIllegalGeneration: the
    // partitions may belong to somebody else by now, nothing was committed.
    [[nodiscard]] runtime::Task<Status> commit(Instant deadline);

    [[nodiscard]] std::vector<TopicPartition> assigned() const { return consumer_.assigned(); }
    [[nodiscard]] const GroupMembership& membership() const { return membership_; }

 private:
    using Reaction = GroupMembership::Reaction;
    [[nodiscard]] runtime::Task<Status> ensure_member(Instant deadline);
    [[nodiscard]] runtime::Task<void> commit_before_rejoin();
    // One attempt; kRebalanceInProgress when it has to be repeated.
    [[nodiscard]] runtime::Task<Status> join(Instant deadline);
    [[nodiscard]] runtime::Task<Status> sync(kafka::JoinGroupResponse joined, Instant deadline);
    // As leader: who gets what.
    [[nodiscard]] runtime::Task<
        Result<std::vector<kafka::SyncGroupRequest::SyncGroupRequestAssignment>>>
    share_out(kafka::JoinGroupResponse joined, Instant deadline);
    [[nodiscard]] runtime::Task<Status> start_at_commits(
        std::vector<TopicPartition> partitions, Instant deadline
    );
    [[nodiscard]] runtime::Task<void> heartbeat_loop();
    [[nodiscard]] runtime::Task<Status> beat();
    [[nodiscard]] runtime::Task<void> leave();
    // Remembers what the error asks for; the error itself when the caller must know.
    [[nodiscard]] Status react(ErrorCode code, std::string_view what);
    void give_up_partitions();
    [[nodiscard]] GroupCall call(Instant deadline, Duration patience = 0s) const;

    ClusterClient& cluster_;
    GroupOptions options_;
    runtime::Log log_;
    runtime::TaskGroup tasks_;
    Lane lane_;
    Consumer consumer_;
    GroupMembership membership_;
    std::map<TopicPartition, CommittedOffset> consumed_;  // not committed yet
    Instant next_auto_commit_;
    bool heartbeating_ = false;
    std::optional<Error> fatal_;  // the group will not have us any more
};

}  // namespace sealane::client
