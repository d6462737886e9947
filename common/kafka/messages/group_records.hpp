#pragma once
// Records of __consumer_offsets: committed offsets and classic groups. On disk an int16 stands
// before each: the record type (kSchema.number) before a key, the version before a value.

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct OffsetCommitKey {
    static constexpr MessageSchema kSchema{
        "OffsetCommitKey", MessageKind::kCoordinatorKey, 1, {0, 0}
    };

    std::string group;
    std::string topic;
    PartitionId partition{};

    static void fields(auto& io, auto& m) {
        io.field("group", m.group, Between{0, 0});
        io.field("topic", m.topic, Between{0, 0});
        io.field("partition", m.partition, Between{0, 0});
    }
    friend bool operator==(const OffsetCommitKey&, const OffsetCommitKey&) = default;
};

struct OffsetCommitValue {
    static constexpr MessageSchema kSchema{
        "OffsetCommitValue", MessageKind::kCoordinatorValue, 1, {0, 4}, 4
    };

    Offset offset{};
    LeaderEpoch leader_epoch = kNoLeaderEpoch;
    std::string metadata;
    std::int64_t commit_timestamp = 0;
    std::int64_t expire_timestamp = -1;
    Uuid topic_id;

    static void fields(auto& io, auto& m) {
        io.field("offset", m.offset, Since{0});
        io.field("leaderEpoch", m.leader_epoch, Since{3});
        io.field("metadata", m.metadata, Since{0});
        io.field("commitTimestamp", m.commit_timestamp, Since{0});
        io.field("expireTimestamp", m.expire_timestamp, Between{1, 1});
        io.field("topicId", m.topic_id, Since{4}, Tagged{0});
    }
    friend bool operator==(const OffsetCommitValue&, const OffsetCommitValue&) = default;
};

struct GroupMetadataKey {
    static constexpr MessageSchema kSchema{
        "GroupMetadataKey", MessageKind::kCoordinatorKey, 2, {0, 0}
    };

    std::string group;

    static void fields(auto& io, auto& m) { io.field("group", m.group, Between{0, 0}); }
    friend bool operator==(const GroupMetadataKey&, const GroupMetadataKey&) = default;
};

struct GroupMetadataValue {
    static constexpr MessageSchema kSchema{
        "GroupMetadataValue", MessageKind::kCoordinatorValue, 2, {0, 4}, 4
    };

    struct MemberMetadata {
        std::string member_id;
        std::optional<std::string> group_instance_id;
        std::string client_id;
        std::string client_host;
        std::int32_t rebalance_timeout = -1;
        std::int32_t session_timeout = 0;
        BufferSlice subscription;
        BufferSlice assignment;

        static void fields(auto& io, auto& m) {
            io.field("memberId", m.member_id, Since{0});
            io.field("groupInstanceId", m.group_instance_id, Since{3}, NullableSince{3});
            io.field("clientId", m.client_id, Since{0});
            io.field("clientHost", m.client_host, Since{0});
            io.field("rebalanceTimeout", m.rebalance_timeout, Since{1});
            io.field("sessionTimeout", m.session_timeout, Since{0});
            io.field("subscription", m.subscription, Since{0});
            io.field("assignment", m.assignment, Since{0});
        }
        friend bool operator==(const MemberMetadata&, const MemberMetadata&) = default;
    };

    std::string protocol_type;
    GroupGeneration generation{};
    std::optional<std::string> protocol{std::in_place};
    std::optional<std::string> leader{std::in_place};
    std::int64_t current_state_timestamp = -1;
    std::vector<MemberMetadata> members;

    static void fields(auto& io, auto& m) {
        io.field("protocolType", m.protocol_type, Since{0});
        io.field("generation", m.generation, Since{0});
        io.field("protocol", m.protocol, Since{0}, NullableSince{0});
        io.field("leader", m.leader, Since{0}, NullableSince{0});
        io.field("currentStateTimestamp", m.current_state_timestamp, Since{2});
        io.field("members", m.members, Since{0});
    }
    friend bool operator==(const GroupMetadataValue&, const GroupMetadataValue&) = default;
};

}  // namespace sealane::kafka
