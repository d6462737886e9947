#pragma once
// RecordBatchBuilder: records in, one batch out (format v2). Offsets count from the given base
// offset, 0 for producers.

#include "common/kafka/records/record.hpp"
#include "common/kafka/records/record_batch.hpp"

#include <optional>

namespace sealane::kafka {

struct BatchOptions {
    Offset base_offset{0};
    LeaderEpoch leader_epoch = kNoLeaderEpoch;
    Codec codec = Codec::kNone;
    std::optional<int> compression_level = std::nullopt;
    TimestampType timestamp_type = TimestampType::kCreateTime;
    bool transactional = false;
    bool control = false;
    ProducerId producer_id = kNoProducerId;
    ProducerEpoch producer_epoch = kNoProducerEpoch;
    std::int32_t base_sequence = kNoSequence;
    // add() refuses what would make the batch larger before compression.
    std::size_t size_limit = 1U << 30U;
};

class RecordBatchBuilder {
 public:
    explicit RecordBatchBuilder(BatchOptions options);

    // Appends; record.offset is ignored. False: the record would exceed the size limit, nothing
    // was added (the first record is always taken: the broker decides about its size).
    [[nodiscard]] bool add(const Record& record);
    // Appends with a gap, as compaction leaves them: offset >= the next one.
    [[nodiscard]] bool add_at(Offset offset, const Record& record);
    // As add, without a Record: views need not outlive the call.
    [[nodiscard]] bool add(
        WallTime timestamp, std::optional<ByteView> key, std::optional<ByteView> value
    );

    // Replaces the idempotent fields of the options; for who knows them only at the end.
    void set_producer(ProducerId id, ProducerEpoch epoch, std::int32_t base_sequence) {
        options_.producer_id = id;
        options_.producer_epoch = epoch;
        options_.base_sequence = base_sequence;
    }

    [[nodiscard]] std::int32_t record_count() const { return count_; }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    // Bytes the batch would have now, before compression.
    [[nodiscard]] std::size_t size() const { return batch_layout::kHeaderSize + records_.size(); }

    // Ends it: the finished batch with its checksum. Must not be empty. An error only from the
    // compressor.
    [[nodiscard]] Result<RecordBatch> build() &&;

 private:
    struct Parts;
    [[nodiscard]] bool append(std::int64_t offset_delta, const Parts& parts);

    BatchOptions options_;
    ByteWriter records_;
    std::int32_t count_ = 0;
    std::int64_t next_delta_ = 0;
    WallTime base_timestamp_;
    WallTime max_timestamp_;
};

}  // namespace sealane::kafka
