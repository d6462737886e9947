#pragma once
// Records of __consumer_offsets for groups of the protocol of KIP-848. The int16 before each is as
// in group_records.hpp.

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct ConsumerGroupMetadataKey {
    static constexpr MessageSchema kSchema{
        "ConsumerGroupMetadataKey", MessageKind::kCoordinatorKey, 3, {0, 0}
    };

    std::string group_id;

    static void fields(auto& io, auto& m) { io.field("GroupId", m.group_id, Between{0, 0}); }
    friend bool operator==(const ConsumerGroupMetadataKey&, const ConsumerGroupMetadataKey&) =
        default;
};

struct ConsumerGroupMetadataValue {
    static constexpr MessageSchema kSchema{
        "ConsumerGroupMetadataValue", MessageKind::kCoordinatorValue, 3, {0, 0}, 0
    };

    std::int32_t epoch = 0;
    std::int64_t metadata_hash = 0;

    static void fields(auto& io, auto& m) {
        io.field("Epoch", m.epoch, Since{0});
        io.field("MetadataHash", m.metadata_hash, Since{0}, Tagged{0});
    }
    friend bool operator==(const ConsumerGroupMetadataValue&, const ConsumerGroupMetadataValue&) =
        default;
};

struct ConsumerGroupPartitionMetadataKey {
    static constexpr MessageSchema kSchema{
        "ConsumerGroupPartitionMetadataKey", MessageKind::kCoordinatorKey, 4, {0, 0}
    };

    std::string group_id;

    static void fields(auto& io, auto& m) { io.field("GroupId", m.group_id, Between{0, 0}); }
    friend bool
    operator==(const ConsumerGroupPartitionMetadataKey&, const ConsumerGroupPartitionMetadataKey&) =
        default;
};

struct ConsumerGroupPartitionMetadataValue {
    static constexpr MessageSchema kSchema{
        "ConsumerGroupPartitionMetadataValue", MessageKind::kCoordinatorValue, 4, {0, 0}, 0
    };

    struct PartitionMetadata {
        PartitionId partition{};
        std::vector<std::string> racks;

        static void fields(auto& io, auto& m) {
            io.field("Partition", m.partition, Since{0});
            io.field("Racks", m.racks, Since{0});
        }
        friend bool operator==(const PartitionMetadata&, const PartitionMetadata&) = default;
    };

    struct TopicMetadata {
        Uuid topic_id;
        std::string topic_name;
        std::int32_t num_partitions = 0;
        std::vector<PartitionMetadata> partition_metadata;

        static void fields(auto& io, auto& m) {
            io.field("TopicId", m.topic_id, Since{0});
            io.field("TopicName", m.topic_name, Since{0});
            io.field("NumPartitions", m.num_partitions, Since{0});
            io.field("PartitionMetadata", m.partition_metadata, Since{0});
        }
        friend bool operator==(const TopicMetadata&, const TopicMetadata&) = default;
    };

    std::vector<TopicMetadata> topics;

    static void fields(auto& io, auto& m) { io.field("Topics", m.topics, Since{0}); }
    friend bool
    operator==(const ConsumerGroupPartitionMetadataValue&, const ConsumerGroupPartitionMetadataValue&) =
        default;
};

struct ConsumerGroupMemberMetadataKey {
    static constexpr MessageSchema kSchema{
        "ConsumerGroupMemberMetadataKey", MessageKind::kCoordinatorKey, 5, {0, 0}
    };

    std::string group_id;
    std::string member_id;

    static void fields(auto& io, auto& m) {
        io.field("GroupId", m.group_id, Between{0, 0});
        io.field("MemberId", m.member_id, Between{0, 0});
    }
    friend bool
    operator==(const ConsumerGroupMemberMetadataKey&, const ConsumerGroupMemberMetadataKey&) =
        default;
};

struct ConsumerGroupMemberMetadataValue {
    static constexpr MessageSchema kSchema{
        "ConsumerGroupMemberMetadataValue", MessageKind::kCoordinatorValue, 5, {0, 0}, 0
    };

