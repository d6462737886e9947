#pragma once
// ProducerState: which producers wrote to one partition, with the last five batches of each, and
// their transactions: open ones, those whose end is not replicated yet, aborted ones (KIP-98,
// KIP-360, KIP-890; formats: idempotent producers, transactions), as a LogState. Deciders only.
// Snapshot: Kafka's `.snapshot` file (layout in producer_snapshot.hpp), so that its tools read
// ours.
//
// Followers and mirrors' replicas derive the same state from the same log.

#include "broker/log/log_state.hpp"
#include "broker/transactions/aborted_transactions.hpp"
#include "common/base/ids.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>

namespace sealane::broker {

// One batch that a producer wrote.
struct ProducedBatch {
    std::int32_t first_sequence = -1;
    std::int32_t last_sequence = -1;
    Offset last_offset;
    std::int32_t offset_delta = 0;  // last offset - base offset
    WallTime timestamp;
    [[nodiscard]] Offset base_offset() const { return last_offset - offset_delta; }
    friend bool operator==(const ProducedBatch&, const ProducedBatch&) = default;
};

struct ProducerEntry {
    static constexpr std::size_t kKept = 5;
    ProducerEpoch epoch;
    std::array<ProducedBatch, kKept> batches{};  // oldest first
    std::size_t count = 0;
    std::int32_t coordinator_epoch = -1;  // of its last marker
    Offset open_transaction_start = kNoOffset;
    WallTime last_timestamp;
    [[nodiscard]] const ProducedBatch* latest() const {
        return count == 0 ? nullptr : &batches.at(count - 1);
    }
    [[nodiscard]] bool in_transaction() const { return open_transaction_start != kNoOffset; }
    void add(const ProducedBatch& batch);
    friend bool operator==(const ProducerEntry&, const ProducerEntry&) = default;
};

class ProducerState final : public LogState {
 public:
    // Bound on remembered producers; the one that wrote longest ago is forgotten first. One whose
    // transaction is open is never forgotten.
    static constexpr std::size_t kMaxProducers = 100'000;

    [[nodiscard]] std::string_view suffix() const override { return "snapshot"; }
    // kInvalidProducerEpoch, kOutOfOrderSequenceNumber, kInvalidTxnState,
    // kTransactionCoordinatorFenced (a marker of a coordinator that is none any more).
    [[nodiscard]] Result<std::optional<DuplicateAppend>> admit(
        std::span<const kafka::RecordBatchView> batches, AppendOrigin origin
    ) override;
    void apply(const kafka::RecordBatchView& batch, AppendOrigin origin) override;
    void log_starts_at(Offset start) override { aborted_.log_starts_at(start); }
    void clear() override;
    [[nodiscard]] BufferSlice snapshot(Offset end) const override;
    [[nodiscard]] Status load(BufferSlice bytes) override;
    [[nodiscard]] std::string_view segment_suffix() const override { return "txnindex"; }
    [[nodiscard]] BufferSlice segment_file(Offset base, Offset end) const override {
        return aborted_.index_file(base, end);
    }

    // Every transaction with a record below it has ended, with its marker below `high_watermark`;
    // the high watermark itself when none is in the way.
    [[nodiscard]] Offset last_stable(Offset high_watermark) const;
    // Ended transactions whose marker lies below count as ended from now on, and need no keeping.
    void on_high_watermark(Offset high_watermark);
    // Aborted transactions that overlap [from, to).
    [[nodiscard]] std::vector<AbortedTransaction> aborted(Offset from, Offset to) const {
        return aborted_.overlapping(from, to);
    }

    // KIP-890: the first batch of a transaction is let in only after its coordinator has said that
    // the transaction goes on here, and no marker has come meanwhile.
    [[nodiscard]] bool needs_verification(ProducerId producer, ProducerEpoch epoch) const;
    // Before the coordinator is asked; the same number for all who ask at the same time.
    [[nodiscard]] std::uint64_t begin_verification(ProducerId producer, ProducerEpoch epoch);
    // A coordinator of a later epoch has written a marker for this producer here: what the one of
    // `coordinator_epoch` says may have been overtaken.
    [[nodiscard]] bool is_outdated(ProducerId producer, std::int32_t coordinator_epoch) const;
    // It has confirmed. False: a marker came meanwhile, the batch belongs to what has ended.
    [[nodiscard]] bool confirm(ProducerId producer, ProducerEpoch epoch, std::uint64_t token);

    // Forgets producers whose last append was before `at`.
    void expire(WallTime at);
    [[nodiscard]] const std::map<ProducerId, ProducerEntry>& entries() const { return entries_; }
    // One beyond the largest producer id ever seen here; 0 when none.
    [[nodiscard]] std::int64_t next_unused_id() const { return next_unused_id_; }

 private:
    struct Verification {
        ProducerEpoch epoch;
        std::uint64_t token = 0;
        bool confirmed = false;
    };
    // Of transactions that never wrote; the first ones go, and have to be verified again.
    static constexpr std::size_t kMaxVerifications = 10'000;

    [[nodiscard]] Result<std::optional<DuplicateAppend>> admit_data(
        const kafka::RecordBatchView& batch, AppendOrigin origin
    ) const;
    [[nodiscard]] Result<std::optional<DuplicateAppend>> check_sequence(
        const kafka::RecordBatchView& batch, const ProducerEntry& entry
    ) const;
    [[nodiscard]] Status check_verified(const kafka::RecordBatchView& batch) const;
    [[nodiscard]] Status admit_marker(const kafka::RecordBatchView& batch, AppendOrigin origin)
        const;
    void apply_marker(const kafka::RecordBatchView& batch, AppendOrigin origin);
    void take_back(const kafka::RecordBatchView& marker, AppendOrigin origin);
    void apply_data(const kafka::RecordBatchView& batch);
    void forget_oldest();

    std::map<ProducerId, ProducerEntry> entries_;
    std::map<Offset, ProducerId> open_;      // transactions by their first offset
    std::map<Offset, Offset> unreplicated_;  // ended, marker not below the high watermark
    AbortedTransactions aborted_;
    std::map<ProducerId, Verification> verifications_;
    std::uint64_t next_token_ = 1;
    std::int64_t next_unused_id_ = 0;
};

}  // namespace sealane::broker
