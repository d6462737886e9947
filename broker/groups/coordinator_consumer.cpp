// Groups of the protocol of KIP-848 among the others: which requests reach them, and how a group
// changes from one kind to the other. What a heartbeat does is in consumer/heartbeat.hpp.

#include "broker/groups/consumer/heartbeat.hpp"
#include "broker/groups/consumer/heartbeat_request.hpp"
#include "broker/groups/coordinator_core.hpp"

#include <algorithm>

namespace sealane::broker::groups {
namespace {

// Members whose end could not be written are looked at again after this.
constexpr Duration kRetryFencing = 1s;

ConsumerHeartbeatReply refused(const Error& error) {
    ConsumerHeartbeatReply reply;
    reply.error = error.code();
    reply.message = error.detail();
    return reply;
}

void take(std::vector<ConsumerRecord>& from, std::vector<CoordinatorRecord>& to) {
    for (ConsumerRecord& record : from) to.emplace_back(std::move(record));
}

}  // namespace

void CoordinatorCore::on_request(Step step, Ticket ticket, ConsumerHeartbeatRequest request) {
    const auto refuse = [&](const Error& error) {
        step.out.answers.push_back({ticket, refused(error)});
    };
    if (const Status checked = check_heartbeat(config_.consumer, request); !checked)
        return refuse(checked.error());
    const Result<Group*> found = consumer_group(step, request);
    if (!found) return refuse(found.error());
    Group& group = **found;
    std::vector<ConsumerRecord> records;
    ConsumerHeartbeat heartbeat(config_.consumer, step.clock, group.id, *group.consumer, records);
    auto reply = heartbeat.beat(request);
    if (!reply) {
        refuse(reply.error());
        touch(request.group_id);
        return;
    }
    if (!group.consumer->exists() && group.persisted)
        step.out.records.emplace_back(GroupRecord{group.id, std::nullopt});
    const bool changes = !records.empty();
    if (std::ranges::any_of(records, [](const ConsumerRecord& record) {
            return std::holds_alternative<TargetEpochRecord>(record);
        }))
        ++rebalances_;
    take(records, step.out.records);
    step.out.answers.push_back({ticket, *std::move(reply)});
    // Otherwise deadlines have only moved away; the index may be early.
    if (changes) touch(request.group_id);
}

// The group, or a new one for a member that joins. A classic group that nobody is in makes way.
Result<CoordinatorCore::Group*> CoordinatorCore::consumer_group(
    Step step, const ConsumerHeartbeatRequest& request
) {
    Group* group = find(request.group_id);
    if (group != nullptr && is_consumer(*group)) return group;
    const bool is_joining = request.member_epoch == kJoiningEpoch;
    if (group == nullptr && !is_joining)
        return fail(ErrorCode::kGroupIdNotFound, "Group " + request.group_id + " not found.");
    if (group != nullptr && (!is_joining || !group->live.is_husk()))
        return fail(
            ErrorCode::kGroupIdNotFound, "Group " + request.group_id + " is not a consumer group."
        );
    if (group == nullptr) {
        group = &groups_[request.group_id];
        group->id = request.group_id;
        group->live.state_since = step.clock.wall;
    }
    if (!group->consumer) group->consumer.emplace();
    return group;
}

void CoordinatorCore::apply_consumer(const ConsumerRecord& record) {
    const std::string& id = group_of(record);
    const bool has_value = std::visit([](const auto& typed) { return bool(typed.value); }, record);
    const auto known = groups_.find(id);
    const bool is_there = known != groups_.end() && known->second.consumer;
    if (!is_there && !has_value) return;
    Group& group = groups_[id];
    group.id = id;
    if (!group.consumer) group.consumer.emplace();
    live_bytes_ -= group.consumer->live_bytes();
    if (group.consumer->apply(record)) {
        live_bytes_ += group.consumer->live_bytes();
    } else {
        group.consumer.reset();
    }
    touch(id);
}

void CoordinatorCore::tick_consumer(Step step, Group& group) {
    ConsumerGroup& consumer = *group.consumer;
    std::vector<std::string> gone;
    for (auto at = consumer.timers.begin(); at != consumer.timers.end();) {
        auto& [id, timer] = *at;
        const ConsumerMember* member = consumer.find(id);
        const bool holds_on = timer.revocation <= step.clock.now && member != nullptr &&
                              member->current.state == MemberState::kUnrevoked &&
                              member->current.epoch == timer.revocation_epoch;
        const bool silent = timer.session <= step.clock.now;
        if (member == nullptr && silent) {
            at = consumer.timers.erase(at);
            continue;
        }
        if (timer.revocation <= step.clock.now) timer.revocation = Instant::never();
        if (silent || holds_on) {
            gone.push_back(id);
            timer.session = step.clock.now + kRetryFencing;
        }
        ++at;
    }
    if (gone.empty()) return;
    std::vector<ConsumerRecord> records;
    ConsumerHeartbeat(config_.consumer, step.clock, group.id, consumer, records).fence(gone);
    take(records, step.out.records);
}

// Everything of a group without members goes, so that it can be of the other kind.
void CoordinatorCore::end_consumer(Step step, const Group& group) {
    std::vector<ConsumerRecord> records = group.consumer->tombstones(group.id);
    take(records, step.out.records);
}

// By LeaveGroup: an administrator takes members out.
void CoordinatorCore::leave_consumer(
    Step step, Group& group, const LeaveRequest& request, LeaveReply& reply
) {
    std::vector<std::string> gone;
    for (const LeaveRequest::Leaving& leaving : request.members) {
        const ConsumerMember* member = leaving.instance_id
                                           ? group.consumer->find_instance(*leaving.instance_id)
                                           : group.consumer->find(leaving.member_id);
        ErrorCode error = ErrorCode::kNone;
        if (member == nullptr || std::ranges::find(gone, member->id) != gone.end()) {
            error = ErrorCode::kUnknownMemberId;
        } else if (!leaving.member_id.empty() && leaving.member_id != member->id) {
            error = ErrorCode::kFencedInstanceId;
        } else {
            gone.push_back(member->id);
        }
        reply.member_errors.push_back(error);
    }
    std::vector<ConsumerRecord> records;
    ConsumerHeartbeat(config_.consumer, step.clock, group.id, *group.consumer, records).fence(gone);
    take(records, step.out.records);
}

ErrorCode CoordinatorCore::check_consumer_commit(
    const ConsumerGroup& group, const CommitRequest& request
) {
    // An administrator, while nobody reads.
    if (request.generation.value < 0 && group.members().empty()) return ErrorCode::kNone;
    // Clients before TxnOffsetCommit 3 do not say who they are.
    const bool anonymous =
        request.generation.value < 0 && request.member_id.empty() && !request.instance_id;
    if (request.producer && anonymous) return ErrorCode::kNone;
    const ConsumerMember* member = group.find(request.member_id);
    if (member == nullptr) return ErrorCode::kUnknownMemberId;
    if (!request.producer && !request.knows_member_epochs) return ErrorCode::kUnsupportedVersion;
    return request.generation.value == member->current.epoch ? ErrorCode::kNone
                                                             : ErrorCode::kStaleMemberEpoch;
}

bool CoordinatorCore::had_then(const CommitRequest& request, const CommitRequest::Entry& entry)
    const {
    const Group* group = find(request.group_id);
    if (group == nullptr || !group->consumer) return false;
    const ConsumerMember* member = group->consumer->find(request.member_id);
    const std::int32_t epoch = request.generation.value;
    if (member == nullptr || epoch < 0 || epoch > member->current.epoch) return false;
    const TopicIdPartition at{entry.topic_id, entry.partition.partition};
    for (const HeldPartitions* held :
         {&member->current.assigned, &member->current.pending_revocation}) {
        const auto found = held->find(at);
        if (found != held->end()) return found->second <= epoch;
    }
    return false;
}

ErrorCode CoordinatorCore::check_reader(const std::string& group_id, const OffsetReader& reader)
    const {
    if (reader.member_id.empty() && reader.member_epoch < 0) return ErrorCode::kNone;
    const Group* group = find(group_id);
    if (group == nullptr || !is_consumer(*group)) return ErrorCode::kNone;
    const ConsumerMember* member = group->consumer->find(reader.member_id);
    if (member == nullptr) return ErrorCode::kUnknownMemberId;
    return reader.member_epoch == member->current.epoch ? ErrorCode::kNone
                                                        : ErrorCode::kStaleMemberEpoch;
}

std::optional<DescribedConsumerGroup> CoordinatorCore::describe_consumer(const std::string& group_id
) const {
    const Group* group = find(group_id);
    if (group == nullptr || !is_consumer(*group)) return std::nullopt;
    const ConsumerGroup& consumer = *group->consumer;
    DescribedConsumerGroup described;
    described.state = consumer.state();
    described.epoch = consumer.epoch();
    described.target_epoch = consumer.target_epoch();
    std::vector<const MemberMetadata*> voters;
    for (const auto& [id, member] : consumer.members()) {
        voters.push_back(&member.metadata);
        described.members.push_back({member, consumer.target_of(id)});
    }
    described.assignor = name_of(preferred_assignor(config_.consumer, voters));
    return described;
}

// Nothing has changed but what is soft: it must not say more than what is written.
void CoordinatorCore::consumer_append_failed(const ConsumerRecord& record) {
    const std::string id = group_of(record);
    Group* group = find(id);
    if (group == nullptr || !group->consumer) return;
    ConsumerGroup& consumer = *group->consumer;
    consumer.catalog_stamp = 0;
    std::erase_if(consumer.timers, [&consumer](const auto& each) {
        return consumer.find(each.first) == nullptr;
    });
    if (consumer.is_husk()) group->consumer.reset();
    touch(id);
}

}  // namespace sealane::broker::groups
