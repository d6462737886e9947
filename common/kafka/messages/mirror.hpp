#pragma once
// The private API between a mirror and a Sealane target cluster (keys 1000 to 1007, version 0,
// flexible). Advertised only to principals that may mirror; the last one only to the cluster's own
// nodes. What names partitions is for their leaders, and AlterMirrorLink for the active controller,
// to which every broker passes it on. Offsets named "source" are offsets in
// the partition of the source cluster, all others in the target's partition.
//
//   MirrorPositions   where each origin of a target partition continues, and where the log ends
//   MirrorAppend      many source batches for many partitions, each continuing an exact position
//   MirrorLinks       links with state, epoch and pinned topics
//   AlterMirrorLink   upsert, pause, resume, promote, pin and unpin topics, delete
//   MirrorTranslate   offsets through the map, both ways
//   PartitionDigest   digest of the batches of a range, equal on both sides of a replica link
//   MirrorRuns        the runs of a target partition that hold a range of an origin
//   MirrorPromote     from the controller to leaders: end the filling of a replica link's
//   partitions

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct MirrorPositionsResponse;
struct MirrorAppendResponse;
struct MirrorLinksResponse;
struct AlterMirrorLinkResponse;
struct MirrorTranslateResponse;
struct PartitionDigestResponse;
struct MirrorRunsResponse;
struct MirrorPromoteResponse;

// Values of Kind.
inline constexpr std::int8_t kReplicaLink = 0;
inline constexpr std::int8_t kAggregateLink = 1;

// Values of LinkState.
inline constexpr std::int8_t kLinkRunning = 0;
inline constexpr std::int8_t kLinkPaused = 1;
inline constexpr std::int8_t kLinkPromoting = 2;
inline constexpr std::int8_t kLinkPromoted = 3;
inline constexpr std::int8_t kLinkBroken = 4;
inline constexpr std::int8_t kLinkAbsent = -1;

// Values of HoleReason: why an appended run does not start at the expected source offset.
inline constexpr std::int8_t kNoHole = 0;
inline constexpr std::int8_t kHoleControlBatches = 1;  // markers, or records that came from here
inline constexpr std::int8_t kHoleCompacted = 2;       // the source compacts this topic
inline constexpr std::int8_t kHoleInLedger = 3;        // a gap that the mirror's ledger lists

// One source partition as a target remembers it.
struct MirrorOrigin {
    std::string cluster_id;
    Uuid topic_id;
    std::string topic_name;
    PartitionId partition_index{};

    static void fields(auto& io, auto& m) {
        io.field("ClusterId", m.cluster_id, Since{0});
        io.field("TopicId", m.topic_id, Since{0});
        io.field("TopicName", m.topic_name, Since{0});
        io.field("PartitionIndex", m.partition_index, Since{0});
    }
    friend auto operator<=>(const MirrorOrigin&, const MirrorOrigin&) = default;
};

struct MirrorPositionsRequest {
    using Response = MirrorPositionsResponse;
    static constexpr MessageSchema kSchema =
        request_schema("MirrorPositionsRequest", ApiKey::kMirrorPositions);

    struct Topic {
        std::string name;
        std::vector<PartitionId> partition_indexes;
        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("PartitionIndexes", m.partition_indexes, Since{0});
        }
        friend bool operator==(const Topic&, const Topic&) = default;
    };
    std::string link_name;
    std::vector<Topic> topics;
    static void fields(auto& io, auto& m) {
        io.field("LinkName", m.link_name, Since{0});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const MirrorPositionsRequest&, const MirrorPositionsRequest&) = default;
};

