#include "common/kafka/records/produce_validation.hpp"

#include "common/base/text.hpp"
#include "common/kafka/records/record_framing.hpp"

namespace sealane::kafka {
namespace {

constexpr std::int16_t kFirstVersionWithZstd = 7;

std::unexpected<Error> invalid(std::string detail) {
    return fail(ErrorCode::kInvalidRecord, std::move(detail));
}

// Exactly one batch, of the current format, whole.
Result<RecordBatch> the_only_batch(const BufferSlice& records) {
    if (records.empty()) return invalid("no batch");
    auto batch = RecordBatch::parse(records);
    if (!batch) {
        const Error& error = batch.error();
        if (error.code() == ErrorCode::kOutOfBounds)
            return fail(ErrorCode::kCorruptMessage, error.detail());
        return fail(error);
    }
    if (batch->size() != records.size()) return invalid("more than one batch for a partition");
    return batch;
}

Status check_counts(const RecordBatchView& batch) {
    if (batch.base_offset() != Offset(0))
        return invalid(concat("base offset is ", batch.base_offset().value, ", not 0"));
    if (batch.record_count() <= 0 || batch.record_count() - 1 != batch.last_offset_delta())
        return invalid(concat(
            batch.record_count(), " records with last offset delta ", batch.last_offset_delta()
        ));
    return {};
}

Status check_timestamp(WallTime at, const ProduceRules& rules) {
    if (at.ms == -1 || (at >= rules.earliest && at <= rules.latest)) return {};
    return fail(
        ErrorCode::kInvalidTimestamp,
        concat("timestamp ", at.ms, " is not in [", rules.earliest.ms, ", ", rules.latest.ms, "]")
    );
}

Status check_meaning(const RecordBatchView& batch, const ProduceRules& rules) {
    if (batch.codec() == Codec::kZstd && rules.api_version < kFirstVersionWithZstd)
        return fail(ErrorCode::kUnsupportedCompressionType, "zstd needs Produce 7");
    if (batch.size() > rules.max_batch_bytes)
        return fail(
            ErrorCode::kMessageTooLarge,
            concat("batch of ", batch.size(), " bytes, limit ", rules.max_batch_bytes)
        );
    if (batch.is_control()) return invalid("clients may not write control batches");
    if (batch.attributes().has_delete_horizon()) return invalid("delete horizon set by a client");
    if (batch.has_producer() && (batch.base_sequence() < 0 || batch.producer_epoch().value < 0))
        return invalid("producer id without epoch and sequence");
    if (batch.is_transactional() && !batch.has_producer())
        return invalid("transactional batch without producer id");
    if (batch.timestamp_type() != TimestampType::kCreateTime)
        return fail(ErrorCode::kInvalidTimestamp, "append time set by a client");
    SEALANE_CHECK(check_timestamp(batch.base_timestamp(), rules));
    return check_timestamp(batch.max_timestamp(), rules);
}

Status check_records(const RecordBatch& batch, const ProduceRules& rules) {
    auto opened = RecordReader::open(batch, rules.decompressed_limit);
    if (!opened) {
        const Error& error = opened.error();
        if (error.code() != ErrorCode::kOutOfBounds) return fail(error);
        return fail(ErrorCode::kMessageTooLarge, error.detail());
    }
    Offset expected = batch->base_offset();
    for (;;) {
        SEALANE_TRY(const std::optional<Record> record, opened->next());
        if (!record) return {};
        if (record->offset != expected) return invalid("offset deltas are not consecutive");
        if (rules.key_required && !record->key) return invalid("compacted topics need keys");
        SEALANE_CHECK(check_timestamp(record->timestamp, rules));
        ++expected;
    }
}

}  // namespace

Result<RecordBatch> validate_produced(const BufferSlice& records, const ProduceRules& rules) {
    SEALANE_TRY(RecordBatch batch, the_only_batch(records));
    SEALANE_CHECK(check_counts(batch.view()));
    SEALANE_CHECK(batch->check_crc());
    SEALANE_CHECK(check_meaning(batch.view(), rules));
    if (rules.deep || rules.key_required) {
        SEALANE_CHECK(check_records(batch, rules));
    } else {
        SEALANE_CHECK(check_record_framing(batch));
    }
    return batch;
}

}  // namespace sealane::kafka
