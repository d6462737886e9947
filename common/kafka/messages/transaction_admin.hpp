#pragma once
// WriteTxnMarkers (KIP-98), DescribeTransactions and ListTransactions (KIP-664).

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct WriteTxnMarkersResponse;
struct DescribeTransactionsResponse;
struct ListTransactionsResponse;

struct WriteTxnMarkersRequest {
    static constexpr MessageSchema kSchema =
        request_schema("WriteTxnMarkersRequest", ApiKey::kWriteTxnMarkers);
    using Response = WriteTxnMarkersResponse;

    struct WritableTxnMarkerTopic {
        std::string name;
        std::vector<PartitionId> partition_indexes;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("PartitionIndexes", m.partition_indexes, Since{0});
        }
        friend bool operator==(const WritableTxnMarkerTopic&, const WritableTxnMarkerTopic&) =
            default;
    };

    struct WritableTxnMarker {
        ProducerId producer_id{};
        ProducerEpoch producer_epoch{};
        bool transaction_result = false;
        std::vector<WritableTxnMarkerTopic> topics;
        std::int32_t coordinator_epoch = 0;
        std::int8_t transaction_version = 0;

        static void fields(auto& io, auto& m) {
            io.field("ProducerId", m.producer_id, Since{0});
            io.field("ProducerEpoch", m.producer_epoch, Since{0});
            io.field("TransactionResult", m.transaction_result, Since{0});
            io.field("Topics", m.topics, Since{0});
            io.field("CoordinatorEpoch", m.coordinator_epoch, Since{0});
            io.field("TransactionVersion", m.transaction_version, Since{2}, kIgnorable);
        }
        friend bool operator==(const WritableTxnMarker&, const WritableTxnMarker&) = default;
    };

    std::vector<WritableTxnMarker> markers;

    static void fields(auto& io, auto& m) { io.field("Markers", m.markers, Since{0}); }
    friend bool operator==(const WriteTxnMarkersRequest&, const WriteTxnMarkersRequest&) = default;
};

struct WriteTxnMarkersResponse {
    static constexpr MessageSchema kSchema =
        response_schema("WriteTxnMarkersResponse", ApiKey::kWriteTxnMarkers);

    struct WritableTxnMarkerPartitionResult {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::kNone;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
        }
        friend bool
        operator==(const WritableTxnMarkerPartitionResult&, const WritableTxnMarkerPartitionResult&) =
            default;
    };

    struct WritableTxnMarkerTopicResult {
        std::string name;
        std::vector<WritableTxnMarkerPartitionResult> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool
        operator==(const WritableTxnMarkerTopicResult&, const WritableTxnMarkerTopicResult&) =
            default;
    };

    struct WritableTxnMarkerResult {
        ProducerId producer_id{};
        std::vector<WritableTxnMarkerTopicResult> topics;

        static void fields(auto& io, auto& m) {
            io.field("ProducerId", m.producer_id, Since{0});
            io.field("Topics", m.topics, Since{0});
        }
        friend bool operator==(const WritableTxnMarkerResult&, const WritableTxnMarkerResult&) =
            default;
    };

    std::vector<WritableTxnMarkerResult> markers;

    static void fields(auto& io, auto& m) { io.field("Markers", m.markers, Since{0}); }
    friend bool operator==(const WriteTxnMarkersResponse&, const WriteTxnMarkersResponse&) =
        default;
};

struct DescribeTransactionsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("DescribeTransactionsRequest", ApiKey::kDescribeTransactions);
    using Response = DescribeTransactionsResponse;

    std::vector<std::string> transactional_ids;

    static void fields(auto& io, auto& m) {
        io.field("TransactionalIds", m.transactional_ids, Since{0});
    }
    friend bool operator==(const DescribeTransactionsRequest&, const DescribeTransactionsRequest&) =
        default;
};

struct DescribeTransactionsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("DescribeTransactionsResponse", ApiKey::kDescribeTransactions);

    struct TopicData {
        std::string topic;
        std::vector<PartitionId> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Topic", m.topic, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const TopicData&, const TopicData&) = default;
    };

    struct TransactionState {
        ErrorCode error_code = ErrorCode::kNone;
        std::string transactional_id;
        std::string transaction_state;
        std::int32_t transaction_timeout_ms = 0;
        std::int64_t transaction_start_time_ms = 0;
        ProducerId producer_id{};
        ProducerEpoch producer_epoch{};
        std::vector<TopicData> topics;

        static void fields(auto& io, auto& m) {
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("TransactionalId", m.transactional_id, Since{0});
            io.field("TransactionState", m.transaction_state, Since{0});
            io.field("TransactionTimeoutMs", m.transaction_timeout_ms, Since{0});
            io.field("TransactionStartTimeMs", m.transaction_start_time_ms, Since{0});
            io.field("ProducerId", m.producer_id, Since{0});
            io.field("ProducerEpoch", m.producer_epoch, Since{0});
            io.field("Topics", m.topics, Since{0});
        }
        friend bool operator==(const TransactionState&, const TransactionState&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<TransactionState> transaction_states;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("TransactionStates", m.transaction_states, Since{0});
    }
    friend bool
    operator==(const DescribeTransactionsResponse&, const DescribeTransactionsResponse&) = default;
};

struct ListTransactionsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("ListTransactionsRequest", ApiKey::kListTransactions);
    using Response = ListTransactionsResponse;

    std::vector<std::string> state_filters;
    std::vector<ProducerId> producer_id_filters;
    std::int64_t duration_filter = -1;
    std::optional<std::string> transactional_id_pattern;

    static void fields(auto& io, auto& m) {
        io.field("StateFilters", m.state_filters, Since{0});
        io.field("ProducerIdFilters", m.producer_id_filters, Since{0});
        io.field("DurationFilter", m.duration_filter, Since{1});
        io.field("TransactionalIdPattern", m.transactional_id_pattern, Since{2}, NullableSince{2});
    }
    friend bool operator==(const ListTransactionsRequest&, const ListTransactionsRequest&) =
        default;
};

struct ListTransactionsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("ListTransactionsResponse", ApiKey::kListTransactions);

    struct TransactionState {
        std::string transactional_id;
        ProducerId producer_id{};
        std::string transaction_state;

        static void fields(auto& io, auto& m) {
            io.field("TransactionalId", m.transactional_id, Since{0});
            io.field("ProducerId", m.producer_id, Since{0});
            io.field("TransactionState", m.transaction_state, Since{0});
        }
        friend bool operator==(const TransactionState&, const TransactionState&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::vector<std::string> unknown_state_filters;
    std::vector<TransactionState> transaction_states;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("UnknownStateFilters", m.unknown_state_filters, Since{0});
        io.field("TransactionStates", m.transaction_states, Since{0});
    }
    friend bool operator==(const ListTransactionsResponse&, const ListTransactionsResponse&) =
        default;
};

}  // namespace sealane::kafka
