#pragma once
// Contents of the log: producer snapshots, transaction markers and index entries, and records of
// __transaction_state (KIP-98, KIP-890).

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct ProducerSnapshot {
    static constexpr MessageSchema kSchema{"ProducerSnapshot", MessageKind::kData, -1, {1, 1}};

    struct ProducerEntry {
        ProducerId producer_id{};
        ProducerEpoch epoch{};
        std::int32_t last_sequence = 0;
        Offset last_offset{};
        std::int32_t offset_delta = 0;
        std::int64_t timestamp = 0;
        std::int32_t coordinator_epoch = 0;
        Offset current_txn_first_offset{};

        static void fields(auto& io, auto& m) {
            io.field("ProducerId", m.producer_id, Between{1, 1});
            io.field("Epoch", m.epoch, Between{1, 1});
            io.field("LastSequence", m.last_sequence, Between{1, 1});
            io.field("LastOffset", m.last_offset, Between{1, 1});
            io.field("OffsetDelta", m.offset_delta, Between{1, 1});
            io.field("Timestamp", m.timestamp, Between{1, 1});
            io.field("CoordinatorEpoch", m.coordinator_epoch, Between{1, 1});
            io.field("CurrentTxnFirstOffset", m.current_txn_first_offset, Between{1, 1});
        }
        friend bool operator==(const ProducerEntry&, const ProducerEntry&) = default;
    };

    std::uint32_t crc = 0;
    std::vector<ProducerEntry> producer_entries;

    static void fields(auto& io, auto& m) {
        io.field("Crc", m.crc, Between{1, 1});
        io.field("ProducerEntries", m.producer_entries, Between{1, 1});
    }
    friend bool operator==(const ProducerSnapshot&, const ProducerSnapshot&) = default;
};

struct EndTxnMarker {
    static constexpr MessageSchema kSchema{"EndTxnMarker", MessageKind::kData, -1, {0, 0}};

    std::int32_t coordinator_epoch = 0;

    static void fields(auto& io, auto& m) {
        io.field("CoordinatorEpoch", m.coordinator_epoch, Since{0});
    }
    friend bool operator==(const EndTxnMarker&, const EndTxnMarker&) = default;
};

struct AbortedTxn {
    static constexpr MessageSchema kSchema{"AbortedTxn", MessageKind::kData, -1, {0, 0}};

    ProducerId producer_id{};
    Offset first_offset{};
    Offset last_offset{};
    Offset last_stable_offset{};

    static void fields(auto& io, auto& m) {
        io.field("ProducerId", m.producer_id, Since{0});
        io.field("FirstOffset", m.first_offset, Since{0});
        io.field("LastOffset", m.last_offset, Since{0});
        io.field("LastStableOffset", m.last_stable_offset, Since{0});
    }
    friend bool operator==(const AbortedTxn&, const AbortedTxn&) = default;
};

struct TransactionLogKey {
    static constexpr MessageSchema kSchema{
        "TransactionLogKey", MessageKind::kCoordinatorKey, 0, {0, 0}
    };

    std::string transactional_id;

    static void fields(auto& io, auto& m) {
        io.field("TransactionalId", m.transactional_id, Between{0, 0});
    }
    friend bool operator==(const TransactionLogKey&, const TransactionLogKey&) = default;
};

struct TransactionLogValue {
    static constexpr MessageSchema kSchema{
        "TransactionLogValue", MessageKind::kCoordinatorValue, 0, {0, 1}, 1
    };

    struct PartitionsSchema {
        std::string topic;
        std::vector<PartitionId> partition_ids;

        static void fields(auto& io, auto& m) {
            io.field("Topic", m.topic, Since{0});
            io.field("PartitionIds", m.partition_ids, Since{0});
        }
        friend bool operator==(const PartitionsSchema&, const PartitionsSchema&) = default;
    };

    ProducerId producer_id{};
    ProducerEpoch producer_epoch{};
    std::int32_t transaction_timeout_ms = 0;
    std::int8_t transaction_status = 0;
    std::optional<std::vector<PartitionsSchema>> transaction_partitions{std::in_place};
    std::int64_t transaction_last_update_timestamp_ms = 0;
    std::int64_t transaction_start_timestamp_ms = 0;
    ProducerId previous_producer_id = kNoProducerId;
    ProducerId next_producer_id = kNoProducerId;
    std::int16_t client_transaction_version = 0;
    ProducerEpoch next_producer_epoch = kNoProducerEpoch;

    static void fields(auto& io, auto& m) {
        io.field("ProducerId", m.producer_id, Since{0});
        io.field("ProducerEpoch", m.producer_epoch, Since{0});
        io.field("TransactionTimeoutMs", m.transaction_timeout_ms, Since{0});
        io.field("TransactionStatus", m.transaction_status, Since{0});
        io.field("TransactionPartitions", m.transaction_partitions, Since{0}, NullableSince{0});
        io.field(
            "TransactionLastUpdateTimestampMs", m.transaction_last_update_timestamp_ms, Since{0}
        );
        io.field("TransactionStartTimestampMs", m.transaction_start_timestamp_ms, Since{0});
        io.field("PreviousProducerId", m.previous_producer_id, Since{1}, Tagged{0});
        io.field("NextProducerId", m.next_producer_id, Since{1}, Tagged{1});
        io.field("ClientTransactionVersion", m.client_transaction_version, Since{1}, Tagged{2});
        io.field("NextProducerEpoch", m.next_producer_epoch, Since{1}, Tagged{3});
    }
    friend bool operator==(const TransactionLogValue&, const TransactionLogValue&) = default;
};

}  // namespace sealane::kafka
