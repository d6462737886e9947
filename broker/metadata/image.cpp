#include "broker/metadata/image.hpp"

namespace sealane::broker {

namespace {

constexpr std::int8_t kTopicResource = 2;
constexpr BrokerId kLeaderUnchanged{-2};

std::unexpected<Error> misfit(std::string text) {
    return fail(ErrorCode::kCorrupt, "metadata log: " + std::move(text));
}

}  // namespace

Image::TopicPtr Image::topic(std::string_view name) const {
    const auto found = topics_.find(name);
    return found == topics_.end() ? nullptr : found->second;
}

Image::TopicPtr Image::topic(const Uuid& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second;
}

const BrokerState* Image::broker(BrokerId id) const {
    const auto found = brokers_.find(id);
    return found == brokers_.end() ? nullptr : &found->second;
}

const Image::Extensions& Image::extensions(std::string_view family) const {
    static const Extensions kNone;
    const auto found = extensions_.find(family);
    return found == extensions_.end() ? kNone : found->second;
}

Status Image::apply(const MetadataRecord& record) {
    return std::visit([this](const auto& one) { return on(one); }, record);
}

void Image::replace(const TopicPtr& topic) {
    topics_.insert_or_assign(topic->name, topic);
    by_id_.insert_or_assign(topic->id, topic);
}

Status Image::on(const kafka::TopicRecord& record) {
    if (topics_.contains(record.name)) return misfit("topic " + record.name + " twice");
    auto topic = std::make_shared<TopicState>();
    topic->id = record.topic_id;
    topic->name = record.name;
    replace(std::move(topic));
    return {};
}

Status Image::on(const kafka::PartitionRecord& record) {
    const TopicPtr old = topic(record.topic_id);
    if (old == nullptr) return misfit("partition of unknown topic " + record.topic_id.to_string());
    const auto index = static_cast<std::size_t>(record.partition_id.value);
    if (record.partition_id.value < 0 || index > old->partitions.size()) {
        return misfit("gap before partition " + std::to_string(record.partition_id.value));
    }
    auto topic = std::make_shared<TopicState>(*old);
    if (index == topic->partitions.size()) {
        topic->partitions.emplace_back();
        ++partition_count_;
    }
    topic->partitions[index] = PartitionState{
        .replicas = record.replicas,
        .isr = record.isr,
        .elr = record.eligible_leader_replicas.value_or(std::vector<BrokerId>{}),
        .last_known_elr = record.last_known_elr.value_or(std::vector<BrokerId>{}),
        .adding = record.adding_replicas,
        .removing = record.removing_replicas,
        .leader = record.leader,
        .leader_epoch = record.leader_epoch,
        .partition_epoch = record.partition_epoch,
        .recovering = record.leader_recovery_state != 0,
        .directories = record.directories,
    };
    replace(std::move(topic));
    return {};
}

Status Image::on(const kafka::PartitionChangeRecord& record) {
    const TopicPtr old = topic(record.topic_id);
    const auto index = static_cast<std::size_t>(record.partition_id.value);
    if (old == nullptr || record.partition_id.value < 0 || index >= old->partitions.size()) {
        return misfit("change of unknown partition of " + record.topic_id.to_string());
    }
    auto topic = std::make_shared<TopicState>(*old);
    PartitionState& partition = topic->partitions[index];
    if (record.leader != kLeaderUnchanged) {
        partition.leader = record.leader;
        ++partition.leader_epoch;
    }
    if (record.replicas) partition.replicas = *record.replicas;
    ++partition.partition_epoch;
    replace(std::move(topic));
    return {};
}

Status Image::on(const kafka::ConfigRecord& record) {
    if (record.resource_type != kTopicResource) return {};
    const TopicPtr old = topic(record.resource_name);
    if (old == nullptr) return misfit("config of unknown topic " + record.resource_name);
    auto topic = std::make_shared<TopicState>(*old);
    if (record.value) {
        topic->configs.insert_or_assign(record.name, *record.value);
    } else {
        topic->configs.erase(record.name);
    }
    replace(std::move(topic));
    return {};
}

Status Image::on(const kafka::RemoveTopicRecord& record) {
    const TopicPtr old = topic(record.topic_id);
    if (old == nullptr) return misfit("removal of unknown topic " + record.topic_id.to_string());
    partition_count_ -= old->partitions.size();
    topics_.erase(old->name);
    by_id_.erase(old->id);
    return {};
}

Status Image::on(const kafka::ProducerIdsRecord& record) {
    if (record.next_producer_id.value < next_producer_id_) {
        return misfit("producer ids go back to " + std::to_string(record.next_producer_id.value));
    }
    next_producer_id_ = record.next_producer_id.value;
    return {};
}

Status Image::on(const ExtensionRecord& record) {
    if (record.value) {
        extensions_[record.family].insert_or_assign(record.name, *record.value);
        return {};
    }
    const auto family = extensions_.find(record.family);
    if (family == extensions_.end()) return {};
    family->second.erase(record.name);
    if (family->second.empty()) extensions_.erase(family);
    return {};
}

}  // namespace sealane::broker
