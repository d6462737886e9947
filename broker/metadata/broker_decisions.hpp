#pragma once
// What the coming and going of brokers means for the cluster: registration, fencing and unfencing,
// controlled shutdown, removal, and the loss of one replica's log. Deciders only; whether a broker
// is alive is BrokerSessions' to say. Identities of disks and clean stops decide who stays eligible
// to lead (KIP-903, KIP-966).

#include "broker/metadata/partition_change.hpp"
#include "common/kafka/messages/brokers.hpp"

namespace sealane::broker {

enum class SessionState : std::uint8_t { kEnded, kAlive };

struct RegistrationDecision {
    Records records;  // none: this incarnation is registered already
    BrokerEpoch epoch = kNoBrokerEpoch;
};

// Whether every data directory of an earlier registration is there again.
[[nodiscard]] bool brings_all_disks(
    const kafka::BrokerRegistrationRequest& request, const BrokerState& old
);

// Feature levels are finalized along with the registration (finalize_features). `session`: of the
// broker id's registration that the image has. `next_epoch`: the offset that the decision's first
// record gets, or at least a number above every epoch so far and not above it. The broker comes
// back fenced, and out of every in-sync set. It is out of the ELR as well when its directories are
// others than before, and, for topics with sealane.flush=os, when its last stop was not clean
// (PreviousBrokerEpoch is not that of its last registration). kDuplicateBrokerRegistration: another
// incarnation's session is alive. kInvalidRegistration: no listener, or another broker's directory.
// kUnsupportedVersion: a finalized feature level is out of its ranges. The cluster id is the
// caller's to check.
[[nodiscard]] Result<RegistrationDecision> register_broker(
    const Image& image,
    const ClusterPolicy& policy,
    const kafka::BrokerRegistrationRequest& request,
    SessionState session,
    BrokerEpoch next_epoch
);

// The broker may lead and be in sync; partitions without a leader that it can lead get it. Empty
// when the broker is unknown, not fenced, or was stopping (it has to register again).
[[nodiscard]] Records unfence_broker(
    const Image& image, const ClusterPolicy& policy, BrokerId broker
);
// Out of every in-sync set, and others lead what it led. Empty when it is unknown or fenced.
[[nodiscard]] Records fence_broker(
    const Image& image, const ClusterPolicy& policy, BrokerId broker
);
// The same for a broker that wants to stop: it stays unfenced while others take over. Empty when
// it is unknown, fenced or already shutting down.
[[nodiscard]] Records start_controlled_shutdown(
    const Image& image, const ClusterPolicy& policy, BrokerId broker
);
// For good: out of in-sync sets and ELRs too. Its replicas stay assigned, until they are
// reassigned. kBrokerIdNotRegistered.
[[nodiscard]] Result<Records> unregister_broker(
    const Image& image, const ClusterPolicy& policy, BrokerId broker
);

struct ReplicaDirectory {
    BrokerId broker = kNoBroker;
    BrokerEpoch epoch = kNoBrokerEpoch;
    Uuid topic;
    PartitionId partition{};
    Uuid directory;
};
// AssignReplicasToDirs (KIP-858): where a replica is. kLostDirectory: its log is damaged or gone.
// Then it leaves ISR and ELR, somebody else leads, and the leader epoch rises whoever leads, so
// that nobody counts positions of the old log; it is in sync again when the leader says so.
// kBrokerIdNotRegistered, kStaleBrokerEpoch, kUnknownTopicId, kUnknownTopicOrPartition,
// kNotLeaderOrFollower: it has no replica there.
[[nodiscard]] Result<Records> assign_directory(
    const Image& image, const ClusterPolicy& policy, const ReplicaDirectory& asked
);

// Whether the broker leads any partition.
[[nodiscard]] bool leads_any(const Image& image, BrokerId broker);

// What a new active controller settles first: partitions whose leader cannot lead, that have none
// but could, or whose ELR rests on a min.insync.replicas that was larger. Brokers that are not
// registered (yet) keep what they have.
[[nodiscard]] Records settle_partitions(const Image& image, const ClusterPolicy& policy);

}  // namespace sealane::broker
