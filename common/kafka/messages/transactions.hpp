#pragma once
// Transactions: AddPartitionsToTxn, AddOffsetsToTxn, TxnOffsetCommit, EndTxn (KIP-98, KIP-890).

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct AddPartitionsToTxnResponse;
struct AddOffsetsToTxnResponse;
struct TxnOffsetCommitResponse;
struct EndTxnResponse;

struct AddPartitionsToTxnRequest {
    static constexpr MessageSchema kSchema =
        request_schema("AddPartitionsToTxnRequest", ApiKey::kAddPartitionsToTxn);
    using Response = AddPartitionsToTxnResponse;

    struct AddPartitionsToTxnTopic {
        std::string name;
        std::vector<PartitionId> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const AddPartitionsToTxnTopic&, const AddPartitionsToTxnTopic&) =
            default;
    };

    struct AddPartitionsToTxnTransaction {
        std::string transactional_id;
        ProducerId producer_id{};
        ProducerEpoch producer_epoch{};
        bool verify_only = false;
        std::vector<AddPartitionsToTxnTopic> topics;

        static void fields(auto& io, auto& m) {
            io.field("TransactionalId", m.transactional_id, Since{4});
            io.field("ProducerId", m.producer_id, Since{4});
            io.field("ProducerEpoch", m.producer_epoch, Since{4});
            io.field("VerifyOnly", m.verify_only, Since{4});
            io.field("Topics", m.topics, Since{4});
        }
        friend bool
        operator==(const AddPartitionsToTxnTransaction&, const AddPartitionsToTxnTransaction&) =
            default;
    };

    std::vector<AddPartitionsToTxnTransaction> transactions;
    std::string v3_and_below_transactional_id;
    ProducerId v3_and_below_producer_id{};
    ProducerEpoch v3_and_below_producer_epoch{};
    std::vector<AddPartitionsToTxnTopic> v3_and_below_topics;

    static void fields(auto& io, auto& m) {
        io.field("Transactions", m.transactions, Since{4});
        io.field("V3AndBelowTransactionalId", m.v3_and_below_transactional_id, Between{0, 3});
        io.field("V3AndBelowProducerId", m.v3_and_below_producer_id, Between{0, 3});
        io.field("V3AndBelowProducerEpoch", m.v3_and_below_producer_epoch, Between{0, 3});
        io.field("V3AndBelowTopics", m.v3_and_below_topics, Between{0, 3});
    }
    friend bool operator==(const AddPartitionsToTxnRequest&, const AddPartitionsToTxnRequest&) =
        default;
};

struct AddPartitionsToTxnResponse {
    static constexpr MessageSchema kSchema =
        response_schema("AddPartitionsToTxnResponse", ApiKey::kAddPartitionsToTxn);

    struct AddPartitionsToTxnPartitionResult {
        PartitionId partition_index{};
        ErrorCode partition_error_code = ErrorCode::kNone;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("PartitionErrorCode", m.partition_error_code, Since{0});
        }
        friend bool
        operator==(const AddPartitionsToTxnPartitionResult&, const AddPartitionsToTxnPartitionResult&) =
            default;
    };

    struct AddPartitionsToTxnTopicResult {
        std::string name;
        std::vector<AddPartitionsToTxnPartitionResult> results_by_partition;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("ResultsByPartition", m.results_by_partition, Since{0});
        }
        friend bool
        operator==(const AddPartitionsToTxnTopicResult&, const AddPartitionsToTxnTopicResult&) =
            default;
    };

    struct AddPartitionsToTxnResult {
        std::string transactional_id;
        std::vector<AddPartitionsToTxnTopicResult> topic_results;

        static void fields(auto& io, auto& m) {
            io.field("TransactionalId", m.transactional_id, Since{4});
            io.field("TopicResults", m.topic_results, Since{4});
        }
        friend bool operator==(const AddPartitionsToTxnResult&, const AddPartitionsToTxnResult&) =
            default;
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::vector<AddPartitionsToTxnResult> results_by_transaction;
    std::vector<AddPartitionsToTxnTopicResult> results_by_topic_v3_and_below;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{4});
        io.field("ResultsByTransaction", m.results_by_transaction, Since{4});
        io.field("ResultsByTopicV3AndBelow", m.results_by_topic_v3_and_below, Between{0, 3});
    }
    friend bool operator==(const AddPartitionsToTxnResponse&, const AddPartitionsToTxnResponse&) =
        default;
};

struct AddOffsetsToTxnRequest {
    static constexpr MessageSchema kSchema =
        request_schema("AddOffsetsToTxnRequest", ApiKey::kAddOffsetsToTxn);
    using Response = AddOffsetsToTxnResponse;

    std::string transactional_id;
    ProducerId producer_id{};
    ProducerEpoch producer_epoch{};
    std::string group_id;

