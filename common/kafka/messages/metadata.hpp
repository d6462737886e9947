#pragma once
// Metadata (brokers, topics, leaders; topic ids KIP-516) and DescribeTopicPartitions (KIP-966).

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct MetadataResponse;
struct DescribeTopicPartitionsResponse;

struct MetadataRequest {
    static constexpr MessageSchema kSchema = request_schema("MetadataRequest", ApiKey::kMetadata);
    using Response = MetadataResponse;

    struct MetadataRequestTopic {
        Uuid topic_id;
        std::optional<std::string> name{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("TopicId", m.topic_id, Since{10}, kIgnorable);
            io.field("Name", m.name, Since{0}, NullableSince{10});
        }
        friend bool operator==(const MetadataRequestTopic&, const MetadataRequestTopic&) = default;
    };

    std::optional<std::vector<MetadataRequestTopic>> topics{std::in_place};
    bool allow_auto_topic_creation = true;
    bool include_cluster_authorized_operations = false;
    bool include_topic_authorized_operations = false;

    static void fields(auto& io, auto& m) {
        io.field("Topics", m.topics, Since{0}, NullableSince{1});
        io.field("AllowAutoTopicCreation", m.allow_auto_topic_creation, Since{4});
        io.field(
            "IncludeClusterAuthorizedOperations",
            m.include_cluster_authorized_operations,
            Between{8, 10}
        );
        io.field(
            "IncludeTopicAuthorizedOperations", m.include_topic_authorized_operations, Since{8}
        );
    }
    friend bool operator==(const MetadataRequest&, const MetadataRequest&) = default;
};

struct MetadataResponse {
    static constexpr MessageSchema kSchema = response_schema("MetadataResponse", ApiKey::kMetadata);

    struct MetadataResponseBroker {
        BrokerId node_id{};
        std::string host;
        std::int32_t port = 0;
        std::optional<std::string> rack;

        static void fields(auto& io, auto& m) {
            io.field("NodeId", m.node_id, Since{0});
            io.field("Host", m.host, Since{0});
            io.field("Port", m.port, Since{0});
            io.field("Rack", m.rack, Since{1}, NullableSince{1});
        }
        friend bool operator==(const MetadataResponseBroker&, const MetadataResponseBroker&) =
            default;
    };

    struct MetadataResponsePartition {
        ErrorCode error_code = ErrorCode::kNone;
        PartitionId partition_index{};
        BrokerId leader_id{};
        LeaderEpoch leader_epoch = kNoLeaderEpoch;
        std::vector<BrokerId> replica_nodes;
        std::vector<BrokerId> isr_nodes;
        std::vector<BrokerId> offline_replicas;

        static void fields(auto& io, auto& m) {
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("LeaderId", m.leader_id, Since{0});
            io.field("LeaderEpoch", m.leader_epoch, Since{7});
            io.field("ReplicaNodes", m.replica_nodes, Since{0});
            io.field("IsrNodes", m.isr_nodes, Since{0});
            io.field("OfflineReplicas", m.offline_replicas, Since{5});
        }
        friend bool operator==(const MetadataResponsePartition&, const MetadataResponsePartition&) =
            default;
    };

    struct MetadataResponseTopic {
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> name{std::in_place};
        Uuid topic_id;
        bool is_internal = false;
        std::vector<MetadataResponsePartition> partitions;
        std::int32_t topic_authorized_operations = INT32_MIN;

        static void fields(auto& io, auto& m) {
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("Name", m.name, Since{0}, NullableSince{12});
            io.field("TopicId", m.topic_id, Since{10});
            io.field("IsInternal", m.is_internal, Since{1});
            io.field("Partitions", m.partitions, Since{0});
            io.field("TopicAuthorizedOperations", m.topic_authorized_operations, Since{8});
        }
        friend bool operator==(const MetadataResponseTopic&, const MetadataResponseTopic&) =
            default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<MetadataResponseBroker> brokers;
    std::optional<std::string> cluster_id;
    BrokerId controller_id = kNoBroker;
    std::vector<MetadataResponseTopic> topics;
    std::int32_t cluster_authorized_operations = INT32_MIN;
    ErrorCode error_code = ErrorCode::kNone;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{3});
        io.field("Brokers", m.brokers, Since{0});
        io.field("ClusterId", m.cluster_id, Since{2}, NullableSince{2});
        io.field("ControllerId", m.controller_id, Since{1});
        io.field("Topics", m.topics, Since{0});
        io.field("ClusterAuthorizedOperations", m.cluster_authorized_operations, Between{8, 10});
        io.field("ErrorCode", m.error_code, Since{13});
    }
    friend bool operator==(const MetadataResponse&, const MetadataResponse&) = default;
};

