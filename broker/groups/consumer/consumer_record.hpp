#pragma once
// What is persisted of groups of the protocol of KIP-848, in the format of Kafka's
// __consumer_offsets topic (record types 3 and 5 to 8, and 16). A record without a value is a
// tombstone; the latest record of a key wins.

#include "broker/groups/consumer/consumer_types.hpp"
#include "common/base/buffer.hpp"
#include "common/base/result.hpp"

#include <optional>
#include <string>
#include <variant>

namespace sealane::broker::groups {

struct GroupEpoch {
    std::int32_t epoch = 0;
    std::int64_t metadata_hash = 0;  // of the subscribed topics
    friend bool operator==(const GroupEpoch&, const GroupEpoch&) = default;
};

struct GroupEpochRecord {  // 3; its tombstone ends the group
    std::string group_id;
    std::optional<GroupEpoch> value;
    friend bool operator==(const GroupEpochRecord&, const GroupEpochRecord&) = default;
};
struct MemberRecord {  // 5
    std::string group_id;
    std::string member_id;
    std::optional<MemberMetadata> value;
    friend bool operator==(const MemberRecord&, const MemberRecord&) = default;
};
struct TargetEpochRecord {  // 6
    std::string group_id;
    std::optional<std::int32_t> value;
    friend bool operator==(const TargetEpochRecord&, const TargetEpochRecord&) = default;
};
struct TargetRecord {  // 7
    std::string group_id;
    std::string member_id;
    std::optional<PartitionSet> value;
    friend bool operator==(const TargetRecord&, const TargetRecord&) = default;
};
struct CurrentRecord {  // 8
    std::string group_id;
    std::string member_id;
    std::optional<CurrentAssignment> value;
    friend bool operator==(const CurrentRecord&, const CurrentRecord&) = default;
};
struct PatternRecord {  // 16
    std::string group_id;
    std::string pattern;
    std::optional<ResolvedPattern> value;
    friend bool operator==(const PatternRecord&, const PatternRecord&) = default;
};
using ConsumerRecord = std::variant<
    GroupEpochRecord,
    MemberRecord,
    TargetEpochRecord,
    TargetRecord,
    CurrentRecord,
    PatternRecord>;

[[nodiscard]] const std::string& group_of(const ConsumerRecord& record);

[[nodiscard]] Result<BufferSlice> encode_key(const ConsumerRecord& record);
// Nothing: a tombstone. Fails only when a text is longer than the format can hold.
[[nodiscard]] Result<std::optional<BufferSlice>> encode_value(const ConsumerRecord& record);

// `type` and `key` are the parts of a record's key. Nothing: not a type of these.
// kMalformed: broken bytes.
[[nodiscard]] Result<std::optional<ConsumerRecord>> decode_consumer_record(
    std::int16_t type, const BufferSlice& key, const std::optional<BufferSlice>& value
);
// About how many bytes key and value take.
[[nodiscard]] std::size_t stored_size(const ConsumerRecord& record);

}  // namespace sealane::broker::groups
