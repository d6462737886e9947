#include "broker/groups/coordinator_core.hpp"

#include "common/base/assert.hpp"

#include <algorithm>

namespace sealane::broker::groups {

namespace {

// Of one tick; what is left is due at once.
constexpr std::size_t kMostTickRecords = 3000;

}  // namespace

void CoordinatorCore::apply(const CoordinatorRecord& record) {
    if (const auto* change = std::get_if<ConsumerRecord>(&record)) return apply_consumer(*change);
    if (const auto* change = std::get_if<GroupRecord>(&record)) {
        Group& group = groups_[change->group_id];
        group.id = change->group_id;
        if (group.persisted) live_bytes_ -= stored_size(GroupRecord{group.id, group.persisted});
        group.persisted = change->value;
        if (group.persisted) live_bytes_ += stored_size(record);
        if (!change->value) {
            // Deleted: nobody is in it (the decision saw to that), so nothing of it stays.
            group.live.protocol_type.clear();
            group.live.generation = GroupGeneration{0};
        }
        touch(change->group_id);
        return;
    }
    const auto& change = std::get<OffsetRecord>(record);
    Group& group = groups_[change.group_id];
    group.id = change.group_id;
    if (change.value) {
        store(group, group.offsets, change, next_position_++);
    } else {
        drop(group, group.offsets, change.partition);
        drop_pending(group, change.partition);
    }
    touch(change.group_id);
}

void CoordinatorCore::begin(Instant now) {
    std::vector<std::string> ids;
    for (auto& [id, group] : groups_) {
        if (group.persisted) group.live = ClassicGroup::loaded(*group.persisted, now);
        if (group.consumer) group.consumer->begin(now, config_.consumer.session_timeout_ms);
        ids.push_back(id);
    }
    for (const std::string& id : ids) touch(id);
}

void CoordinatorCore::handle(Clock clock, Ticket ticket, Request request, Effects& out) {
    const Step step{clock, out};
    std::visit(
        [&](auto&& asked) { on_request(step, ticket, std::forward<decltype(asked)>(asked)); },
        std::move(request)
    );
}

Instant CoordinatorCore::next_wake() const {
    return wakes_.empty() ? Instant::never() : wakes_.begin()->first;
}

void CoordinatorCore::tick(Clock clock, Effects& out) {
    const Step step{clock, out};
    while (!wakes_.empty() && wakes_.begin()->first <= clock.now &&
           out.records.size() < kMostTickRecords) {
        const std::string id = wakes_.begin()->second;
        Group* group = find(id);
        SEALANE_ASSERT(group != nullptr);
        // Heartbeats move deadlines without telling the index, so an entry may be early; whatever
        // is due is done here and the group's next deadline lies in the future.
        tick_group(step, *group);
        if (group->consumer) tick_consumer(step, *group);
        touch(id);
    }
}

void CoordinatorCore::tick_group(Step step, Group& group) {
    ClassicGroup& live = group.live;
    const Instant now = step.clock.now;
    const std::size_t pending_before = live.pending.size();
    std::erase_if(live.pending, [&](const auto& entry) { return entry.second <= now; });
    bool departed =
        live.pending.size() != pending_before && live.state == GroupState::kPreparingRebalance;

    std::vector<std::string> expired;
    for (const auto& [id, member] : live.members) {
        if (member.expires <= now) expired.push_back(id);
    }
    if (live.sync_deadline <= now) {
        live.sync_deadline = Instant::never();
        for (const std::string& id : live.awaiting_sync) {
            if (std::ranges::find(expired, id) == expired.end()) expired.push_back(id);
        }
    }
    for (const std::string& id : expired) drop_member(step, group, id);
    departed = departed || !expired.empty();
    if (departed) after_departure(step, group);
    if (live.state == GroupState::kPreparingRebalance && live.join_deadline <= now)
        on_join_deadline(step, group);
}

void CoordinatorCore::append_failed(Clock clock, Effects failed, ErrorCode error, Effects& out) {
    for (Effects::Answer& answer : failed.answers) {
        fail_answer(answer, error);
        out.answers.push_back(std::move(answer));
    }
    const Step step{clock, out};
    for (const CoordinatorRecord& record : failed.records) {
        if (const auto* consumer = std::get_if<ConsumerRecord>(&record))
            consumer_append_failed(*consumer);
        const auto* change = std::get_if<GroupRecord>(&record);
        Group* group = change != nullptr ? find(change->group_id) : nullptr;
        if (group == nullptr || !change->value || group->live.state != GroupState::kStable)
            continue;
        // The group must not run on what a restart would not find: everyone joins again.
        prepare_rebalance(step, *group);
        touch(change->group_id);
    }
}

void CoordinatorCore::fail_answer(Effects::Answer& answer, ErrorCode error) const {
    if (auto* join = std::get_if<JoinReply>(&answer.reply)) {
        if (join->error != ErrorCode::kNone) return;
        JoinReply refused;
        refused.error = error;
        refused.member_id = join->member_id;
        *join = std::move(refused);
    } else if (auto* sync = std::get_if<SyncReply>(&answer.reply)) {
        if (sync->error == ErrorCode::kNone) *sync = SyncReply{error, {}, {}, {}};
    } else if (auto* commit = std::get_if<CommitReply>(&answer.reply)) {
        for (ErrorCode& entry : commit->errors) {
            if (entry == ErrorCode::kNone) entry = error;
        }
    } else if (auto* group = std::get_if<DeleteGroupReply>(&answer.reply)) {
        if (group->error == ErrorCode::kNone) group->error = error;
    } else if (auto* offsets = std::get_if<DeleteOffsetsReply>(&answer.reply)) {
        if (offsets->error == ErrorCode::kNone) *offsets = DeleteOffsetsReply{error, {}};
    } else if (auto* end = std::get_if<EndTransactionReply>(&answer.reply)) {
        end->error = error;
    } else if (auto* beat = std::get_if<ConsumerHeartbeatReply>(&answer.reply)) {
        if (beat->error != ErrorCode::kNone) return;
        ConsumerHeartbeatReply refused;
        refused.error = error;
        *beat = std::move(refused);
    }
    // A member that left has left, whether or not that was written.
}

std::optional<CommittedOffset> CoordinatorCore::committed(
    const std::string& group_id, const TopicPartition& partition
) const {
    const Group* group = find(group_id);
    if (group == nullptr) return std::nullopt;
    const auto at = group->offsets.find(partition);
    if (at == group->offsets.end()) return std::nullopt;
    return at->second;
}

std::vector<CoordinatorCore::FetchedOffset> CoordinatorCore::all_committed(
    const std::string& group_id
) const {
    std::vector<FetchedOffset> all;
    const Group* group = find(group_id);
    if (group == nullptr) return all;
    for (const auto& [partition, value] : group->offsets)
        all.push_back({partition, value, is_pending(*group, partition)});
    return all;
}

std::optional<DescribedGroup> CoordinatorCore::describe(const std::string& group_id) const {
    const Group* group = find(group_id);
    if (group == nullptr || is_consumer(*group)) return std::nullopt;
    const ClassicGroup& live = group->live;
    const bool stable = live.state == GroupState::kStable;
    DescribedGroup described;
    described.state = live.state;
    described.protocol_type = live.protocol_type;
    if (stable) described.protocol = live.protocol.value_or("");
    for (const auto& [id, member] : live.members) {
        DescribedMember shown{id, member.instance_id, member.client_id, member.client_host, {}, {}};
        if (stable) {
            shown.metadata = member.metadata_for(described.protocol);
            shown.assignment = member.assignment;
        }
        described.members.push_back(std::move(shown));
    }
    return described;
}

std::vector<ListedGroup> CoordinatorCore::list() const {
    std::vector<ListedGroup> groups;
    for (const auto& [id, group] : groups_) {
        if (is_consumer(group)) {
            groups.push_back({id, "consumer", name_of(group.consumer->state()), "consumer"});
        } else {
            groups.push_back({id, group.live.protocol_type, name_of(group.live.state), "classic"});
        }
    }
    return groups;
}

GroupCounts CoordinatorCore::counts() const {
    GroupCounts counts;
    counts.groups = groups_.size();
    counts.rebalances = rebalances_;
    for (const auto& [id, group] : groups_) {
        counts.members += group.live.members.size();
        if (group.consumer) counts.members += group.consumer->members().size();
        counts.offsets += group.offsets.size();
    }
    return counts;
}

CoordinatorCore::Group* CoordinatorCore::find(const std::string& group_id) {
    const auto at = groups_.find(group_id);
    return at == groups_.end() ? nullptr : &at->second;
}

const CoordinatorCore::Group* CoordinatorCore::find(const std::string& group_id) const {
    const auto at = groups_.find(group_id);
    return at == groups_.end() ? nullptr : &at->second;
}

// Keeps the index of deadlines right after a change, and forgets groups with nothing in them.
void CoordinatorCore::touch(const std::string& group_id) {
    const auto at = groups_.find(group_id);
    if (at == groups_.end()) return;
    Group& group = at->second;
    wakes_.erase({group.wake_at, group_id});
    // A group that had a generation goes only by its tombstone: its record may be on the way.
    const bool had_generation = group.live.generation > GroupGeneration{0};
    const bool no_consumer = !group.consumer || group.consumer->is_husk();
    if (group.live.is_husk() && !had_generation && !group.persisted && no_consumer &&
        group.offsets.empty() && group.pending.empty()) {
        groups_.erase(at);
        return;
    }
    group.wake_at = group.live.next_deadline();
    if (group.consumer) group.wake_at = std::min(group.wake_at, group.consumer->next_deadline());
    if (group.wake_at != Instant::never()) wakes_.insert({group.wake_at, group_id});
}

}  // namespace sealane::broker::groups
