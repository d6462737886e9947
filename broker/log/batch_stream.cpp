#include "broker/log/batch_stream.hpp"

namespace sealane::broker {

namespace {
constexpr std::size_t kPiece = 1U << 20U;
constexpr std::size_t kHeader = kafka::batch_layout::kHeaderSize;
// Bounds on looking for batches behind damage: hostile bytes must not make it quadratic.
constexpr std::uint64_t kSearchBytes = 256U << 20U;
constexpr std::uint64_t kSearchReadBytes = 1U << 30U;

std::unexpected<Error> corrupt(std::string why) {
    return fail(ErrorCode::kCorrupt, std::move(why));
}
}  // namespace

runtime::Task<Status> BatchStream::fill(std::size_t wanted) {
    const std::uint64_t left = end_ - position_;
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(std::max(wanted, kPiece), left));
    SEALANE_CO_TRY(window_, co_await file_->read_at(position_, count));
    // A file shorter than what was written to it: what lies behind its end is gone.
    if (window_.size() < count) end_ = position_ + window_.size();
    co_return Status{};
}

runtime::Task<Result<std::optional<kafka::RecordBatch>>> BatchStream::next() {
    if (position_ >= end_) co_return std::nullopt;
    if (window_.size() < kHeader) SEALANE_CO_CHECK(co_await fill(kHeader));
    if (window_.size() < kHeader) {
        co_return corrupt(
            window_.empty() ? "the file ends early"
                            : std::to_string(window_.size()) + " bytes are no batch header"
        );
    }
    const auto size = kafka::announced_batch_size(window_.view());
    if (!size) co_return corrupt(size.error().detail());
    if (*size > end_ - position_) {
        co_return corrupt(
            "a batch of " + std::to_string(*size) + " bytes, but only " +
            std::to_string(end_ - position_) + " follow"
        );
    }
    if (*size > window_.size()) SEALANE_CO_CHECK(co_await fill(*size));
    if (*size > window_.size()) co_return corrupt("the file ends inside a batch");
    auto batch = kafka::RecordBatch::parse(window_.slice(0, *size));
    if (!batch) co_return corrupt(batch.error().detail());
    if (crc_ == CrcCheck::kYes) {
        if (const auto checked = batch->view().check_crc(); !checked) {
            co_return corrupt(checked.error().detail());
        }
    }
    position_ += *size;
    window_ = window_.from(*size);
    co_return *std::move(batch);
}

runtime::Task<Result<std::optional<std::uint64_t>>> find_batch_after(
    std::shared_ptr<runtime::File> file, std::uint64_t from, std::uint64_t end, Offset at_least
) {
    // Cheap tests first: at each byte the magic, then the whole header, then the checksum.
    std::uint64_t read_budget = kSearchReadBytes;
    for (std::uint64_t at = from + 1; at + kHeader <= end && at - from < kSearchBytes;) {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, end - at));
        SEALANE_CO_TRY(const BufferSlice piece, co_await file->read_at(at, count));
        if (piece.size() < kHeader) break;
        const std::size_t candidates = piece.size() - kHeader + 1;
        for (std::size_t i = 0; i < candidates; ++i) {
            if (piece.data()[i + kafka::batch_layout::kMagic] != std::byte{kafka::kBatchMagic}) {
                continue;
            }
            const auto size = kafka::announced_batch_size(piece.view().subspan(i));
            if (!size || *size > end - (at + i)) continue;
            if (load_be<std::int64_t>(piece.data() + i) < at_least.value) continue;
            if (*size > read_budget) co_return std::nullopt;
            read_budget -= *size;
            SEALANE_CO_TRY(const BufferSlice whole, co_await file->read_at(at + i, *size));
            const auto batch = kafka::RecordBatchView::parse(whole.view());
            if (batch && batch->check_crc()) co_return at + i;
        }
        at += candidates;
    }
    co_return std::nullopt;
}

}  // namespace sealane::broker
