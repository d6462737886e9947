#pragma once
// State and snapshots of the metadata quorum: DescribeQuorum (KIP-595, KIP-836), FetchSnapshot
// (KIP-630).

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct DescribeQuorumResponse;
struct FetchSnapshotResponse;

struct DescribeQuorumRequest {
    static constexpr MessageSchema kSchema =
        request_schema("DescribeQuorumRequest", ApiKey::kDescribeQuorum);
    using Response = DescribeQuorumResponse;

    struct PartitionData {
        PartitionId partition_index{};

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
        }
        friend bool operator==(const PartitionData&, const PartitionData&) = default;
    };

    struct TopicData {
        std::string topic_name;
        std::vector<PartitionData> partitions;

        static void fields(auto& io, auto& m) {
            io.field("TopicName", m.topic_name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const TopicData&, const TopicData&) = default;
    };

    std::vector<TopicData> topics;

    static void fields(auto& io, auto& m) { io.field("Topics", m.topics, Since{0}); }
    friend bool operator==(const DescribeQuorumRequest&, const DescribeQuorumRequest&) = default;
};

struct DescribeQuorumResponse {
    static constexpr MessageSchema kSchema =
        response_schema("DescribeQuorumResponse", ApiKey::kDescribeQuorum);

    struct ReplicaState {
        BrokerId replica_id{};
        Uuid replica_directory_id;
        Offset log_end_offset{};
        std::int64_t last_fetch_timestamp = -1;
        std::int64_t last_caught_up_timestamp = -1;

        static void fields(auto& io, auto& m) {
            io.field("ReplicaId", m.replica_id, Since{0});
            io.field("ReplicaDirectoryId", m.replica_directory_id, Since{2});
            io.field("LogEndOffset", m.log_end_offset, Since{0});
            io.field("LastFetchTimestamp", m.last_fetch_timestamp, Since{1});
            io.field("LastCaughtUpTimestamp", m.last_caught_up_timestamp, Since{1});
        }
        friend bool operator==(const ReplicaState&, const ReplicaState&) = default;
    };

    struct PartitionData {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message{std::in_place};
        BrokerId leader_id{};
        LeaderEpoch leader_epoch{};
        Offset high_watermark{};
        std::vector<ReplicaState> current_voters;
        std::vector<ReplicaState> observers;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{2}, NullableSince{2});
            io.field("LeaderId", m.leader_id, Since{0});
            io.field("LeaderEpoch", m.leader_epoch, Since{0});
            io.field("HighWatermark", m.high_watermark, Since{0});
            io.field("CurrentVoters", m.current_voters, Since{0});
            io.field("Observers", m.observers, Since{0});
        }
        friend bool operator==(const PartitionData&, const PartitionData&) = default;
    };

    struct TopicData {
        std::string topic_name;
        std::vector<PartitionData> partitions;

        static void fields(auto& io, auto& m) {
            io.field("TopicName", m.topic_name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const TopicData&, const TopicData&) = default;
    };

    struct Listener {
        std::string name;
        std::string host;
        std::uint16_t port = 0;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{2});
            io.field("Host", m.host, Since{2});
            io.field("Port", m.port, Since{2});
        }
        friend bool operator==(const Listener&, const Listener&) = default;
    };

    struct Node {
        BrokerId node_id{};
        std::vector<Listener> listeners;

        static void fields(auto& io, auto& m) {
            io.field("NodeId", m.node_id, Since{2});
            io.field("Listeners", m.listeners, Since{2});
        }
        friend bool operator==(const Node&, const Node&) = default;
    };

    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message{std::in_place};
    std::vector<TopicData> topics;
    std::vector<Node> nodes;

    static void fields(auto& io, auto& m) {
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ErrorMessage", m.error_message, Since{2}, NullableSince{2});
        io.field("Topics", m.topics, Since{0});
        io.field("Nodes", m.nodes, Since{2});
    }
    friend bool operator==(const DescribeQuorumResponse&, const DescribeQuorumResponse&) = default;
};

struct FetchSnapshotRequest {
    static constexpr MessageSchema kSchema =
        request_schema("FetchSnapshotRequest", ApiKey::kFetchSnapshot);
    using Response = FetchSnapshotResponse;

    struct SnapshotId {
        Offset end_offset{};
        LeaderEpoch epoch{};

