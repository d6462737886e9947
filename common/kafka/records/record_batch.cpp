#include "common/kafka/records/record_batch.hpp"

#include "common/base/crc32c.hpp"
#include "common/base/text.hpp"

namespace sealane::kafka {
namespace {

Status check_magic(ByteView bytes) {
    if (bytes.size() <= batch_layout::kMagic) return {};
    const auto magic = load_be<std::int8_t>(bytes.data() + batch_layout::kMagic);
    if (magic == kBatchMagic) return {};
    if (magic == 0 || magic == 1)
        return fail(
            ErrorCode::kInvalidRecord,
            concat("message format ", int{magic}, " is no longer stored; use format 2")
        );
    return fail(ErrorCode::kCorruptMessage, concat("batch magic is ", int{magic}, ", not 2"));
}

Status check_ranges(const RecordBatchView& batch) {
    const std::int64_t base = batch.base_offset().value;
    const std::int32_t delta = batch.last_offset_delta();
    // The offset after the last one must still be a number.
    if (base < 0 || delta < 0 || base > INT64_MAX - delta - 1)
        return fail(
            ErrorCode::kCorruptMessage,
            concat("batch has base offset ", base, " and last offset delta ", delta)
        );
    if (batch.record_count() < 0)
        return fail(
            ErrorCode::kCorruptMessage, concat("batch counts ", batch.record_count(), " records")
        );
    const auto codec = batch.attributes().bits & BatchAttributes::kCodecMask;
    if (codec > static_cast<int>(Codec::kZstd))
        return fail(ErrorCode::kCorruptMessage, concat("batch names codec ", codec));
    return {};
}

}  // namespace

Result<std::size_t> announced_batch_size(ByteView bytes) {
    if (bytes.size() < batch_layout::kLengthEnd)
        return fail(
            ErrorCode::kOutOfBounds,
            concat(bytes.size(), " bytes are too few for the start of a batch")
        );
    const auto length = load_be<std::int32_t>(bytes.data() + batch_layout::kLength);
    if (length < batch_layout::kMinLength)
        return fail(
            ErrorCode::kCorruptMessage,
            concat("batch length ", length, " is below ", batch_layout::kMinLength)
        );
    return static_cast<std::size_t>(length) + batch_layout::kLengthEnd;
}

Result<RecordBatchView> RecordBatchView::parse(ByteView bytes) {
    SEALANE_CHECK(check_magic(bytes));
    SEALANE_TRY(const std::size_t size, announced_batch_size(bytes));
    if (size > bytes.size())
        return fail(
            ErrorCode::kOutOfBounds,
            concat("batch of ", size, " bytes is cut off after ", bytes.size())
        );
    const RecordBatchView batch(bytes.first(size));
    SEALANE_CHECK(check_ranges(batch));
    return batch;
}

Status RecordBatchView::check_crc() const {
    const std::uint32_t actual = crc32c(bytes_.subspan(batch_layout::kChecksummed));
    if (actual == crc()) return {};
    return fail(
        ErrorCode::kCorruptMessage,
        concat(
            "batch at offset ",
            base_offset().value,
            " has checksum ",
            hex32(crc()),
            ", its bytes give ",
            hex32(actual)
        )
    );
}

std::int32_t RecordBatchView::last_sequence() const {
    if (base_sequence() < 0) return kNoSequence;
    return advance_sequence(base_sequence(), last_offset_delta());
}

std::int32_t advance_sequence(std::int32_t sequence, std::int32_t count) {
    const std::int64_t sum = std::int64_t{sequence} + count;
    return static_cast<std::int32_t>(sum & INT32_MAX);
}

Result<RecordBatch> RecordBatch::parse(const BufferSlice& bytes) {
    SEALANE_TRY(const RecordBatchView view, RecordBatchView::parse(bytes.view()));
    return RecordBatch(bytes.slice(0, view.size()), view);
}

}  // namespace sealane::kafka
