#pragma once
// What the coordinator persists: one value per classic group and one per committed offset, in the
// format of Kafka's __consumer_offsets topic (record types 1 OffsetCommit and 2 GroupMetadata), and
// the records of groups of KIP-848 (consumer/consumer_record.hpp). A record without a value is a
// tombstone. The latest record of a key wins.

#include "broker/groups/consumer/consumer_record.hpp"
#include "broker/groups/group_types.hpp"
#include "common/base/result.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sealane::broker::groups {

struct PersistedMember {
    std::string member_id;
    std::optional<std::string> instance_id;
    std::string client_id;
    std::string client_host;
    std::int32_t rebalance_timeout_ms = -1;
    std::int32_t session_timeout_ms = 0;
    BufferSlice subscription;
    BufferSlice assignment;
    friend bool operator==(const PersistedMember&, const PersistedMember&) = default;
};

struct GroupMetadata {
    std::string protocol_type;
    GroupGeneration generation{0};
    std::optional<std::string> protocol;
    std::optional<std::string> leader;
    WallTime state_since;
    std::vector<PersistedMember> members;  // none: the group is empty
    friend bool operator==(const GroupMetadata&, const GroupMetadata&) = default;
};

struct CommittedOffset {
    Offset offset = kNoOffset;
    LeaderEpoch leader_epoch = kNoLeaderEpoch;
    std::string metadata;
    WallTime committed;
    WallTime expires;  // none: by the broker's retention
    friend bool operator==(const CommittedOffset&, const CommittedOffset&) = default;
};

struct GroupRecord {
    std::string group_id;
    std::optional<GroupMetadata> value;
    friend bool operator==(const GroupRecord&, const GroupRecord&) = default;
};
struct OffsetRecord {
    std::string group_id;
    TopicPartition partition;
    std::optional<CommittedOffset> value;
    friend bool operator==(const OffsetRecord&, const OffsetRecord&) = default;
};
using CoordinatorRecord = std::variant<GroupRecord, OffsetRecord, ConsumerRecord>;

struct EncodedRecord {
    BufferSlice key;
    std::optional<BufferSlice> value;  // none: tombstone
};

// Written: OffsetCommitValue v3 (v1 when an expiry is given), GroupMetadataValue v3. Fails only
// when a text is longer than the format can hold.
[[nodiscard]] Result<EncodedRecord> encode_record(const CoordinatorRecord& record);
// Reads every version Kafka wrote. Nothing: a record type this broker does not keep (transactional
// state of share and streams groups, written by a later version); it is skipped. kMalformed: broken
// bytes.
[[nodiscard]] Result<std::optional<CoordinatorRecord>> decode_record(
    const BufferSlice& key, const std::optional<BufferSlice>& value
);
// About how many bytes the record takes in the log. Bounds garbage, so it need not be exact.
[[nodiscard]] std::size_t stored_size(const CoordinatorRecord& record);

}  // namespace sealane::broker::groups
