#include "common/kafka/records/batch_cursor.hpp"

#include "common/base/text.hpp"

namespace sealane::kafka {

Result<std::optional<RecordBatch>> BatchCursor::next() {
    if (remaining() == 0) return std::nullopt;
    auto batch = RecordBatch::parse(bytes_.from(position_));
    if (batch) {
        position_ += batch->size();
        return *std::move(batch);
    }
    Error error = std::move(batch).error();
    if (error.code() == ErrorCode::kOutOfBounds) {
        if (truncation_ == Truncation::kIsEnd) return std::nullopt;
        error = Error(ErrorCode::kCorruptMessage, error.detail());
    }
    return fail(error.in(concat("at byte ", position_)));
}

Result<std::vector<RecordBatch>> split_batches(const BufferSlice& bytes, Truncation truncation) {
    std::vector<RecordBatch> batches;
    BatchCursor cursor(bytes, truncation);
    for (;;) {
        SEALANE_TRY(std::optional<RecordBatch> batch, cursor.next());
        if (!batch) return batches;
        batches.push_back(*std::move(batch));
    }
}

}  // namespace sealane::kafka