    struct ClassicProtocol {
        std::string name;
        BufferSlice metadata;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Metadata", m.metadata, Since{0});
        }
        friend bool operator==(const ClassicProtocol&, const ClassicProtocol&) = default;
    };

    struct ClassicMemberMetadata {
        std::int32_t session_timeout_ms = 0;
        std::vector<ClassicProtocol> supported_protocols;

        static void fields(auto& io, auto& m) {
            io.field("SessionTimeoutMs", m.session_timeout_ms, Since{0});
            io.field("SupportedProtocols", m.supported_protocols, Since{0});
        }
        friend bool operator==(const ClassicMemberMetadata&, const ClassicMemberMetadata&) =
            default;
    };

    std::optional<std::string> instance_id{std::in_place};
    std::optional<std::string> rack_id{std::in_place};
    std::string client_id;
    std::string client_host;
    std::vector<std::string> subscribed_topic_names;
    std::optional<std::string> subscribed_topic_regex{std::in_place};
    std::int32_t rebalance_timeout_ms = -1;
    std::optional<std::string> server_assignor{std::in_place};
    std::optional<ClassicMemberMetadata> classic_member_metadata;

    static void fields(auto& io, auto& m) {
        io.field("InstanceId", m.instance_id, Since{0}, NullableSince{0});
        io.field("RackId", m.rack_id, Since{0}, NullableSince{0});
        io.field("ClientId", m.client_id, Since{0});
        io.field("ClientHost", m.client_host, Since{0});
        io.field("SubscribedTopicNames", m.subscribed_topic_names, Since{0});
        io.field("SubscribedTopicRegex", m.subscribed_topic_regex, Since{0}, NullableSince{0});
        io.field("RebalanceTimeoutMs", m.rebalance_timeout_ms, Since{0});
        io.field("ServerAssignor", m.server_assignor, Since{0}, NullableSince{0});
        io.field(
            "ClassicMemberMetadata",
            m.classic_member_metadata,
            Since{0},
            NullableSince{0},
            Tagged{0}
        );
    }
    friend bool
    operator==(const ConsumerGroupMemberMetadataValue&, const ConsumerGroupMemberMetadataValue&) =
        default;
};

struct ConsumerGroupTargetAssignmentMetadataKey {
    static constexpr MessageSchema kSchema{
        "ConsumerGroupTargetAssignmentMetadataKey", MessageKind::kCoordinatorKey, 6, {0, 0}
    };

    std::string group_id;

    static void fields(auto& io, auto& m) { io.field("GroupId", m.group_id, Between{0, 0}); }
    friend bool
    operator==(const ConsumerGroupTargetAssignmentMetadataKey&, const ConsumerGroupTargetAssignmentMetadataKey&) =
        default;
};

struct ConsumerGroupTargetAssignmentMetadataValue {
    static constexpr MessageSchema kSchema{
        "ConsumerGroupTargetAssignmentMetadataValue", MessageKind::kCoordinatorValue, 6, {0, 0}, 0
    };

    std::int32_t assignment_epoch = 0;
    std::int64_t assignment_timestamp = 0;

    static void fields(auto& io, auto& m) {
        io.field("AssignmentEpoch", m.assignment_epoch, Since{0});
        io.field("AssignmentTimestamp", m.assignment_timestamp, Since{0}, Tagged{0});
    }
    friend bool
    operator==(const ConsumerGroupTargetAssignmentMetadataValue&, const ConsumerGroupTargetAssignmentMetadataValue&) =
        default;
};

struct ConsumerGroupTargetAssignmentMemberKey {
    static constexpr MessageSchema kSchema{
        "ConsumerGroupTargetAssignmentMemberKey", MessageKind::kCoordinatorKey, 7, {0, 0}
    };

    std::string group_id;
    std::string member_id;

    static void fields(auto& io, auto& m) {
        io.field("GroupId", m.group_id, Between{0, 0});
        io.field("MemberId", m.member_id, Between{0, 0});
    }
    friend bool
    operator==(const ConsumerGroupTargetAssignmentMemberKey&, const ConsumerGroupTargetAssignmentMemberKey&) =
        default;
};

struct ConsumerGroupTargetAssignmentMemberValue {
    static constexpr MessageSchema kSchema{
        "ConsumerGroupTargetAssignmentMemberValue", MessageKind::kCoordinatorValue, 7, {0, 0}, 0
    };