struct MirrorPositionsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("MirrorPositionsResponse", ApiKey::kMirrorPositions);

    struct OriginPosition {
        MirrorOrigin origin;
        Offset next_source_offset{};
        LeaderEpoch last_source_epoch = kNoLeaderEpoch;
        static void fields(auto& io, auto& m) {
            io.field("Origin", m.origin, Since{0});
            io.field("NextSourceOffset", m.next_source_offset, Since{0});
            io.field("LastSourceEpoch", m.last_source_epoch, Since{0});
        }
        friend bool operator==(const OriginPosition&, const OriginPosition&) = default;
    };
    struct Partition {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::kNone;
        Offset log_start_offset{};
        Offset log_end_offset{};
        Offset high_watermark{};
        LeaderEpoch last_leader_epoch = kNoLeaderEpoch;
        // Aggregate topics: one entry per origin that ever wrote here. Replica topics: empty.
        std::vector<OriginPosition> origins;
        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("LogStartOffset", m.log_start_offset, Since{0});
            io.field("LogEndOffset", m.log_end_offset, Since{0});
            io.field("HighWatermark", m.high_watermark, Since{0});
            io.field("LastLeaderEpoch", m.last_leader_epoch, Since{0});
            io.field("Origins", m.origins, Since{0});
        }
        friend bool operator==(const Partition&, const Partition&) = default;
    };
    struct Topic {
        std::string name;
        std::vector<Partition> partitions;
        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const Topic&, const Topic&) = default;
    };
    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message;
    std::string cluster_id;  // of the target: no record that came from it is carried back
    std::int8_t link_state = kLinkAbsent;
    std::int32_t link_epoch = -1;
    std::vector<Topic> topics;
    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
        io.field("ClusterId", m.cluster_id, Since{0});
        io.field("LinkState", m.link_state, Since{0});
        io.field("LinkEpoch", m.link_epoch, Since{0});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const MirrorPositionsResponse&, const MirrorPositionsResponse&) =
        default;
};

struct MirrorAppendRequest {
    using Response = MirrorAppendResponse;
    static constexpr MessageSchema kSchema =
        request_schema("MirrorAppendRequest", ApiKey::kMirrorAppend);

    // Consecutive source batches: each starts where the one before ended.
    struct Run {
        // The position at the target that this run continues, -1: the target has none. So a run
        // that follows one that was refused is refused too, and does not begin the copy.
        Offset expected_source_offset{};
        Offset source_base_offset{};  // of the first batch; differs only with a HoleReason
        std::int8_t hole_reason = kNoHole;
        std::vector<std::string> origin_chain;  // cluster ids behind the source, nearest first
        BufferSlice records;                    // whole batches as the source stores them
        static void fields(auto& io, auto& m) {
            io.field("ExpectedSourceOffset", m.expected_source_offset, Since{0});
            io.field("SourceBaseOffset", m.source_base_offset, Since{0});
            io.field("HoleReason", m.hole_reason, Since{0});
            io.field("OriginChain", m.origin_chain, Since{0});
            io.field("Records", m.records, Since{0}, Records{});
        }
        friend bool operator==(const Run&, const Run&) = default;
    };
    struct Partition {
        PartitionId partition_index{};
        MirrorOrigin origin;
        std::vector<Run> runs;
        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("Origin", m.origin, Since{0});
            io.field("Runs", m.runs, Since{0});
        }
        friend bool operator==(const Partition&, const Partition&) = default;
    };
    struct Topic {
        std::string name;
        std::vector<Partition> partitions;
        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const Topic&, const Topic&) = default;
    };
    std::string link_name;
    std::int32_t link_epoch = 0;
    std::int32_t timeout_ms = 0;  // for durability, as in Produce with acks=all
    std::vector<Topic> topics;
    static void fields(auto& io, auto& m) {
        io.field("LinkName", m.link_name, Since{0});
        io.field("LinkEpoch", m.link_epoch, Since{0});
        io.field("TimeoutMs", m.timeout_ms, Since{0});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const MirrorAppendRequest&, const MirrorAppendRequest&) = default;
};

struct MirrorAppendResponse {
    static constexpr MessageSchema kSchema =
        response_schema("MirrorAppendResponse", ApiKey::kMirrorAppend);

