#pragma once
// What the transaction coordinator keeps, is asked and answers, free of wire versions (KIP-98,
// KIP-360, KIP-890).

#include "broker/coordinator/shard_types.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/base/time.hpp"

#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace sealane::broker::transactions {

// As persisted.
enum class TransactionStatus : std::int8_t {
    kEmpty = 0,
    kOngoing = 1,
    kPrepareCommit = 2,
    kPrepareAbort = 3,
    kCompleteCommit = 4,
    kCompleteAbort = 5,
};
// Kafka's names ("PrepareCommit"), which tools parse.
[[nodiscard]] std::string_view name_of(TransactionStatus status);

// transaction.version: 2 gives every transaction an epoch of its own.
inline constexpr std::int16_t kEpochPerTransaction = 2;

// One transactional id.
struct Transaction {
    TransactionStatus status = TransactionStatus::kEmpty;
    ProducerId producer = kNoProducerId;
    ProducerEpoch epoch = kNoProducerEpoch;
    ProducerId previous = kNoProducerId;  // before its epochs were used up
    ProducerId next = kNoProducerId;      // once it has ended: the epochs of `producer` are used up
    std::int32_t timeout_ms = 0;
    std::set<TopicPartition> partitions;  // where markers have to go
    WallTime updated;
    WallTime started;                 // none: not ongoing
    std::int16_t client_version = 0;  // of transactions, as its client speaks
    // Not persisted: the epoch whose owner was given the current one. Its retry is answered with
    // that; after a change of the coordinator it is fenced, as in Kafka.
    ProducerEpoch last_epoch = kNoProducerEpoch;
    friend bool operator==(const Transaction&, const Transaction&) = default;

    [[nodiscard]] TransactionalProducer owner() const { return {producer, epoch}; }
    [[nodiscard]] bool is_ending() const {
        return status == TransactionStatus::kPrepareCommit ||
               status == TransactionStatus::kPrepareAbort;
    }
};

// None: the transactional id is forgotten.
struct TransactionRecord {
    std::string id;
    std::optional<Transaction> value;
    friend bool operator==(const TransactionRecord&, const TransactionRecord&) = default;
};

struct InitRequest {
    std::string id;
    std::int32_t timeout_ms = 0;
    std::optional<TransactionalProducer> expected;  // KIP-360: who the client thinks it is
    std::optional<ProducerId> fresh;                // a new id, in case one is needed
};
struct InitReply {
    ErrorCode error = ErrorCode::kNone;
    bool needs_id = false;  // ask again with a fresh one
    TransactionalProducer producer{kNoProducerId, kNoProducerEpoch};
};

struct AddRequest {
    std::string id;
    TransactionalProducer producer;
    std::vector<TopicPartition> partitions;
    bool verify_only = false;         // KIP-890: are they in the transaction
    std::int16_t client_version = 0;  // kEpochPerTransaction: the partition's leader adds it
};
struct AddReply {
    ErrorCode error = ErrorCode::kNone;
    std::vector<ErrorCode> partitions;  // in the order of the request; empty with an error
};

struct EndRequest {
    std::string id;
    TransactionalProducer producer;
    bool commit = false;
    std::int16_t client_version = 0;
    std::optional<ProducerId> fresh;
};
struct EndReply {
    ErrorCode error = ErrorCode::kNone;
    bool needs_id = false;
    TransactionalProducer producer{kNoProducerId, kNoProducerEpoch};  // of the next transaction
};

// Every partition has its marker.
struct CompleteRequest {
    std::string id;
    TransactionalProducer producer;  // of the markers
};
struct CompleteReply {
    ErrorCode error = ErrorCode::kNone;
};

using Request = std::variant<InitRequest, AddRequest, EndRequest, CompleteRequest>;
using Reply = std::variant<InitReply, AddReply, EndReply, CompleteReply>;

// What the shell must do, in this order.
struct Effects {
    std::vector<TransactionRecord> records;  // append as one batch
    struct Answer {
        Ticket ticket = 0;
        Reply reply;
    };
    std::vector<Answer> answers;  // then, when durable, send these
};

// Markers to write for one transaction.
struct Completion {
    std::string id;
    TransactionalProducer producer;
    bool commit = false;
    bool strict = false;
    std::vector<TopicPartition> partitions;
};

struct TransactionConfig {
    std::int32_t max_timeout_ms = 900'000;          // transaction.max.timeout.ms
    std::int64_t id_expiration_ms = 604'800'000;    // transactional.id.expiration.ms
    std::int64_t expiry_check_ms = 3'600'000;       // between looks for expired ids
    std::int32_t commit_timeout_ms = 5'000;         // until a change is replicated
    std::int32_t topic_partitions = 4;              // transaction.state.log.num.partitions
    std::uint64_t rewrite_min_bytes = 4ULL << 20U;  // the log is rewritten above this size
    std::uint64_t garbage_factor = 4;               // and above this multiple of what is live
};

}  // namespace sealane::broker::transactions
