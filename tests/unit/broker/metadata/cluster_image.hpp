#pragma once
// An image of a cluster and what its deciders do to it, for tests.

#include "broker/metadata/alter_partition.hpp"
#include "broker/metadata/broker_decisions.hpp"
#include "broker/metadata/leader_election.hpp"
#include "broker/metadata/reassignment.hpp"
#include "broker/metadata/replica_sets.hpp"
#include "broker/metadata/topic_decisions.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace sealane::broker {

[[nodiscard]] inline Uuid uuid_of(std::uint8_t high, std::uint8_t low) {
    Uuid id;
    id.bytes[0] = high;
    id.bytes[15] = low;
    return id;
}

[[nodiscard]] inline BrokerIds ids(std::initializer_list<std::int32_t> numbers) {
    BrokerIds all;
    for (const std::int32_t number : numbers) all.emplace_back(number);
    return all;
}

class ClusterImage {
 public:
    ClusterImage() { policy.topic_defaults.min_insync_replicas = 2; }

    void apply(const Records& records) {
        for (const MetadataRecord& record : records) {
            const Status applied = image.apply(record);
            ASSERT_TRUE(applied.has_value()) << applied.error().to_string();
        }
    }
    void apply(const Result<Records>& records) {
        ASSERT_TRUE(records.has_value()) << records.error().to_string();
        apply(*records);
    }

    // A broker's process: each start is another incarnation.
    [[nodiscard]] kafka::BrokerRegistrationRequest start_of(
        std::int32_t id, std::uint8_t directory = 0, BrokerEpoch previous = kNoBrokerEpoch
    ) {
        kafka::BrokerRegistrationRequest request;
        request.broker_id = BrokerId(id);
        request.incarnation_id = uuid_of(7, ++incarnations_);
        request.incarnation_id.bytes[1] = static_cast<std::uint8_t>(id);
        request.listeners.push_back({"CLUSTER", "host", 9092, 0});
        request.rack = std::nullopt;
        const auto number = static_cast<std::uint8_t>(directory == 0 ? id : directory);
        request.log_dirs = {uuid_of(9, number)};
        request.previous_broker_epoch = previous;
        return request;
    }
    void register_broker(const kafka::BrokerRegistrationRequest& request) {
        const auto decision =
            broker::register_broker(image, policy, request, SessionState::kEnded, ++next_epoch);
        ASSERT_TRUE(decision.has_value()) << decision.error().to_string();
        apply(decision->records);
    }
    void add_brokers(std::int32_t first, std::int32_t last, const std::string& rack = "") {
        for (std::int32_t id = first; id <= last; ++id) {
            auto request = start_of(id);
            if (!rack.empty()) request.rack = rack;
            register_broker(request);
            unfence(id);
        }
    }
    void fence(std::int32_t id) { apply(fence_broker(image, policy, BrokerId(id))); }
    void unfence(std::int32_t id) { apply(unfence_broker(image, policy, BrokerId(id))); }

    // One topic with these replicas; its id is made of its name's first letter.
    Uuid create(const std::string& name, const Assignments& assignments) {
        NewTopic topic;
        topic.name = name;
        topic.id = uuid_of(1, static_cast<std::uint8_t>(name.front()));
        topic.partitions = -1;
        topic.assignments = assignments;
        apply(create_topic(image, policy, rng, topic));
        return topic.id;
    }
    void configure(const std::string& topic, const std::string& key, const std::string& value) {
        apply(configure_topic(image, policy, topic, {{key, value}}));
    }
    [[nodiscard]] const PartitionState& at(const std::string& topic, std::int32_t id = 0) const {
        const PartitionState* state = image.partition({topic, PartitionId(id)});
        SEALANE_ASSERT(state != nullptr);
        return *state;
    }
    // What the leader of topic-0 proposes, as it knows the partition.
    [[nodiscard]] kafka::AlterPartitionRequest proposal(
        const std::string& topic, const BrokerIds& isr, std::int32_t partition = 0
    ) const {
        const PartitionState& now = at(topic, partition);
        kafka::AlterPartitionRequest request;
        request.broker_id = now.leader;
        const BrokerState* sender = image.broker(now.leader);
        request.broker_epoch = sender == nullptr ? kNoBrokerEpoch : sender->epoch;
        auto& asked_topic = request.topics.emplace_back();
        asked_topic.topic_id = image.topic(topic)->id;
        auto& asked = asked_topic.partitions.emplace_back();
        asked.partition_index = PartitionId(partition);
        asked.leader_epoch = now.leader_epoch;
        asked.partition_epoch = now.partition_epoch;
        for (const BrokerId id : isr) {
            const BrokerState* member = image.broker(id);
            asked.new_isr_with_epochs.push_back(
                {id, member == nullptr ? kNoBrokerEpoch : member->epoch}
            );
        }
        return request;
    }
    kafka::AlterPartitionResponse::PartitionData alter(const kafka::AlterPartitionRequest& request
    ) {
        const AlterPartitionDecision decision = alter_partition(image, policy, request);
        apply(decision.records);
        if (decision.response.topics.empty()) return {};
        return decision.response.topics.at(0).partitions.at(0);
    }
    ErrorCode set_isr(
        const std::string& topic, std::initializer_list<std::int32_t> isr, std::int32_t id = 0
    ) {
        return alter(proposal(topic, ids(isr), id)).error_code;
    }
    ErrorCode reassign(
        const std::string& topic, std::optional<BrokerIds> targets, std::int32_t partition = 0
    ) {
        kafka::AlterPartitionReassignmentsRequest request;
        auto& asked = request.topics.emplace_back();
        asked.name = topic;
        asked.partitions.push_back({PartitionId(partition), std::move(targets)});
        const ReassignmentDecision decision = alter_reassignments(image, policy, request);
        apply(decision.records);
        return decision.response.responses.at(0).partitions.at(0).error_code;
    }
    kafka::ElectLeadersResponse::PartitionResult elect(const std::string& topic, std::int8_t type) {
        kafka::ElectLeadersRequest request;
        request.election_type = type;
        request.topic_partitions->push_back({topic, {PartitionId(0)}});
        const ElectionDecision decision = elect_leaders(image, policy, request);
        apply(decision.records);
        return decision.response.replica_election_results.at(0).partition_result.at(0);
    }

    Image image;
    ClusterPolicy policy;
    Rng rng{1};
    BrokerEpoch next_epoch = 0;

 private:
    std::uint8_t incarnations_ = 0;
};

}  // namespace sealane::broker
