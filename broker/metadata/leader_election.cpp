#include "broker/metadata/leader_election.hpp"

#include <set>

namespace sealane::broker {

namespace {

constexpr std::int8_t kPreferredType = 0;
constexpr std::int8_t kUncleanType = 1;

struct Answer {
    ErrorCode error = ErrorCode::kNone;
    std::string message;
    std::optional<kafka::PartitionChangeRecord> record;
};

std::string loss_of(LeaderSource source, BrokerId leader) {
    const std::string who = "replica " + std::to_string(leader.value) + " leads now; ";
    return source == LeaderSource::kLastKnown
               ? who + "it led last, but a crash may have cost it records that were acknowledged"
               : who + "it was not in sync: records that were acknowledged may be lost";
}

struct Place {
    const TopicState& topic;
    const TopicRules& rules;
    PartitionId id;
    const PartitionState& state;
};

Answer elect_preferred(const ActiveBrokers& active, const Place& at) {
    const BrokerId preferred = at.state.replicas.empty() ? kNoBroker : at.state.replicas.front();
    if (at.state.leader != kNoBroker && at.state.leader == preferred) {
        return {ErrorCode::kElectionNotNeeded, "the preferred replica leads", {}};
    }
    PartitionChange change(at.state, at.rules, active);
    change.elect(ElectionMode::kPreferred);
    auto record = change.build(at.topic.id, at.id);
    if (record && record->leader == preferred) return {ErrorCode::kNone, "", std::move(record)};
    return {
        ErrorCode::kPreferredLeaderNotAvailable,
        "replica " + std::to_string(preferred.value) + " is not in sync or not available",
        {}
    };
}

Answer elect_unclean(const ActiveBrokers& active, const Place& at) {
    if (at.state.leader != kNoBroker) {
        return {ErrorCode::kElectionNotNeeded, "the partition has a leader", {}};
    }
    PartitionChange change(at.state, at.rules, active);
    change.elect(ElectionMode::kForced);
    auto record = change.build(at.topic.id, at.id);
    if (change.source() == LeaderSource::kNone || !record) {
        return {ErrorCode::kEligibleLeadersNotAvailable, "no replica is available", {}};
    }
    Answer answer;
    if (may_lose_records(change.source()))
        answer.message = loss_of(change.source(), record->leader);
    answer.record = std::move(record);
    return answer;
}

class Elections {
 public:
    Elections(const Image& image, std::int8_t type) : active_{.image = image}, type_(type) {}

    void run(const Place& at, bool named) {
        Answer answer =
            type_ == kPreferredType ? elect_preferred(active_, at) : elect_unclean(active_, at);
        if (!named && answer.error == ErrorCode::kElectionNotNeeded) return;
        const bool first = done_.emplace(at.topic.id, at.id).second;
        if (answer.record && first) decision_.records.emplace_back(*std::move(answer.record));
        add(at.topic.name, at.id, answer.error, std::move(answer.message));
    }
    void add(const std::string& topic, PartitionId id, ErrorCode error, std::string message) {
        auto& topics = decision_.response.replica_election_results;
        if (topics.empty() || topics.back().topic != topic) topics.emplace_back().topic = topic;
        auto& result = topics.back().partition_result.emplace_back();
        result.partition_id = id;
        result.error_code = error;
        result.error_message =
            message.empty() ? std::nullopt : std::optional<std::string>(std::move(message));
    }
    [[nodiscard]] ElectionDecision take() { return std::move(decision_); }

 private:
    ActiveBrokers active_;
    std::int8_t type_;
    ElectionDecision decision_;
    std::set<std::pair<Uuid, PartitionId>> done_;
};

}  // namespace

ElectionDecision elect_leaders(
    const Image& image, const ClusterPolicy& policy, const kafka::ElectLeadersRequest& request
) {
    if (request.election_type != kPreferredType && request.election_type != kUncleanType) {
        ElectionDecision refused;
        refused.response.error_code = ErrorCode::kInvalidRequest;
        return refused;
    }
    Elections elections(image, request.election_type);
    if (!request.topic_partitions) {
        for_each_partition(
            image,
            policy,
            [&elections](
                const TopicState& topic,
                const TopicRules& rules,
                PartitionId id,
                const PartitionState& state
            ) { elections.run({topic, rules, id, state}, false); }
        );
        return elections.take();
    }
    for (const auto& asked : *request.topic_partitions) {
        const Image::TopicPtr topic = image.topic(asked.topic);
        const TopicRules rules = topic == nullptr ? TopicRules{} : rules_of(policy, *topic);
        for (const PartitionId id : asked.partitions) {
            const PartitionState* state = image.partition({asked.topic, id});
            if (state == nullptr) {
                elections.add(asked.topic, id, ErrorCode::kUnknownTopicOrPartition, "");
            } else {
                elections.run({*topic, rules, id, *state}, true);
            }
        }
    }
    return elections.take();
}

Records prefer_leaders(const Image& image, const ClusterPolicy& policy, std::size_t count) {
    Records records;
    const ActiveBrokers active{.image = image};
    for_each_partition(
        image,
        policy,
        [&](const TopicState& topic,
            const TopicRules& rules,
            PartitionId id,
            const PartitionState& state) {
            if (records.size() >= count) return;
            Answer answer = elect_preferred(active, {topic, rules, id, state});
            if (answer.record) records.emplace_back(*std::move(answer.record));
        }
    );
    return records;
}

}  // namespace sealane::broker
