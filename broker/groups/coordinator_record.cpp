#include "broker/groups/coordinator_record.hpp"

#include "broker/coordinator/record_frame.hpp"
#include "common/kafka/messages/group_records.hpp"

namespace sealane::broker::groups {
namespace {

// Record types of __consumer_offsets keys; 0 is the oldest form of 1, with the same fields.
constexpr std::int16_t kOldOffsetCommit = 0;
constexpr std::int16_t kOffsetCommit = 1;
constexpr std::int16_t kGroupMetadata = 2;

constexpr std::int16_t kOffsetValueVersion = 3;
constexpr std::int16_t kOffsetValueWithExpiryVersion = 1;  // the only one that has the field
constexpr std::int16_t kGroupValueVersion = 3;

// A batch's share, a record's framing, and the fixed fields: generous, so that garbage is not
// underestimated.
constexpr std::size_t kRecordOverhead = 96;
constexpr std::size_t kMemberOverhead = 32;

// What is kept in memory must not hold on to the block it was read from.
BufferSlice owned(const BufferSlice& slice) {
    return BufferSlice::copy_of(slice.view());
}

kafka::GroupMetadataValue to_wire(const GroupMetadata& group) {
    kafka::GroupMetadataValue value;
    value.protocol_type = group.protocol_type;
    value.generation = group.generation;
    value.protocol = group.protocol;
    value.leader = group.leader;
    value.current_state_timestamp = group.state_since.ms;
    for (const PersistedMember& member : group.members) {
        kafka::GroupMetadataValue::MemberMetadata wire;
        wire.member_id = member.member_id;
        wire.group_instance_id = member.instance_id;
        wire.client_id = member.client_id;
        wire.client_host = member.client_host;
        wire.rebalance_timeout = member.rebalance_timeout_ms;
        wire.session_timeout = member.session_timeout_ms;
        wire.subscription = member.subscription;
        wire.assignment = member.assignment;
        value.members.push_back(std::move(wire));
    }
    return value;
}

GroupMetadata from_wire(kafka::GroupMetadataValue value) {
    GroupMetadata group;
    group.protocol_type = std::move(value.protocol_type);
    group.generation = value.generation;
    group.protocol = std::move(value.protocol);
    group.leader = std::move(value.leader);
    group.state_since = {value.current_state_timestamp};
    for (auto& wire : value.members) {
        group.members.push_back(
            {std::move(wire.member_id),
             std::move(wire.group_instance_id),
             std::move(wire.client_id),
             std::move(wire.client_host),
             wire.rebalance_timeout,
             wire.session_timeout,
             owned(wire.subscription),
             owned(wire.assignment)}
        );
    }
    return group;
}

Result<EncodedRecord> encode(const GroupRecord& record) {
    EncodedRecord encoded;
    SEALANE_TRY(encoded.key, framed(kGroupMetadata, kafka::GroupMetadataKey{record.group_id}, 0));
    if (!record.value) return encoded;
    SEALANE_TRY(
        encoded.value, framed(kGroupValueVersion, to_wire(*record.value), kGroupValueVersion)
    );
    return encoded;
}

Result<EncodedRecord> encode(const OffsetRecord& record) {
    EncodedRecord encoded;
    kafka::OffsetCommitKey key;
    key.group = record.group_id;
    key.topic = record.partition.topic;
    key.partition = record.partition.partition;
    SEALANE_TRY(encoded.key, framed(kOffsetCommit, key, 0));
    if (!record.value) return encoded;
    kafka::OffsetCommitValue value;
    value.offset = record.value->offset;
    value.leader_epoch = record.value->leader_epoch;
    value.metadata = record.value->metadata;
    value.commit_timestamp = record.value->committed.ms;
    value.expire_timestamp = record.value->expires.ms;
    const std::int16_t version =
        record.value->expires.ms >= 0 ? kOffsetValueWithExpiryVersion : kOffsetValueVersion;
    SEALANE_TRY(encoded.value, framed(version, value, version));
    return encoded;
}

Result<EncodedRecord> encode(const ConsumerRecord& record) {
    EncodedRecord encoded;
    SEALANE_TRY(encoded.key, encode_key(record));
    SEALANE_TRY(encoded.value, encode_value(record));
    return encoded;
}

Result<std::optional<CoordinatorRecord>> decode_offset(
    const Framed& key, const std::optional<BufferSlice>& value
) {
    SEALANE_TRY(auto named, kafka::decode<kafka::OffsetCommitKey>(key.body, 0));
    OffsetRecord record;
    record.group_id = std::move(named.group);
    record.partition = {std::move(named.topic), named.partition};
    if (value) {
        SEALANE_TRY(const Framed framed_value, unframed(*value));
        SEALANE_TRY(
            auto wire,
            kafka::decode<kafka::OffsetCommitValue>(framed_value.body, framed_value.number)
        );
        record.value = CommittedOffset{
            wire.offset,
            wire.leader_epoch,
            std::move(wire.metadata),
            {wire.commit_timestamp},
            {wire.expire_timestamp}
        };
    }
    return std::optional<CoordinatorRecord>(std::move(record));
}

Result<std::optional<CoordinatorRecord>> decode_group(
    const Framed& key, const std::optional<BufferSlice>& value
) {
    SEALANE_TRY(auto named, kafka::decode<kafka::GroupMetadataKey>(key.body, 0));
    GroupRecord record;
    record.group_id = std::move(named.group);
    if (value) {
        SEALANE_TRY(const Framed framed_value, unframed(*value));
        SEALANE_TRY(
            auto wire,
            kafka::decode<kafka::GroupMetadataValue>(framed_value.body, framed_value.number)
        );
        record.value = from_wire(std::move(wire));
    }
    return std::optional<CoordinatorRecord>(std::move(record));
}

}  // namespace

Result<EncodedRecord> encode_record(const CoordinatorRecord& record) {
    return std::visit([](const auto& typed) { return encode(typed); }, record);
}

Result<std::optional<CoordinatorRecord>> decode_record(
    const BufferSlice& key, const std::optional<BufferSlice>& value
) {
    SEALANE_TRY(const Framed framed_key, unframed(key));
    switch (framed_key.number) {
        case kOldOffsetCommit:
        case kOffsetCommit:
            return decode_offset(framed_key, value);
        case kGroupMetadata:
            return decode_group(framed_key, value);
        default:
            break;
    }
    SEALANE_TRY(auto record, decode_consumer_record(framed_key.number, framed_key.body, value));
    if (!record) return std::optional<CoordinatorRecord>();
    return std::optional<CoordinatorRecord>(*std::move(record));
}

std::size_t stored_size(const CoordinatorRecord& record) {
    if (const auto* consumer = std::get_if<ConsumerRecord>(&record)) return stored_size(*consumer);
    std::size_t size = kRecordOverhead;
    if (const auto* offset = std::get_if<OffsetRecord>(&record)) {
        size += offset->group_id.size() + offset->partition.topic.size();
        if (offset->value) size += offset->value->metadata.size();
        return size;
    }
    const auto& group = std::get<GroupRecord>(record);
    size += group.group_id.size();
    if (!group.value) return size;
    size += group.value->protocol_type.size() + group.value->protocol.value_or("").size() +
            group.value->leader.value_or("").size();
    for (const PersistedMember& member : group.value->members) {
        size += kMemberOverhead + member.member_id.size() + member.instance_id.value_or("").size() +
                member.client_id.size() + member.client_host.size() + member.subscription.size() +
                member.assignment.size();
    }
    return size;
}

}  // namespace sealane::broker::groups
