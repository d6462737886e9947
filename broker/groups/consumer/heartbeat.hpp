#pragma once
// What a heartbeat does to a group of the protocol of KIP-848, as a decider: the group before, the
// request and the topics in; records and the reply out.
//
//   1. the member: new, known, back under its instance id, or refused
//   2. the group's epoch rises when what is subscribed to, or the topics of that, changed
//   3. a target assignment for that epoch
//   4. one step of the member towards it

#include "broker/coordinator/shard_types.hpp"
#include "broker/groups/consumer/consumer_group.hpp"
#include "broker/groups/group_config.hpp"

#include <vector>

namespace sealane::broker::groups {

class ConsumerHeartbeat {
 public:
    // Of `group` only soft state changes; the rest is in `records`, to be appended as one batch.
    ConsumerHeartbeat(
        const ConsumerGroupConfig& config,
        ShardClock clock,
        std::string group_id,
        ConsumerGroup& group,
        std::vector<ConsumerRecord>& records
    )
        : config_(config),
          clock_(clock),
          group_id_(std::move(group_id)),
          group_(group),
          records_(records) {}

    // A request that check_heartbeat() lets pass. Errors are Kafka's, with texts for the client.
    [[nodiscard]] Result<ConsumerHeartbeatReply> beat(const ConsumerHeartbeatRequest& request);
    // Members that were silent, or did not give up partitions, for too long. They may be members
    // no more.
    void fence(const std::vector<std::string>& member_ids);

 private:
    // The member as it will be.
    struct Draft {
        ConsumerMember member;
        const ConsumerMember* before = nullptr;  // under this id; null: new
        // The member of the same instance that it takes the place of.
        const ConsumerMember* replaced = nullptr;
        bool is_joining = false;

        [[nodiscard]] const MemberMetadata* said_before() const {
            if (before != nullptr) return &before->metadata;
            return replaced != nullptr ? &replaced->metadata : nullptr;
        }
    };
    // The topics that the group subscribes to, and what each pattern stands for.
    struct Subscribed {
        ConsumerGroup::Patterns patterns;
        std::map<std::string, TopicCatalog::Topic> topics;  // those that exist
        bool patterns_changed = false;
    };

    [[nodiscard]] Result<ConsumerHeartbeatReply> leave(const ConsumerHeartbeatRequest& request);
    [[nodiscard]] Result<const ConsumerMember*> leaving(const ConsumerHeartbeatRequest& request
    ) const;
    // Step 1.
    [[nodiscard]] Result<Draft> find_member(const ConsumerHeartbeatRequest& request) const;
    [[nodiscard]] Result<Draft> find_static(const ConsumerHeartbeatRequest& request) const;
    [[nodiscard]] Result<Draft> find_dynamic(const ConsumerHeartbeatRequest& request) const;
    [[nodiscard]] static Status check_epoch(
        const ConsumerMember& member, const ConsumerHeartbeatRequest& request
    );
    [[nodiscard]] static bool update_member(Draft& draft, const ConsumerHeartbeatRequest& request);
    void write_member(const Draft& draft);
    // Step 2. The group's epoch after it.
    [[nodiscard]] std::int32_t update_epoch(
        const Draft& draft, const ConsumerHeartbeatRequest& request, bool subscription_changed
    );
    [[nodiscard]] SubscriptionCounts counts_with(const Draft& draft) const;
    [[nodiscard]] Subscribed look_up(
        const SubscriptionCounts& counts, const TopicCatalog& catalog, bool again
    ) const;
    void write_patterns(const Subscribed& subscribed);
    // Step 3. The member's target.
    [[nodiscard]] PartitionSet update_target(
        const Draft& draft, const ConsumerHeartbeatRequest& request, std::int32_t epoch
    );
    [[nodiscard]] Assignor chosen_assignor(const Draft& draft) const;
    // Step 4.
    void reconcile(
        Draft& draft,
        const ConsumerHeartbeatRequest& request,
        const PartitionSet& target,
        std::int32_t target_epoch
    );
    void set_timers(const Draft& draft, bool changed);
    [[nodiscard]] ConsumerHeartbeatReply reply_to(
        const Draft& draft, const ConsumerHeartbeatRequest& request
    ) const;

    const ConsumerGroupConfig& config_;
    ShardClock clock_;
    std::string group_id_;
    ConsumerGroup& group_;
    std::vector<ConsumerRecord>& records_;
    // Of this heartbeat, once it was looked up.
    std::optional<Subscribed> subscribed_;
};

// The assignor that most members ask for; the default when none does.
[[nodiscard]] Assignor preferred_assignor(
    const ConsumerGroupConfig& config, const std::vector<const MemberMetadata*>& members
);

}  // namespace sealane::broker::groups
