#pragma once
// ProducerState: which idempotent producers wrote to one partition, with the last five batches of
// each (KIP-98, KIP-360; formats: idempotent producers), as a LogState. Deciders only. Snapshot:
// Kafka's `.snapshot` file (layout in producer_snapshot.hpp), so that its tools read ours.

#include "broker/log/log_state.hpp"
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
    std::int32_t coordinator_epoch = -1;
    Offset open_transaction_start = kNoOffset;
    WallTime last_timestamp;
    [[nodiscard]] const ProducedBatch* latest() const {
        return count == 0 ? nullptr : &batches.at(count - 1);
    }
    void add(const ProducedBatch& batch);
    friend bool operator==(const ProducerEntry&, const ProducerEntry&) = default;
};

class ProducerState final : public LogState {
 public:
    // Bound on remembered producers; the one that wrote longest ago is forgotten first.
    static constexpr std::size_t kMaxProducers = 100'000;

    [[nodiscard]] std::string_view suffix() const override { return "snapshot"; }
    // kInvalidProducerEpoch, kOutOfOrderSequenceNumber, kInvalidTxnState.
    [[nodiscard]] Result<std::optional<DuplicateAppend>> admit(
        std::span<const kafka::RecordBatchView> batches, AppendOrigin origin
    ) override;
    void apply(const kafka::RecordBatchView& batch, AppendOrigin origin) override;
    // The last batch of a producer that is known: its sequence goes on from there.
    [[nodiscard]] bool keeps_header(const kafka::RecordBatchView& batch) const override;
    void clear() override;
    [[nodiscard]] BufferSlice snapshot(Offset end) const override;
    [[nodiscard]] Status load(BufferSlice bytes) override;

    // Forgets producers whose last append was before `at`.
    void expire(WallTime at);
    [[nodiscard]] const std::map<ProducerId, ProducerEntry>& entries() const { return entries_; }
    // One beyond the largest producer id ever seen here; 0 when none.
    [[nodiscard]] std::int64_t next_unused_id() const { return next_unused_id_; }

 private:
    [[nodiscard]] Result<std::optional<DuplicateAppend>> admit_one(
        const kafka::RecordBatchView& batch
    ) const;

    void forget_oldest();

    std::map<ProducerId, ProducerEntry> entries_;
    std::int64_t next_unused_id_ = 0;
};

}  // namespace sealane::broker
