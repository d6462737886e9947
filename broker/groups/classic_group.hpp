#pragma once
// The live side of one group: members, their protocols and parked requests, deadlines. It knows the
// mechanics (votes, membership, what a join answer contains); the order of events is decided by the
// coordinator core. Kafka's classic group protocol (KIP-62, KIP-345 static members).
//
//   Empty -> PreparingRebalance -> CompletingRebalance -> Stable
//     ^              |  ^                 |                |
//     +--------------+  +-----------------+----------------+
//
// Invariants: (A) every parked join or sync belongs to a member of the group. (B) an instance id
// maps to exactly one member. (C) in CompletingRebalance and Stable a protocol is chosen that every
// member supports. (D) the generation never goes back.

#include "broker/groups/coordinator_record.hpp"
#include "broker/groups/group_types.hpp"

#include <map>
#include <set>

namespace sealane::broker::groups {

struct GroupMember {
    std::string member_id;
    std::optional<std::string> instance_id;
    std::string client_id;
    std::string client_host;
    std::int32_t session_timeout_ms = 0;
    std::int32_t rebalance_timeout_ms = 0;
    std::vector<GroupProtocol> protocols;
    BufferSlice assignment;
    std::optional<Ticket> parked_join;
    std::optional<Ticket> parked_sync;
    bool is_new = false;  // has not had its first join answer
    Instant expires = Instant::never();

    [[nodiscard]] bool is_static() const { return instance_id.has_value(); }
    // The subscription for `protocol`; empty when not offered.
    [[nodiscard]] BufferSlice metadata_for(const std::string& protocol) const;
    // True while the member's own silence does not count: it waits for the coordinator.
    [[nodiscard]] bool is_waiting() const {
        return parked_join.has_value() || parked_sync.has_value();
    }
};

class ClassicGroup {
 public:
    ClassicGroup() = default;
    // The group as persisted: stable, or empty. Every member gets a full session from `now`.
    static ClassicGroup loaded(const GroupMetadata& metadata, Instant now);

    // Membership.
    // A new member; the first one sets the protocol type and leads.
    GroupMember& add(GroupMember member, const std::string& type);
    // Takes it out with everything that points to it; another waiting member leads. The caller
    // answers what it had parked.
    GroupMember remove(const std::string& member_id);
    // Gives the instance's member a new id; its leadership and assignment stay.
    GroupMember& rename_static(const std::string& old_id, const std::string& new_id);
    [[nodiscard]] GroupMember* find(const std::string& member_id);
    [[nodiscard]] const GroupMember* find(const std::string& member_id) const;
    [[nodiscard]] const std::string* member_of_instance(const std::string& instance_id) const;
    // kNone, FENCED_INSTANCE_ID or UNKNOWN_MEMBER_ID.
    [[nodiscard]] ErrorCode check_member(
        const std::string& member_id, const std::optional<std::string>& instance_id
    ) const;
    [[nodiscard]] bool leads(const std::string& member_id) const { return leader == member_id; }
    // Makes sure that the leader has rejoined; false when nobody has.
    [[nodiscard]] bool elect_rejoined_leader();

    // Protocols.
    [[nodiscard]] bool supports(const std::string& type, const std::vector<GroupProtocol>& offered)
        const;
    // The common protocol with most votes; ties go to the first in alphabetical order.
    [[nodiscard]] std::string select_protocol() const;
    // Topics of the members' subscriptions. Nothing: not the consumer protocol, or one of the
    // subscriptions does not parse, so that everything must be taken as subscribed.
    [[nodiscard]] std::optional<std::set<std::string>> subscribed_topics() const;

    // Phases.
    [[nodiscard]] std::size_t joins_parked() const;
    [[nodiscard]] bool all_joined() const {
        return joins_parked() == members.size() && pending.empty();
    }
    [[nodiscard]] std::int32_t rebalance_timeout_ms() const;  // the largest of the members
    // Next generation: Empty without members, else CompletingRebalance with a chosen protocol.
    void start_generation(WallTime wall);
    void become(GroupState next, WallTime wall) {
        state = next;
        state_since = wall;
    }
    [[nodiscard]] JoinReply join_reply(const GroupMember& member) const;
    [[nodiscard]] SyncReply sync_reply(const GroupMember& member) const;
    // What is persisted of the group now. Assignments: of the members.
    [[nodiscard]] GroupMetadata metadata() const;
    [[nodiscard]] Instant next_deadline() const;
    // Nothing worth keeping in memory.
    [[nodiscard]] bool is_husk() const {
        return state == GroupState::kEmpty && members.empty() && pending.empty();
    }

    GroupState state = GroupState::kEmpty;
    WallTime state_since;
    GroupGeneration generation{0};
    std::string protocol_type;
    std::optional<std::string> protocol;
    std::string leader;
    std::map<std::string, GroupMember> members;
    std::map<std::string, Instant> pending;  // member ids handed out and not yet used (KIP-394)
    std::set<std::string> awaiting_sync;     // members of this generation that sent no SyncGroup
    // The join phase ends here at the latest (PreparingRebalance).
    Instant join_deadline = Instant::never();
    Instant sync_deadline = Instant::never();
    // The first rebalance of an empty group waits a little for more members.
    bool initial_rebalance = false;
    bool member_came_during_wait = false;
    std::int32_t initial_wait_left_ms = 0;

 private:
    std::map<std::string, std::string> instances_;
};

// Topics of a ConsumerProtocolSubscription blob; nothing when it does not parse.
[[nodiscard]] std::optional<std::vector<std::string>> parse_subscribed_topics(ByteView blob);

}  // namespace sealane::broker::groups