    struct TopicPartition {
        Uuid topic_id;
        std::vector<PartitionId> partitions;

        static void fields(auto& io, auto& m) {
            io.field("TopicId", m.topic_id, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const TopicPartition&, const TopicPartition&) = default;
    };

    std::vector<TopicPartition> topic_partitions;

    static void fields(auto& io, auto& m) {
        io.field("TopicPartitions", m.topic_partitions, Since{0});
    }
    friend bool
    operator==(const ConsumerGroupTargetAssignmentMemberValue&, const ConsumerGroupTargetAssignmentMemberValue&) =
        default;
};

struct ConsumerGroupCurrentMemberAssignmentKey {
    static constexpr MessageSchema kSchema{
        "ConsumerGroupCurrentMemberAssignmentKey", MessageKind::kCoordinatorKey, 8, {0, 0}
    };

    std::string group_id;
    std::string member_id;

    static void fields(auto& io, auto& m) {
        io.field("GroupId", m.group_id, Between{0, 0});
        io.field("MemberId", m.member_id, Between{0, 0});
    }
    friend bool
    operator==(const ConsumerGroupCurrentMemberAssignmentKey&, const ConsumerGroupCurrentMemberAssignmentKey&) =
        default;
};

struct ConsumerGroupCurrentMemberAssignmentValue {
    static constexpr MessageSchema kSchema{
        "ConsumerGroupCurrentMemberAssignmentValue", MessageKind::kCoordinatorValue, 8, {0, 0}, 0
    };

    struct TopicPartitions {
        Uuid topic_id;
        std::vector<PartitionId> partitions;
        std::optional<std::vector<std::int32_t>> assignment_epochs{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("TopicId", m.topic_id, Since{0});
            io.field("Partitions", m.partitions, Since{0});
            io.field(
                "AssignmentEpochs", m.assignment_epochs, Since{0}, NullableSince{0}, Tagged{0}
            );
        }
        friend bool operator==(const TopicPartitions&, const TopicPartitions&) = default;
    };

    std::int32_t member_epoch = 0;
    std::int32_t previous_member_epoch = 0;
    std::int8_t state = 0;
    std::vector<TopicPartitions> assigned_partitions;
    std::vector<TopicPartitions> partitions_pending_revocation;

    static void fields(auto& io, auto& m) {
        io.field("MemberEpoch", m.member_epoch, Since{0});
        io.field("PreviousMemberEpoch", m.previous_member_epoch, Since{0});
        io.field("State", m.state, Since{0});
        io.field("AssignedPartitions", m.assigned_partitions, Since{0});
        io.field("PartitionsPendingRevocation", m.partitions_pending_revocation, Since{0});
    }
    friend bool
    operator==(const ConsumerGroupCurrentMemberAssignmentValue&, const ConsumerGroupCurrentMemberAssignmentValue&) =
        default;
};

struct ConsumerGroupRegularExpressionKey {
    static constexpr MessageSchema kSchema{
        "ConsumerGroupRegularExpressionKey", MessageKind::kCoordinatorKey, 16, {0, 0}
    };

    std::string group_id;
    std::string regular_expression;

    static void fields(auto& io, auto& m) {
        io.field("GroupId", m.group_id, Between{0, 0});
        io.field("RegularExpression", m.regular_expression, Between{0, 0});
    }
    friend bool
    operator==(const ConsumerGroupRegularExpressionKey&, const ConsumerGroupRegularExpressionKey&) =
        default;
};

struct ConsumerGroupRegularExpressionValue {
    static constexpr MessageSchema kSchema{
        "ConsumerGroupRegularExpressionValue", MessageKind::kCoordinatorValue, 16, {0, 0}, 0
    };

    std::vector<std::string> topics;
    std::int64_t version = 0;
    std::int64_t timestamp = 0;

    static void fields(auto& io, auto& m) {
        io.field("Topics", m.topics, Since{0});
        io.field("Version", m.version, Since{0});
        io.field("Timestamp", m.timestamp, Since{0});
    }
    friend bool
    operator==(const ConsumerGroupRegularExpressionValue&, const ConsumerGroupRegularExpressionValue&) =
        default;
};

}  // namespace sealane::kafka