struct DescribeTopicPartitionsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("DescribeTopicPartitionsRequest", ApiKey::kDescribeTopicPartitions);
    using Response = DescribeTopicPartitionsResponse;

    struct TopicRequest {
        std::string name;

        static void fields(auto& io, auto& m) { io.field("Name", m.name, Since{0}); }
        friend bool operator==(const TopicRequest&, const TopicRequest&) = default;
    };

    struct Cursor {
        std::string topic_name;
        PartitionId partition_index{};

        static void fields(auto& io, auto& m) {
            io.field("TopicName", m.topic_name, Since{0});
            io.field("PartitionIndex", m.partition_index, Since{0});
        }
        friend bool operator==(const Cursor&, const Cursor&) = default;
    };

    std::vector<TopicRequest> topics;
    std::int32_t response_partition_limit = 2000;
    std::optional<Cursor> cursor;

    static void fields(auto& io, auto& m) {
        io.field("Topics", m.topics, Since{0});
        io.field("ResponsePartitionLimit", m.response_partition_limit, Since{0});
        io.field("Cursor", m.cursor, Since{0}, NullableSince{0});
    }
    friend bool
    operator==(const DescribeTopicPartitionsRequest&, const DescribeTopicPartitionsRequest&) =
        default;
};

struct DescribeTopicPartitionsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("DescribeTopicPartitionsResponse", ApiKey::kDescribeTopicPartitions);

    struct DescribeTopicPartitionsResponsePartition {
        ErrorCode error_code = ErrorCode::kNone;
        PartitionId partition_index{};
        BrokerId leader_id{};
        LeaderEpoch leader_epoch = kNoLeaderEpoch;
        std::vector<BrokerId> replica_nodes;
        std::vector<BrokerId> isr_nodes;
        std::optional<std::vector<BrokerId>> eligible_leader_replicas;
        std::optional<std::vector<BrokerId>> last_known_elr;
        std::vector<BrokerId> offline_replicas;

        static void fields(auto& io, auto& m) {
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("LeaderId", m.leader_id, Since{0});
            io.field("LeaderEpoch", m.leader_epoch, Since{0});
            io.field("ReplicaNodes", m.replica_nodes, Since{0});
            io.field("IsrNodes", m.isr_nodes, Since{0});
            io.field(
                "EligibleLeaderReplicas", m.eligible_leader_replicas, Since{0}, NullableSince{0}
            );
            io.field("LastKnownElr", m.last_known_elr, Since{0}, NullableSince{0});
            io.field("OfflineReplicas", m.offline_replicas, Since{0});
        }
        friend bool
        operator==(const DescribeTopicPartitionsResponsePartition&, const DescribeTopicPartitionsResponsePartition&) =
            default;
    };

    struct DescribeTopicPartitionsResponseTopic {
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> name{std::in_place};
        Uuid topic_id;
        bool is_internal = false;
        std::vector<DescribeTopicPartitionsResponsePartition> partitions;
        std::int32_t topic_authorized_operations = INT32_MIN;

        static void fields(auto& io, auto& m) {
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("Name", m.name, Since{0}, NullableSince{0});
            io.field("TopicId", m.topic_id, Since{0});
            io.field("IsInternal", m.is_internal, Since{0});
            io.field("Partitions", m.partitions, Since{0});
            io.field("TopicAuthorizedOperations", m.topic_authorized_operations, Since{0});
        }
        friend bool
        operator==(const DescribeTopicPartitionsResponseTopic&, const DescribeTopicPartitionsResponseTopic&) =
            default;
    };

    struct Cursor {
        std::string topic_name;
        PartitionId partition_index{};

        static void fields(auto& io, auto& m) {
            io.field("TopicName", m.topic_name, Since{0});
            io.field("PartitionIndex", m.partition_index, Since{0});
        }
        friend bool operator==(const Cursor&, const Cursor&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<DescribeTopicPartitionsResponseTopic> topics;
    std::optional<Cursor> next_cursor;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("Topics", m.topics, Since{0});
        io.field("NextCursor", m.next_cursor, Since{0}, NullableSince{0});
    }
    friend bool
    operator==(const DescribeTopicPartitionsResponse&, const DescribeTopicPartitionsResponse&) =
        default;
};

}  // namespace sealane::kafka
