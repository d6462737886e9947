#include "broker/api/partition_lookup.hpp"

#include <algorithm>

namespace sealane::broker {

namespace {

std::string name_of(const TopicState& topic, PartitionId partition) {
    return topic.name + "-" + std::to_string(partition.value);
}

Result<const PartitionState*> find_state(const TopicState& topic, PartitionId partition) {
    const auto count = static_cast<std::int32_t>(topic.partitions.size());
    if (partition.value < 0 || partition.value >= count) {
        return fail(ErrorCode::kUnknownTopicOrPartition, name_of(topic, partition));
    }
    return &topic.partitions[static_cast<std::size_t>(partition.value)];
}

// Why a replica that the image names is not in the table.
std::unexpected<Error> absent(
    const Services& services, const TopicState& topic, PartitionId partition
) {
    const auto& state = topic.partitions[static_cast<std::size_t>(partition.value)];
    const BrokerId self = services.config.node_id;
    if (std::ranges::find(state.replicas, self) == state.replicas.end()) {
        return fail(
            ErrorCode::kNotLeaderOrFollower, name_of(topic, partition) + " is on other nodes"
        );
    }
    return fail(ErrorCode::kKafkaStorageError, name_of(topic, partition) + ": its log is not open");
}

}  // namespace

Result<Image::TopicPtr> find_topic(const Services& services, const TopicName& topic) {
    const MetadataStore::ImagePtr image = services.metadata.image();
    Image::TopicPtr found = topic.id.is_zero() ? image->topic(topic.name) : image->topic(topic.id);
    if (found != nullptr) return found;
    if (topic.id.is_zero()) return fail(ErrorCode::kUnknownTopicOrPartition, topic.name);
    return fail(ErrorCode::kUnknownTopicId, topic.id.to_string());
}

Result<PartitionPtr> find_replica(
    const Services& services, const TopicName& topic, PartitionId partition, LeaderEpoch epoch
) {
    SEALANE_TRY(const Image::TopicPtr known, find_topic(services, topic));
    SEALANE_CHECK(find_state(*known, partition));
    PartitionPtr found = services.partitions.find(known->name, partition);
    if (found == nullptr || found->topic_id() != known->id) {
        return absent(services, *known, partition);
    }
    if (epoch != kNoLeaderEpoch && epoch != found->leader_epoch()) {
        const bool fenced = epoch < found->leader_epoch();
        return fail(
            fenced ? ErrorCode::kFencedLeaderEpoch : ErrorCode::kUnknownLeaderEpoch,
            "the leader epoch is " + std::to_string(found->leader_epoch().value)
        );
    }
    if (found->role() == ReplicaRole::kNone && found->log().offline_cause()) {
        return fail(
            ErrorCode::kKafkaStorageError,
            name_of(*known, partition) + ": " + found->log().offline_cause()->to_string()
        );
    }
    if (found->role() == ReplicaRole::kNone) {
        return fail(
            ErrorCode::kNotLeaderOrFollower, name_of(*known, partition) + " changes its leader"
        );
    }
    return found;
}

Result<PartitionPtr> find_partition(
    const Services& services, const TopicName& topic, PartitionId partition, LeaderEpoch epoch
) {
    SEALANE_TRY(PartitionPtr found, find_replica(services, topic, partition, epoch));
    if (found->leads()) return found;
    return fail(
        ErrorCode::kNotLeaderOrFollower,
        found->id().to_string() + " is led by broker " + std::to_string(found->leader().value)
    );
}

LeaderHint leader_hint(const Services& services, const TopicName& topic, PartitionId partition) {
    const auto known = find_topic(services, topic);
    if (!known) return {};
    const auto state = find_state(**known, partition);
    if (!state) return {};
    return {(*state)->leader, (*state)->leader_epoch};
}

std::optional<BrokerAddress> address_of(
    const Services& services, BrokerId broker, std::string_view listener
) {
    const BrokerState* state = services.metadata.image()->broker(broker);
    if (state != nullptr) {
        const auto found =
            std::ranges::find(state->listeners, listener, &BrokerState::Listener::name);
        if (found != state->listeners.end()) {
            return BrokerAddress{found->host, found->port, state->rack};
        }
    }
    if (broker != services.config.node_id) return std::nullopt;
    const auto own = services.advertised.find(listener);
    if (own == services.advertised.end()) return std::nullopt;
    return BrokerAddress{own->second.host, own->second.port, std::nullopt};
}

}  // namespace sealane::broker
