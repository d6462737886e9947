#include "broker/groups/consumer/consumer_record.hpp"

#include "broker/coordinator/record_frame.hpp"
#include "common/kafka/messages/consumer_group_records.hpp"

#include <algorithm>

namespace sealane::broker::groups {
namespace {

using AssignedWire = kafka::ConsumerGroupCurrentMemberAssignmentValue::TopicPartitions;
using TargetWire = kafka::ConsumerGroupTargetAssignmentMemberValue::TopicPartition;

constexpr std::int16_t kValueVersion = 0;
// A record's framing and fixed fields: generous, so that garbage is not underestimated.
constexpr std::size_t kOverhead = 96;
constexpr std::size_t kPartitionSize = 8;
constexpr std::size_t kTextOverhead = 4;

template <class Key>
Result<BufferSlice> group_key(const std::string& group_id) {
    return framed(Key::kSchema.number, Key{group_id}, 0);
}

template <class Key>
Result<BufferSlice> member_key(const std::string& group_id, const std::string& second) {
    return framed(Key::kSchema.number, Key{group_id, second}, 0);
}

// The value's body, if there is a value.
template <class Value>
Result<std::optional<Value>> decode_value(const std::optional<BufferSlice>& value) {
    if (!value) return std::optional<Value>();
    SEALANE_TRY(const Framed body, unframed(*value));
    SEALANE_TRY(Value decoded, kafka::decode<Value>(body.body, body.number));
    return std::optional<Value>(std::move(decoded));
}

std::vector<AssignedWire> to_wire(const HeldPartitions& held) {
    std::vector<AssignedWire> topics;
    for (const auto& [at, epoch] : held) {
        if (topics.empty() || topics.back().topic_id != at.topic) {
            topics.emplace_back().topic_id = at.topic;
            topics.back().assignment_epochs.emplace();
        }
        topics.back().partitions.push_back(at.partition);
        topics.back().assignment_epochs->push_back(epoch);
    }
    return topics;
}

// Older records have no epochs of partitions: those of the member stand for them.
HeldPartitions from_wire(const std::vector<AssignedWire>& topics, std::int32_t member_epoch) {
    HeldPartitions held;
    for (const AssignedWire& topic : topics) {
        const bool has_epochs =
            topic.assignment_epochs && topic.assignment_epochs->size() == topic.partitions.size();
        for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
            held[{topic.topic_id, topic.partitions[i]}] =
                has_epochs ? (*topic.assignment_epochs)[i] : member_epoch;
        }
    }
    return held;
}

MemberState state_of(std::int8_t number) {
    switch (number) {
        case 0:
            return MemberState::kStable;
        case 1:
            return MemberState::kUnrevoked;
        case 2:
            return MemberState::kUnreleased;
        default:
            return MemberState::kUnknown;
    }
}

std::optional<std::string> nullable(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

Result<BufferSlice> value_of(const GroupEpoch& group) {
    kafka::ConsumerGroupMetadataValue wire;
    wire.epoch = group.epoch;
    wire.metadata_hash = group.metadata_hash;
    return framed(kValueVersion, wire, kValueVersion);
}

Result<BufferSlice> value_of(const MemberMetadata& member) {
    kafka::ConsumerGroupMemberMetadataValue wire;
    wire.instance_id = member.instance_id;
    wire.rack_id = member.rack_id;
    wire.client_id = member.client_id;
    wire.client_host = member.client_host;
    wire.subscribed_topic_names = member.topics;
    wire.subscribed_topic_regex = nullable(member.pattern);
    wire.rebalance_timeout_ms = member.rebalance_timeout_ms;
    wire.server_assignor = member.assignor;
    return framed(kValueVersion, wire, kValueVersion);
}

Result<BufferSlice> value_of(std::int32_t target_epoch) {
    kafka::ConsumerGroupTargetAssignmentMetadataValue wire;
    wire.assignment_epoch = target_epoch;
    return framed(kValueVersion, wire, kValueVersion);
}

Result<BufferSlice> value_of(const PartitionSet& target) {
    kafka::ConsumerGroupTargetAssignmentMemberValue wire;
    for (const TopicIdPartition& at : target) {
        if (wire.topic_partitions.empty() || wire.topic_partitions.back().topic_id != at.topic)
            wire.topic_partitions.emplace_back().topic_id = at.topic;
        wire.topic_partitions.back().partitions.push_back(at.partition);
    }
    return framed(kValueVersion, wire, kValueVersion);
}

Result<BufferSlice> value_of(const CurrentAssignment& current) {
    kafka::ConsumerGroupCurrentMemberAssignmentValue wire;
    wire.member_epoch = current.epoch;
    wire.previous_member_epoch = current.previous_epoch;
    wire.state = static_cast<std::int8_t>(current.state);
    wire.assigned_partitions = to_wire(current.assigned);
    wire.partitions_pending_revocation = to_wire(current.pending_revocation);
    return framed(kValueVersion, wire, kValueVersion);
}

Result<BufferSlice> value_of(const ResolvedPattern& pattern) {
    kafka::ConsumerGroupRegularExpressionValue wire;
    wire.topics.assign(pattern.topics.begin(), pattern.topics.end());
    wire.timestamp = pattern.resolved.ms;
    return framed(kValueVersion, wire, kValueVersion);
}

Result<BufferSlice> key_of(const GroupEpochRecord& record) {
    return group_key<kafka::ConsumerGroupMetadataKey>(record.group_id);
}
Result<BufferSlice> key_of(const MemberRecord& record) {
    return member_key<kafka::ConsumerGroupMemberMetadataKey>(record.group_id, record.member_id);
}
Result<BufferSlice> key_of(const TargetEpochRecord& record) {
    return group_key<kafka::ConsumerGroupTargetAssignmentMetadataKey>(record.group_id);
}
Result<BufferSlice> key_of(const TargetRecord& record) {
    return member_key<kafka::ConsumerGroupTargetAssignmentMemberKey>(
        record.group_id, record.member_id
    );
}
Result<BufferSlice> key_of(const CurrentRecord& record) {
    return member_key<kafka::ConsumerGroupCurrentMemberAssignmentKey>(
        record.group_id, record.member_id
    );
}
Result<BufferSlice> key_of(const PatternRecord& record) {
    return member_key<kafka::ConsumerGroupRegularExpressionKey>(record.group_id, record.pattern);
}

MemberMetadata from_wire(kafka::ConsumerGroupMemberMetadataValue wire) {
    MemberMetadata member;
    member.instance_id = std::move(wire.instance_id);
    member.rack_id = std::move(wire.rack_id);
    member.client_id = std::move(wire.client_id);
    member.client_host = std::move(wire.client_host);
    member.topics = std::move(wire.subscribed_topic_names);
    std::ranges::sort(member.topics);
    member.topics.erase(std::ranges::unique(member.topics).begin(), member.topics.end());
    member.pattern = std::move(wire.subscribed_topic_regex).value_or("");
    member.rebalance_timeout_ms = wire.rebalance_timeout_ms;
    member.assignor = std::move(wire.server_assignor);
    return member;
}

PartitionSet from_wire(const std::vector<TargetWire>& topics) {
    PartitionSet target;
    for (const TargetWire& topic : topics)
        for (const PartitionId partition : topic.partitions)
            target.insert({topic.topic_id, partition});
    return target;
}

CurrentAssignment from_wire(const kafka::ConsumerGroupCurrentMemberAssignmentValue& wire) {
    CurrentAssignment current;
    current.epoch = wire.member_epoch;
    current.previous_epoch = wire.previous_member_epoch;
    current.state = state_of(wire.state);
    current.assigned = from_wire(wire.assigned_partitions, wire.member_epoch);
    current.pending_revocation = from_wire(wire.partitions_pending_revocation, wire.member_epoch);
    return current;
}

ResolvedPattern from_wire(kafka::ConsumerGroupRegularExpressionValue wire) {
    ResolvedPattern pattern;
    pattern.topics = {wire.topics.begin(), wire.topics.end()};
    pattern.resolved = {wire.timestamp};
    return pattern;
}

using Decoded = Result<std::optional<ConsumerRecord>>;
using MaybeBytes = std::optional<BufferSlice>;

Decoded decode_epoch(const BufferSlice& key, const MaybeBytes& value) {
    SEALANE_TRY(auto named, kafka::decode<kafka::ConsumerGroupMetadataKey>(key, 0));
    SEALANE_TRY(const auto wire, decode_value<kafka::ConsumerGroupMetadataValue>(value));
    GroupEpochRecord record{std::move(named.group_id), std::nullopt};
    if (wire) record.value = GroupEpoch{wire->epoch, wire->metadata_hash};
    return std::optional<ConsumerRecord>(std::move(record));
}

Decoded decode_target_epoch(const BufferSlice& key, const MaybeBytes& value) {
    SEALANE_TRY(auto named, kafka::decode<kafka::ConsumerGroupTargetAssignmentMetadataKey>(key, 0));
    SEALANE_TRY(
        const auto wire, decode_value<kafka::ConsumerGroupTargetAssignmentMetadataValue>(value)
    );
    TargetEpochRecord record{std::move(named.group_id), std::nullopt};
    if (wire) record.value = wire->assignment_epoch;
    return std::optional<ConsumerRecord>(std::move(record));
}

// Records whose key has a group and something of it, and whose value from_wire() understands.
template <class Record, class Key, class Value>
Decoded decode_part(const BufferSlice& key, const MaybeBytes& value) {
    SEALANE_TRY(auto named, kafka::decode<Key>(key, 0));
    SEALANE_TRY(auto wire, decode_value<Value>(value));
    std::string second;
    if constexpr (requires { named.member_id; }) {
        second = std::move(named.member_id);
    } else {
        second = std::move(named.regular_expression);
    }
    Record record{std::move(named.group_id), std::move(second), std::nullopt};
    if (wire) {
        if constexpr (requires { from_wire(wire->topic_partitions); }) {
            record.value = from_wire(wire->topic_partitions);
        } else {
            record.value = from_wire(*std::move(wire));
        }
    }
    return std::optional<ConsumerRecord>(std::move(record));
}

std::size_t size_of(const std::optional<std::string>& text) {
    return text ? text->size() : 0;
}
std::size_t size_of(const GroupEpoch&) {
    return 0;
}
std::size_t size_of(std::int32_t) {
    return 0;
}
std::size_t size_of(const MemberMetadata& member) {
    std::size_t size = size_of(member.instance_id) + size_of(member.rack_id) +
                       member.client_id.size() + member.client_host.size() + member.pattern.size() +
                       size_of(member.assignor);
    for (const std::string& topic : member.topics) size += kTextOverhead + topic.size();
    return size;
}
std::size_t size_of(const PartitionSet& target) {
    return target.size() * kPartitionSize;
}
std::size_t size_of(const CurrentAssignment& current) {
    return (current.assigned.size() + current.pending_revocation.size()) * kPartitionSize;
}
std::size_t size_of(const ResolvedPattern& pattern) {
    std::size_t size = 0;
    for (const std::string& topic : pattern.topics) size += kTextOverhead + topic.size();
    return size;
}

}  // namespace

const std::string& group_of(const ConsumerRecord& record) {
    return std::visit(
        [](const auto& typed) -> const std::string& { return typed.group_id; }, record
    );
}

Result<BufferSlice> encode_key(const ConsumerRecord& record) {
    return std::visit([](const auto& typed) { return key_of(typed); }, record);
}

Result<std::optional<BufferSlice>> encode_value(const ConsumerRecord& record) {
    return std::visit(
        [](const auto& typed) -> Result<std::optional<BufferSlice>> {
            if (!typed.value) return std::optional<BufferSlice>();
            SEALANE_TRY(BufferSlice bytes, value_of(*typed.value));
            return std::optional<BufferSlice>(std::move(bytes));
        },
        record
    );
}

Result<std::optional<ConsumerRecord>> decode_consumer_record(
    std::int16_t type, const BufferSlice& key, const std::optional<BufferSlice>& value
) {
    switch (type) {
        case kafka::ConsumerGroupMetadataKey::kSchema.number:
            return decode_epoch(key, value);
        case kafka::ConsumerGroupMemberMetadataKey::kSchema.number:
            return decode_part<
                MemberRecord,
                kafka::ConsumerGroupMemberMetadataKey,
                kafka::ConsumerGroupMemberMetadataValue>(key, value);
        case kafka::ConsumerGroupTargetAssignmentMetadataKey::kSchema.number:
            return decode_target_epoch(key, value);
        case kafka::ConsumerGroupTargetAssignmentMemberKey::kSchema.number:
            return decode_part<
                TargetRecord,
                kafka::ConsumerGroupTargetAssignmentMemberKey,
                kafka::ConsumerGroupTargetAssignmentMemberValue>(key, value);
        case kafka::ConsumerGroupCurrentMemberAssignmentKey::kSchema.number:
            return decode_part<
                CurrentRecord,
                kafka::ConsumerGroupCurrentMemberAssignmentKey,
                kafka::ConsumerGroupCurrentMemberAssignmentValue>(key, value);
        case kafka::ConsumerGroupRegularExpressionKey::kSchema.number:
            return decode_part<
                PatternRecord,
                kafka::ConsumerGroupRegularExpressionKey,
                kafka::ConsumerGroupRegularExpressionValue>(key, value);
        default:
            return std::optional<ConsumerRecord>();
    }
}

std::size_t stored_size(const ConsumerRecord& record) {
    return std::visit(
        [](const auto& typed) {
            std::size_t size = kOverhead + typed.group_id.size();
            if constexpr (requires { typed.member_id; }) size += typed.member_id.size();
            if constexpr (requires { typed.pattern; }) size += typed.pattern.size();
            if (typed.value) size += size_of(*typed.value);
            return size;
        },
        record
    );
}

}  // namespace sealane::broker::groups
