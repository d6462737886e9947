#pragma once
// Records of the metadata log (KIP-631) about topics, configurations, features and producer ids,
// and its transactions (KIP-868).

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct TopicRecord {
    static constexpr MessageSchema kSchema{"TopicRecord", MessageKind::kMetadata, 2, {0, 0}, 0};

    std::string name;
    Uuid topic_id;

    static void fields(auto& io, auto& m) {
        io.field("Name", m.name, Since{0});
        io.field("TopicId", m.topic_id, Since{0});
    }
    friend bool operator==(const TopicRecord&, const TopicRecord&) = default;
};

struct RemoveTopicRecord {
    static constexpr MessageSchema kSchema{
        "RemoveTopicRecord", MessageKind::kMetadata, 9, {0, 0}, 0
    };

    Uuid topic_id;

    static void fields(auto& io, auto& m) { io.field("TopicId", m.topic_id, Since{0}); }
    friend bool operator==(const RemoveTopicRecord&, const RemoveTopicRecord&) = default;
};

struct PartitionRecord {
    static constexpr MessageSchema kSchema{"PartitionRecord", MessageKind::kMetadata, 3, {0, 2}, 0};

    PartitionId partition_id{-1};
    Uuid topic_id;
    std::vector<BrokerId> replicas;
    std::vector<BrokerId> isr;
    std::vector<BrokerId> removing_replicas;
    std::vector<BrokerId> adding_replicas;
    BrokerId leader = kNoBroker;
    std::int8_t leader_recovery_state = 0;
    LeaderEpoch leader_epoch = kNoLeaderEpoch;
    std::int32_t partition_epoch = -1;
    std::vector<Uuid> directories;
    std::optional<std::vector<BrokerId>> eligible_leader_replicas;
    std::optional<std::vector<BrokerId>> last_known_elr;

    static void fields(auto& io, auto& m) {
        io.field("PartitionId", m.partition_id, Since{0});
        io.field("TopicId", m.topic_id, Since{0});
        io.field("Replicas", m.replicas, Since{0});
        io.field("Isr", m.isr, Since{0});
        io.field("RemovingReplicas", m.removing_replicas, Since{0});
        io.field("AddingReplicas", m.adding_replicas, Since{0});
        io.field("Leader", m.leader, Since{0});
        io.field("LeaderRecoveryState", m.leader_recovery_state, Since{0}, Tagged{0});
        io.field("LeaderEpoch", m.leader_epoch, Since{0});
        io.field("PartitionEpoch", m.partition_epoch, Since{0});
        io.field("Directories", m.directories, Since{1});
        io.field(
            "EligibleLeaderReplicas",
            m.eligible_leader_replicas,
            Since{2},
            NullableSince{2},
            Tagged{1}
        );
        io.field("LastKnownElr", m.last_known_elr, Since{2}, NullableSince{2}, Tagged{2});
    }
    friend bool operator==(const PartitionRecord&, const PartitionRecord&) = default;
};

struct PartitionChangeRecord {
    static constexpr MessageSchema kSchema{
        "PartitionChangeRecord", MessageKind::kMetadata, 5, {0, 2}, 0
    };

    PartitionId partition_id{-1};
    Uuid topic_id;
    std::optional<std::vector<BrokerId>> isr;
    BrokerId leader{-2};
    std::optional<std::vector<BrokerId>> replicas;
    std::optional<std::vector<BrokerId>> removing_replicas;
    std::optional<std::vector<BrokerId>> adding_replicas;
    std::int8_t leader_recovery_state = -1;
    std::optional<std::vector<BrokerId>> eligible_leader_replicas;
    std::optional<std::vector<BrokerId>> last_known_elr;
    std::optional<std::vector<Uuid>> directories;

    static void fields(auto& io, auto& m) {
        io.field("PartitionId", m.partition_id, Since{0});
        io.field("TopicId", m.topic_id, Since{0});
        io.field("Isr", m.isr, Since{0}, NullableSince{0}, Tagged{0});
        io.field("Leader", m.leader, Since{0}, Tagged{1});
        io.field("Replicas", m.replicas, Since{0}, NullableSince{0}, Tagged{2});
        io.field("RemovingReplicas", m.removing_replicas, Since{0}, NullableSince{0}, Tagged{3});
        io.field("AddingReplicas", m.adding_replicas, Since{0}, NullableSince{0}, Tagged{4});
        io.field("LeaderRecoveryState", m.leader_recovery_state, Since{0}, Tagged{5});
        io.field(
            "EligibleLeaderReplicas",
            m.eligible_leader_replicas,
            Since{2},
            NullableSince{2},
            Tagged{6}
        );
        io.field("LastKnownElr", m.last_known_elr, Since{2}, NullableSince{2}, Tagged{7});
        io.field("Directories", m.directories, Since{1}, NullableSince{1}, Tagged{8});
    }
    friend bool operator==(const PartitionChangeRecord&, const PartitionChangeRecord&) = default;
};