    struct Partition {
        PartitionId partition_index{};
        // None: durable, or already there from an earlier try. OutOfOrderSequenceNumber: does not
        // continue the position. The others as in Produce.
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message;
        Offset next_source_offset = kNoOffset;  // continue from here, whatever the error
        Offset high_watermark = kNoOffset;
        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
            io.field("NextSourceOffset", m.next_source_offset, Since{0});
            io.field("HighWatermark", m.high_watermark, Since{0});
        }
        friend bool operator==(const Partition&, const Partition&) = default;
    };
    struct Topic {
        std::string name;
        std::vector<Partition> partitions;
        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const Topic&, const Topic&) = default;
    };
    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;  // FencedLeaderEpoch: the link's epoch moved on
    std::optional<std::string> error_message;
    std::int8_t link_state = kLinkAbsent;
    std::int32_t link_epoch = -1;
    std::vector<Topic> topics;
    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
        io.field("LinkState", m.link_state, Since{0});
        io.field("LinkEpoch", m.link_epoch, Since{0});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const MirrorAppendResponse&, const MirrorAppendResponse&) = default;
};

// A source topic bound to a target topic; the id is fixed until it is unpinned.
struct MirrorLinkTopic {
    std::string source_topic;
    Uuid source_topic_id;
    std::string target_topic;
    static void fields(auto& io, auto& m) {
        io.field("SourceTopic", m.source_topic, Since{0});
        io.field("SourceTopicId", m.source_topic_id, Since{0});
        io.field("TargetTopic", m.target_topic, Since{0});
    }
    friend bool operator==(const MirrorLinkTopic&, const MirrorLinkTopic&) = default;
};

struct MirrorLinksRequest {
    using Response = MirrorLinksResponse;
    static constexpr MessageSchema kSchema =
        request_schema("MirrorLinksRequest", ApiKey::kMirrorLinks);

    std::optional<std::string> link_name;  // null: all
    static void fields(auto& io, auto& m) {
        io.field("LinkName", m.link_name, Since{0}, NullableSince{0});
    }
    friend bool operator==(const MirrorLinksRequest&, const MirrorLinksRequest&) = default;
};

struct MirrorLinksResponse {
    static constexpr MessageSchema kSchema =
        response_schema("MirrorLinksResponse", ApiKey::kMirrorLinks);

    struct Link {
        std::string name;
        std::int8_t kind = kReplicaLink;
        std::int8_t state = kLinkAbsent;
        std::int32_t epoch = -1;
        std::string source_cluster_id;
        std::vector<MirrorLinkTopic> topics;
        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Kind", m.kind, Since{0});
            io.field("State", m.state, Since{0});
            io.field("Epoch", m.epoch, Since{0});
            io.field("SourceClusterId", m.source_cluster_id, Since{0});
            io.field("Topics", m.topics, Since{0});
        }
        friend bool operator==(const Link&, const Link&) = default;
    };
    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::string cluster_id;  // of the answering cluster
    std::vector<Link> links;
    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ClusterId", m.cluster_id, Since{0});
        io.field("Links", m.links, Since{0});
    }
    friend bool operator==(const MirrorLinksResponse&, const MirrorLinksResponse&) = default;
};

// Values of Operation.
inline constexpr std::int8_t kLinkUpsert = 0;   // create, or find unchanged; never changes state
inline constexpr std::int8_t kLinkPause = 1;    // running -> paused
inline constexpr std::int8_t kLinkResume = 2;   // paused or broken -> running
inline constexpr std::int8_t kLinkPromote = 3;  // -> promoting -> promoted: targets become writable
inline constexpr std::int8_t kLinkPinTopics = 4;
inline constexpr std::int8_t kLinkUnpinTopics = 5;  // by source topic name
inline constexpr std::int8_t kLinkDelete = 6;       // paused or promoted links only

