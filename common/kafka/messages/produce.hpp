#pragma once
// Produce: record batches for partitions (KIP-98; leader hints KIP-951; topic ids KIP-516).

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct ProduceResponse;

struct ProduceRequest {
    static constexpr MessageSchema kSchema = request_schema("ProduceRequest", ApiKey::kProduce);
    using Response = ProduceResponse;

    struct PartitionProduceData {
        PartitionId index{};
        std::optional<BufferSlice> records{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("Index", m.index, Since{0});
            io.field("Records", m.records, Since{0}, NullableSince{0}, kRecords);
        }
        friend bool operator==(const PartitionProduceData&, const PartitionProduceData&) = default;
    };

    struct TopicProduceData {
        std::string name;
        Uuid topic_id;
        std::vector<PartitionProduceData> partition_data;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Between{0, 12}, kIgnorable);
            io.field("TopicId", m.topic_id, Since{13}, kIgnorable);
            io.field("PartitionData", m.partition_data, Since{0});
        }
        friend bool operator==(const TopicProduceData&, const TopicProduceData&) = default;
    };

    std::optional<std::string> transactional_id;
    std::int16_t acks = 0;
    std::int32_t timeout_ms = 0;
    std::vector<TopicProduceData> topic_data;

    static void fields(auto& io, auto& m) {
        io.field("TransactionalId", m.transactional_id, Since{3}, NullableSince{3}, kIgnorable);
        io.field("Acks", m.acks, Since{0});
        io.field("TimeoutMs", m.timeout_ms, Since{0});
        io.field("TopicData", m.topic_data, Since{0});
    }
    friend bool operator==(const ProduceRequest&, const ProduceRequest&) = default;
};

struct ProduceResponse {
    static constexpr MessageSchema kSchema = response_schema("ProduceResponse", ApiKey::kProduce);

    struct BatchIndexAndErrorMessage {
        std::int32_t batch_index = 0;
        std::optional<std::string> batch_index_error_message;

        static void fields(auto& io, auto& m) {
            io.field("BatchIndex", m.batch_index, Since{8});
            io.field(
                "BatchIndexErrorMessage", m.batch_index_error_message, Since{8}, NullableSince{8}
            );
        }
        friend bool operator==(const BatchIndexAndErrorMessage&, const BatchIndexAndErrorMessage&) =
            default;
    };

    struct LeaderIdAndEpoch {
        BrokerId leader_id = kNoBroker;
        LeaderEpoch leader_epoch = kNoLeaderEpoch;

        static void fields(auto& io, auto& m) {
            io.field("LeaderId", m.leader_id, Since{10});
            io.field("LeaderEpoch", m.leader_epoch, Since{10});
        }
        friend bool operator==(const LeaderIdAndEpoch&, const LeaderIdAndEpoch&) = default;
    };

    struct PartitionProduceResponse {
        PartitionId index{};
        ErrorCode error_code = ErrorCode::kNone;
        Offset base_offset{};
        std::int64_t log_append_time_ms = -1;
        Offset log_start_offset = kNoOffset;
        std::vector<BatchIndexAndErrorMessage> record_errors;
        std::optional<std::string> error_message;
        LeaderIdAndEpoch current_leader;

        static void fields(auto& io, auto& m) {
            io.field("Index", m.index, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("BaseOffset", m.base_offset, Since{0});
            io.field("LogAppendTimeMs", m.log_append_time_ms, Since{2});
            io.field("LogStartOffset", m.log_start_offset, Since{5});
            io.field("RecordErrors", m.record_errors, Since{8});
            io.field("ErrorMessage", m.error_message, Since{8}, NullableSince{8});
            io.field("CurrentLeader", m.current_leader, Since{10}, Tagged{0});
        }
        friend bool operator==(const PartitionProduceResponse&, const PartitionProduceResponse&) =
            default;
    };

    struct TopicProduceResponse {
        std::string name;
        Uuid topic_id;
        std::vector<PartitionProduceResponse> partition_responses;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Between{0, 12});
            io.field("TopicId", m.topic_id, Since{13});
            io.field("PartitionResponses", m.partition_responses, Since{0});
        }
        friend bool operator==(const TopicProduceResponse&, const TopicProduceResponse&) = default;
    };

    struct NodeEndpoint {
        BrokerId node_id{};
        std::string host;
        std::int32_t port = 0;
        std::optional<std::string> rack;

        static void fields(auto& io, auto& m) {
            io.field("NodeId", m.node_id, Since{10});
            io.field("Host", m.host, Since{10});
            io.field("Port", m.port, Since{10});
            io.field("Rack", m.rack, Since{10}, NullableSince{10});
        }
        friend bool operator==(const NodeEndpoint&, const NodeEndpoint&) = default;
    };

    std::vector<TopicProduceResponse> responses;
    std::int32_t throttle_time_ms = 0;
    std::vector<NodeEndpoint> node_endpoints;

    static void fields(auto& io, auto& m) {
        io.field("Responses", m.responses, Since{0});
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{1});
        io.field("NodeEndpoints", m.node_endpoints, Since{10}, Tagged{0});
    }
    friend bool operator==(const ProduceResponse&, const ProduceResponse&) = default;
};

}  // namespace sealane::kafka
