#include "common/client/metadata_cache.hpp"

#include <algorithm>

namespace sealane::client {
namespace {

PartitionInfo to_info(const kafka::MetadataResponse::MetadataResponsePartition& answer) {
    PartitionInfo info;
    info.id = answer.partition_index;
    info.error = answer.error_code;
    info.leader = answer.leader_id;
    info.leader_epoch = answer.leader_epoch;
    info.replicas = answer.replica_nodes;
    info.in_sync = answer.isr_nodes;
    return info;
}

BrokerInfo to_info(const kafka::MetadataResponse::MetadataResponseBroker& answer) {
    BrokerInfo info;
    info.id = answer.node_id;
    info.endpoint.host = answer.host;
    info.endpoint.port = static_cast<std::uint16_t>(answer.port);
    info.rack = answer.rack;
    return info;
}

// An older answer about the same topic does not replace a newer one.
void keep_newer(PartitionInfo& fresh, const PartitionInfo& known) {
    if (fresh.leader_epoch.value < 0 || fresh.leader_epoch >= known.leader_epoch) return;
    fresh = known;
}

}  // namespace

void MetadataCache::apply(const kafka::MetadataResponse& answer, Instant now, bool full) {
    if (!answer.brokers.empty()) {
        brokers_.clear();
        for (const auto& broker : answer.brokers) {
            if (broker.port > 0 && broker.port <= UINT16_MAX)
                brokers_[broker.node_id] = to_info(broker);
        }
    }
    controller_ = answer.controller_id;
    if (answer.cluster_id) cluster_id_ = *answer.cluster_id;
    if (full) {
        std::vector<std::string> gone;
        for (const auto& [name, topic] : topics_) {
            if (std::ranges::none_of(answer.topics, [&](const auto& t) { return t.name == name; }))
                gone.push_back(name);
        }
        for (const std::string& name : gone) forget_topic(name);
    }
    for (const auto& topic : answer.topics) apply_topic(topic, now);
}

void MetadataCache::apply_topic(
    const kafka::MetadataResponse::MetadataResponseTopic& answer, Instant now
) {
    if (!answer.name || answer.name->empty()) return;
    const std::string& name = *answer.name;
    if (answer.error_code != ErrorCode::kNone) {
        forget_topic(name);
        errors_[name] = answer.error_code;
        return;
    }
    errors_.erase(name);
    Topic fresh;
    fresh.refreshed = now;
    fresh.info.name = name;
    fresh.info.id = answer.topic_id;
    fresh.info.internal = answer.is_internal;
    const TopicInfo* known = topic(name);
    const bool same_topic = known != nullptr && known->id == answer.topic_id;
    for (const auto& partition : answer.partitions) {
        PartitionInfo info = to_info(partition);
        const PartitionInfo* before =
            same_topic ? this->partition({name, partition.partition_index}) : nullptr;
        if (before != nullptr) keep_newer(info, *before);
        fresh.info.partitions.push_back(std::move(info));
    }
    std::ranges::sort(fresh.info.partitions, {}, &PartitionInfo::id);
    if (known != nullptr && !same_topic) names_.erase(known->id);
    if (!answer.topic_id.is_zero()) names_[answer.topic_id] = name;
    topics_[name] = std::move(fresh);
}

void MetadataCache::forget_topic(const std::string& name) {
    const auto found = topics_.find(name);
    if (found == topics_.end()) return;
    names_.erase(found->second.info.id);
    topics_.erase(found);
}

namespace {

// Nearly always the partitions are 0 to n-1.
template <class Partitions>
auto* find_partition(Partitions& partitions, PartitionId id) {
    const auto index = static_cast<std::size_t>(id.value);
    if (index < partitions.size() && partitions[index].id == id) return &partitions[index];
    const auto found = std::ranges::find(partitions, id, &PartitionInfo::id);
    return found == partitions.end() ? nullptr : &*found;
}

}  // namespace

PartitionInfo* MetadataCache::find(const TopicPartition& which) {
    const auto topic = topics_.find(which.topic);
    if (topic == topics_.end()) return nullptr;
    return find_partition(topic->second.info.partitions, which.partition);
}

void MetadataCache::learn_leader(
    const TopicPartition& partition, BrokerId leader, LeaderEpoch epoch
) {
    PartitionInfo* info = find(partition);
    if (info == nullptr || leader.value < 0 || epoch <= info->leader_epoch) return;
    if (!brokers_.contains(leader)) return distrust_leader(partition);
    info->leader = leader;
    info->leader_epoch = epoch;
    info->error = ErrorCode::kNone;
}

void MetadataCache::distrust_leader(const TopicPartition& partition) {
    if (PartitionInfo* info = find(partition)) {
        info->leader = kNoBroker;
        info->error = ErrorCode::kLeaderNotAvailable;
    }
}

const TopicInfo* MetadataCache::topic(std::string_view name) const {
    const auto found = topics_.find(name);
    return found == topics_.end() ? nullptr : &found->second.info;
}

const TopicInfo* MetadataCache::topic(const Uuid& id) const {
    const auto found = names_.find(id);
    return found == names_.end() ? nullptr : topic(found->second);
}

const PartitionInfo* MetadataCache::partition(const TopicPartition& which) const {
    const TopicInfo* info = topic(which.topic);
    return info == nullptr ? nullptr : find_partition(info->partitions, which.partition);
}

std::optional<Leader> MetadataCache::leader(const TopicPartition& which) const {
    const PartitionInfo* info = partition(which);
    if (info == nullptr || info->leader.value < 0 || !brokers_.contains(info->leader))
        return std::nullopt;
    return Leader{info->leader, info->leader_epoch, topic(which.topic)->id};
}

ErrorCode MetadataCache::topic_error(std::string_view name) const {
    const auto found = errors_.find(name);
    return found == errors_.end() ? ErrorCode::kNone : found->second;
}

const BrokerInfo* MetadataCache::broker(BrokerId id) const {
    const auto found = brokers_.find(id);
    return found == brokers_.end() ? nullptr : &found->second;
}

std::vector<BrokerId> MetadataCache::broker_ids() const {
    std::vector<BrokerId> ids;
    for (const auto& [id, info] : brokers_) ids.push_back(id);
    return ids;
}

std::vector<std::string> MetadataCache::topic_names() const {
    std::vector<std::string> names;
    for (const auto& [name, topic] : topics_) names.push_back(name);
    return names;
}

std::optional<Instant> MetadataCache::refreshed_at(std::string_view topic) const {
    const auto found = topics_.find(topic);
    if (found == topics_.end()) return std::nullopt;
    return found->second.refreshed;
}

}  // namespace sealane::client
