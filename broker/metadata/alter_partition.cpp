#include "broker/metadata/alter_partition.hpp"

#include "broker/metadata/replica_sets.hpp"

#include <set>

namespace sealane::broker {

namespace {

using Request = kafka::AlterPartitionRequest;
using Response = kafka::AlterPartitionResponse;
using Member = Request::BrokerState;

constexpr std::int8_t kRecovered = 0;
constexpr std::int8_t kRecovering = 1;

// The proposed set with broker epochs, whichever version it came in.
std::vector<Member> members_of(const Request::PartitionData& asked) {
    std::vector<Member> members = asked.new_isr_with_epochs;
    for (const BrokerId id : asked.new_isr) members.push_back({id, kNoBrokerEpoch});
    return members;
}

BrokerIds ids_of(const std::vector<Member>& members) {
    BrokerIds ids;
    for (const Member& member : members) ids.push_back(member.broker_id);
    return ids;
}

// A member that leaves names the others; it leads no longer, if it did.
bool leaves(const PartitionState& now, const Request::PartitionData& asked, BrokerId sender) {
    return has(now.isr, sender) && !has(ids_of(members_of(asked)), sender);
}

ErrorCode check_position(
    const PartitionState& now, const Request::PartitionData& asked, BrokerId sender
) {
    // What the sender knows was committed, so this controller has missed it.
    if (asked.leader_epoch > now.leader_epoch || asked.partition_epoch > now.partition_epoch) {
        return ErrorCode::kNotController;
    }
    if (asked.leader_epoch < now.leader_epoch) return ErrorCode::kFencedLeaderEpoch;
    if (sender != now.leader && !leaves(now, asked, sender)) return ErrorCode::kInvalidRequest;
    if (asked.partition_epoch < now.partition_epoch) return ErrorCode::kInvalidUpdateVersion;
    return ErrorCode::kNone;
}

ErrorCode check_members(
    const Image& image,
    const PartitionState& now,
    const Request::PartitionData& asked,
    BrokerId sender
) {
    const std::vector<Member> members = members_of(asked);
    const BrokerIds isr = ids_of(members);
    if (!has_all(now.replicas, isr) || has_duplicates(isr) || isr.empty()) {
        return ErrorCode::kInvalidRequest;
    }
    // It takes nobody with it and brings nobody in.
    const bool leaving = leaves(now, asked, sender);
    if (leaving && !same_members(isr, without(now.isr, {sender}))) {
        return ErrorCode::kInvalidRequest;
    }
    if (!leaving && !has(isr, now.leader)) return ErrorCode::kInvalidRequest;
    const std::int8_t recovery = asked.leader_recovery_state;
    if (recovery != kRecovered && recovery != kRecovering) return ErrorCode::kInvalidRequest;
    if (recovery == kRecovering && (isr.size() > 1 || !now.recovering)) {
        return ErrorCode::kInvalidRequest;
    }
    for (const Member& member : members) {
        const BrokerState* broker = image.broker(member.broker_id);
        if (broker == nullptr || !broker->is_active()) return ErrorCode::kIneligibleReplica;
        if (member.broker_epoch != kNoBrokerEpoch && member.broker_epoch != broker->epoch) {
            return ErrorCode::kIneligibleReplica;
        }
    }
    return ErrorCode::kNone;
}

void describe(Response::PartitionData& answer, const PartitionState& state) {
    answer.leader_id = state.leader;
    answer.leader_epoch = state.leader_epoch;
    answer.isr = state.isr;
    answer.leader_recovery_state = state.recovering ? kRecovering : kRecovered;
    answer.partition_epoch = state.partition_epoch;
}

class Alteration {
 public:
    Alteration(const Image& image, const ClusterPolicy& policy, BrokerId sender)
        : image_(image), policy_(policy), sender_(sender) {}

    Response::PartitionData run(const Uuid& topic_id, const Request::PartitionData& asked) {
        Response::PartitionData answer;
        answer.partition_index = asked.partition_index;
        const Image::TopicPtr topic = image_.topic(topic_id);
        const PartitionState* now = image_.partition(topic_id, asked.partition_index);
        if (topic == nullptr) {
            answer.error_code = ErrorCode::kUnknownTopicId;
        } else if (now == nullptr) {
            answer.error_code = ErrorCode::kUnknownTopicOrPartition;
        } else if (!done_.emplace(topic_id, asked.partition_index).second) {
            answer.error_code = ErrorCode::kInvalidRequest;
        } else if (const auto wrong = check_position(*now, asked, sender_);
                   wrong != ErrorCode::kNone) {
            answer.error_code = wrong;
        } else {
            answer.error_code = check_members(image_, *now, asked, sender_);
            if (answer.error_code == ErrorCode::kNone) apply(*topic, *now, asked, answer);
        }
        return answer;
    }
    Records records;

 private:
    void apply(
        const TopicState& topic,
        const PartitionState& now,
        const Request::PartitionData& asked,
        Response::PartitionData& answer
    ) {
        const ActiveBrokers active{.image = image_};
        const TopicRules rules = rules_of(policy_, topic);
        PartitionChange change(now, rules, active);
        const BrokerIds isr = ids_of(members_of(asked));
        const bool leaving = leaves(now, asked, sender_);
        if (!same_members(isr, now.isr)) change.set_isr(only(now.replicas, isr));
        // Only who leads on knows what it has settled.
        if (!leaving && asked.leader_recovery_state == kRecovered) change.set_recovered();
        auto record = change.build(topic.id, asked.partition_index);
        const PartitionState after = record ? changed(now, *record) : now;
        // Nobody takes over from a leader that leaves: then it had better stay.
        if (leaving && after.leader == kNoBroker) {
            answer.error_code = ErrorCode::kIneligibleReplica;
            return;
        }
        if (after.leader != now.leader) {
            answer.error_code = ErrorCode::kNewLeaderElected;
        } else {
            describe(answer, after);
        }
        if (record) records.emplace_back(*std::move(record));
    }

    const Image& image_;
    const ClusterPolicy& policy_;
    BrokerId sender_;
    std::set<std::pair<Uuid, PartitionId>> done_;
};

}  // namespace

std::optional<Request::PartitionData> withdrawal(
    const PartitionState& now, PartitionId partition, BrokerId replica
) {
    const BrokerIds others = without(now.isr, {replica});
    if (!has(now.isr, replica) || others.empty() || now.leader == kNoBroker) return std::nullopt;
    Request::PartitionData asked;
    asked.partition_index = partition;
    asked.leader_epoch = now.leader_epoch;
    asked.partition_epoch = now.partition_epoch;
    for (const BrokerId id : others) asked.new_isr_with_epochs.push_back({id, kNoBrokerEpoch});
    return asked;
}

AlterPartitionDecision alter_partition(
    const Image& image, const ClusterPolicy& policy, const Request& request
) {
    AlterPartitionDecision decision;
    const BrokerState* sender = image.broker(request.broker_id);
    if (sender == nullptr || sender->epoch != request.broker_epoch) {
        decision.response.error_code = ErrorCode::kStaleBrokerEpoch;
        return decision;
    }
    Alteration alteration(image, policy, request.broker_id);
    for (const auto& topic : request.topics) {
        auto& answers = decision.response.topics.emplace_back();
        answers.topic_id = topic.topic_id;
        for (const auto& asked : topic.partitions) {
            answers.partitions.push_back(alteration.run(topic.topic_id, asked));
        }
    }
    decision.records = std::move(alteration.records);
    return decision;
}

}  // namespace sealane::broker
