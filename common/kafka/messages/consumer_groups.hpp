#pragma once
// The consumer-group protocol of KIP-848: ConsumerGroupHeartbeat, ConsumerGroupDescribe.

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct ConsumerGroupHeartbeatResponse;
struct ConsumerGroupDescribeResponse;

struct ConsumerGroupHeartbeatRequest {
    static constexpr MessageSchema kSchema =
        request_schema("ConsumerGroupHeartbeatRequest", ApiKey::kConsumerGroupHeartbeat);
    using Response = ConsumerGroupHeartbeatResponse;

    struct TopicPartitions {
        Uuid topic_id;
        std::vector<PartitionId> partitions;

        static void fields(auto& io, auto& m) {
            io.field("TopicId", m.topic_id, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const TopicPartitions&, const TopicPartitions&) = default;
    };

    std::string group_id;
    std::string member_id;
    std::int32_t member_epoch = 0;
    std::optional<std::string> instance_id;
    std::optional<std::string> rack_id;
    std::int32_t rebalance_timeout_ms = -1;
    std::optional<std::vector<std::string>> subscribed_topic_names;
    std::optional<std::string> subscribed_topic_regex;
    std::optional<std::string> server_assignor;
    std::optional<std::vector<TopicPartitions>> topic_partitions;

    static void fields(auto& io, auto& m) {
        io.field("GroupId", m.group_id, Since{0});
        io.field("MemberId", m.member_id, Since{0});
        io.field("MemberEpoch", m.member_epoch, Since{0});
        io.field("InstanceId", m.instance_id, Since{0}, NullableSince{0});
        io.field("RackId", m.rack_id, Since{0}, NullableSince{0});
        io.field("RebalanceTimeoutMs", m.rebalance_timeout_ms, Since{0});
        io.field("SubscribedTopicNames", m.subscribed_topic_names, Since{0}, NullableSince{0});
        io.field("SubscribedTopicRegex", m.subscribed_topic_regex, Since{1}, NullableSince{1});
        io.field("ServerAssignor", m.server_assignor, Since{0}, NullableSince{0});
        io.field("TopicPartitions", m.topic_partitions, Since{0}, NullableSince{0});
    }
    friend bool
    operator==(const ConsumerGroupHeartbeatRequest&, const ConsumerGroupHeartbeatRequest&) =
        default;
};

struct ConsumerGroupHeartbeatResponse {
    static constexpr MessageSchema kSchema =
        response_schema("ConsumerGroupHeartbeatResponse", ApiKey::kConsumerGroupHeartbeat);

    struct TopicPartitions {
        Uuid topic_id;
        std::vector<PartitionId> partitions;

        static void fields(auto& io, auto& m) {
            io.field("TopicId", m.topic_id, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const TopicPartitions&, const TopicPartitions&) = default;
    };

    struct Assignment {
        std::vector<TopicPartitions> topic_partitions;

        static void fields(auto& io, auto& m) {
            io.field("TopicPartitions", m.topic_partitions, Since{0});
        }
        friend bool operator==(const Assignment&, const Assignment&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message;
    std::optional<std::string> member_id;
    std::int32_t member_epoch = 0;
    std::int32_t heartbeat_interval_ms = 0;
    std::optional<Assignment> assignment;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
        io.field("MemberId", m.member_id, Since{0}, NullableSince{0});
        io.field("MemberEpoch", m.member_epoch, Since{0});
        io.field("HeartbeatIntervalMs", m.heartbeat_interval_ms, Since{0});
        io.field("Assignment", m.assignment, Since{0}, NullableSince{0});
    }
    friend bool
    operator==(const ConsumerGroupHeartbeatResponse&, const ConsumerGroupHeartbeatResponse&) =
        default;
};

struct ConsumerGroupDescribeRequest {
    static constexpr MessageSchema kSchema =
        request_schema("ConsumerGroupDescribeRequest", ApiKey::kConsumerGroupDescribe);
    using Response = ConsumerGroupDescribeResponse;

    std::vector<std::string> group_ids;
    bool include_authorized_operations = false;

    static void fields(auto& io, auto& m) {
        io.field("GroupIds", m.group_ids, Since{0});
        io.field("IncludeAuthorizedOperations", m.include_authorized_operations, Since{0});
    }
    friend bool
    operator==(const ConsumerGroupDescribeRequest&, const ConsumerGroupDescribeRequest&) = default;
};

struct ConsumerGroupDescribeResponse {
    static constexpr MessageSchema kSchema =
        response_schema("ConsumerGroupDescribeResponse", ApiKey::kConsumerGroupDescribe);

    struct TopicPartitions {
        Uuid topic_id;
        std::string topic_name;
        std::vector<PartitionId> partitions;

        static void fields(auto& io, auto& m) {
            io.field("TopicId", m.topic_id, Since{0});
            io.field("TopicName", m.topic_name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const TopicPartitions&, const TopicPartitions&) = default;
    };

    struct Assignment {
        std::vector<TopicPartitions> topic_partitions;

        static void fields(auto& io, auto& m) {
            io.field("TopicPartitions", m.topic_partitions, Since{0});
        }
        friend bool operator==(const Assignment&, const Assignment&) = default;
    };

    struct Member {
        std::string member_id;
        std::optional<std::string> instance_id;
        std::optional<std::string> rack_id;
        std::int32_t member_epoch = 0;
        std::string client_id;
        std::string client_host;
        std::vector<std::string> subscribed_topic_names;
        std::optional<std::string> subscribed_topic_regex;
        Assignment assignment;
        Assignment target_assignment;
        std::int8_t member_type = -1;

        static void fields(auto& io, auto& m) {
            io.field("MemberId", m.member_id, Since{0});
            io.field("InstanceId", m.instance_id, Since{0}, NullableSince{0});
            io.field("RackId", m.rack_id, Since{0}, NullableSince{0});
            io.field("MemberEpoch", m.member_epoch, Since{0});
            io.field("ClientId", m.client_id, Since{0});
            io.field("ClientHost", m.client_host, Since{0});
            io.field("SubscribedTopicNames", m.subscribed_topic_names, Since{0});
            io.field("SubscribedTopicRegex", m.subscribed_topic_regex, Since{0}, NullableSince{0});
            io.field("Assignment", m.assignment, Since{0});
            io.field("TargetAssignment", m.target_assignment, Since{0});
            io.field("MemberType", m.member_type, Since{1});
        }
        friend bool operator==(const Member&, const Member&) = default;
    };

    struct DescribedGroup {
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message;
        std::string group_id;
        std::string group_state;
        std::int32_t group_epoch = 0;
        std::int32_t assignment_epoch = 0;
        std::string assignor_name;
        std::vector<Member> members;
        std::int32_t authorized_operations = INT32_MIN;

        static void fields(auto& io, auto& m) {
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
            io.field("GroupId", m.group_id, Since{0});
            io.field("GroupState", m.group_state, Since{0});
            io.field("GroupEpoch", m.group_epoch, Since{0});
            io.field("AssignmentEpoch", m.assignment_epoch, Since{0});
            io.field("AssignorName", m.assignor_name, Since{0});
            io.field("Members", m.members, Since{0});
            io.field("AuthorizedOperations", m.authorized_operations, Since{0});
        }
        friend bool operator==(const DescribedGroup&, const DescribedGroup&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<DescribedGroup> groups;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("Groups", m.groups, Since{0});
    }
    friend bool
    operator==(const ConsumerGroupDescribeResponse&, const ConsumerGroupDescribeResponse&) =
        default;
};

}  // namespace sealane::kafka
