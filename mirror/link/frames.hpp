#pragma once
// The protocol between the two halves of a link. A frame is a big-endian uint32 length of what
// follows (at least 1, at most kMaxFrameBytes), one byte for the type, and the body, encoded like a
// flexible Kafka message of version 0. Anything else breaks the connection: the peer lies in
// another security domain and is believed nothing.
//
//   producer half -> consumer half          consumer half -> producer half
//   Hello      once, first                  Welcome   once, first
//   Assign     copy a partition from here   Topics    what there is to carry, repeated
//   Unassign   no longer                    Started   an assignment is read from this offset
//   Credit     send this many bytes more    Data      whole batches as the source stores them
//   Ping       I live                       Ends      log start and high watermark moved
//                                           Stopped   an assignment ended, with its cause
//                                           Groups    committed offsets, repeated
//                                           Ping      I live
//
// Flow control: Data frames cost their record bytes; the sum sent never exceeds the sum of credit,
// except that one frame may always be on the way (a batch may be larger than the whole queue).

#include "common/base/buffer.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sealane::mirror {

inline constexpr std::int16_t kFrameProtocolVersion = 1;
inline constexpr std::size_t kFrameLengthBytes = 4;
inline constexpr std::uint32_t kMaxFrameBytes = 128U << 20U;

[[nodiscard]] constexpr kafka::MessageSchema frame_schema(
    std::string_view name, std::int16_t type
) {
    return {name, kafka::MessageKind::kData, type, {0, 0}, 0};
}

// Why a partition is not copied any further. Numbers are on the wire.
enum class Cause : std::int8_t {
    kNone = 0,
    kTopicDeleted = 1,    // the source topic is gone
    kTopicRecreated = 2,  // the name exists with another topic id
    kTruncated = 3,       // the source lost records that were copied already
    kExpired = 4,         // retention at the source overtook the mirror
    kCorrupt = 5,         // a batch of the source fails its checksum
    kTooLarge = 6,        // the target refuses the size of a batch
    kTransactional = 7,   // an aggregate link does not carry transactions
    kHole = 8,            // offsets are missing in the source without a known reason
    kRefused = 9,         // the source refuses to let it be read (authorization, format)
    kTargetRefused = 10,  // the target refuses the append
    kDiverged = 11,       // the target holds something else at this position
    kPartitionGone = 12,  // the source has fewer partitions than before
};
[[nodiscard]] std::string_view name_of(Cause cause);

struct Hello {
    static constexpr auto kSchema = frame_schema("Hello", 1);
    std::int16_t protocol_version = kFrameProtocolVersion;
    std::string link;
    std::int8_t kind = 0;  // kafka::kReplicaLink, kafka::kAggregateLink
    std::string domain;
    std::vector<std::string> topics_include;
    std::vector<std::string> topics_exclude;
    std::vector<std::string> groups_include;
    std::vector<std::string> groups_exclude;
    static void fields(auto& io, auto& m) {
        io.field("ProtocolVersion", m.protocol_version, kafka::Since{0});
        io.field("Link", m.link, kafka::Since{0});
        io.field("Kind", m.kind, kafka::Since{0});
        io.field("Domain", m.domain, kafka::Since{0});
        io.field("TopicsInclude", m.topics_include, kafka::Since{0});
        io.field("TopicsExclude", m.topics_exclude, kafka::Since{0});
        io.field("GroupsInclude", m.groups_include, kafka::Since{0});
        io.field("GroupsExclude", m.groups_exclude, kafka::Since{0});
    }
    friend bool operator==(const Hello&, const Hello&) = default;
};

struct Welcome {
    static constexpr auto kSchema = frame_schema("Welcome", 2);
    std::int16_t protocol_version = kFrameProtocolVersion;
    std::optional<std::string> refusal;  // the connection ends after it
    std::string domain;
    std::string cluster_id;  // of the source
    static void fields(auto& io, auto& m) {
        io.field("ProtocolVersion", m.protocol_version, kafka::Since{0});
        io.field("Refusal", m.refusal, kafka::Since{0}, kafka::NullableSince{0});
        io.field("Domain", m.domain, kafka::Since{0});
        io.field("ClusterId", m.cluster_id, kafka::Since{0});
    }
    friend bool operator==(const Welcome&, const Welcome&) = default;
};

struct Credit {
    static constexpr auto kSchema = frame_schema("Credit", 3);
    std::int64_t bytes = 0;
    static void fields(auto& io, auto& m) { io.field("Bytes", m.bytes, kafka::Since{0}); }
    friend bool operator==(const Credit&, const Credit&) = default;
};

struct Assign {
    static constexpr auto kSchema = frame_schema("Assign", 4);
    std::int64_t assignment = 0;  // never used twice on one connection
    std::string topic;
    Uuid topic_id;
    PartitionId partition{};
    Offset offset = kNoOffset;                // -1: from the log start
    LeaderEpoch last_epoch = kNoLeaderEpoch;  // of the record before offset, to find truncation
    static void fields(auto& io, auto& m) {
        io.field("Assignment", m.assignment, kafka::Since{0});
        io.field("Topic", m.topic, kafka::Since{0});
        io.field("TopicId", m.topic_id, kafka::Since{0});
        io.field("Partition", m.partition, kafka::Since{0});
        io.field("Offset", m.offset, kafka::Since{0});
        io.field("LastEpoch", m.last_epoch, kafka::Since{0});
    }
    friend bool operator==(const Assign&, const Assign&) = default;
};

struct Unassign {
    static constexpr auto kSchema = frame_schema("Unassign", 5);
    std::int64_t assignment = 0;
    static void fields(auto& io, auto& m) { io.field("Assignment", m.assignment, kafka::Since{0}); }
    friend bool operator==(const Unassign&, const Unassign&) = default;
};