    static void fields(auto& io, auto& m) {
        io.field("TransactionalId", m.transactional_id, Since{0});
        io.field("ProducerId", m.producer_id, Since{0});
        io.field("ProducerEpoch", m.producer_epoch, Since{0});
        io.field("GroupId", m.group_id, Since{0});
    }
    friend bool operator==(const AddOffsetsToTxnRequest&, const AddOffsetsToTxnRequest&) = default;
};

struct AddOffsetsToTxnResponse {
    static constexpr MessageSchema kSchema =
        response_schema("AddOffsetsToTxnResponse", ApiKey::kAddOffsetsToTxn);

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
    }
    friend bool operator==(const AddOffsetsToTxnResponse&, const AddOffsetsToTxnResponse&) =
        default;
};

struct TxnOffsetCommitRequest {
    static constexpr MessageSchema kSchema =
        request_schema("TxnOffsetCommitRequest", ApiKey::kTxnOffsetCommit);
    using Response = TxnOffsetCommitResponse;

    struct TxnOffsetCommitRequestPartition {
        PartitionId partition_index{};
        Offset committed_offset{};
        LeaderEpoch committed_leader_epoch = kNoLeaderEpoch;
        std::optional<std::string> committed_metadata{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("CommittedOffset", m.committed_offset, Since{0});
            io.field("CommittedLeaderEpoch", m.committed_leader_epoch, Since{2}, kIgnorable);
            io.field("CommittedMetadata", m.committed_metadata, Since{0}, NullableSince{0});
        }
        friend bool
        operator==(const TxnOffsetCommitRequestPartition&, const TxnOffsetCommitRequestPartition&) =
            default;
    };

    struct TxnOffsetCommitRequestTopic {
        std::string name;
        std::vector<TxnOffsetCommitRequestPartition> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Between{0, 5});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool
        operator==(const TxnOffsetCommitRequestTopic&, const TxnOffsetCommitRequestTopic&) =
            default;
    };

    std::string transactional_id;
    std::string group_id;
    ProducerId producer_id{};
    ProducerEpoch producer_epoch{};
    GroupGeneration generation_id_or_member_epoch{-1};
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::vector<TxnOffsetCommitRequestTopic> topics;

    static void fields(auto& io, auto& m) {
        io.field("TransactionalId", m.transactional_id, Since{0});
        io.field("GroupId", m.group_id, Since{0});
        io.field("ProducerId", m.producer_id, Since{0});
        io.field("ProducerEpoch", m.producer_epoch, Since{0});
        io.field("GenerationIdOrMemberEpoch", m.generation_id_or_member_epoch, Since{3});
        io.field("MemberId", m.member_id, Since{3});
        io.field("GroupInstanceId", m.group_instance_id, Since{3}, NullableSince{3});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const TxnOffsetCommitRequest&, const TxnOffsetCommitRequest&) = default;
};

struct TxnOffsetCommitResponse {
    static constexpr MessageSchema kSchema =
        response_schema("TxnOffsetCommitResponse", ApiKey::kTxnOffsetCommit);

    struct TxnOffsetCommitResponsePartition {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::kNone;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
        }
        friend bool
        operator==(const TxnOffsetCommitResponsePartition&, const TxnOffsetCommitResponsePartition&) =
            default;
    };

    struct TxnOffsetCommitResponseTopic {
        std::string name;
        std::vector<TxnOffsetCommitResponsePartition> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Between{0, 5});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool
        operator==(const TxnOffsetCommitResponseTopic&, const TxnOffsetCommitResponseTopic&) =
            default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<TxnOffsetCommitResponseTopic> topics;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const TxnOffsetCommitResponse&, const TxnOffsetCommitResponse&) =
        default;
};

struct EndTxnRequest {
    static constexpr MessageSchema kSchema = request_schema("EndTxnRequest", ApiKey::kEndTxn);
    using Response = EndTxnResponse;

    std::string transactional_id;
    ProducerId producer_id{};
    ProducerEpoch producer_epoch{};
    bool committed = false;

    static void fields(auto& io, auto& m) {
        io.field("TransactionalId", m.transactional_id, Since{0});
        io.field("ProducerId", m.producer_id, Since{0});
        io.field("ProducerEpoch", m.producer_epoch, Since{0});
        io.field("Committed", m.committed, Since{0});
    }
    friend bool operator==(const EndTxnRequest&, const EndTxnRequest&) = default;
};

struct EndTxnResponse {
    static constexpr MessageSchema kSchema = response_schema("EndTxnResponse", ApiKey::kEndTxn);

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    ProducerId producer_id = kNoProducerId;
    ProducerEpoch producer_epoch = kNoProducerEpoch;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ProducerId", m.producer_id, Since{5});
        io.field("ProducerEpoch", m.producer_epoch, Since{5});
    }
    friend bool operator==(const EndTxnResponse&, const EndTxnResponse&) = default;
};

}  // namespace sealane::kafka
