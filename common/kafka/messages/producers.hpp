#pragma once
// InitProducerId (KIP-98, KIP-360), AllocateProducerIds (KIP-730), DescribeProducers (KIP-664).

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct InitProducerIdResponse;
struct AllocateProducerIdsResponse;
struct DescribeProducersResponse;

struct InitProducerIdRequest {
    static constexpr MessageSchema kSchema =
        request_schema("InitProducerIdRequest", ApiKey::kInitProducerId);
    using Response = InitProducerIdResponse;

    std::optional<std::string> transactional_id{std::in_place};
    std::int32_t transaction_timeout_ms = 0;
    ProducerId producer_id = kNoProducerId;
    ProducerEpoch producer_epoch = kNoProducerEpoch;

    static void fields(auto& io, auto& m) {
        io.field("TransactionalId", m.transactional_id, Since{0}, NullableSince{0});
        io.field("TransactionTimeoutMs", m.transaction_timeout_ms, Since{0});
        io.field("ProducerId", m.producer_id, Since{3});
        io.field("ProducerEpoch", m.producer_epoch, Since{3});
    }
    friend bool operator==(const InitProducerIdRequest&, const InitProducerIdRequest&) = default;
};

struct InitProducerIdResponse {
    static constexpr MessageSchema kSchema =
        response_schema("InitProducerIdResponse", ApiKey::kInitProducerId);

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    ProducerId producer_id = kNoProducerId;
    ProducerEpoch producer_epoch{};

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ProducerId", m.producer_id, Since{0});
        io.field("ProducerEpoch", m.producer_epoch, Since{0});
    }
    friend bool operator==(const InitProducerIdResponse&, const InitProducerIdResponse&) = default;
};

struct AllocateProducerIdsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("AllocateProducerIdsRequest", ApiKey::kAllocateProducerIds);
    using Response = AllocateProducerIdsResponse;

    BrokerId broker_id{};
    std::int64_t broker_epoch = -1;

    static void fields(auto& io, auto& m) {
        io.field("BrokerId", m.broker_id, Since{0});
        io.field("BrokerEpoch", m.broker_epoch, Since{0});
    }
    friend bool operator==(const AllocateProducerIdsRequest&, const AllocateProducerIdsRequest&) =
        default;
};

struct AllocateProducerIdsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("AllocateProducerIdsResponse", ApiKey::kAllocateProducerIds);

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    ProducerId producer_id_start{};
    std::int32_t producer_id_len = 0;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ProducerIdStart", m.producer_id_start, Since{0});
        io.field("ProducerIdLen", m.producer_id_len, Since{0});
    }
    friend bool operator==(const AllocateProducerIdsResponse&, const AllocateProducerIdsResponse&) =
        default;
};

struct DescribeProducersRequest {
    static constexpr MessageSchema kSchema =
        request_schema("DescribeProducersRequest", ApiKey::kDescribeProducers);
    using Response = DescribeProducersResponse;

    struct TopicRequest {
        std::string name;
        std::vector<PartitionId> partition_indexes;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("PartitionIndexes", m.partition_indexes, Since{0});
        }
        friend bool operator==(const TopicRequest&, const TopicRequest&) = default;
    };

    std::vector<TopicRequest> topics;

    static void fields(auto& io, auto& m) { io.field("Topics", m.topics, Since{0}); }
    friend bool operator==(const DescribeProducersRequest&, const DescribeProducersRequest&) =
        default;
};

struct DescribeProducersResponse {
    static constexpr MessageSchema kSchema =
        response_schema("DescribeProducersResponse", ApiKey::kDescribeProducers);

    struct ProducerState {
        ProducerId producer_id{};
        std::int32_t producer_epoch = 0;
        std::int32_t last_sequence = -1;
        std::int64_t last_timestamp = -1;
        std::int32_t coordinator_epoch = 0;
        Offset current_txn_start_offset = kNoOffset;

        static void fields(auto& io, auto& m) {
            io.field("ProducerId", m.producer_id, Since{0});
            io.field("ProducerEpoch", m.producer_epoch, Since{0});
            io.field("LastSequence", m.last_sequence, Since{0});
            io.field("LastTimestamp", m.last_timestamp, Since{0});
            io.field("CoordinatorEpoch", m.coordinator_epoch, Since{0});
            io.field("CurrentTxnStartOffset", m.current_txn_start_offset, Since{0});
        }
        friend bool operator==(const ProducerState&, const ProducerState&) = default;
    };

    struct PartitionResponse {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message;
        std::vector<ProducerState> active_producers;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
            io.field("ActiveProducers", m.active_producers, Since{0});
        }
        friend bool operator==(const PartitionResponse&, const PartitionResponse&) = default;
    };

    struct TopicResponse {
        std::string name;
        std::vector<PartitionResponse> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const TopicResponse&, const TopicResponse&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<TopicResponse> topics;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const DescribeProducersResponse&, const DescribeProducersResponse&) =
        default;
};

}  // namespace sealane::kafka