struct AlterMirrorLinkRequest {
    using Response = AlterMirrorLinkResponse;
    static constexpr MessageSchema kSchema =
        request_schema("AlterMirrorLinkRequest", ApiKey::kAlterMirrorLink);

    std::string link_name;
    std::int8_t operation = kLinkUpsert;
    std::int32_t expected_epoch = -1;  // -1: whatever it is
    std::int8_t kind = kReplicaLink;   // upsert
    std::string source_cluster_id;     // upsert
    std::vector<MirrorLinkTopic> topics;
    static void fields(auto& io, auto& m) {
        io.field("LinkName", m.link_name, Since{0});
        io.field("Operation", m.operation, Since{0});
        io.field("ExpectedEpoch", m.expected_epoch, Since{0});
        io.field("Kind", m.kind, Since{0});
        io.field("SourceClusterId", m.source_cluster_id, Since{0});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const AlterMirrorLinkRequest&, const AlterMirrorLinkRequest&) = default;
};

struct AlterMirrorLinkResponse {
    static constexpr MessageSchema kSchema =
        response_schema("AlterMirrorLinkResponse", ApiKey::kAlterMirrorLink);

    struct TopicResult {
        std::string source_topic;
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message;
        static void fields(auto& io, auto& m) {
            io.field("SourceTopic", m.source_topic, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
        }
        friend bool operator==(const TopicResult&, const TopicResult&) = default;
    };
    // Promotion: where each partition was opened for writing.
    struct PromotedPartition {
        std::string topic;
        PartitionId partition_index{};
        Offset end_offset{};
        LeaderEpoch leader_epoch{};
        static void fields(auto& io, auto& m) {
            io.field("Topic", m.topic, Since{0});
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("EndOffset", m.end_offset, Since{0});
            io.field("LeaderEpoch", m.leader_epoch, Since{0});
        }
        friend bool operator==(const PromotedPartition&, const PromotedPartition&) = default;
    };
    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message;
    std::int8_t link_state = kLinkAbsent;
    std::int32_t link_epoch = -1;
    std::vector<TopicResult> topics;
    std::vector<PromotedPartition> promoted;
    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
        io.field("LinkState", m.link_state, Since{0});
        io.field("LinkEpoch", m.link_epoch, Since{0});
        io.field("Topics", m.topics, Since{0});
        io.field("Promoted", m.promoted, Since{0});
    }
    friend bool operator==(const AlterMirrorLinkResponse&, const AlterMirrorLinkResponse&) =
        default;
};

struct MirrorTranslateRequest {
    using Response = MirrorTranslateResponse;
    static constexpr MessageSchema kSchema =
        request_schema("MirrorTranslateRequest", ApiKey::kMirrorTranslate);

    // To the target: the offset of the first record of the origin at or after SourceOffset, or
    // the place where it will be. To the source: the record at TargetOffset and its origin.
    struct Query {
        MirrorOrigin origin;
        std::vector<Offset> source_offsets;
        static void fields(auto& io, auto& m) {
            io.field("Origin", m.origin, Since{0});
            io.field("SourceOffsets", m.source_offsets, Since{0});
        }
        friend bool operator==(const Query&, const Query&) = default;
    };
    std::string topic_name;  // at the target
    PartitionId partition_index{};
    std::vector<Query> to_target;
    std::vector<Offset> to_source;
    static void fields(auto& io, auto& m) {
        io.field("TopicName", m.topic_name, Since{0});
        io.field("PartitionIndex", m.partition_index, Since{0});
        io.field("ToTarget", m.to_target, Since{0});
        io.field("ToSource", m.to_source, Since{0});
    }
    friend bool operator==(const MirrorTranslateRequest&, const MirrorTranslateRequest&) = default;
};

struct MirrorTranslateResponse {
    static constexpr MessageSchema kSchema =
        response_schema("MirrorTranslateResponse", ApiKey::kMirrorTranslate);

