#pragma once
// Fetch: record batches for consumers and replicas (sessions KIP-227, nearest replica KIP-392,
// truncation KIP-595, leader hints KIP-951; topic ids KIP-516).

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct FetchResponse;

struct FetchRequest {
    static constexpr MessageSchema kSchema = request_schema("FetchRequest", ApiKey::kFetch);
    using Response = FetchResponse;

    struct ReplicaState {
        BrokerId replica_id = kNoBroker;
        std::int64_t replica_epoch = -1;

        static void fields(auto& io, auto& m) {
            io.field("ReplicaId", m.replica_id, Since{15});
            io.field("ReplicaEpoch", m.replica_epoch, Since{15}, kIgnorable);
        }
        friend bool operator==(const ReplicaState&, const ReplicaState&) = default;
    };

    struct FetchPartition {
        PartitionId partition{};
        LeaderEpoch current_leader_epoch = kNoLeaderEpoch;
        Offset fetch_offset{};
        LeaderEpoch last_fetched_epoch = kNoLeaderEpoch;
        Offset log_start_offset = kNoOffset;
        std::int32_t partition_max_bytes = 0;
        Uuid replica_directory_id;
        Offset high_watermark{9223372036854775807};

        static void fields(auto& io, auto& m) {
            io.field("Partition", m.partition, Since{0});
            io.field("CurrentLeaderEpoch", m.current_leader_epoch, Since{9}, kIgnorable);
            io.field("FetchOffset", m.fetch_offset, Since{0});
            io.field("LastFetchedEpoch", m.last_fetched_epoch, Since{12});
            io.field("LogStartOffset", m.log_start_offset, Since{5}, kIgnorable);
            io.field("PartitionMaxBytes", m.partition_max_bytes, Since{0});
            io.field(
                "ReplicaDirectoryId", m.replica_directory_id, Since{17}, Tagged{0}, kIgnorable
            );
            io.field("HighWatermark", m.high_watermark, Since{18}, Tagged{1}, kIgnorable);
        }
        friend bool operator==(const FetchPartition&, const FetchPartition&) = default;
    };

    struct FetchTopic {
        std::string topic;
        Uuid topic_id;
        std::vector<FetchPartition> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Topic", m.topic, Between{0, 12}, kIgnorable);
            io.field("TopicId", m.topic_id, Since{13}, kIgnorable);
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const FetchTopic&, const FetchTopic&) = default;
    };

    struct ForgottenTopic {
        std::string topic;
        Uuid topic_id;
        std::vector<PartitionId> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Topic", m.topic, Between{7, 12}, kIgnorable);
            io.field("TopicId", m.topic_id, Since{13}, kIgnorable);
            io.field("Partitions", m.partitions, Since{7});
        }
        friend bool operator==(const ForgottenTopic&, const ForgottenTopic&) = default;
    };

    std::optional<std::string> cluster_id;
    BrokerId replica_id = kNoBroker;
    ReplicaState replica_state;
    std::int32_t max_wait_ms = 0;
    std::int32_t min_bytes = 0;
    std::int32_t max_bytes = INT32_MAX;
    std::int8_t isolation_level = 0;
    std::int32_t session_id = 0;
    std::int32_t session_epoch = -1;
    std::vector<FetchTopic> topics;
    std::vector<ForgottenTopic> forgotten_topics_data;
    std::string rack_id;
    // Sealane's own, between replicas: answer from where this session's last answer ended, not from
    // FetchOffset, which still says what the replica holds. So a fetch is on its way while the
    // answer to the one before is.
    bool read_on = false;

    static void fields(auto& io, auto& m) {
        io.field("ClusterId", m.cluster_id, Since{12}, NullableSince{12}, Tagged{0}, kIgnorable);
        io.field("ReplicaId", m.replica_id, Between{0, 14});
        io.field("ReplicaState", m.replica_state, Since{15}, Tagged{1}, kIgnorable);
        io.field("MaxWaitMs", m.max_wait_ms, Since{0});
        io.field("MinBytes", m.min_bytes, Since{0});
        io.field("MaxBytes", m.max_bytes, Since{3});
        io.field("IsolationLevel", m.isolation_level, Since{4}, kIgnorable);
        io.field("SessionId", m.session_id, Since{7}, kIgnorable);
        io.field("SessionEpoch", m.session_epoch, Since{7}, kIgnorable);
        io.field("Topics", m.topics, Since{0});
        io.field("ForgottenTopicsData", m.forgotten_topics_data, Since{7});
        io.field("RackId", m.rack_id, Since{11}, kIgnorable);
        io.field("ReadOn", m.read_on, Since{12}, Tagged{kPrivateTag}, kIgnorable);
    }
    friend bool operator==(const FetchRequest&, const FetchRequest&) = default;
};

