#pragma once
// Plays members of the consumer protocol (KIP-848) against a CoordinatorCore.

#include "tests/unit/broker/groups/group_script.hpp"

#include <memory>

namespace sealane::broker::groups {

inline Uuid topic_id(std::uint8_t number) {
    Uuid id;
    id.bytes[15] = number;
    return id;
}

// Topics that a test makes, changes and takes away.
class TopicsInTest final : public TopicCatalog {
 public:
    void set(const std::string& name, std::uint8_t number, std::int32_t partitions) {
        topics_[name] = {topic_id(number), partitions};
        ++stamp_;
    }
    void remove(const std::string& name) {
        topics_.erase(name);
        ++stamp_;
    }
    std::optional<Topic> find(std::string_view name) const override {
        const auto at = topics_.find(std::string(name));
        return at == topics_.end() ? std::nullopt : std::optional(at->second);
    }
    std::set<std::string> visible(const std::function<bool(const std::string&)>& matches
    ) const override {
        std::set<std::string> names;
        for (const auto& [name, topic] : topics_)
            if (matches(name) && !hidden.contains(name)) names.insert(name);
        return names;
    }
    std::uint64_t stamp() const override { return stamp_; }

    std::set<std::string> hidden;

 private:
    std::map<std::string, Topic> topics_;
    std::uint64_t stamp_ = 1;
};

inline PartitionSet partitions_of(std::uint8_t topic, std::vector<std::int32_t> numbers) {
    PartitionSet all;
    for (const std::int32_t number : numbers) all.insert({topic_id(topic), PartitionId(number)});
    return all;
}

class ConsumerScript : public GroupScript {
 public:
    explicit ConsumerScript(GroupConfig config = {}) : GroupScript(std::move(config)) {
        topics->set("t", 1, 4);
    }

    // A full request of a member that joins.
    [[nodiscard]] ConsumerHeartbeatRequest joining(
        std::string member, std::vector<std::string> names = {"t"}
    ) const {
        ConsumerHeartbeatRequest request = beating(std::move(member), kJoiningEpoch);
        request.rebalance_timeout_ms = 60'000;
        request.topics = std::move(names);
        request.owned = PartitionSet{};
        return request;
    }
    // Nothing has changed.
    [[nodiscard]] ConsumerHeartbeatRequest beating(std::string member, std::int32_t epoch) const {
        ConsumerHeartbeatRequest request;
        request.group_id = "g";
        request.member_id = std::move(member);
        request.member_epoch = epoch;
        request.client_id = "c";
        request.client_host = "/127.0.0.1";
        request.fresh_member_id = "fresh";
        request.makes_own_member_id = true;
        request.catalog = std::make_shared<TopicsInTest>(*topics);
        return request;
    }
    ConsumerHeartbeatReply beat(ConsumerHeartbeatRequest request) {
        return ask<ConsumerHeartbeatReply>(std::move(request));
    }
    ConsumerHeartbeatReply beat(
        std::string member, std::int32_t epoch, std::optional<PartitionSet> owned = {}
    ) {
        ConsumerHeartbeatRequest request = beating(std::move(member), epoch);
        request.owned = std::move(owned);
        return beat(std::move(request));
    }
    // The member says that it gave up what it had to.
    ConsumerHeartbeatReply beat_and_obey(const std::string& member) {
        const ConsumerMember known = *member_of(member);
        return beat(member, known.current.epoch, keys_of(known.current.assigned));
    }
    ConsumerHeartbeatReply join_member(const std::string& member) { return beat(joining(member)); }
    // Everybody beats until nothing moves any more.
    void settle() {
        for (int i = 0; i < 20; ++i) {
            for (const auto& each : group().members) (void)beat_and_obey(each.member.id);
            if (group().state == ConsumerGroupState::kStable) return;
        }
        ADD_FAILURE() << "does not settle";
    }
    [[nodiscard]] DescribedConsumerGroup group() const {
        return core.describe_consumer("g").value_or(DescribedConsumerGroup{});
    }
    [[nodiscard]] std::optional<ConsumerMember> member_of(const std::string& id) const {
        for (const auto& each : group().members)
            if (each.member.id == id) return each.member;
        return std::nullopt;
    }
    [[nodiscard]] PartitionSet assigned(const std::string& id) const {
        const auto member = member_of(id);
        return member ? keys_of(member->current.assigned) : PartitionSet{};
    }
    [[nodiscard]] std::vector<std::string> member_ids() const {
        std::vector<std::string> ids;
        for (const auto& each : group().members) ids.push_back(each.member.id);
        return ids;
    }

    std::shared_ptr<TopicsInTest> topics = std::make_shared<TopicsInTest>();
};

}  // namespace sealane::broker::groups
