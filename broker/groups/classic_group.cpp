#include "broker/groups/classic_group.hpp"

#include "common/base/assert.hpp"
#include "common/base/endian.hpp"

#include <algorithm>

namespace sealane::broker::groups {
namespace {

constexpr std::string_view kConsumerType = "consumer";

Instant after_ms(Instant now, std::int32_t ms) {
    return now + std::chrono::milliseconds(ms);
}

// How many members offer each protocol.
std::map<std::string, std::size_t> offers(const std::map<std::string, GroupMember>& members) {
    std::map<std::string, std::size_t> count;
    for (const auto& [id, member] : members) {
        std::set<std::string> own;
        for (const GroupProtocol& offer : member.protocols) own.insert(offer.name);
        for (const std::string& name : own) ++count[name];
    }
    return count;
}

}  // namespace

std::string_view name_of(GroupState state) {
    switch (state) {
        case GroupState::kEmpty:
            return "Empty";
        case GroupState::kPreparingRebalance:
            return "PreparingRebalance";
        case GroupState::kCompletingRebalance:
            return "CompletingRebalance";
        case GroupState::kStable:
            return "Stable";
        case GroupState::kDead:
            return "Dead";
    }
    return "Dead";
}

BufferSlice GroupMember::metadata_for(const std::string& protocol) const {
    for (const GroupProtocol& offered : protocols) {
        if (offered.name == protocol) return offered.metadata;
    }
    return {};
}

ClassicGroup ClassicGroup::loaded(const GroupMetadata& metadata, Instant now) {
    ClassicGroup group;
    group.state = metadata.members.empty() ? GroupState::kEmpty : GroupState::kStable;
    group.state_since = metadata.state_since;
    group.generation = metadata.generation;
    group.protocol_type = metadata.protocol_type;
    group.protocol = metadata.protocol;
    group.leader = metadata.leader.value_or("");
    for (const PersistedMember& stored : metadata.members) {
        GroupMember member;
        member.member_id = stored.member_id;
        member.instance_id = stored.instance_id;
        member.client_id = stored.client_id;
        member.client_host = stored.client_host;
        member.session_timeout_ms = stored.session_timeout_ms;
        member.rebalance_timeout_ms = stored.rebalance_timeout_ms < 0 ? stored.session_timeout_ms
                                                                      : stored.rebalance_timeout_ms;
        member.protocols = {{metadata.protocol.value_or(""), stored.subscription}};
        member.assignment = stored.assignment;
        member.expires = after_ms(now, stored.session_timeout_ms);
        if (stored.instance_id) group.instances_[*stored.instance_id] = stored.member_id;
        group.members.emplace(stored.member_id, std::move(member));
    }
    return group;
}

GroupMember& ClassicGroup::add(GroupMember member, const std::string& type) {
    SEALANE_ASSERT(!members.contains(member.member_id));
    if (members.empty()) protocol_type = type;
    if (leader.empty()) leader = member.member_id;
    if (member.instance_id) {
        const auto [at, fresh] = instances_.emplace(*member.instance_id, member.member_id);
        SEALANE_ASSERT(fresh);
    }
    pending.erase(member.member_id);
    return members.emplace(member.member_id, std::move(member)).first->second;
}

GroupMember ClassicGroup::remove(const std::string& member_id) {
    const auto at = members.find(member_id);
    SEALANE_ASSERT(at != members.end());
    GroupMember gone = std::move(at->second);
    members.erase(at);
    awaiting_sync.erase(member_id);
    if (gone.instance_id) instances_.erase(*gone.instance_id);
    if (leader == member_id) {
        leader.clear();
        if (!members.empty() && !elect_rejoined_leader()) leader = members.begin()->first;
    }
    return gone;
}

GroupMember& ClassicGroup::rename_static(const std::string& old_id, const std::string& new_id) {
    auto node = members.extract(old_id);
    SEALANE_ASSERT(!node.empty() && node.mapped().instance_id);
    node.key() = new_id;
    node.mapped().member_id = new_id;
    instances_[*node.mapped().instance_id] = new_id;
    if (leader == old_id) leader = new_id;
    if (awaiting_sync.erase(old_id) > 0) awaiting_sync.insert(new_id);
    return members.insert(std::move(node)).position->second;
}

GroupMember* ClassicGroup::find(const std::string& member_id) {
    const auto at = members.find(member_id);
    return at == members.end() ? nullptr : &at->second;
}

const GroupMember* ClassicGroup::find(const std::string& member_id) const {
    const auto at = members.find(member_id);
    return at == members.end() ? nullptr : &at->second;
}

const std::string* ClassicGroup::member_of_instance(const std::string& instance_id) const {
    const auto at = instances_.find(instance_id);
    return at == instances_.end() ? nullptr : &at->second;
}

ErrorCode ClassicGroup::check_member(
    const std::string& member_id, const std::optional<std::string>& instance_id
) const {
    if (instance_id) {
        const std::string* owner = member_of_instance(*instance_id);
        if (owner == nullptr) return ErrorCode::kUnknownMemberId;
        if (*owner != member_id) return ErrorCode::kFencedInstanceId;
    }
    return members.contains(member_id) ? ErrorCode::kNone : ErrorCode::kUnknownMemberId;
}

bool ClassicGroup::elect_rejoined_leader() {
    if (const GroupMember* now_leading = find(leader); now_leading && now_leading->parked_join)
        return true;
    for (const auto& [id, member] : members) {
        if (!member.parked_join) continue;
        leader = id;
        return true;
    }
    return false;
}

bool ClassicGroup::supports(const std::string& type, const std::vector<GroupProtocol>& offered)
    const {
    if (type.empty() || offered.empty()) return false;
    if (members.empty()) return true;
    if (type != protocol_type) return false;
    const auto count = offers(members);
    return std::ranges::any_of(offered, [&](const GroupProtocol& offer) {
        const auto at = count.find(offer.name);
        return at != count.end() && at->second == members.size();
    });
}

std::string ClassicGroup::select_protocol() const {
    SEALANE_ASSERT(!members.empty());
    const auto count = offers(members);
    std::map<std::string, std::size_t> votes;
    for (const auto& [id, member] : members) {
        for (const GroupProtocol& offer : member.protocols) {
            const auto at = count.find(offer.name);
            if (at == count.end() || at->second != members.size()) continue;
            ++votes[offer.name];
            break;
        }
    }
    SEALANE_ASSERT(!votes.empty());
    const auto most =
        std::ranges::max_element(votes, {}, [](const auto& vote) { return vote.second; });
    return most->first;
}

std::optional<std::set<std::string>> ClassicGroup::subscribed_topics() const {
    if (protocol_type != kConsumerType || !protocol) return std::nullopt;
    std::set<std::string> topics;
    for (const auto& [id, member] : members) {
        const BufferSlice blob = member.metadata_for(*protocol);
        auto parsed = parse_subscribed_topics(blob.view());
        if (!parsed) return std::nullopt;
        topics.insert(parsed->begin(), parsed->end());
    }
    return topics;
}

std::size_t ClassicGroup::joins_parked() const {
    return static_cast<std::size_t>(std::ranges::count_if(members, [](const auto& entry) {
        return entry.second.parked_join.has_value();
    }));
}

std::int32_t ClassicGroup::rebalance_timeout_ms() const {
    std::int32_t longest = 0;
    for (const auto& [id, member] : members)
        longest = std::max(longest, member.rebalance_timeout_ms);
    return longest;
}

void ClassicGroup::start_generation(WallTime wall) {
    generation = generation + 1;
    join_deadline = Instant::never();
    sync_deadline = Instant::never();
    initial_rebalance = false;
    awaiting_sync.clear();
    if (members.empty()) {
        protocol.reset();
        leader.clear();
        become(GroupState::kEmpty, wall);
        return;
    }
    protocol = select_protocol();
    for (const auto& [id, member] : members) awaiting_sync.insert(id);
    become(GroupState::kCompletingRebalance, wall);
}

JoinReply ClassicGroup::join_reply(const GroupMember& member) const {
    JoinReply reply;
    reply.generation = generation;
    reply.protocol_type = protocol_type;
    reply.protocol_name = protocol;
    reply.leader = leader;
    reply.member_id = member.member_id;
    if (!leads(member.member_id)) return reply;
    for (const auto& [id, other] : members)
        reply.members.push_back({id, other.instance_id, other.metadata_for(protocol.value_or(""))});
    return reply;
}

SyncReply ClassicGroup::sync_reply(const GroupMember& member) const {
    return {ErrorCode::kNone, protocol_type, protocol, member.assignment};
}

GroupMetadata ClassicGroup::metadata() const {
    GroupMetadata value;
    value.protocol_type = protocol_type;
    value.generation = generation;
    value.protocol = protocol;
    if (!leader.empty()) value.leader = leader;
    value.state_since = state_since;
    for (const auto& [id, member] : members) {
        value.members.push_back(
            {id,
             member.instance_id,
             member.client_id,
             member.client_host,
             member.rebalance_timeout_ms,
             member.session_timeout_ms,
             member.metadata_for(protocol.value_or("")),
             member.assignment}
        );
    }
    return value;
}

Instant ClassicGroup::next_deadline() const {
    Instant next = std::min(join_deadline, sync_deadline);
    for (const auto& [id, member] : members) next = std::min(next, member.expires);
    for (const auto& [id, expires] : pending) next = std::min(next, expires);
    return next;
}

std::optional<std::vector<std::string>> parse_subscribed_topics(ByteView blob) {
    if (blob.size() < 6) return std::nullopt;
    const auto count = load_be<std::int32_t>(blob.data() + 2);
    blob = blob.subspan(6);
    // Each topic takes two bytes of length at least.
    if (count < 0 || static_cast<std::size_t>(count) > blob.size() / 2) return std::nullopt;
    std::vector<std::string> topics;
    topics.reserve(static_cast<std::size_t>(count));
    for (std::int32_t i = 0; i < count; ++i) {
        if (blob.size() < 2) return std::nullopt;
        const auto length = load_be<std::int16_t>(blob.data());
        blob = blob.subspan(2);
        if (length < 0 || static_cast<std::size_t>(length) > blob.size()) return std::nullopt;
        const auto size = static_cast<std::size_t>(length);
        topics.emplace_back(as_text(blob.first(size)));
        blob = blob.subspan(size);
    }
    return topics;
}

}  // namespace sealane::broker::groups
