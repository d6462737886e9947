#include "broker/metadata/topic_decisions.hpp"

#include <algorithm>

namespace sealane::broker {

namespace {

constexpr std::size_t kMaxNameLength = 249;
constexpr std::int32_t kMaxNewPartitions = 10'000;
constexpr std::int8_t kTopicResource = 2;
constexpr std::int16_t kOnlyReplica = 1;

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

kafka::PartitionRecord partition_record(
    const Uuid& topic, std::int32_t partition, BrokerId node, LeaderEpoch epoch
) {
    kafka::PartitionRecord record;
    record.partition_id = PartitionId(partition);
    record.topic_id = topic;
    record.replicas = {node};
    record.isr = {node};
    record.leader = node;
    record.leader_epoch = epoch;
    record.partition_epoch = 0;
    return record;
}

kafka::ConfigRecord config_record(
    std::string_view topic, std::string_view key, std::optional<std::string> value
) {
    kafka::ConfigRecord record;
    record.resource_type = kTopicResource;
    record.resource_name = topic;
    record.name = key;
    record.value = std::move(value);
    return record;
}

Status check_collision(const Image& image, const std::string& name) {
    if (image.topic(name) != nullptr) {
        return fail(ErrorCode::kTopicAlreadyExists, "topic '" + name + "' exists");
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

Result<Records> create_topic(const Image& image, BrokerId node, const NewTopic& topic) {
    SEALANE_CHECK(check_topic_name(topic.name));
    SEALANE_CHECK(check_collision(image, topic.name));
    if (topic.partitions < 1) {
        return fail(ErrorCode::kInvalidPartitions, "the number of partitions must be at least 1");
    }
    if (topic.partitions > kMaxNewPartitions) {
        return fail(ErrorCode::kPolicyViolation, "more than 10000 new partitions at once");
    }
    if (topic.replication_factor != kOnlyReplica && topic.replication_factor != -1) {
        return fail(
            ErrorCode::kInvalidReplicationFactor,
            "replication factor " + std::to_string(topic.replication_factor) + ": there is 1 broker"
        );
    }
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
        records.emplace_back(config_record(topic.name, key, value));
    }
    for (std::int32_t i = 0; i < topic.partitions; ++i) {
        records.emplace_back(partition_record(topic.id, i, node, topic.leader_epoch));
    }
    return records;
}

Result<Records> grow_topic(
    const Image& image, BrokerId node, std::string_view name, std::int32_t count
) {
    const Image::TopicPtr topic = image.topic(name);
    if (topic == nullptr) return fail(ErrorCode::kUnknownTopicOrPartition, std::string(name));
    const auto now = static_cast<std::int32_t>(topic->partitions.size());
    if (count <= now) {
        return fail(
            ErrorCode::kInvalidPartitions,
            "the topic has " + std::to_string(now) + " partitions, which cannot become " +
                std::to_string(count)
        );
    }
    if (count - now > kMaxNewPartitions) {
        return fail(ErrorCode::kPolicyViolation, "more than 10000 new partitions at once");
    }
    Records records;
    for (std::int32_t i = now; i < count; ++i) {
        records.emplace_back(partition_record(topic->id, i, node, LeaderEpoch(0)));
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
    const Image& image, std::string_view name, const ConfigChanges& changes
) {
    const Image::TopicPtr topic = image.topic(name);
    if (topic == nullptr) return fail(ErrorCode::kUnknownTopicOrPartition, std::string(name));
    Records records;
    for (const auto& [key, value] : changes) {
        if (value) SEALANE_CHECK(check_topic_config(key, *value));
        const auto old = topic->configs.find(key);
        const bool same = value ? old != topic->configs.end() && old->second == *value
                                : old == topic->configs.end();
        if (!same) records.emplace_back(config_record(name, key, value));
    }
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
    const Image::TopicPtr topic = image.topic(partition.topic);
    const auto index = static_cast<std::size_t>(partition.partition.value);
    if (topic == nullptr || partition.partition.value < 0 || index >= topic->partitions.size()) {
        return fail(ErrorCode::kUnknownTopicOrPartition, partition.to_string());
    }
    const PartitionState& now = topic->partitions[index];
    if (now.leader_epoch >= epoch) return Records{};
    kafka::PartitionRecord record =
        partition_record(topic->id, partition.partition.value, now.leader, epoch);
    record.replicas = now.replicas;
    record.isr = now.replicas;
    record.partition_epoch = now.partition_epoch + 1;
    return Records{record};
}

}  // namespace sealane::broker
