#include "broker/api/partition_lookup.hpp"

namespace sealane::broker {

Result<Image::TopicPtr> find_topic(const Services& services, const TopicName& topic) {
    const MetadataStore::ImagePtr image = services.metadata.image();
    Image::TopicPtr found = topic.id.is_zero() ? image->topic(topic.name) : image->topic(topic.id);
    if (found != nullptr) return found;
    if (topic.id.is_zero()) return fail(ErrorCode::kUnknownTopicOrPartition, topic.name);
    return fail(ErrorCode::kUnknownTopicId, topic.id.to_string());
}

Result<PartitionPtr> find_partition(
    const Services& services, const TopicName& topic, PartitionId partition, LeaderEpoch epoch
) {
    SEALANE_TRY(const Image::TopicPtr known, find_topic(services, topic));
    const auto count = static_cast<std::int32_t>(known->partitions.size());
    if (partition.value < 0 || partition.value >= count) {
        return fail(
            ErrorCode::kUnknownTopicOrPartition, known->name + "-" + std::to_string(partition.value)
        );
    }
    PartitionPtr found = services.partitions.find(known->name, partition);
    if (found == nullptr || found->topic_id() != known->id) {
        return fail(
            ErrorCode::kKafkaStorageError,
            known->name + "-" + std::to_string(partition.value) + ": its log is not open"
        );
    }
    if (epoch != kNoLeaderEpoch && epoch != found->leader_epoch()) {
        const bool fenced = epoch < found->leader_epoch();
        return fail(
            fenced ? ErrorCode::kFencedLeaderEpoch : ErrorCode::kUnknownLeaderEpoch,
            "the leader epoch is " + std::to_string(found->leader_epoch().value)
        );
    }
    return found;
}

}  // namespace sealane::broker
