#pragma once
// From what a request names to the partition on this node, with Kafka's errors on the way, and from
// a partition that is led elsewhere to the hints that bring clients there (KIP-951).

#include "broker/api/request_context.hpp"
#include "broker/api/services.hpp"
#include "broker/api/topic_name.hpp"

#include <set>

namespace sealane::broker {

// kUnknownTopicOrPartition or, by id, kUnknownTopicId.
[[nodiscard]] Result<Image::TopicPtr> find_topic(const Services& services, const TopicName& topic);

// The partition that this node leads. Also kNotLeaderOrFollower (another node does, or nobody),
// kKafkaStorageError (it is here, but its log could not be opened), kFencedLeaderEpoch,
// kUnknownLeaderEpoch (`epoch` is -1 when the client did not say).
[[nodiscard]] Result<PartitionPtr> find_partition(
    const Services& services, const TopicName& topic, PartitionId partition, LeaderEpoch epoch
);

// The same for any replica on this node, leader or follower (KIP-392).
[[nodiscard]] Result<PartitionPtr> find_replica(
    const Services& services, const TopicName& topic, PartitionId partition, LeaderEpoch epoch
);

// Who leads, as this node knows; kNoBroker and -1 when nobody does or the topic is unknown.
struct LeaderHint {
    BrokerId leader = kNoBroker;
    LeaderEpoch epoch = kNoLeaderEpoch;
};
[[nodiscard]] LeaderHint leader_hint(
    const Services& services, const TopicName& topic, PartitionId partition
);
// Whether an answer with this error tells who leads.
[[nodiscard]] constexpr bool wants_leader_hint(ErrorCode code) {
    return code == ErrorCode::kNotLeaderOrFollower || code == ErrorCode::kFencedLeaderEpoch;
}

// Where a broker is for clients of a listener; nothing when it does not have that listener.
struct BrokerAddress {
    std::string host;
    std::int32_t port = 0;
    std::optional<std::string> rack;
};
[[nodiscard]] std::optional<BrokerAddress> address_of(
    const Services& services, BrokerId broker, std::string_view listener
);

// Fills the NodeEndpoints of an answer.
template <class NodeEndpoint>
void add_endpoints(
    const Services& services,
    std::string_view listener,
    const std::set<BrokerId>& brokers,
    std::vector<NodeEndpoint>& into
) {
    for (const BrokerId broker : brokers) {
        const auto address = address_of(services, broker, listener);
        if (!address) continue;
        NodeEndpoint endpoint;
        endpoint.node_id = broker;
        endpoint.host = address->host;
        endpoint.port = address->port;
        endpoint.rack = address->rack;
        into.push_back(std::move(endpoint));
    }
}

}  // namespace sealane::broker