    // Answers in the order of the queries. -1: not in the map (trimmed, or not arrived yet).
    struct ToTarget {
        std::vector<Offset> target_offsets;
        static void fields(auto& io, auto& m) {
            io.field("TargetOffsets", m.target_offsets, Since{0});
        }
        friend bool operator==(const ToTarget&, const ToTarget&) = default;
    };
    struct ToSource {
        MirrorOrigin origin;
        Offset source_offset = kNoOffset;
        static void fields(auto& io, auto& m) {
            io.field("Origin", m.origin, Since{0});
            io.field("SourceOffset", m.source_offset, Since{0});
        }
        friend bool operator==(const ToSource&, const ToSource&) = default;
    };
    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    Offset high_watermark = kNoOffset;
    std::vector<ToTarget> to_target;
    std::vector<ToSource> to_source;
    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("HighWatermark", m.high_watermark, Since{0});
        io.field("ToTarget", m.to_target, Since{0});
        io.field("ToSource", m.to_source, Since{0});
    }
    friend bool operator==(const MirrorTranslateResponse&, const MirrorTranslateResponse&) =
        default;
};

// Digest of the batches that lie wholly in [StartOffset, EndOffset): offsets, leader epochs,
// lengths and CRCs. Equal on two clusters exactly when they hold the same batches there.
struct PartitionDigestRequest {
    using Response = PartitionDigestResponse;
    static constexpr MessageSchema kSchema =
        request_schema("PartitionDigestRequest", ApiKey::kPartitionDigest);

    std::string topic_name;
    PartitionId partition_index{};
    Offset start_offset{};
    Offset end_offset{};
    static void fields(auto& io, auto& m) {
        io.field("TopicName", m.topic_name, Since{0});
        io.field("PartitionIndex", m.partition_index, Since{0});
        io.field("StartOffset", m.start_offset, Since{0});
        io.field("EndOffset", m.end_offset, Since{0});
    }
    friend bool operator==(const PartitionDigestRequest&, const PartitionDigestRequest&) = default;
};

struct PartitionDigestResponse {
    static constexpr MessageSchema kSchema =
        response_schema("PartitionDigestResponse", ApiKey::kPartitionDigest);

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message;
    Offset log_start_offset = kNoOffset;
    Offset high_watermark = kNoOffset;
    BufferSlice digest;               // 16 bytes
    Offset first_offset = kNoOffset;  // of the first batch in the range
    Offset next_offset = kNoOffset;   // after the last batch in the range
    std::int64_t batch_count = 0;
    std::int64_t byte_count = 0;
    // Below it the batches may have been rewritten by compaction: not to be compared.
    Offset rewritten_to{0};
    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
        io.field("LogStartOffset", m.log_start_offset, Since{0});
        io.field("HighWatermark", m.high_watermark, Since{0});
        io.field("Digest", m.digest, Since{0});
        io.field("FirstOffset", m.first_offset, Since{0});
        io.field("NextOffset", m.next_offset, Since{0});
        io.field("BatchCount", m.batch_count, Since{0});
        io.field("ByteCount", m.byte_count, Since{0});
        io.field("RewrittenTo", m.rewritten_to, Since{0});
    }
    friend bool operator==(const PartitionDigestResponse&, const PartitionDigestResponse&) =
        default;
};

struct MirrorRunsRequest {
    using Response = MirrorRunsResponse;
    static constexpr MessageSchema kSchema =
        request_schema("MirrorRunsRequest", ApiKey::kMirrorRuns);

    std::string topic_name;
    PartitionId partition_index{};
    std::optional<MirrorOrigin> origin;  // null: all origins, FromOffset is a target offset
    Offset from_offset{};                // runs that end after it (source offset with an origin)
    std::int32_t max_runs = 1000;
    static void fields(auto& io, auto& m) {
        io.field("TopicName", m.topic_name, Since{0});
        io.field("PartitionIndex", m.partition_index, Since{0});
        io.field("Origin", m.origin, Since{0}, NullableSince{0});
        io.field("FromOffset", m.from_offset, Since{0});
        io.field("MaxRuns", m.max_runs, Since{0});
    }
    friend bool operator==(const MirrorRunsRequest&, const MirrorRunsRequest&) = default;
};

