#pragma once
// From what a request names to the partition on this node, with Kafka's errors on the way.

#include "broker/api/services.hpp"
#include "broker/api/topic_name.hpp"

namespace sealane::broker {

// kUnknownTopicOrPartition or, by id, kUnknownTopicId.
[[nodiscard]] Result<Image::TopicPtr> find_topic(const Services& services, const TopicName& topic);

// Also kKafkaStorageError (its log could not be opened), kFencedLeaderEpoch, kUnknownLeaderEpoch
// (`epoch` is -1 when the client did not say).
[[nodiscard]] Result<PartitionPtr> find_partition(
    const Services& services, const TopicName& topic, PartitionId partition, LeaderEpoch epoch
);

}  // namespace sealane::broker