struct FetchResponse {
    static constexpr MessageSchema kSchema = response_schema("FetchResponse", ApiKey::kFetch);

    struct EpochEndOffset {
        LeaderEpoch epoch = kNoLeaderEpoch;
        Offset end_offset = kNoOffset;

        static void fields(auto& io, auto& m) {
            io.field("Epoch", m.epoch, Since{12});
            io.field("EndOffset", m.end_offset, Since{12});
        }
        friend bool operator==(const EpochEndOffset&, const EpochEndOffset&) = default;
    };

    struct LeaderIdAndEpoch {
        BrokerId leader_id = kNoBroker;
        LeaderEpoch leader_epoch = kNoLeaderEpoch;

        static void fields(auto& io, auto& m) {
            io.field("LeaderId", m.leader_id, Since{12});
            io.field("LeaderEpoch", m.leader_epoch, Since{12});
        }
        friend bool operator==(const LeaderIdAndEpoch&, const LeaderIdAndEpoch&) = default;
    };

    struct SnapshotId {
        Offset end_offset = kNoOffset;
        LeaderEpoch epoch = kNoLeaderEpoch;

        static void fields(auto& io, auto& m) {
            io.field("EndOffset", m.end_offset, Since{0});
            io.field("Epoch", m.epoch, Since{0});
        }
        friend bool operator==(const SnapshotId&, const SnapshotId&) = default;
    };

    struct AbortedTransaction {
        ProducerId producer_id{};
        Offset first_offset{};

        static void fields(auto& io, auto& m) {
            io.field("ProducerId", m.producer_id, Since{4});
            io.field("FirstOffset", m.first_offset, Since{4});
        }
        friend bool operator==(const AbortedTransaction&, const AbortedTransaction&) = default;
    };

    struct PartitionData {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::kNone;
        Offset high_watermark{};
        Offset last_stable_offset = kNoOffset;
        Offset log_start_offset = kNoOffset;
        EpochEndOffset diverging_epoch;
        LeaderIdAndEpoch current_leader;
        SnapshotId snapshot_id;
        std::optional<std::vector<AbortedTransaction>> aborted_transactions{std::in_place};
        BrokerId preferred_read_replica = kNoBroker;
        std::optional<BufferSlice> records{std::in_place};
        // Sealane's own, with ReadOn: where the reading began.
        Offset read_from = kNoOffset;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("HighWatermark", m.high_watermark, Since{0});
            io.field("LastStableOffset", m.last_stable_offset, Since{4});
            io.field("LogStartOffset", m.log_start_offset, Since{5});
            io.field("DivergingEpoch", m.diverging_epoch, Since{12}, Tagged{0});
            io.field("CurrentLeader", m.current_leader, Since{12}, Tagged{1});
            io.field("SnapshotId", m.snapshot_id, Since{12}, Tagged{2});
            io.field("AbortedTransactions", m.aborted_transactions, Since{4}, NullableSince{4});
            io.field("PreferredReadReplica", m.preferred_read_replica, Since{11});
            io.field("Records", m.records, Since{0}, NullableSince{0}, kRecords);
            io.field("ReadFrom", m.read_from, Since{12}, Tagged{kPrivateTag}, kIgnorable);
        }
        friend bool operator==(const PartitionData&, const PartitionData&) = default;
    };

    struct FetchableTopicResponse {
        std::string topic;
        Uuid topic_id;
        std::vector<PartitionData> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Topic", m.topic, Between{0, 12});
            io.field("TopicId", m.topic_id, Since{13});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const FetchableTopicResponse&, const FetchableTopicResponse&) =
            default;
    };

    struct NodeEndpoint {
        BrokerId node_id{};
        std::string host;
        std::int32_t port = 0;
        std::optional<std::string> rack;

        static void fields(auto& io, auto& m) {
            io.field("NodeId", m.node_id, Since{16});
            io.field("Host", m.host, Since{16});
            io.field("Port", m.port, Since{16});
            io.field("Rack", m.rack, Since{16}, NullableSince{16});
        }
        friend bool operator==(const NodeEndpoint&, const NodeEndpoint&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::int32_t session_id = 0;
    std::vector<FetchableTopicResponse> responses;
    std::vector<NodeEndpoint> node_endpoints;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{1});
        io.field("ErrorCode", m.error_code, Since{7});
        io.field("SessionId", m.session_id, Since{7});
        io.field("Responses", m.responses, Since{0});
        io.field("NodeEndpoints", m.node_endpoints, Since{16}, Tagged{0});
    }
    friend bool operator==(const FetchResponse&, const FetchResponse&) = default;
};

}  // namespace sealane::kafka