struct MirrorRunsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("MirrorRunsResponse", ApiKey::kMirrorRuns);

    struct Run {
        std::int32_t origin_index = 0;  // into Origins
        Offset source_base_offset{};
        Offset source_end_offset{};  // one past the last
        Offset target_base_offset{};
        std::int8_t hole_reason = kNoHole;    // before this run
        Offset hole_base_offset = kNoOffset;  // source offset where the hole begins
        static void fields(auto& io, auto& m) {
            io.field("OriginIndex", m.origin_index, Since{0});
            io.field("SourceBaseOffset", m.source_base_offset, Since{0});
            io.field("SourceEndOffset", m.source_end_offset, Since{0});
            io.field("TargetBaseOffset", m.target_base_offset, Since{0});
            io.field("HoleReason", m.hole_reason, Since{0});
            io.field("HoleBaseOffset", m.hole_base_offset, Since{0});
        }
        friend bool operator==(const Run&, const Run&) = default;
    };
    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::vector<MirrorOrigin> origins;
    std::vector<Run> runs;
    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("Origins", m.origins, Since{0});
        io.field("Runs", m.runs, Since{0});
    }
    friend bool operator==(const MirrorRunsResponse&, const MirrorRunsResponse&) = default;
};

// Of a link that is promoting: the leader waits until nothing is being appended any more and what
// is there is replicated, cuts each partition to its last stable offset, and says where it ends.
// May be repeated.
struct MirrorPromoteRequest {
    using Response = MirrorPromoteResponse;
    static constexpr MessageSchema kSchema =
        request_schema("MirrorPromoteRequest", ApiKey::kMirrorPromote);

    struct Topic {
        std::string name;
        std::vector<PartitionId> partition_indexes;
        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("PartitionIndexes", m.partition_indexes, Since{0});
        }
        friend bool operator==(const Topic&, const Topic&) = default;
    };
    std::string link_name;
    std::int32_t link_epoch = 0;  // since it is promoting
    std::int32_t timeout_ms = 0;
    std::vector<Topic> topics;
    static void fields(auto& io, auto& m) {
        io.field("LinkName", m.link_name, Since{0});
        io.field("LinkEpoch", m.link_epoch, Since{0});
        io.field("TimeoutMs", m.timeout_ms, Since{0});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const MirrorPromoteRequest&, const MirrorPromoteRequest&) = default;
};

struct MirrorPromoteResponse {
    static constexpr MessageSchema kSchema =
        response_schema("MirrorPromoteResponse", ApiKey::kMirrorPromote);

    struct Partition {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message;
        // Of the leadership that answers; another one has to be asked again.
        LeaderEpoch leader_epoch = kNoLeaderEpoch;
        std::int32_t partition_epoch = -1;
        Offset end_offset = kNoOffset;
        LeaderEpoch last_record_epoch = kNoLeaderEpoch;  // of the source
        std::int64_t next_producer_id = 0;               // above every one in the log
        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
            io.field("LeaderEpoch", m.leader_epoch, Since{0});
            io.field("PartitionEpoch", m.partition_epoch, Since{0});
            io.field("EndOffset", m.end_offset, Since{0});
            io.field("LastRecordEpoch", m.last_record_epoch, Since{0});
            io.field("NextProducerId", m.next_producer_id, Since{0});
        }
        friend bool operator==(const Partition&, const Partition&) = default;
    };
    struct Topic {
        std::string name;
        std::vector<Partition> partitions;
        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const Topic&, const Topic&) = default;
    };
    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message;
    std::vector<Topic> topics;
    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const MirrorPromoteResponse&, const MirrorPromoteResponse&) = default;
};

}  // namespace sealane::kafka
