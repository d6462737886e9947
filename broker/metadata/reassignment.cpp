#include "broker/metadata/reassignment.hpp"

#include "broker/metadata/replica_sets.hpp"

#include <set>

namespace sealane::broker {

namespace {

using Request = kafka::AlterPartitionReassignmentsRequest;
using Change = std::optional<kafka::PartitionChangeRecord>;

Status check_targets(const Image& image, const BrokerIds& targets) {
    if (targets.empty()) {
        return fail(ErrorCode::kInvalidReplicaAssignment, "a partition needs a replica");
    }
    if (has_duplicates(targets)) {
        return fail(ErrorCode::kInvalidReplicaAssignment, "a broker is named more than once");
    }
    for (const BrokerId id : targets) {
        if (image.broker(id) == nullptr) {
            return fail(
                ErrorCode::kInvalidReplicaAssignment,
                "broker " + std::to_string(id.value) + " is not registered"
            );
        }
    }
    return {};
}

class Reassignments {
 public:
    Reassignments(const Image& image, const ClusterPolicy& policy, const Request& request)
        : image_(image), policy_(policy), request_(request), active_{.image = image} {}

    ReassignmentDecision run() {
        ReassignmentDecision decision;
        decision.response.allow_replication_factor_change =
            request_.allow_replication_factor_change;
        decision.response.error_message = std::nullopt;
        for (const auto& topic : request_.topics) {
            auto& answers = decision.response.responses.emplace_back();
            answers.name = topic.name;
            for (const auto& asked : topic.partitions) {
                auto& answer = answers.partitions.emplace_back();
                answer.partition_index = asked.partition_index;
                answer.error_message = std::nullopt;
                auto change = one({topic.name, asked.partition_index}, asked.replicas);
                if (!change) {
                    answer.error_code = change.error().code();
                    answer.error_message = change.error().detail();
                } else if (*change) {
                    decision.records.emplace_back(**std::move(change));
                }
            }
        }
        return decision;
    }

 private:
    Result<Change> one(const TopicPartition& id, const std::optional<BrokerIds>& targets) {
        const PartitionState* now = image_.partition(id);
        if (now == nullptr) return fail(ErrorCode::kUnknownTopicOrPartition, id.to_string());
        if (!done_.insert(id).second) {
            return fail(ErrorCode::kInvalidRequest, "the partition is there more than once");
        }
        const Image::TopicPtr topic = image_.topic(id.topic);
        const TopicRules rules = rules_of(policy_, *topic);
        PartitionChange change(*now, rules, active_);
        SEALANE_CHECK(targets ? start(*now, *targets, change) : cancel(*now, change));
        return change.build(topic->id, id.partition);
    }

    // Whom a running reassignment has brought in leaves at once when the new one does not want it,
    // unless it is needed to keep the partition going: then it goes at the end.
    Status start(const PartitionState& now, const BrokerIds& targets, PartitionChange& change) {
        SEALANE_CHECK(check_targets(image_, targets));
        const BrokerIds original = without(now.replicas, now.adding);
        if (!request_.allow_replication_factor_change && targets.size() != original.size()) {
            return fail(
                ErrorCode::kInvalidReplicationFactor,
                "the partition has " + std::to_string(original.size()) + " replicas"
            );
        }
        BrokerIds dropped = without(now.adding, targets);
        const BrokerIds isr_left = without(now.isr, dropped);
        if (isr_left.empty() || !has_all(isr_left, only({now.leader}, now.replicas))) dropped = {};
        const BrokerIds leaving = without(without(now.replicas, targets), dropped);
        change.set_replicas(joined(targets, leaving));
        change.set_reassignment(without(targets, original), leaving);
        return {};
    }

    Status cancel(const PartitionState& now, PartitionChange& change) {
        if (!now.is_reassigning()) {
            return fail(ErrorCode::kNoReassignmentInProgress, "nothing is under way");
        }
        const BrokerIds original = without(now.replicas, now.adding);
        const bool alone = !now.isr.empty() && only(now.isr, original).empty();
        if (original.empty() || alone) {
            return fail(
                ErrorCode::kInvalidReplicaAssignment,
                "only replicas that are being added are in sync"
            );
        }
        change.set_reassignment({}, {});
        change.set_replicas(original);
        return {};
    }

    const Image& image_;
    const ClusterPolicy& policy_;
    const Request& request_;
    ActiveBrokers active_;
    std::set<TopicPartition> done_;
};

void add_if_reassigning(
    kafka::ListPartitionReassignmentsResponse& response,
    const std::string& topic,
    PartitionId id,
    const PartitionState* state
) {
    if (state == nullptr || !state->is_reassigning()) return;
    if (response.topics.empty() || response.topics.back().name != topic) {
        response.topics.emplace_back().name = topic;
    }
    response.topics.back().partitions.push_back(
        {id, state->replicas, state->adding, state->removing}
    );
}

}  // namespace

ReassignmentDecision alter_reassignments(
    const Image& image, const ClusterPolicy& policy, const Request& request
) {
    return Reassignments(image, policy, request).run();
}

kafka::ListPartitionReassignmentsResponse list_reassignments(
    const Image& image, const kafka::ListPartitionReassignmentsRequest& request
) {
    kafka::ListPartitionReassignmentsResponse response;
    response.error_message = std::nullopt;
    if (!request.topics) {
        for (const auto& [name, topic] : image.topics()) {
            for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
                const PartitionId id(static_cast<std::int32_t>(i));
                add_if_reassigning(response, name, id, &topic->partitions[i]);
            }
        }
        return response;
    }
    for (const auto& asked : *request.topics) {
        for (const PartitionId id : asked.partition_indexes) {
            add_if_reassigning(response, asked.name, id, image.partition({asked.name, id}));
        }
    }
    return response;
}

}  // namespace sealane::broker
