#pragma once
// ListOffsets (timestamp to offset, KIP-79, KIP-207) and OffsetForLeaderEpoch (KIP-101, KIP-320).

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct ListOffsetsResponse;
struct OffsetForLeaderEpochResponse;

struct ListOffsetsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("ListOffsetsRequest", ApiKey::kListOffsets);
    using Response = ListOffsetsResponse;

    struct ListOffsetsPartition {
        PartitionId partition_index{};
        LeaderEpoch current_leader_epoch = kNoLeaderEpoch;
        std::int64_t timestamp = 0;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("CurrentLeaderEpoch", m.current_leader_epoch, Since{4}, kIgnorable);
            io.field("Timestamp", m.timestamp, Since{0});
        }
        friend bool operator==(const ListOffsetsPartition&, const ListOffsetsPartition&) = default;
    };

    struct ListOffsetsTopic {
        std::string name;
        std::vector<ListOffsetsPartition> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const ListOffsetsTopic&, const ListOffsetsTopic&) = default;
    };

    BrokerId replica_id{};
    std::int8_t isolation_level = 0;
    std::vector<ListOffsetsTopic> topics;
    std::int32_t timeout_ms = 0;

    static void fields(auto& io, auto& m) {
        io.field("ReplicaId", m.replica_id, Since{0});
        io.field("IsolationLevel", m.isolation_level, Since{2});
        io.field("Topics", m.topics, Since{0});
        io.field("TimeoutMs", m.timeout_ms, Since{10}, kIgnorable);
    }
    friend bool operator==(const ListOffsetsRequest&, const ListOffsetsRequest&) = default;
};

struct ListOffsetsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("ListOffsetsResponse", ApiKey::kListOffsets);

    struct ListOffsetsPartitionResponse {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::kNone;
        std::int64_t timestamp = -1;
        Offset offset = kNoOffset;
        LeaderEpoch leader_epoch = kNoLeaderEpoch;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("Timestamp", m.timestamp, Since{1});
            io.field("Offset", m.offset, Since{1});
            io.field("LeaderEpoch", m.leader_epoch, Since{4});
        }
        friend bool
        operator==(const ListOffsetsPartitionResponse&, const ListOffsetsPartitionResponse&) =
            default;
    };

    struct ListOffsetsTopicResponse {
        std::string name;
        std::vector<ListOffsetsPartitionResponse> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const ListOffsetsTopicResponse&, const ListOffsetsTopicResponse&) =
            default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<ListOffsetsTopicResponse> topics;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{2});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const ListOffsetsResponse&, const ListOffsetsResponse&) = default;
};

struct OffsetForLeaderEpochRequest {
    static constexpr MessageSchema kSchema =
        request_schema("OffsetForLeaderEpochRequest", ApiKey::kOffsetForLeaderEpoch);
    using Response = OffsetForLeaderEpochResponse;

    struct OffsetForLeaderPartition {
        PartitionId partition{};
        LeaderEpoch current_leader_epoch = kNoLeaderEpoch;
        LeaderEpoch leader_epoch{};

        static void fields(auto& io, auto& m) {
            io.field("Partition", m.partition, Since{0});
            io.field("CurrentLeaderEpoch", m.current_leader_epoch, Since{2}, kIgnorable);
            io.field("LeaderEpoch", m.leader_epoch, Since{0});
        }
        friend bool operator==(const OffsetForLeaderPartition&, const OffsetForLeaderPartition&) =
            default;
    };

    struct OffsetForLeaderTopic {
        std::string topic;
        std::vector<OffsetForLeaderPartition> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Topic", m.topic, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const OffsetForLeaderTopic&, const OffsetForLeaderTopic&) = default;
    };

    BrokerId replica_id{-2};
    std::vector<OffsetForLeaderTopic> topics;

    static void fields(auto& io, auto& m) {
        io.field("ReplicaId", m.replica_id, Since{3}, kIgnorable);
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const OffsetForLeaderEpochRequest&, const OffsetForLeaderEpochRequest&) =
        default;
};

struct OffsetForLeaderEpochResponse {
    static constexpr MessageSchema kSchema =
        response_schema("OffsetForLeaderEpochResponse", ApiKey::kOffsetForLeaderEpoch);

    struct EpochEndOffset {
        ErrorCode error_code = ErrorCode::kNone;
        PartitionId partition{};
        LeaderEpoch leader_epoch = kNoLeaderEpoch;
        Offset end_offset = kNoOffset;

        static void fields(auto& io, auto& m) {
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("Partition", m.partition, Since{0});
            io.field("LeaderEpoch", m.leader_epoch, Since{1});
            io.field("EndOffset", m.end_offset, Since{0});
        }
        friend bool operator==(const EpochEndOffset&, const EpochEndOffset&) = default;
    };

    struct OffsetForLeaderTopicResult {
        std::string topic;
        std::vector<EpochEndOffset> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Topic", m.topic, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool
        operator==(const OffsetForLeaderTopicResult&, const OffsetForLeaderTopicResult&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<OffsetForLeaderTopicResult> topics;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{2});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool
    operator==(const OffsetForLeaderEpochResponse&, const OffsetForLeaderEpochResponse&) = default;
};

}  // namespace sealane::kafka
