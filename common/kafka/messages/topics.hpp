#pragma once
// CreateTopics, DeleteTopics, CreatePartitions (KIP-4, KIP-195, KIP-525) and DeleteRecords
// (KIP-107).

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct CreateTopicsResponse;
struct DeleteTopicsResponse;
struct CreatePartitionsResponse;
struct DeleteRecordsResponse;

struct CreateTopicsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("CreateTopicsRequest", ApiKey::kCreateTopics);
    using Response = CreateTopicsResponse;

    struct CreatableReplicaAssignment {
        PartitionId partition_index{};
        std::vector<BrokerId> broker_ids;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("BrokerIds", m.broker_ids, Since{0});
        }
        friend bool
        operator==(const CreatableReplicaAssignment&, const CreatableReplicaAssignment&) = default;
    };

    struct CreatableTopicConfig {
        std::string name;
        std::optional<std::string> value{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Value", m.value, Since{0}, NullableSince{0});
        }
        friend bool operator==(const CreatableTopicConfig&, const CreatableTopicConfig&) = default;
    };

    struct CreatableTopic {
        std::string name;
        std::int32_t num_partitions = 0;
        std::int16_t replication_factor = 0;
        std::vector<CreatableReplicaAssignment> assignments;
        std::vector<CreatableTopicConfig> configs;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("NumPartitions", m.num_partitions, Since{0});
            io.field("ReplicationFactor", m.replication_factor, Since{0});
            io.field("Assignments", m.assignments, Since{0});
            io.field("Configs", m.configs, Since{0});
        }
        friend bool operator==(const CreatableTopic&, const CreatableTopic&) = default;
    };

    std::vector<CreatableTopic> topics;
    std::int32_t timeout_ms = 60000;
    bool validate_only = false;

    static void fields(auto& io, auto& m) {
        io.field("Topics", m.topics, Since{0});
        io.field("timeoutMs", m.timeout_ms, Since{0});
        io.field("validateOnly", m.validate_only, Since{1});
    }
    friend bool operator==(const CreateTopicsRequest&, const CreateTopicsRequest&) = default;
};

struct CreateTopicsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("CreateTopicsResponse", ApiKey::kCreateTopics);

    struct CreatableTopicConfigs {
        std::string name;
        std::optional<std::string> value{std::in_place};
        bool read_only = false;
        std::int8_t config_source = -1;
        bool is_sensitive = false;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{5});
            io.field("Value", m.value, Since{5}, NullableSince{5});
            io.field("ReadOnly", m.read_only, Since{5});
            io.field("ConfigSource", m.config_source, Since{5});
            io.field("IsSensitive", m.is_sensitive, Since{5});
        }
        friend bool operator==(const CreatableTopicConfigs&, const CreatableTopicConfigs&) =
            default;
    };

    struct CreatableTopicResult {
        std::string name;
        Uuid topic_id;
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message{std::in_place};
        ErrorCode topic_config_error_code = ErrorCode::kNone;
        std::int32_t num_partitions = -1;
        std::int16_t replication_factor = -1;
        std::optional<std::vector<CreatableTopicConfigs>> configs{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("TopicId", m.topic_id, Since{7});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{1}, NullableSince{1});
            io.field("TopicConfigErrorCode", m.topic_config_error_code, Since{5}, Tagged{0});
            io.field("NumPartitions", m.num_partitions, Since{5});
            io.field("ReplicationFactor", m.replication_factor, Since{5});
            io.field("Configs", m.configs, Since{5}, NullableSince{5});
        }
        friend bool operator==(const CreatableTopicResult&, const CreatableTopicResult&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<CreatableTopicResult> topics;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{2});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const CreateTopicsResponse&, const CreateTopicsResponse&) = default;
};

struct DeleteTopicsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("DeleteTopicsRequest", ApiKey::kDeleteTopics);
    using Response = DeleteTopicsResponse;

    struct DeleteTopicState {
        std::optional<std::string> name;
        Uuid topic_id;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{6}, NullableSince{6});
            io.field("TopicId", m.topic_id, Since{6});
        }
        friend bool operator==(const DeleteTopicState&, const DeleteTopicState&) = default;
    };

    std::vector<DeleteTopicState> topics;
    std::vector<std::string> topic_names;
    std::int32_t timeout_ms = 0;

    static void fields(auto& io, auto& m) {
        io.field("Topics", m.topics, Since{6});
        io.field("TopicNames", m.topic_names, Between{0, 5});
        io.field("TimeoutMs", m.timeout_ms, Since{0});
    }
    friend bool operator==(const DeleteTopicsRequest&, const DeleteTopicsRequest&) = default;
};

