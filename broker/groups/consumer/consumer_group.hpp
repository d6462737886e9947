#pragma once
// One group of the protocol of KIP-848. What is persisted changes only in apply(); deadlines are
// soft.
//
// The group's epoch rises when what its members subscribe to changes; then a target assignment is
// computed for that epoch; then each member walks to it in its own heartbeats (reconciler.hpp).
//
//   Empty      no members
//   Assigning  the target is of an older epoch than the group
//   Reconciling  some member has not reached the target
//   Stable
//
// Invariants: (A) a partition has one owner at most: the member that holds it, assigned or pending
// revocation. (B) an instance id is of one member at most. (C) the target epoch is not above the
// group's. (D) no member is above the target epoch.

#include "broker/groups/consumer/consumer_record.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace sealane::broker::groups {

// Who subscribes to what, counted, so that departures can be taken out again.
class SubscriptionCounts {
 public:
    void add(const MemberMetadata& member);
    void remove(const MemberMetadata& member);
    [[nodiscard]] const std::map<std::string, std::size_t>& topics() const { return topics_; }
    [[nodiscard]] const std::map<std::string, std::size_t>& patterns() const { return patterns_; }

 private:
    std::map<std::string, std::size_t> topics_;
    std::map<std::string, std::size_t> patterns_;
};

class ConsumerGroup {
 public:
    using Members = std::map<std::string, ConsumerMember>;
    using Patterns = std::map<std::string, ResolvedPattern>;
    struct Timers {
        Instant session = Instant::never();
        // For giving up partitions: the member is fenced when it is still in that epoch then.
        Instant revocation = Instant::never();
        std::int32_t revocation_epoch = -1;
    };

    // False: nothing is left of the group.
    bool apply(const ConsumerRecord& record);
    // After replay: every member has a full session, and the full time to give up partitions.
    void begin(Instant now, std::int32_t session_timeout_ms);

    // Whether anything is persisted. A group whose first records are on the way is not there.
    [[nodiscard]] bool exists() const { return !sizes_.empty(); }
    [[nodiscard]] bool is_husk() const { return !exists() && timers.empty(); }
    [[nodiscard]] std::int32_t epoch() const { return epoch_.epoch; }
    [[nodiscard]] std::int64_t metadata_hash() const { return epoch_.metadata_hash; }
    [[nodiscard]] std::int32_t target_epoch() const { return target_epoch_; }
    [[nodiscard]] ConsumerGroupState state() const;
    [[nodiscard]] const Members& members() const { return members_; }
    [[nodiscard]] const ConsumerMember* find(const std::string& member_id) const;
    [[nodiscard]] const ConsumerMember* find_instance(const std::string& instance_id) const;
    [[nodiscard]] const PartitionSet& target_of(const std::string& member_id) const;
    // Null: nobody's.
    [[nodiscard]] const std::string* owner_of(const TopicIdPartition& partition) const;
    [[nodiscard]] const SubscriptionCounts& subscriptions() const { return counts_; }
    [[nodiscard]] const Patterns& patterns() const { return patterns_; }
    [[nodiscard]] bool is_subscribed(const std::string& topic) const;

    // Everything persisted, in an order that can be replayed.
    [[nodiscard]] std::vector<ConsumerRecord> records(const std::string& group_id) const;
    // Tombstones of all of that.
    [[nodiscard]] std::vector<ConsumerRecord> tombstones(const std::string& group_id) const;
    // Of records().
    [[nodiscard]] std::size_t live_bytes() const { return live_bytes_; }
    [[nodiscard]] Instant next_deadline() const;

    std::map<std::string, Timers> timers;  // by member id
    // The catalog in which the subscribed topics were last looked at.
    std::uint64_t catalog_stamp = 0;
    Instant patterns_resolved = Instant{0};

 private:
    void on(const GroupEpochRecord& record);
    void on(const MemberRecord& record);
    void on(const TargetEpochRecord& record);
    void on(const TargetRecord& record);
    void on(const CurrentRecord& record);
    void on(const PatternRecord& record);
    void hold(const std::string& member_id, const CurrentAssignment& current);
    void release(const std::string& member_id, const CurrentAssignment& current);
    void account(const ConsumerRecord& record);

    GroupEpoch epoch_;
    std::int32_t target_epoch_ = 0;
    Members members_;
    std::map<std::string, std::string> instances_;
    std::map<std::string, PartitionSet> targets_;
    Patterns patterns_;
    SubscriptionCounts counts_;
    std::map<TopicIdPartition, std::string> owners_;
    // Of what is stored, by kind of record and the rest of its key.
    std::map<std::pair<std::size_t, std::string>, std::size_t> sizes_;
    std::size_t live_bytes_ = 0;
};

}  // namespace sealane::broker::groups
