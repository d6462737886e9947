#pragma once
// RecordBatchView: one record batch, format v2, read where it lies (bytes: batch_layout.hpp).
// RecordBatch: the same with its owner. Nothing here copies or decompresses.

#include "common/base/buffer.hpp"
#include "common/base/endian.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/kafka/records/batch_layout.hpp"

namespace sealane::kafka {

// Total size in bytes that the first 12 bytes of a batch announce. kOutOfBounds when fewer than 12
// bytes are there; kCorruptMessage when the length field cannot be a batch's.
[[nodiscard]] Result<std::size_t> announced_batch_size(ByteView bytes);

// Valid as long as its bytes are. Made by parse(), so every accessor may read without checks.
class RecordBatchView {
 public:
    // The batch at the front of `bytes`; what follows it is ignored. Checks length, magic and the
    // ranges of codec, count and last offset delta, not the checksum. Errors: kOutOfBounds (the
    // bytes end inside the batch), kInvalidRecord (magic 0 or 1: formats no longer stored),
    // kCorruptMessage (everything else).
    [[nodiscard]] static Result<RecordBatchView> parse(ByteView bytes);

    // kCorruptMessage names both checksums.
    [[nodiscard]] Status check_crc() const;

    [[nodiscard]] ByteView bytes() const { return bytes_; }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] Offset base_offset() const {
        return Offset(load<std::int64_t>(batch_layout::kBaseOffset));
    }
    // The offset of the last record the batch was made with; compaction may have removed it.
    [[nodiscard]] Offset last_offset() const { return base_offset() + last_offset_delta(); }
    [[nodiscard]] Offset next_offset() const { return last_offset() + 1; }
    [[nodiscard]] std::int32_t last_offset_delta() const {
        return load<std::int32_t>(batch_layout::kLastOffsetDelta);
    }
    [[nodiscard]] LeaderEpoch leader_epoch() const {
        return LeaderEpoch(load<std::int32_t>(batch_layout::kLeaderEpoch));
    }
    [[nodiscard]] std::uint32_t crc() const { return load<std::uint32_t>(batch_layout::kCrc); }
    [[nodiscard]] BatchAttributes attributes() const {
        return {load<std::uint16_t>(batch_layout::kAttributes)};
    }
    [[nodiscard]] Codec codec() const { return attributes().codec(); }
    [[nodiscard]] TimestampType timestamp_type() const { return attributes().timestamp_type(); }
    [[nodiscard]] bool is_transactional() const { return attributes().is_transactional(); }
    [[nodiscard]] bool is_control() const { return attributes().is_control(); }
    // With the delete-horizon bit this field is the horizon, else the first record's timestamp.
    [[nodiscard]] WallTime base_timestamp() const {
        return {load<std::int64_t>(batch_layout::kBaseTimestamp)};
    }
    // The largest record timestamp, or the append time.
    [[nodiscard]] WallTime max_timestamp() const {
        return {load<std::int64_t>(batch_layout::kMaxTimestamp)};
    }
    [[nodiscard]] ProducerId producer_id() const {
        return ProducerId(load<std::int64_t>(batch_layout::kProducerId));
    }
    [[nodiscard]] bool has_producer() const { return producer_id().value >= 0; }
    [[nodiscard]] ProducerEpoch producer_epoch() const {
        return ProducerEpoch(load<std::int16_t>(batch_layout::kProducerEpoch));
    }
    // kNoSequence: not idempotent.
    [[nodiscard]] std::int32_t base_sequence() const {
        return load<std::int32_t>(batch_layout::kBaseSequence);
    }
    // The sequence of the last record; wraps from 2^31 - 1 to 0. kNoSequence as base_sequence.
    [[nodiscard]] std::int32_t last_sequence() const;
    [[nodiscard]] std::int32_t record_count() const {
        return load<std::int32_t>(batch_layout::kRecordCount);
    }
    // The records section as stored: plain or one compressed stream.
    [[nodiscard]] ByteView records() const { return bytes_.subspan(batch_layout::kRecords); }

 private:
    explicit RecordBatchView(ByteView bytes) : bytes_(bytes) {}
    template <class T>
    [[nodiscard]] T load(std::size_t at) const {
        return load_be<T>(bytes_.data() + at);
    }
    ByteView bytes_;
};

// `sequence` moved on by `count` >= 0 records; wraps from 2^31 - 1 to 0.
[[nodiscard]] std::int32_t advance_sequence(std::int32_t sequence, std::int32_t count);

// A batch and what keeps its bytes alive. Cheap to copy.
class RecordBatch {
 public:
    // As RecordBatchView::parse; keeps only the batch's own bytes of `bytes`.
    [[nodiscard]] static Result<RecordBatch> parse(const BufferSlice& bytes);
    [[nodiscard]] RecordBatchView view() const { return view_; }
    [[nodiscard]] const BufferSlice& bytes() const { return bytes_; }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] const RecordBatchView* operator->() const { return &view_; }

 private:
    RecordBatch(BufferSlice bytes, RecordBatchView view) : bytes_(std::move(bytes)), view_(view) {}
    BufferSlice bytes_;
    RecordBatchView view_;
};

}  // namespace sealane::kafka
