#include "broker/metadata/topic_decisions.hpp"

#include "broker/metadata/partition_change.hpp"
#include "broker/metadata/replica_sets.hpp"
#include "common/placement/placement.hpp"

#include <algorithm>

namespace sealane::broker {

namespace {

constexpr std::size_t kMaxNameLength = 249;
constexpr std::int32_t kMaxNewPartitions = 10'000;
constexpr std::int16_t kUsualReplicas = 3;

bool legal(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

// Metric names cannot tell '.' from '_'.
std::string collision_key(std::string_view name) {
    std::string key(name);
    std::ranges::replace(key, '.', '_');
    return key;
}

// A new partition: its active replicas are in sync, the first of them leads. It has one.
kafka::PartitionRecord new_partition(
    const Image& image,
    const Uuid& topic,
    std::size_t index,
    const BrokerIds& replicas,
    LeaderEpoch epoch
) {
    PartitionState state;
    state.replicas = replicas;
    for (const BrokerId replica : replicas) {
        const BrokerState* broker = image.broker(replica);
        state.directories.push_back(broker == nullptr ? kUnassignedDirectory : broker->directory());
        if (broker != nullptr && broker->is_active()) state.isr.push_back(replica);
    }
    SEALANE_ASSERT(!state.isr.empty());
    state.leader = state.isr.front();
    state.leader_epoch = epoch;
    return partition_record(topic, PartitionId(static_cast<std::int32_t>(index)), state);
}

Status check_assignment(const Image& image, const BrokerIds& replicas, std::size_t size) {
    const auto refuse = [](std::string why) {
        return fail(ErrorCode::kInvalidReplicaAssignment, std::move(why));
    };
    if (replicas.empty()) return refuse("a partition needs a replica");
    if (replicas.size() != size) return refuse("partitions have different numbers of replicas");
    if (has_duplicates(replicas)) return refuse("a broker is named more than once");
    for (const BrokerId id : replicas) {
        if (image.broker(id) == nullptr) {
            return refuse("broker " + std::to_string(id.value) + " is not registered");
        }
    }
    const auto active = [&image](BrokerId id) { return image.is_active(id); };
    if (!std::ranges::any_of(replicas, active)) {
        return refuse("every named broker is fenced or shutting down");
    }
    return {};
}

Result<Assignments> place(
    const Image& image, std::int32_t partitions, std::size_t replication_factor, Rng& rng
) {
    std::vector<placement::Broker> brokers;
    for (const auto& [id, broker] : image.brokers()) {
        brokers.push_back({.id = id, .rack = broker.rack.value_or(""), .usable = broker.is_active()}
        );
    }
    return placement::place(std::move(brokers), partitions, replication_factor, rng);
}

Status check_new_count(std::int64_t partitions) {
    if (partitions < 1) {
        return fail(ErrorCode::kInvalidPartitions, "the number of partitions must be at least 1");
    }
    if (partitions > kMaxNewPartitions) {
        return fail(ErrorCode::kPolicyViolation, "more than 10000 new partitions at once");
    }
    return {};
}

Result<Assignments> assign_new_topic(
    const Image& image, const ClusterPolicy& policy, Rng& rng, const NewTopic& topic
) {
    if (!topic.assignments.empty()) {
        if (topic.partitions != -1 || topic.replication_factor != -1) {
            return fail(ErrorCode::kInvalidRequest, "assignments together with counts");
        }
        SEALANE_CHECK(check_new_count(static_cast<std::int64_t>(topic.assignments.size())));
        for (const BrokerIds& replicas : topic.assignments) {
            SEALANE_CHECK(check_assignment(image, replicas, topic.assignments.front().size()));
        }
        return topic.assignments;
    }
    SEALANE_CHECK(check_new_count(topic.partitions));
    const std::int16_t factor = topic.replication_factor == -1
                                    ? default_replication_factor(image, policy)
                                    : topic.replication_factor;
    if (factor < 1) {
        return fail(
            ErrorCode::kInvalidReplicationFactor, "replication factor " + std::to_string(factor)
        );
    }
    return place(image, topic.partitions, static_cast<std::size_t>(factor), rng);
}

Status check_collision(const Image& image, const std::string& name) {
    if (image.topic(name) != nullptr) {
        return fail(ErrorCode::kTopicAlreadyExists, "topic '" + name + "' already exists");
    }
    if (name.find_first_of("._") == std::string::npos) return {};
    const std::string key = collision_key(name);
    for (const auto& [other, topic] : image.topics()) {
        if (collision_key(other) == key) {
            return fail(
                ErrorCode::kInvalidTopicException,
                "topic '" + name + "' differs from '" + other + "' only in '.' and '_'"
            );
        }
    }
    return {};
}

}  // namespace

Status check_topic_name(std::string_view name) {
    const auto refuse = [&name](std::string_view why) {
        return fail(
            ErrorCode::kInvalidTopicException,
            "topic name '" + std::string(name.substr(0, kMaxNameLength)) + "' " + std::string(why)
        );
    };
    if (name.empty()) return refuse("is empty");
    if (name == "." || name == "..") return refuse("is a directory name");
    if (name.size() > kMaxNameLength) return refuse("is longer than 249 characters");
    if (!std::ranges::all_of(name, legal)) {
        return refuse("has characters other than letters, digits, '.', '_' and '-'");
    }
    if (name == kMetadataTopic) return refuse("is the cluster's own");
    return {};
}

bool is_internal_topic(std::string_view name) {
    return name == "__consumer_offsets" || name == "__transaction_state" || name == kMetadataTopic;
}

std::int16_t default_replication_factor(const Image& image, const ClusterPolicy& policy) {
    if (policy.default_replication_factor > 0) return policy.default_replication_factor;
    const auto active = std::ranges::count_if(image.brokers(), [](const auto& entry) {
        return entry.second.is_active();
    });
    return std::clamp(static_cast<std::int16_t>(active), std::int16_t{1}, kUsualReplicas);
}

Result<Records> create_topic(
    const Image& image, const ClusterPolicy& policy, Rng& rng, const NewTopic& topic
) {
    SEALANE_CHECK(check_topic_name(topic.name));
    SEALANE_CHECK(check_collision(image, topic.name));
    SEALANE_TRY(const Assignments assignments, assign_new_topic(image, policy, rng, topic));
    if (image.topic(topic.id) != nullptr) {
        return fail(ErrorCode::kInvalidRequest, "topic id " + topic.id.to_string() + " is in use");
    }
    Records records;
    kafka::TopicRecord record;
    record.name = topic.name;
    record.topic_id = topic.id;
    records.emplace_back(std::move(record));
    for (const auto& [key, value] : topic.configs) {
        SEALANE_CHECK(check_topic_config(key, value));
        records.emplace_back(config_record(kTopicResource, topic.name, key, value));
    }
    for (std::size_t i = 0; i < assignments.size(); ++i) {
        records.emplace_back(new_partition(image, topic.id, i, assignments[i], topic.leader_epoch));
    }
    return records;
}

namespace {

Result<Assignments> assign_more(
    const Image& image, Rng& rng, const TopicState& topic, const MorePartitions& asked
) {
    const std::size_t now = topic.partitions.size();
    const auto more = static_cast<std::int64_t>(asked.count) - static_cast<std::int64_t>(now);
    if (more <= 0) {
        return fail(
            ErrorCode::kInvalidPartitions,
            "the topic has " + std::to_string(now) + " partitions, which cannot become " +
                std::to_string(asked.count)
        );
    }
    SEALANE_CHECK(check_new_count(more));
    const std::size_t factor = now == 0 ? 1 : topic.partitions[0].replicas.size();
    if (!asked.assignments) return place(image, static_cast<std::int32_t>(more), factor, rng);
    if (asked.assignments->size() != static_cast<std::size_t>(more)) {
        return fail(
            ErrorCode::kInvalidReplicaAssignment, "one assignment for each new partition is needed"
        );
    }
    for (const BrokerIds& replicas : *asked.assignments) {
        SEALANE_CHECK(check_assignment(image, replicas, factor));
    }
    return *asked.assignments;
}

}  // namespace

Result<Records> grow_topic(const Image& image, Rng& rng, const MorePartitions& asked) {
    const Image::TopicPtr topic = image.topic(asked.topic);
    if (topic == nullptr) return fail(ErrorCode::kUnknownTopicOrPartition, asked.topic);
    SEALANE_TRY(const Assignments assignments, assign_more(image, rng, *topic, asked));
    const auto moving = [](const PartitionState& state) { return state.is_reassigning(); };
    if (std::ranges::any_of(topic->partitions, moving)) {
        return fail(ErrorCode::kReassignmentInProgress, "replicas of the topic are moving");
    }
    Records records;
    const std::size_t now = topic->partitions.size();
    for (std::size_t i = 0; i < assignments.size(); ++i) {
        records.emplace_back(
            new_partition(image, topic->id, now + i, assignments[i], LeaderEpoch(0))
        );
    }
    return records;
}

Result<Records> delete_topic(const Image& image, const Uuid& id) {
    if (image.topic(id) == nullptr) return fail(ErrorCode::kUnknownTopicId, id.to_string());
    kafka::RemoveTopicRecord record;
    record.topic_id = id;
    return Records{record};
}

Result<Records> configure_topic(
    const Image& image,
    const ClusterPolicy& policy,
    std::string_view name,
    const ConfigChanges& changes
) {
    const Image::TopicPtr topic = image.topic(name);
    if (topic == nullptr) return fail(ErrorCode::kUnknownTopicOrPartition, std::string(name));
    TopicState after = *topic;
    for (const auto& [key, value] : changes) {
        if (value) {
            SEALANE_CHECK(check_topic_config(key, *value));
            after.configs.insert_or_assign(key, *value);
        } else {
            after.configs.erase(key);
        }
    }
    Records records = config_records(kTopicResource, name, topic->configs, changes);
    const TopicRules rules = rules_of(policy, after);
    if (rules_of(policy, *topic) != rules) settle_topic(records, image, *topic, rules);
    return records;
}

Records restart_leadership(const Image& image, BrokerId node) {
    Records records;
    for (const auto& [name, topic] : image.topics()) {
        for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
            if (topic->partitions[i].leader != node) continue;
            kafka::PartitionChangeRecord record;
            record.partition_id = PartitionId(static_cast<std::int32_t>(i));
            record.topic_id = topic->id;
            record.leader = node;
            records.emplace_back(std::move(record));
        }
    }
    return records;
}

Result<Records> raise_leader_epoch(
    const Image& image, const TopicPartition& partition, LeaderEpoch epoch
) {
    const PartitionState* now = image.partition(partition);
    if (now == nullptr) return fail(ErrorCode::kUnknownTopicOrPartition, partition.to_string());
    if (now->leader_epoch >= epoch) return Records{};
    PartitionState raised = *now;
    raised.leader_epoch = epoch;
    ++raised.partition_epoch;
    const Uuid topic = image.topic(partition.topic)->id;
    return Records{partition_record(topic, partition.partition, raised)};
}

}  // namespace sealane::broker
