#pragma once
// Committed offsets: OffsetCommit, OffsetFetch (many groups KIP-709), OffsetDelete (KIP-496).

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct OffsetCommitResponse;
struct OffsetFetchResponse;
struct OffsetDeleteResponse;

struct OffsetCommitRequest {
    static constexpr MessageSchema kSchema =
        request_schema("OffsetCommitRequest", ApiKey::kOffsetCommit);
    using Response = OffsetCommitResponse;

    struct OffsetCommitRequestPartition {
        PartitionId partition_index{};
        Offset committed_offset{};
        LeaderEpoch committed_leader_epoch = kNoLeaderEpoch;
        std::int64_t commit_timestamp = -1;
        std::optional<std::string> committed_metadata{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("CommittedOffset", m.committed_offset, Since{0});
            io.field("CommittedLeaderEpoch", m.committed_leader_epoch, Since{6}, kIgnorable);
            io.field("CommitTimestamp", m.commit_timestamp, Between{1, 1}, kIgnorable);
            io.field("CommittedMetadata", m.committed_metadata, Since{0}, NullableSince{0});
        }
        friend bool
        operator==(const OffsetCommitRequestPartition&, const OffsetCommitRequestPartition&) =
            default;
    };

    struct OffsetCommitRequestTopic {
        std::string name;
        Uuid topic_id;
        std::vector<OffsetCommitRequestPartition> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Between{0, 9}, kIgnorable);
            io.field("TopicId", m.topic_id, Since{10}, kIgnorable);
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const OffsetCommitRequestTopic&, const OffsetCommitRequestTopic&) =
            default;
    };

    std::string group_id;
    GroupGeneration generation_id_or_member_epoch{-1};
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::int64_t retention_time_ms = -1;
    std::vector<OffsetCommitRequestTopic> topics;

    static void fields(auto& io, auto& m) {
        io.field("GroupId", m.group_id, Since{0});
        io.field(
            "GenerationIdOrMemberEpoch", m.generation_id_or_member_epoch, Since{1}, kIgnorable
        );
        io.field("MemberId", m.member_id, Since{1}, kIgnorable);
        io.field("GroupInstanceId", m.group_instance_id, Since{7}, NullableSince{7});
        io.field("RetentionTimeMs", m.retention_time_ms, Between{2, 4}, kIgnorable);
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const OffsetCommitRequest&, const OffsetCommitRequest&) = default;
};

struct OffsetCommitResponse {
    static constexpr MessageSchema kSchema =
        response_schema("OffsetCommitResponse", ApiKey::kOffsetCommit);

    struct OffsetCommitResponsePartition {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::kNone;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
        }
        friend bool
        operator==(const OffsetCommitResponsePartition&, const OffsetCommitResponsePartition&) =
            default;
    };

    struct OffsetCommitResponseTopic {
        std::string name;
        Uuid topic_id;
        std::vector<OffsetCommitResponsePartition> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Between{0, 9});
            io.field("TopicId", m.topic_id, Since{10});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const OffsetCommitResponseTopic&, const OffsetCommitResponseTopic&) =
            default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<OffsetCommitResponseTopic> topics;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{3});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const OffsetCommitResponse&, const OffsetCommitResponse&) = default;
};

struct OffsetFetchRequest {
    static constexpr MessageSchema kSchema =
        request_schema("OffsetFetchRequest", ApiKey::kOffsetFetch);
    using Response = OffsetFetchResponse;

    struct OffsetFetchRequestTopic {
        std::string name;
        std::vector<PartitionId> partition_indexes;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Between{0, 7}, kIgnorable);
            io.field("PartitionIndexes", m.partition_indexes, Between{0, 7});
        }
        friend bool operator==(const OffsetFetchRequestTopic&, const OffsetFetchRequestTopic&) =
            default;
    };

    struct OffsetFetchRequestTopics {
        std::string name;
        Uuid topic_id;
        std::vector<PartitionId> partition_indexes;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Between{8, 9}, kIgnorable);
            io.field("TopicId", m.topic_id, Since{10}, kIgnorable);
            io.field("PartitionIndexes", m.partition_indexes, Since{8});
        }
        friend bool operator==(const OffsetFetchRequestTopics&, const OffsetFetchRequestTopics&) =
            default;
    };

    struct OffsetFetchRequestGroup {
        std::string group_id;
        std::optional<std::string> member_id;
        std::int32_t member_epoch = -1;
        std::optional<std::vector<OffsetFetchRequestTopics>> topics{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("GroupId", m.group_id, Since{8});
            io.field("MemberId", m.member_id, Since{9}, NullableSince{9}, kIgnorable);
            io.field("MemberEpoch", m.member_epoch, Since{9}, kIgnorable);
            io.field("Topics", m.topics, Since{8}, NullableSince{8});
        }
        friend bool operator==(const OffsetFetchRequestGroup&, const OffsetFetchRequestGroup&) =
            default;
    };

    std::string group_id;
    std::optional<std::vector<OffsetFetchRequestTopic>> topics{std::in_place};
    std::vector<OffsetFetchRequestGroup> groups;
    bool require_stable = false;

    static void fields(auto& io, auto& m) {
        io.field("GroupId", m.group_id, Between{0, 7});
        io.field("Topics", m.topics, Between{0, 7}, NullableBetween{2, 7});
        io.field("Groups", m.groups, Since{8});
        io.field("RequireStable", m.require_stable, Since{7});
    }
    friend bool operator==(const OffsetFetchRequest&, const OffsetFetchRequest&) = default;
};