struct Topics {
    static constexpr auto kSchema = frame_schema("Topics", 6);
    struct Config {
        std::string name;
        std::string value;
        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, kafka::Since{0});
            io.field("Value", m.value, kafka::Since{0});
        }
        friend bool operator==(const Config&, const Config&) = default;
    };
    struct Topic {
        std::string name;
        Uuid id;
        std::int32_t partition_count = 0;
        std::vector<Config> configs;  // those set on the topic, by name
        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, kafka::Since{0});
            io.field("Id", m.id, kafka::Since{0});
            io.field("PartitionCount", m.partition_count, kafka::Since{0});
            io.field("Configs", m.configs, kafka::Since{0});
        }
        friend bool operator==(const Topic&, const Topic&) = default;
    };
    std::vector<Topic> topics;  // all that match, by name
    static void fields(auto& io, auto& m) { io.field("Topics", m.topics, kafka::Since{0}); }
    friend bool operator==(const Topics&, const Topics&) = default;
};

struct Started {
    static constexpr auto kSchema = frame_schema("Started", 7);
    std::int64_t assignment = 0;
    Offset offset{};
    Offset log_start{};
    Offset high_watermark{};
    static void fields(auto& io, auto& m) {
        io.field("Assignment", m.assignment, kafka::Since{0});
        io.field("Offset", m.offset, kafka::Since{0});
        io.field("LogStart", m.log_start, kafka::Since{0});
        io.field("HighWatermark", m.high_watermark, kafka::Since{0});
    }
    friend bool operator==(const Started&, const Started&) = default;
};

struct Data {
    static constexpr auto kSchema = frame_schema("Data", 8);
    std::int64_t assignment = 0;
    Offset log_start{};
    Offset high_watermark{};
    BufferSlice records;
    static void fields(auto& io, auto& m) {
        io.field("Assignment", m.assignment, kafka::Since{0});
        io.field("LogStart", m.log_start, kafka::Since{0});
        io.field("HighWatermark", m.high_watermark, kafka::Since{0});
        io.field("Records", m.records, kafka::Since{0}, kafka::Records{});
    }
    friend bool operator==(const Data&, const Data&) = default;
};

struct Ends {
    static constexpr auto kSchema = frame_schema("Ends", 9);
    std::int64_t assignment = 0;
    Offset log_start{};
    Offset high_watermark{};
    static void fields(auto& io, auto& m) {
        io.field("Assignment", m.assignment, kafka::Since{0});
        io.field("LogStart", m.log_start, kafka::Since{0});
        io.field("HighWatermark", m.high_watermark, kafka::Since{0});
    }
    friend bool operator==(const Ends&, const Ends&) = default;
};

struct Stopped {
    static constexpr auto kSchema = frame_schema("Stopped", 10);
    std::int64_t assignment = 0;
    std::int8_t cause = 0;  // a Cause
    std::string detail;
    Offset position{};                 // what could not be had begins here
    Offset resume_offset = kNoOffset;  // what can be had again begins here; -1: unknown
    static void fields(auto& io, auto& m) {
        io.field("Assignment", m.assignment, kafka::Since{0});
        io.field("Cause", m.cause, kafka::Since{0});
        io.field("Detail", m.detail, kafka::Since{0});
        io.field("Position", m.position, kafka::Since{0});
        io.field("ResumeOffset", m.resume_offset, kafka::Since{0});
    }
    friend bool operator==(const Stopped&, const Stopped&) = default;
};

struct Groups {
    static constexpr auto kSchema = frame_schema("Groups", 11);
    struct Offsets {
        std::string topic;
        PartitionId partition{};
        Offset offset{};
        std::string metadata;
        static void fields(auto& io, auto& m) {
            io.field("Topic", m.topic, kafka::Since{0});
            io.field("Partition", m.partition, kafka::Since{0});
            io.field("Offset", m.offset, kafka::Since{0});
            io.field("Metadata", m.metadata, kafka::Since{0});
        }
        friend bool operator==(const Offsets&, const Offsets&) = default;
    };
    struct Group {
        std::string name;
        std::vector<Offsets> offsets;  // by topic and partition; carried topics only
        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, kafka::Since{0});
            io.field("Offsets", m.offsets, kafka::Since{0});
        }
        friend bool operator==(const Group&, const Group&) = default;
    };
    std::vector<Group> groups;  // those that changed since the frame before; all in the first
    static void fields(auto& io, auto& m) { io.field("Groups", m.groups, kafka::Since{0}); }
    friend bool operator==(const Groups&, const Groups&) = default;
};

struct Ping {
    static constexpr auto kSchema = frame_schema("Ping", 12);
    std::int64_t sequence = 0;
    static void fields(auto& io, auto& m) { io.field("Sequence", m.sequence, kafka::Since{0}); }
    friend bool operator==(const Ping&, const Ping&) = default;
};

using Frame = std::variant<
    Hello,
    Welcome,
    Credit,
    Assign,
    Unassign,
    Topics,
    Started,
    Data,
    Ends,
    Stopped,
    Groups,
    Ping>;

// Length, type and body. kOutOfBounds: larger than kMaxFrameBytes.
[[nodiscard]] Result<BufferChain> encode_frame(const Frame& frame);

// The length that the first kFrameLengthBytes announce; kMalformed when it is out of range.
[[nodiscard]] Result<std::uint32_t> announced_frame_size(ByteView head);
// What follows the length: type and body. kMalformed names type and field.
[[nodiscard]] Result<Frame> decode_frame(BufferSlice type_and_body);

}  // namespace sealane::mirror
