#include "common/client/group_membership.hpp"

#include "common/base/endian.hpp"
#include "common/base/text.hpp"
#include "common/kafka/messages/consumer_protocol.hpp"

#include <algorithm>

namespace sealane::client {
namespace {

// Version 0 is understood by every member; later ones only add what we do not use.
constexpr std::int16_t kWrittenVersion = 0;
constexpr std::int16_t kLastKnownVersion = 3;
constexpr std::size_t kVersionSize = 2;

template <class Message>
Result<BufferSlice> encode_versioned(const Message& message) {
    SEALANE_TRY(const BufferSlice body, kafka::encode(message, kWrittenVersion));
    MutableBuffer bytes(kVersionSize + body.size());
    store_be(bytes.data(), kWrittenVersion);
    std::ranges::copy(body.view(), bytes.data() + kVersionSize);
    return std::move(bytes).freeze();
}

// A newer version is read as the newest known one: fields are only ever added at the end.
template <class Message>
Result<Message> decode_versioned(const BufferSlice& bytes) {
    if (bytes.size() < kVersionSize)
        return fail(ErrorCode::kMalformed, concat(bytes.size(), " bytes of consumer protocol"));
    const auto version = load_be<std::int16_t>(bytes.data());
    if (version < 0)
        return fail(ErrorCode::kMalformed, concat("consumer protocol version ", version));
    BufferSlice body = bytes.from(kVersionSize);
    return kafka::decode_prefix<Message>(body, std::min(version, kLastKnownVersion));
}

}  // namespace

GroupMembership::Reaction GroupMembership::reaction_to(ErrorCode error) {
    switch (error) {
        case ErrorCode::kNone:
            return Reaction::kNone;
        case ErrorCode::kCoordinatorNotAvailable:
        case ErrorCode::kNotCoordinator:
        case ErrorCode::kConnectionReset:
        case ErrorCode::kConnectionRefused:
        case ErrorCode::kDeadlineExceeded:
        case ErrorCode::kEndOfStream:
            return Reaction::kFindCoordinator;
        case ErrorCode::kRebalanceInProgress:
        case ErrorCode::kMemberIdRequired:
            return Reaction::kRejoin;
        case ErrorCode::kUnknownMemberId:
        case ErrorCode::kIllegalGeneration:
            return Reaction::kRejoinAsNew;
        default:
            return is_retriable(error) ? Reaction::kRetry : Reaction::kFatal;
    }
}

Result<BufferSlice> encode_subscription(const std::vector<std::string>& topics) {
    kafka::ConsumerProtocolSubscription subscription;
    subscription.topics = topics;
    return encode_versioned(subscription);
}

Result<std::vector<std::string>> decode_subscription(const BufferSlice& bytes) {
    SEALANE_TRY(auto message, decode_versioned<kafka::ConsumerProtocolSubscription>(bytes));
    return std::move(message.topics);
}

Result<BufferSlice> encode_assignment(const std::vector<TopicPartition>& partitions) {
    kafka::ConsumerProtocolAssignment assignment;
    std::map<std::string, std::vector<PartitionId>> by_topic;
    for (const TopicPartition& partition : partitions)
        by_topic[partition.topic].push_back(partition.partition);
    for (auto& [topic, ids] : by_topic) {
        auto& entry = assignment.assigned_partitions.emplace_back();
        entry.topic = topic;
        entry.partitions = std::move(ids);
    }
    return encode_versioned(assignment);
}

Result<std::vector<TopicPartition>> decode_assignment(const BufferSlice& bytes) {
    std::vector<TopicPartition> partitions;
    if (bytes.empty()) return partitions;  // a member without partitions
    SEALANE_TRY(const auto message, decode_versioned<kafka::ConsumerProtocolAssignment>(bytes));
    for (const auto& topic : message.assigned_partitions) {
        for (const PartitionId id : topic.partitions) partitions.push_back({topic.topic, id});
    }
    return partitions;
}

std::map<std::string, std::vector<TopicPartition>> assign_ranges(
    const std::map<std::string, std::vector<std::string>>& topics_of_members,
    const std::map<std::string, std::int32_t>& partitions_of_topics
) {
    std::map<std::string, std::vector<TopicPartition>> assignment;
    for (const auto& [member, topics] : topics_of_members) assignment[member];
    for (const auto& [topic, partitions] : partitions_of_topics) {
        std::vector<std::string> members;
        for (const auto& [member, topics] : topics_of_members) {
            if (std::ranges::find(topics, topic) != topics.end()) members.push_back(member);
        }
        if (members.empty()) continue;
        const auto count = static_cast<std::int32_t>(members.size());
        std::int32_t next = 0;
        for (std::int32_t i = 0; i < count; ++i) {
            // The first members take one more when it does not come out even.
            const std::int32_t take = partitions / count + (i < partitions % count ? 1 : 0);
            for (std::int32_t n = 0; n < take; ++n)
                assignment[members[static_cast<std::size_t>(i)]].push_back(
                    {topic, PartitionId(next++)}
                );
        }
    }
    return assignment;
}

}  // namespace sealane::client