struct DeleteTopicsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("DeleteTopicsResponse", ApiKey::kDeleteTopics);

    struct DeletableTopicResult {
        std::optional<std::string> name{std::in_place};
        Uuid topic_id;
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0}, NullableSince{6});
            io.field("TopicId", m.topic_id, Since{6});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{5}, NullableSince{5});
        }
        friend bool operator==(const DeletableTopicResult&, const DeletableTopicResult&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<DeletableTopicResult> responses;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{1});
        io.field("Responses", m.responses, Since{0});
    }
    friend bool operator==(const DeleteTopicsResponse&, const DeleteTopicsResponse&) = default;
};

struct CreatePartitionsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("CreatePartitionsRequest", ApiKey::kCreatePartitions);
    using Response = CreatePartitionsResponse;

    struct CreatePartitionsAssignment {
        std::vector<BrokerId> broker_ids;

        static void fields(auto& io, auto& m) { io.field("BrokerIds", m.broker_ids, Since{0}); }
        friend bool
        operator==(const CreatePartitionsAssignment&, const CreatePartitionsAssignment&) = default;
    };

    struct CreatePartitionsTopic {
        std::string name;
        std::int32_t count = 0;
        std::optional<std::vector<CreatePartitionsAssignment>> assignments{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Count", m.count, Since{0});
            io.field("Assignments", m.assignments, Since{0}, NullableSince{0});
        }
        friend bool operator==(const CreatePartitionsTopic&, const CreatePartitionsTopic&) =
            default;
    };

    std::vector<CreatePartitionsTopic> topics;
    std::int32_t timeout_ms = 0;
    bool validate_only = false;

    static void fields(auto& io, auto& m) {
        io.field("Topics", m.topics, Since{0});
        io.field("TimeoutMs", m.timeout_ms, Since{0});
        io.field("ValidateOnly", m.validate_only, Since{0});
    }
    friend bool operator==(const CreatePartitionsRequest&, const CreatePartitionsRequest&) =
        default;
};

struct CreatePartitionsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("CreatePartitionsResponse", ApiKey::kCreatePartitions);

    struct CreatePartitionsTopicResult {
        std::string name;
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
        }
        friend bool
        operator==(const CreatePartitionsTopicResult&, const CreatePartitionsTopicResult&) =
            default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<CreatePartitionsTopicResult> results;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("Results", m.results, Since{0});
    }
    friend bool operator==(const CreatePartitionsResponse&, const CreatePartitionsResponse&) =
        default;
};

struct DeleteRecordsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("DeleteRecordsRequest", ApiKey::kDeleteRecords);
    using Response = DeleteRecordsResponse;

    struct DeleteRecordsPartition {
        PartitionId partition_index{};
        Offset offset{};

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("Offset", m.offset, Since{0});
        }
        friend bool operator==(const DeleteRecordsPartition&, const DeleteRecordsPartition&) =
            default;
    };

    struct DeleteRecordsTopic {
        std::string name;
        std::vector<DeleteRecordsPartition> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const DeleteRecordsTopic&, const DeleteRecordsTopic&) = default;
    };

    std::vector<DeleteRecordsTopic> topics;
    std::int32_t timeout_ms = 0;

    static void fields(auto& io, auto& m) {
        io.field("Topics", m.topics, Since{0});
        io.field("TimeoutMs", m.timeout_ms, Since{0});
    }
    friend bool operator==(const DeleteRecordsRequest&, const DeleteRecordsRequest&) = default;
};

struct DeleteRecordsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("DeleteRecordsResponse", ApiKey::kDeleteRecords);

    struct DeleteRecordsPartitionResult {
        PartitionId partition_index{};
        Offset low_watermark{};
        ErrorCode error_code = ErrorCode::kNone;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("LowWatermark", m.low_watermark, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
        }
        friend bool
        operator==(const DeleteRecordsPartitionResult&, const DeleteRecordsPartitionResult&) =
            default;
    };

    struct DeleteRecordsTopicResult {
        std::string name;
        std::vector<DeleteRecordsPartitionResult> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const DeleteRecordsTopicResult&, const DeleteRecordsTopicResult&) =
            default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<DeleteRecordsTopicResult> topics;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const DeleteRecordsResponse&, const DeleteRecordsResponse&) = default;
};

}  // namespace sealane::kafka
