#include "common/client/group_consumer.hpp"

#include "common/base/text.hpp"
#include "common/client/committed_offsets.hpp"
#include "common/client/group_request.hpp"

#include <algorithm>

namespace sealane::client {
namespace {

using runtime::Task;

constexpr std::string_view kProtocolType = "consumer";
constexpr std::string_view kRange = "range";
// How long leaving and the last commit may take.
constexpr Duration kFarewell = 5s;
// Version 3 on leaves by lists of members.
constexpr std::int16_t kLeaveOne = 2;

template <class Response>
ErrorCode top_error(const Response& answer) {
    return answer.error_code;
}

}  // namespace

GroupConsumer::GroupConsumer(ClusterClient& cluster, GroupOptions options)
    : cluster_(cluster),
      options_(std::move(options)),
      log_(cluster.world().log("group")),
      tasks_(cluster.world()),
      lane_(cluster.own_lane(Lane::kGroup)),
      consumer_(cluster, options_.consumer) {}

Task<void> GroupConsumer::stop() {
    const Instant limit = cluster_.world().now() + kFarewell;
    if (options_.auto_commit && membership_.state() == GroupMembership::State::kJoined)
        (void)co_await commit(limit);
    co_await leave();
    tasks_.stop();
    cluster_.close_lane(lane_);
    co_await consumer_.stop();
    co_await tasks_.join();
}

Task<Result<std::vector<ConsumerRecord>>> GroupConsumer::poll(Instant deadline) {
    for (;;) {
        if (fatal_) co_return fail(*fatal_);
        SEALANE_CO_CHECK(co_await ensure_member(deadline));
        if (options_.auto_commit && cluster_.world().now() >= next_auto_commit_) {
            const Status committed = co_await commit(deadline);
            if (!committed && !is_retriable(committed.error().code()))
                log_.info("commit failed", {{"error", committed.error()}});
            next_auto_commit_ = cluster_.world().now() + options_.auto_commit_interval;
            continue;
        }
        // Wakes up now and then: a heartbeat may have asked for a rebalance.
        const Instant slice =
            std::min(deadline, cluster_.world().now() + options_.heartbeat_interval);
        SEALANE_CO_TRY(auto records, co_await consumer_.poll(slice));
        if (membership_.state() != GroupMembership::State::kJoined) {
            // The partitions may be somebody else's: what was not committed comes again.
            if (cluster_.world().now() >= deadline) co_return std::vector<ConsumerRecord>{};
            continue;
        }
        for (const ConsumerRecord& record : records)
            consumed_[record.partition] = {record.record.offset + 1, record.leader_epoch, ""};
        if (!records.empty() || cluster_.world().now() >= deadline) co_return records;
    }
}

Task<Status> GroupConsumer::commit(Instant deadline) {
    if (membership_.state() != GroupMembership::State::kJoined)
        co_return fail(ErrorCode::kRebalanceInProgress, "not a member at the moment");
    const std::map<TopicPartition, CommittedOffset> offsets = consumed_;
    const Status committed = co_await commit_offsets(
        cluster_,
        options_.group_id,
        offsets,
        CommitIdentity{membership_.member_id(), membership_.generation(), options_.instance_id},
        deadline
    );
    if (!committed) {
        (void)react(committed.error().code(), "commit");
        co_return committed;
    }
    // What was consumed meanwhile stays to be committed.
    std::erase_if(consumed_, [&offsets](const auto& entry) {
        const auto done = offsets.find(entry.first);
        return done != offsets.end() && done->second.offset == entry.second.offset;
    });
    co_return Status();
}

GroupCall GroupConsumer::call(Instant deadline, Duration patience) const {
    return {.group = options_.group_id, .deadline = deadline, .lane = lane_, .patience = patience};
}

Status GroupConsumer::react(ErrorCode code, std::string_view what) {
    switch (GroupMembership::reaction_to(code)) {
        case Reaction::kNone:
            return {};
        case Reaction::kFindCoordinator:
            cluster_.forget_coordinator(options_.group_id);
            return fail(ErrorCode::kRebalanceInProgress, std::string(what));
        case Reaction::kRetry:
            return fail(ErrorCode::kRebalanceInProgress, std::string(what));
        case Reaction::kRejoin:
            membership_.must_rejoin();
            return fail(ErrorCode::kRebalanceInProgress, std::string(what));
        case Reaction::kRejoinAsNew:
            membership_.forget();
            return fail(ErrorCode::kRebalanceInProgress, std::string(what));
        case Reaction::kFatal:
            return fail(code, concat("group ", options_.group_id, ": ", what));
    }
    return {};
}

void GroupConsumer::give_up_partitions() {
    for (const TopicPartition& partition : consumer_.assigned()) consumer_.unassign(partition);
    consumed_.clear();
}

Task<Status> GroupConsumer::ensure_member(Instant deadline) {
    Backoff backoff = cluster_.retry_backoff();
    while (membership_.state() != GroupMembership::State::kJoined) {
        if (tasks_.stopping()) co_return fail(Error::stopped());
        // Joining takes as long as the others need; a short poll must not break it off half-way.
        const Instant limit =
            std::max(deadline, cluster_.world().now() + options_.rebalance_timeout);
        co_await commit_before_rejoin();
        const Status joined = co_await join(limit);
        if (joined) break;
        if (joined.error().code() != ErrorCode::kRebalanceInProgress) co_return joined;
        if (!co_await tasks_.sleep(backoff.next(cluster_.world().rng())))
            co_return fail(Error::stopped());
    }
    if (!heartbeating_) {
        heartbeating_ = true;
        next_auto_commit_ = cluster_.world().now() + options_.auto_commit_interval;
        tasks_.spawn([this] { return heartbeat_loop(); });
    }
    co_return Status();
}

// While the others join again, the coordinator still takes commits of the old generation.
Task<void> GroupConsumer::commit_before_rejoin() {
    if (!options_.auto_commit || consumed_.empty() || membership_.member_id().empty()) co_return;
    const Status committed = co_await commit_offsets(
        cluster_,
        options_.group_id,
        std::exchange(consumed_, {}),
        CommitIdentity{
            membership_.member_id(), membership_.generation(), options_.instance_id, lane_
        },
        cluster_.world().now() + kFarewell
    );
    // Then the records since the last commit come again, to whoever gets the partitions.
    if (!committed) log_.info("commit before a rebalance failed", {{"error", committed.error()}});
}

Task<Status> GroupConsumer::join(Instant deadline) {
    kafka::JoinGroupRequest request;
    constexpr auto judge = top_error<kafka::JoinGroupResponse>;
    request.group_id = options_.group_id;
    request.session_timeout_ms = static_cast<std::int32_t>(to_ms(options_.session_timeout));
    request.rebalance_timeout_ms = static_cast<std::int32_t>(to_ms(options_.rebalance_timeout));
    request.member_id = membership_.member_id();
    request.group_instance_id = options_.instance_id;
    request.protocol_type = kProtocolType;
    auto& protocol = request.protocols.emplace_back();
    protocol.name = kRange;
    SEALANE_CO_TRY(protocol.metadata, encode_subscription(options_.topics));
    SEALANE_CO_TRY(
        auto joined,
        co_await send_to_coordinator(
            cluster_, call(deadline, options_.rebalance_timeout), std::move(request), judge
        )
    );
    if (joined.error_code == ErrorCode::kMemberIdRequired) {
        membership_.assign_member_id(joined.member_id);
        co_return fail(ErrorCode::kRebalanceInProgress, "member id given");
    }
    SEALANE_CO_CHECK(react(joined.error_code, "join"));
    co_return co_await sync(std::move(joined), deadline);
}

Task<Status> GroupConsumer::sync(kafka::JoinGroupResponse joined, Instant deadline) {
    kafka::SyncGroupRequest request;
    constexpr auto judge = top_error<kafka::SyncGroupResponse>;
    request.group_id = options_.group_id;
    request.generation_id = joined.generation_id;
    request.member_id = joined.member_id;
    request.group_instance_id = options_.instance_id;
    request.protocol_type = std::string(kProtocolType);
    request.protocol_name = joined.protocol_name.value_or(std::string(kRange));
    if (joined.leader == joined.member_id && !joined.skip_assignment) {
        SEALANE_CO_TRY(request.assignments, co_await share_out(joined, deadline));
    }
    membership_.assign_member_id(joined.member_id);
    SEALANE_CO_TRY(
        const auto synced,
        co_await send_to_coordinator(
            cluster_, call(deadline, options_.rebalance_timeout), std::move(request), judge
        )
    );
    SEALANE_CO_CHECK(react(synced.error_code, "sync"));
    SEALANE_CO_TRY(auto partitions, decode_assignment(synced.assignment));
    give_up_partitions();
    SEALANE_CO_CHECK(co_await start_at_commits(std::move(partitions), deadline));
    membership_.joined(joined.member_id, joined.generation_id);
    log_.info(
        "joined",
        {{"group", options_.group_id},
         {"generation", joined.generation_id},
         {"partitions", consumer_.assigned().size()}}
    );
    co_return Status();
}

Task<Result<std::vector<kafka::SyncGroupRequest::SyncGroupRequestAssignment>>>
GroupConsumer::share_out(kafka::JoinGroupResponse joined, Instant deadline) {
    std::map<std::string, std::vector<std::string>> topics_of_members;
    std::set<std::string> topics;
    for (const auto& member : joined.members) {
        SEALANE_CO_TRY(auto subscribed, decode_subscription(member.metadata));
        topics.insert(subscribed.begin(), subscribed.end());
        topics_of_members[member.member_id] = std::move(subscribed);
    }
    SEALANE_CO_CHECK(co_await cluster_.refresh(topics, deadline));
    std::map<std::string, std::int32_t> partitions;
    for (const std::string& topic : topics) {
        // A topic that is not there gives nobody anything until it is.
        if (const TopicInfo* info = cluster_.metadata().topic(topic))
            partitions[topic] = static_cast<std::int32_t>(info->partitions.size());
    }
    std::vector<kafka::SyncGroupRequest::SyncGroupRequestAssignment> assignments;
    for (const auto& [member, share] : assign_ranges(topics_of_members, partitions)) {
        auto& assignment = assignments.emplace_back();
        assignment.member_id = member;
        SEALANE_CO_TRY(assignment.assignment, encode_assignment(share));
    }
    co_return assignments;
}

Task<Status> GroupConsumer::start_at_commits(
    std::vector<TopicPartition> partitions, Instant deadline
) {
    if (partitions.empty()) co_return Status();
    SEALANE_CO_TRY(
        const auto committed,
        co_await fetch_committed(cluster_, options_.group_id, partitions, deadline)
    );
    for (const TopicPartition& partition : partitions) {
        const auto found = committed.find(partition);
        consumer_.assign(
            partition,
            found == committed.end() ? options_.without_commit
                                     : StartAt::at(found->second.offset, found->second.leader_epoch)
        );
    }
    co_return Status();
}

Task<void> GroupConsumer::heartbeat_loop() {
    while (co_await tasks_.sleep(options_.heartbeat_interval)) {
        if (membership_.state() != GroupMembership::State::kJoined) continue;
        const Status beaten = co_await beat();
        if (beaten || beaten.error().code() == ErrorCode::kRebalanceInProgress) continue;
        log_.info("heartbeat failed", {{"error", beaten.error()}});
        const bool passes = is_retriable(beaten.error().code()) || beaten.error().is_stopped();
        if (!passes) fatal_ = beaten.error();
    }
}

Task<Status> GroupConsumer::beat() {
    kafka::HeartbeatRequest request;
    constexpr auto judge = top_error<kafka::HeartbeatResponse>;
    request.group_id = options_.group_id;
    request.member_id = membership_.member_id();
    request.generation_id = membership_.generation();
    request.group_instance_id = options_.instance_id;
    const GroupGeneration generation = membership_.generation();
    const Instant limit = cluster_.world().now() + options_.session_timeout;
    SEALANE_CO_TRY(
        const auto answer,
        co_await send_to_coordinator(cluster_, call(limit), std::move(request), judge)
    );
    // An answer about a generation that is over says nothing any more.
    if (membership_.generation() != generation) co_return Status();
    co_return react(answer.error_code, "heartbeat");
}

Task<void> GroupConsumer::leave() {
    const bool known = !membership_.member_id().empty();
    // Static members keep their place over restarts.
    if (!known || options_.instance_id) co_return;
    kafka::LeaveGroupRequest request;
    constexpr auto judge = top_error<kafka::LeaveGroupResponse>;
    request.group_id = options_.group_id;
    request.member_id = membership_.member_id();
    membership_.forget();
    const Instant limit = cluster_.world().now() + kFarewell;
    GroupCall last = call(limit);
    last.max_version = kLeaveOne;
    const auto answer =
        co_await send_to_coordinator(cluster_, std::move(last), std::move(request), judge);
    if (!answer) log_.info("could not leave the group", {{"error", answer.error()}});
}

}  // namespace sealane::client
