// Image as records, for snapshots, and its comparison.

#include "broker/metadata/config_records.hpp"
#include "broker/metadata/image.hpp"

#include <algorithm>

namespace sealane::broker {

namespace {

constexpr std::int16_t kPlaintext = 0;
constexpr std::int16_t kSsl = 1;

kafka::RegisterBrokerRecord record_of(const BrokerState& broker) {
    kafka::RegisterBrokerRecord record;
    record.broker_id = broker.id;
    record.broker_epoch = broker.epoch;
    record.incarnation_id = broker.incarnation;
    record.rack = broker.rack;
    record.fenced = broker.fenced;
    record.in_controlled_shutdown = broker.in_controlled_shutdown;
    record.log_dirs = broker.log_dirs;
    for (const auto& one : broker.listeners) {
        record.end_points.push_back({one.name, one.host, one.port, one.tls ? kSsl : kPlaintext});
    }
    for (const auto& one : broker.features) {
        record.features.push_back({one.name, one.min, one.max});
    }
    return record;
}

// Empty and absent are the same to the image; absent is shorter.
std::optional<std::vector<BrokerId>> unless_empty(const std::vector<BrokerId>& ids) {
    return ids.empty() ? std::nullopt : std::optional(ids);
}

void add_configs(
    Records& records, std::int8_t type, const std::string& resource, const ConfigOverrides& configs
) {
    for (const auto& [key, value] : configs) {
        records.emplace_back(config_record(type, resource, key, value));
    }
}

}  // namespace

kafka::PartitionRecord partition_record(
    const Uuid& topic, PartitionId id, const PartitionState& state
) {
    kafka::PartitionRecord record;
    record.partition_id = id;
    record.topic_id = topic;
    record.replicas = state.replicas;
    record.isr = state.isr;
    record.removing_replicas = state.removing;
    record.adding_replicas = state.adding;
    record.leader = state.leader;
    record.leader_recovery_state = state.recovering ? 1 : 0;
    record.leader_epoch = state.leader_epoch;
    record.partition_epoch = state.partition_epoch;
    record.directories = state.directories;
    record.eligible_leader_replicas = unless_empty(state.elr);
    record.last_known_elr = unless_empty(state.last_known_elr);
    return record;
}

std::vector<MetadataRecord> Image::to_records() const {
    Records records;
    for (const auto& [name, level] : features_) {
        kafka::FeatureLevelRecord record;
        record.name = name;
        record.feature_level = level;
        records.emplace_back(std::move(record));
    }
    for (const auto& [id, broker] : brokers_) records.emplace_back(record_of(broker));
    for (const auto& [name, topic] : topics_) {
        kafka::TopicRecord record;
        record.name = name;
        record.topic_id = topic->id;
        records.emplace_back(std::move(record));
        for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
            const PartitionId id(static_cast<std::int32_t>(i));
            records.emplace_back(partition_record(topic->id, id, topic->partitions[i]));
        }
        add_configs(records, kTopicResource, name, topic->configs);
    }
    for (const auto& [broker, configs] : broker_configs_) {
        add_configs(records, kBrokerResource, config_resource(broker), configs);
    }
    if (next_producer_id_ > 0) {
        kafka::ProducerIdsRecord record;
        record.broker_id = kNoBroker;
        record.next_producer_id = ProducerId(next_producer_id_);
        records.emplace_back(record);
    }
    security().add_records(records);
    for (const auto& [family, entries] : extensions_) {
        for (const auto& [name, value] : entries) {
            records.emplace_back(ExtensionRecord{family, name, value});
        }
    }
    return records;
}

bool operator==(const Image& a, const Image& b) {
    const auto same_topic = [](const auto& one, const auto& other) {
        return one.second == other.second || *one.second == *other.second;
    };
    const auto same_family = [](const auto& one, const auto& other) {
        return one.first == other.first &&
               std::ranges::equal(one.second, other.second, [](const auto& x, const auto& y) {
                   return x.first == y.first && x.second.text() == y.second.text();
               });
    };
    return a.brokers_ == b.brokers_ && a.broker_configs_ == b.broker_configs_ &&
           a.features_ == b.features_ && a.next_producer_id_ == b.next_producer_id_ &&
           a.partition_count_ == b.partition_count_ && a.security() == b.security() &&
           std::ranges::equal(a.topics_, b.topics_, same_topic) &&
           std::ranges::equal(a.extensions_, b.extensions_, same_family);
}

}  // namespace sealane::broker
