// OffsetCommit, OffsetDelete, DeleteGroups, and the expiry of offsets nobody uses.

#include "broker/groups/coordinator_core.hpp"
#include "common/base/mutants.hpp"

namespace sealane::broker::groups {

void CoordinatorCore::on_request(Step step, Ticket ticket, CommitRequest request) {
    CommitReply reply;
    const ErrorCode checked = check_commit(step, request);
    const bool retention_given = request.retention_ms >= 0;
    for (CommitRequest::Entry& entry : request.entries) {
        ErrorCode error = entry.error;
        if (error == ErrorCode::kNone) error = checked;
        if (error == ErrorCode::kStaleMemberEpoch && had_then(request, entry))
            error = ErrorCode::kNone;
        // Transactional producers know it as this.
        if (error == ErrorCode::kStaleMemberEpoch && request.producer)
            error = ErrorCode::kIllegalGeneration;
        const auto limit = static_cast<std::size_t>(config_.offset_metadata_max_bytes);
        if (error == ErrorCode::kNone && entry.metadata.size() > limit)
            error = ErrorCode::kOffsetMetadataTooLarge;
        reply.errors.push_back(error);
        if (error != ErrorCode::kNone) continue;
        CommittedOffset value;
        value.offset = entry.offset;
        value.leader_epoch = entry.leader_epoch;
        value.metadata = std::move(entry.metadata);
        value.committed = entry.timestamp.ms >= 0 ? entry.timestamp : step.clock.wall;
        if (retention_given) value.expires = {step.clock.wall.ms + request.retention_ms};
        step.out.records.push_back(
            OffsetRecord{request.group_id, std::move(entry.partition), std::move(value)}
        );
    }
    step.out.producer = request.producer;
    step.out.answers.push_back({ticket, std::move(reply)});
}

ErrorCode CoordinatorCore::check_commit(Step step, const CommitRequest& request) {
    Group* group = find(request.group_id);
    if (group == nullptr) {
        // Without a generation: a consumer with its own assignment, or an administrator.
        if (request.generation.value < 0) return ErrorCode::kNone;
        return request.reports_unknown_group ? ErrorCode::kGroupIdNotFound
                                             : ErrorCode::kIllegalGeneration;
    }
    if (is_consumer(*group)) return check_consumer_commit(*group->consumer, request);
    ClassicGroup& live = group->live;
    if (request.generation.value < 0 && live.state == GroupState::kEmpty) return ErrorCode::kNone;
    // Clients before TxnOffsetCommit 3 do not say who they are.
    const bool anonymous =
        request.generation.value < 0 && request.member_id.empty() && !request.instance_id;
    if (request.producer && anonymous) return ErrorCode::kNone;
    const ErrorCode checked = live.check_member(request.member_id, request.instance_id);
    if (checked != ErrorCode::kNone) return checked;
    if (request.generation != live.generation) return ErrorCode::kIllegalGeneration;
    switch (live.state) {
        case GroupState::kEmpty:
            return ErrorCode::kUnknownMemberId;
        case GroupState::kDead:
            return ErrorCode::kCoordinatorNotAvailable;
        case GroupState::kCompletingRebalance:
            return ErrorCode::kRebalanceInProgress;
        case GroupState::kPreparingRebalance:
        case GroupState::kStable:
            break;
    }
    GroupMember& member = *live.find(request.member_id);
    if (!member.is_waiting())
        member.expires = step.clock.now + std::chrono::milliseconds(member.session_timeout_ms);
    return ErrorCode::kNone;
}

void CoordinatorCore::on_request(Step step, Ticket ticket, DeleteGroupRequest request) {
    DeleteGroupReply reply;
    const Group* group = find(request.group_id);
    if (request.group_id.empty()) {
        reply.error = ErrorCode::kInvalidGroupId;
    } else if (group == nullptr) {
        reply.error = ErrorCode::kGroupIdNotFound;
    } else if (group->live.state != GroupState::kEmpty || has_consumers(*group)) {
        reply.error = ErrorCode::kNonEmptyGroup;
    } else {
        for (const auto& [partition, value] : group->offsets)
            step.out.records.push_back(OffsetRecord{group->id, partition, std::nullopt});
        for (const auto& [producer, pending] : group->pending)
            for (const auto& [partition, value] : pending.offsets)
                step.out.records.push_back(OffsetRecord{group->id, partition, std::nullopt});
        if (is_consumer(*group)) {
            end_consumer(step, *group);
        } else {
            step.out.records.push_back(GroupRecord{group->id, std::nullopt});
        }
    }
    step.out.answers.push_back({ticket, reply});
}

void CoordinatorCore::on_request(Step step, Ticket ticket, DeleteOffsetsRequest request) {
    DeleteOffsetsReply reply;
    const Group* group = find(request.group_id);
    if (group == nullptr) {
        reply.error = ErrorCode::kGroupIdNotFound;
    } else if (group->live.state != GroupState::kEmpty && group->live.protocol_type != "consumer") {
        reply.error = ErrorCode::kNonEmptyGroup;
    } else {
        const bool live = group->live.state != GroupState::kEmpty;
        const auto subscribed = group->live.subscribed_topics();
        for (TopicPartition& partition : request.partitions) {
            const bool consumed =
                is_consumer(*group) && group->consumer->is_subscribed(partition.topic);
            if (consumed || (live && (!subscribed || subscribed->contains(partition.topic)))) {
                reply.errors.push_back(ErrorCode::kGroupSubscribedToTopic);
                continue;
            }
            reply.errors.push_back(ErrorCode::kNone);
            if (group->offsets.contains(partition) || is_pending(*group, partition))
                step.out.records.push_back(
                    OffsetRecord{group->id, std::move(partition), std::nullopt}
                );
        }
    }
    step.out.answers.push_back({ticket, std::move(reply)});
}

void CoordinatorCore::expire(
    WallTime wall,
    const std::function<bool(const std::string&)>& topic_exists,
    std::size_t limit,
    Effects& out
) const {
    const auto retention = config_.offsets_retention_ms;
    for (const auto& [id, group] : groups_) {
        const ClassicGroup& live = group.live;
        const bool empty = live.state == GroupState::kEmpty;
        const auto subscribed = empty ? std::nullopt : live.subscribed_topics();
        const bool simple = live.protocol_type.empty();
        std::size_t left = group.offsets.size();
        for (const auto& [partition, value] : group.offsets) {
            if (out.records.size() >= limit) return;
            // A group with members keeps what it reads; one that had members keeps all until
            // the retention after it became empty.
            const bool consumed =
                is_consumer(group) && group.consumer->is_subscribed(partition.topic);
            const bool in_use =
                consumed || (!empty && (live.state != GroupState::kStable || !subscribed ||
                                        subscribed->contains(partition.topic)));
            std::int64_t expires = value.committed.ms + retention;
            if (empty && !simple && live.state_since.ms >= 0)
                expires = live.state_since.ms + retention;
            if (value.expires.ms >= 0) expires = value.expires.ms;
            const bool expired = SEALANE_MUTANT(16) || (!in_use && wall.ms >= expires);
            // Its tombstone would take a pending offset along.
            const bool pending = is_pending(group, partition);
            if (pending || (!expired && topic_exists(partition.topic))) continue;
            out.records.push_back(OffsetRecord{id, partition, std::nullopt});
            --left;
        }
        if (out.records.size() >= limit) return;
        if (left > 0 || !live.is_husk() || has_consumers(group) || !group.pending.empty()) continue;
        if (is_consumer(group)) {
            for (ConsumerRecord& record : group.consumer->tombstones(id))
                out.records.emplace_back(std::move(record));
        } else {
            out.records.push_back(GroupRecord{id, std::nullopt});
        }
    }
}

}  // namespace sealane::broker::groups
