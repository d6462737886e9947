#pragma once
// PartitionChange: one change of one partition's replicas, in-sync set or leader, from what is
// wanted to the record that says it. Every decider that touches replicas ends here, so that
// election, eligible leader replicas (KIP-966), the end of a reassignment and the rises of the
// leader epoch have one rule (formats 15, "Leader election in the controller").

#include "broker/metadata/cluster_policy.hpp"
#include "broker/metadata/image.hpp"

#include <optional>
#include <vector>

namespace sealane::broker {

// How far an election may go. kUsual: keep the leader while it can lead. kPreferred: the first
// replica, if it can lead. kForced: somebody, even with loss (ElectLeaders type 1).
enum class ElectionMode : std::uint8_t { kUsual, kPreferred, kForced };

// Where a leader comes from, from no loss to possible loss.
enum class LeaderSource : std::uint8_t {
    kNone,       // nobody can lead
    kInSync,     // a member of the ISR
    kEligible,   // a member of the ELR: has everything that was committed
    kLastKnown,  // led last, but may have lost what its operating system had not written
    kUnclean,    // a replica that was behind: committed records may be gone
};
[[nodiscard]] constexpr bool may_lose_records(LeaderSource source) {
    return source == LeaderSource::kLastKnown || source == LeaderSource::kUnclean;
}

// Which brokers may lead and be in sync, as it will be when the decision's own records are applied.
struct ActiveBrokers {
    const Image& image;
    BrokerId leaving = kNoBroker;   // is going: fenced, shut down, removed by the same decision
    BrokerId arriving = kNoBroker;  // is unfenced by the same decision
    [[nodiscard]] bool contain(BrokerId id) const {
        return id != kNoBroker && id != leaving && (id == arriving || image.is_active(id));
    }
};

// What a replica that leaves the in-sync set still has.
enum class Departure : std::uint8_t {
    kWithLog,   // everything that it acknowledged: it may become eligible (ELR)
    kUnsynced,  // a crash may have cost it records that it acknowledged (sealane.flush=os)
    kEmpty,     // nothing: another disk, a damaged log, unregistered
};

class PartitionChange {
 public:
    // The state must outlive the change.
    PartitionChange(
        const PartitionState& now, const TopicRules& rules, const ActiveBrokers& active
    );

    void set_isr(std::vector<BrokerId> isr);
    // Takes a replica out of ISR, ELR and last-known leaders, as far as its departure demands.
    void remove(BrokerId replica, Departure departure);
    void set_replicas(std::vector<BrokerId> replicas);
    void set_reassignment(std::vector<BrokerId> adding, std::vector<BrokerId> removing);
    void set_recovered();
    void set_directory(BrokerId replica, const Uuid& directory);
    // Even if the leader stays, its epoch rises: followers start over.
    void raise_leader_epoch();
    void elect(ElectionMode mode);

    // Ends a reassignment whose targets are all in sync, elects, and settles the ELR. Nothing:
    // the partition is already as wanted. Call once.
    [[nodiscard]] std::optional<kafka::PartitionChangeRecord> build(
        const Uuid& topic, PartitionId partition
    );
    // After build(): where the leader comes from.
    [[nodiscard]] LeaderSource source() const { return source_; }

 private:
    [[nodiscard]] bool can_lead(BrokerId replica) const;
    [[nodiscard]] bool has_lost_log(BrokerId replica) const;
    [[nodiscard]] BrokerId first_that_can_lead(const std::vector<BrokerId>& among) const;
    void finish_reassignment();
    void choose_leader();
    void choose_leader_with_loss();
    void lead(BrokerId leader, LeaderSource source);
    void settle_elr();
    void settle_last_known();
    void settle_directories();
    [[nodiscard]] std::optional<kafka::PartitionChangeRecord> difference() const;

    const PartitionState& now_;
    const TopicRules& rules_;
    const ActiveBrokers& active_;
    PartitionState next_;
    ElectionMode mode_ = ElectionMode::kUsual;
    LeaderSource source_ = LeaderSource::kInSync;
    std::vector<BrokerId> unsynced_;  // must not become eligible
    std::vector<BrokerId> empty_;     // nor the last known leader
    bool raise_epoch_ = false;
};

// Every partition, in the order of the image: `f(topic, rules, partition id, state)`.
template <class F>
void for_each_partition(const Image& image, const ClusterPolicy& policy, F&& f) {
    for (const auto& [name, topic] : image.topics()) {
        const TopicRules rules = rules_of(policy, *topic);
        for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
            f(*topic, rules, PartitionId(static_cast<std::int32_t>(i)), topic->partitions[i]);
        }
    }
}

// Adds what it takes for the partitions of a topic to follow these rules: a leader where one is
// missing and can be had, no ELR where the ISR is large enough. Partitions whose leader is not
// registered (yet) stay as they are.
void settle_topic(
    Records& records, const Image& image, const TopicState& topic, const TopicRules& rules
);

}  // namespace sealane::broker