struct OffsetFetchResponse {
    static constexpr MessageSchema kSchema =
        response_schema("OffsetFetchResponse", ApiKey::kOffsetFetch);

    struct OffsetFetchResponsePartition {
        PartitionId partition_index{};
        Offset committed_offset{};
        LeaderEpoch committed_leader_epoch = kNoLeaderEpoch;
        std::optional<std::string> metadata{std::in_place};
        ErrorCode error_code = ErrorCode::kNone;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Between{0, 7});
            io.field("CommittedOffset", m.committed_offset, Between{0, 7});
            io.field("CommittedLeaderEpoch", m.committed_leader_epoch, Between{5, 7});
            io.field("Metadata", m.metadata, Between{0, 7}, NullableBetween{0, 7});
            io.field("ErrorCode", m.error_code, Between{0, 7});
        }
        friend bool
        operator==(const OffsetFetchResponsePartition&, const OffsetFetchResponsePartition&) =
            default;
    };

    struct OffsetFetchResponseTopic {
        std::string name;
        std::vector<OffsetFetchResponsePartition> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Between{0, 7});
            io.field("Partitions", m.partitions, Between{0, 7});
        }
        friend bool operator==(const OffsetFetchResponseTopic&, const OffsetFetchResponseTopic&) =
            default;
    };

    struct OffsetFetchResponsePartitions {
        PartitionId partition_index{};
        Offset committed_offset{};
        LeaderEpoch committed_leader_epoch = kNoLeaderEpoch;
        std::optional<std::string> metadata{std::in_place};
        ErrorCode error_code = ErrorCode::kNone;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{8});
            io.field("CommittedOffset", m.committed_offset, Since{8});
            io.field("CommittedLeaderEpoch", m.committed_leader_epoch, Since{8});
            io.field("Metadata", m.metadata, Since{8}, NullableSince{8});
            io.field("ErrorCode", m.error_code, Since{8});
        }
        friend bool
        operator==(const OffsetFetchResponsePartitions&, const OffsetFetchResponsePartitions&) =
            default;
    };

    struct OffsetFetchResponseTopics {
        std::string name;
        Uuid topic_id;
        std::vector<OffsetFetchResponsePartitions> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Between{8, 9});
            io.field("TopicId", m.topic_id, Since{10});
            io.field("Partitions", m.partitions, Since{8});
        }
        friend bool operator==(const OffsetFetchResponseTopics&, const OffsetFetchResponseTopics&) =
            default;
    };

    struct OffsetFetchResponseGroup {
        std::string group_id;
        std::vector<OffsetFetchResponseTopics> topics;
        ErrorCode error_code = ErrorCode::kNone;

        static void fields(auto& io, auto& m) {
            io.field("GroupId", m.group_id, Since{8});
            io.field("Topics", m.topics, Since{8});
            io.field("ErrorCode", m.error_code, Since{8});
        }
        friend bool operator==(const OffsetFetchResponseGroup&, const OffsetFetchResponseGroup&) =
            default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<OffsetFetchResponseTopic> topics;
    ErrorCode error_code = ErrorCode::kNone;
    std::vector<OffsetFetchResponseGroup> groups;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{3});
        io.field("Topics", m.topics, Between{0, 7});
        io.field("ErrorCode", m.error_code, Between{2, 7});
        io.field("Groups", m.groups, Since{8});
    }
    friend bool operator==(const OffsetFetchResponse&, const OffsetFetchResponse&) = default;
};

struct OffsetDeleteRequest {
    static constexpr MessageSchema kSchema =
        request_schema("OffsetDeleteRequest", ApiKey::kOffsetDelete);
    using Response = OffsetDeleteResponse;

    struct OffsetDeleteRequestPartition {
        PartitionId partition_index{};

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
        }
        friend bool
        operator==(const OffsetDeleteRequestPartition&, const OffsetDeleteRequestPartition&) =
            default;
    };

    struct OffsetDeleteRequestTopic {
        std::string name;
        std::vector<OffsetDeleteRequestPartition> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const OffsetDeleteRequestTopic&, const OffsetDeleteRequestTopic&) =
            default;
    };

    std::string group_id;
    std::vector<OffsetDeleteRequestTopic> topics;

    static void fields(auto& io, auto& m) {
        io.field("GroupId", m.group_id, Since{0});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const OffsetDeleteRequest&, const OffsetDeleteRequest&) = default;
};

struct OffsetDeleteResponse {
    static constexpr MessageSchema kSchema =
        response_schema("OffsetDeleteResponse", ApiKey::kOffsetDelete);

    struct OffsetDeleteResponsePartition {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::kNone;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
        }
        friend bool
        operator==(const OffsetDeleteResponsePartition&, const OffsetDeleteResponsePartition&) =
            default;
    };

    struct OffsetDeleteResponseTopic {
        std::string name;
        std::vector<OffsetDeleteResponsePartition> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const OffsetDeleteResponseTopic&, const OffsetDeleteResponseTopic&) =
            default;
    };

    ErrorCode error_code = ErrorCode::kNone;
    std::int32_t throttle_time_ms = 0;
    std::vector<OffsetDeleteResponseTopic> topics;

    static void fields(auto& io, auto& m) {
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const OffsetDeleteResponse&, const OffsetDeleteResponse&) = default;
};

}  // namespace sealane::kafka