        static void fields(auto& io, auto& m) {
            io.field("EndOffset", m.end_offset, Since{0});
            io.field("Epoch", m.epoch, Since{0});
        }
        friend bool operator==(const SnapshotId&, const SnapshotId&) = default;
    };

    struct PartitionSnapshot {
        PartitionId partition{};
        LeaderEpoch current_leader_epoch{};
        SnapshotId snapshot_id;
        std::int64_t position = 0;
        Uuid replica_directory_id;

        static void fields(auto& io, auto& m) {
            io.field("Partition", m.partition, Since{0});
            io.field("CurrentLeaderEpoch", m.current_leader_epoch, Since{0});
            io.field("SnapshotId", m.snapshot_id, Since{0});
            io.field("Position", m.position, Since{0});
            io.field("ReplicaDirectoryId", m.replica_directory_id, Since{1}, Tagged{0}, kIgnorable);
        }
        friend bool operator==(const PartitionSnapshot&, const PartitionSnapshot&) = default;
    };

    struct TopicSnapshot {
        std::string name;
        std::vector<PartitionSnapshot> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const TopicSnapshot&, const TopicSnapshot&) = default;
    };

    std::optional<std::string> cluster_id;
    BrokerId replica_id = kNoBroker;
    std::int32_t max_bytes = INT32_MAX;
    std::vector<TopicSnapshot> topics;

    static void fields(auto& io, auto& m) {
        io.field("ClusterId", m.cluster_id, Since{0}, NullableSince{0}, Tagged{0});
        io.field("ReplicaId", m.replica_id, Since{0});
        io.field("MaxBytes", m.max_bytes, Since{0});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const FetchSnapshotRequest&, const FetchSnapshotRequest&) = default;
};

struct FetchSnapshotResponse {
    static constexpr MessageSchema kSchema =
        response_schema("FetchSnapshotResponse", ApiKey::kFetchSnapshot);

    struct SnapshotId {
        Offset end_offset{};
        LeaderEpoch epoch{};

        static void fields(auto& io, auto& m) {
            io.field("EndOffset", m.end_offset, Since{0});
            io.field("Epoch", m.epoch, Since{0});
        }
        friend bool operator==(const SnapshotId&, const SnapshotId&) = default;
    };

    struct LeaderIdAndEpoch {
        BrokerId leader_id{};
        LeaderEpoch leader_epoch{};

        static void fields(auto& io, auto& m) {
            io.field("LeaderId", m.leader_id, Since{0});
            io.field("LeaderEpoch", m.leader_epoch, Since{0});
        }
        friend bool operator==(const LeaderIdAndEpoch&, const LeaderIdAndEpoch&) = default;
    };

    struct PartitionSnapshot {
        PartitionId index{};
        ErrorCode error_code = ErrorCode::kNone;
        SnapshotId snapshot_id;
        LeaderIdAndEpoch current_leader;
        std::int64_t size = 0;
        std::int64_t position = 0;
        BufferSlice unaligned_records;

        static void fields(auto& io, auto& m) {
            io.field("Index", m.index, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("SnapshotId", m.snapshot_id, Since{0});
            io.field("CurrentLeader", m.current_leader, Since{0}, Tagged{0});
            io.field("Size", m.size, Since{0});
            io.field("Position", m.position, Since{0});
            io.field("UnalignedRecords", m.unaligned_records, Since{0}, kRecords);
        }
        friend bool operator==(const PartitionSnapshot&, const PartitionSnapshot&) = default;
    };

    struct TopicSnapshot {
        std::string name;
        std::vector<PartitionSnapshot> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const TopicSnapshot&, const TopicSnapshot&) = default;
    };

    struct NodeEndpoint {
        BrokerId node_id{};
        std::string host;
        std::uint16_t port = 0;

        static void fields(auto& io, auto& m) {
            io.field("NodeId", m.node_id, Since{1});
            io.field("Host", m.host, Since{1});
            io.field("Port", m.port, Since{1});
        }
        friend bool operator==(const NodeEndpoint&, const NodeEndpoint&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::vector<TopicSnapshot> topics;
    std::vector<NodeEndpoint> node_endpoints;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("Topics", m.topics, Since{0});
        io.field("NodeEndpoints", m.node_endpoints, Since{1}, Tagged{0});
    }
    friend bool operator==(const FetchSnapshotResponse&, const FetchSnapshotResponse&) = default;
};

}  // namespace sealane::kafka
