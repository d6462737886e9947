#pragma once
// ElectLeaders (KIP-460), AlterPartitionReassignments and ListPartitionReassignments (KIP-455).

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct ElectLeadersResponse;
struct AlterPartitionReassignmentsResponse;
struct ListPartitionReassignmentsResponse;

struct ElectLeadersRequest {
    static constexpr MessageSchema kSchema =
        request_schema("ElectLeadersRequest", ApiKey::kElectLeaders);
    using Response = ElectLeadersResponse;

    struct TopicPartitions {
        std::string topic;
        std::vector<PartitionId> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Topic", m.topic, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const TopicPartitions&, const TopicPartitions&) = default;
    };

    std::int8_t election_type = 0;
    std::optional<std::vector<TopicPartitions>> topic_partitions{std::in_place};
    std::int32_t timeout_ms = 60000;

    static void fields(auto& io, auto& m) {
        io.field("ElectionType", m.election_type, Since{1});
        io.field("TopicPartitions", m.topic_partitions, Since{0}, NullableSince{0});
        io.field("TimeoutMs", m.timeout_ms, Since{0});
    }
    friend bool operator==(const ElectLeadersRequest&, const ElectLeadersRequest&) = default;
};

struct ElectLeadersResponse {
    static constexpr MessageSchema kSchema =
        response_schema("ElectLeadersResponse", ApiKey::kElectLeaders);

    struct PartitionResult {
        PartitionId partition_id{};
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("PartitionId", m.partition_id, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
        }
        friend bool operator==(const PartitionResult&, const PartitionResult&) = default;
    };

    struct ReplicaElectionResult {
        std::string topic;
        std::vector<PartitionResult> partition_result;

        static void fields(auto& io, auto& m) {
            io.field("Topic", m.topic, Since{0});
            io.field("PartitionResult", m.partition_result, Since{0});
        }
        friend bool operator==(const ReplicaElectionResult&, const ReplicaElectionResult&) =
            default;
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::vector<ReplicaElectionResult> replica_election_results;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{1});
        io.field("ReplicaElectionResults", m.replica_election_results, Since{0});
    }
    friend bool operator==(const ElectLeadersResponse&, const ElectLeadersResponse&) = default;
};

struct AlterPartitionReassignmentsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("AlterPartitionReassignmentsRequest", ApiKey::kAlterPartitionReassignments);
    using Response = AlterPartitionReassignmentsResponse;

    struct ReassignablePartition {
        PartitionId partition_index{};
        std::optional<std::vector<BrokerId>> replicas;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("Replicas", m.replicas, Since{0}, NullableSince{0});
        }
        friend bool operator==(const ReassignablePartition&, const ReassignablePartition&) =
            default;
    };

    struct ReassignableTopic {
        std::string name;
        std::vector<ReassignablePartition> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const ReassignableTopic&, const ReassignableTopic&) = default;
    };

    std::int32_t timeout_ms = 60000;
    bool allow_replication_factor_change = true;
    std::vector<ReassignableTopic> topics;

    static void fields(auto& io, auto& m) {
        io.field("TimeoutMs", m.timeout_ms, Since{0});
        io.field("AllowReplicationFactorChange", m.allow_replication_factor_change, Since{1});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool
    operator==(const AlterPartitionReassignmentsRequest&, const AlterPartitionReassignmentsRequest&) =
        default;
};

struct AlterPartitionReassignmentsResponse {
    static constexpr MessageSchema kSchema = response_schema(
        "AlterPartitionReassignmentsResponse", ApiKey::kAlterPartitionReassignments
    );

    struct ReassignablePartitionResponse {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
        }
        friend bool
        operator==(const ReassignablePartitionResponse&, const ReassignablePartitionResponse&) =
            default;
    };

    struct ReassignableTopicResponse {
        std::string name;
        std::vector<ReassignablePartitionResponse> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const ReassignableTopicResponse&, const ReassignableTopicResponse&) =
            default;
    };

    std::int32_t throttle_time_ms = 0;
    bool allow_replication_factor_change = true;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message{std::in_place};
    std::vector<ReassignableTopicResponse> responses;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("AllowReplicationFactorChange", m.allow_replication_factor_change, Since{1});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
        io.field("Responses", m.responses, Since{0});
    }
    friend bool
    operator==(const AlterPartitionReassignmentsResponse&, const AlterPartitionReassignmentsResponse&) =
        default;
};

struct ListPartitionReassignmentsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("ListPartitionReassignmentsRequest", ApiKey::kListPartitionReassignments);
    using Response = ListPartitionReassignmentsResponse;

    struct ListPartitionReassignmentsTopics {
        std::string name;
        std::vector<PartitionId> partition_indexes;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("PartitionIndexes", m.partition_indexes, Since{0});
        }
        friend bool
        operator==(const ListPartitionReassignmentsTopics&, const ListPartitionReassignmentsTopics&) =
            default;
    };

    std::int32_t timeout_ms = 60000;
    std::optional<std::vector<ListPartitionReassignmentsTopics>> topics;

    static void fields(auto& io, auto& m) {
        io.field("TimeoutMs", m.timeout_ms, Since{0});
        io.field("Topics", m.topics, Since{0}, NullableSince{0});
    }
    friend bool
    operator==(const ListPartitionReassignmentsRequest&, const ListPartitionReassignmentsRequest&) =
        default;
};

struct ListPartitionReassignmentsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("ListPartitionReassignmentsResponse", ApiKey::kListPartitionReassignments);

    struct OngoingPartitionReassignment {
        PartitionId partition_index{};
        std::vector<BrokerId> replicas;
        std::vector<BrokerId> adding_replicas;
        std::vector<BrokerId> removing_replicas;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("Replicas", m.replicas, Since{0});
            io.field("AddingReplicas", m.adding_replicas, Since{0});
            io.field("RemovingReplicas", m.removing_replicas, Since{0});
        }
        friend bool
        operator==(const OngoingPartitionReassignment&, const OngoingPartitionReassignment&) =
            default;
    };

    struct OngoingTopicReassignment {
        std::string name;
        std::vector<OngoingPartitionReassignment> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const OngoingTopicReassignment&, const OngoingTopicReassignment&) =
            default;
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message{std::in_place};
    std::vector<OngoingTopicReassignment> topics;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool
    operator==(const ListPartitionReassignmentsResponse&, const ListPartitionReassignmentsResponse&) =
        default;
};

}  // namespace sealane::kafka