struct ConfigRecord {
    static constexpr MessageSchema kSchema{"ConfigRecord", MessageKind::kMetadata, 4, {0, 0}, 0};

    std::int8_t resource_type = 0;
    std::string resource_name;
    std::string name;
    std::optional<std::string> value{std::in_place};

    static void fields(auto& io, auto& m) {
        io.field("ResourceType", m.resource_type, Since{0});
        io.field("ResourceName", m.resource_name, Since{0});
        io.field("Name", m.name, Since{0});
        io.field("Value", m.value, Since{0}, NullableSince{0}, kSecret);
    }
    friend bool operator==(const ConfigRecord&, const ConfigRecord&) = default;
};

struct FeatureLevelRecord {
    static constexpr MessageSchema kSchema{
        "FeatureLevelRecord", MessageKind::kMetadata, 12, {0, 0}, 0
    };

    std::string name;
    std::int16_t feature_level = 0;

    static void fields(auto& io, auto& m) {
        io.field("Name", m.name, Since{0});
        io.field("FeatureLevel", m.feature_level, Since{0});
    }
    friend bool operator==(const FeatureLevelRecord&, const FeatureLevelRecord&) = default;
};

struct ProducerIdsRecord {
    static constexpr MessageSchema kSchema{
        "ProducerIdsRecord", MessageKind::kMetadata, 15, {0, 0}, 0
    };

    BrokerId broker_id{};
    std::int64_t broker_epoch = -1;
    ProducerId next_producer_id{};

    static void fields(auto& io, auto& m) {
        io.field("BrokerId", m.broker_id, Since{0});
        io.field("BrokerEpoch", m.broker_epoch, Since{0});
        io.field("NextProducerId", m.next_producer_id, Since{0});
    }
    friend bool operator==(const ProducerIdsRecord&, const ProducerIdsRecord&) = default;
};

struct NoOpRecord {
    static constexpr MessageSchema kSchema{"NoOpRecord", MessageKind::kMetadata, 20, {0, 0}, 0};

    static void fields([[maybe_unused]] auto& io, [[maybe_unused]] auto& m) {}
    friend bool operator==(const NoOpRecord&, const NoOpRecord&) = default;
};

struct BeginTransactionRecord {
    static constexpr MessageSchema kSchema{
        "BeginTransactionRecord", MessageKind::kMetadata, 23, {0, 0}, 0
    };

    std::optional<std::string> name;

    static void fields(auto& io, auto& m) {
        io.field("Name", m.name, Since{0}, NullableSince{0}, Tagged{0});
    }
    friend bool operator==(const BeginTransactionRecord&, const BeginTransactionRecord&) = default;
};

struct EndTransactionRecord {
    static constexpr MessageSchema kSchema{
        "EndTransactionRecord", MessageKind::kMetadata, 24, {0, 0}, 0
    };

    static void fields([[maybe_unused]] auto& io, [[maybe_unused]] auto& m) {}
    friend bool operator==(const EndTransactionRecord&, const EndTransactionRecord&) = default;
};

struct AbortTransactionRecord {
    static constexpr MessageSchema kSchema{
        "AbortTransactionRecord", MessageKind::kMetadata, 25, {0, 0}, 0
    };

    std::optional<std::string> reason;

    static void fields(auto& io, auto& m) {
        io.field("Reason", m.reason, Since{0}, NullableSince{0}, Tagged{0});
    }
    friend bool operator==(const AbortTransactionRecord&, const AbortTransactionRecord&) = default;
};

struct ClearElrRecord {
    static constexpr MessageSchema kSchema{"ClearElrRecord", MessageKind::kMetadata, 28, {0, 0}, 0};

    std::string topic_name;

    static void fields(auto& io, auto& m) { io.field("TopicName", m.topic_name, Since{0}); }
    friend bool operator==(const ClearElrRecord&, const ClearElrRecord&) = default;
};

}  // namespace sealane::kafka
