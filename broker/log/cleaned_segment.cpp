#include "broker/log/cleaned_segment.hpp"

#include "broker/log/segment_name.hpp"

#include <utility>

namespace sealane::broker {

using runtime::OpenMode;
using runtime::Task;

namespace {
constexpr std::size_t kFlushAt = 256U << 10U;
}

CleanedSegment::CleanedSegment(SegmentFiles files, Offset base, DigestHash chain)
    : files_(std::move(files)), end_(base) {
    segment_.base = base;
    segment_.max_timestamp_known = true;
    segment_.active = std::make_unique<ActiveParts>();
    segment_.active->before = chain;
    segment_.active->chain = chain;
}

Task<Status> CleanedSegment::begin() {
    segment_.log_file.pin(true);
    SEALANE_CO_CHECK(co_await files_.cache().use(
        segment_.log_file, files_.path(segment_.base, kLogSuffix), OpenMode::kCreate
    ));
    co_return co_await files_.trim_files(segment_);
}

Task<Status> CleanedSegment::add(BufferSlice batch) {
    SEALANE_CO_TRY(const auto view, kafka::RecordBatchView::parse(batch.view()));
    if (segment_.size + batch.size() > static_cast<std::uint64_t>(INT32_MAX)) {
        co_return fail(ErrorCode::kOutOfBounds, "a cleaned segment would be larger than 2 GiB");
    }
    SEALANE_ASSERT(view.base_offset() >= end_);
    files_.note_batch(segment_, view);
    end_ = view.next_offset();
    pending_.append(std::move(batch));
    if (pending_.size() < kFlushAt) co_return Status{};
    co_return co_await flush();
}

Task<Status> CleanedSegment::flush() {
    if (!pending_.empty()) {
        SEALANE_CO_TRY(const auto file, co_await files_.log(segment_));
        const std::uint64_t size = pending_.size();
        SEALANE_CO_CHECK(co_await file->write_at(written_, std::exchange(pending_, {})));
        written_ += size;
    }
    if (files_.save_is_due(segment_)) SEALANE_CO_CHECK(co_await files_.save_indexes(segment_));
    co_return Status{};
}

Task<Status> CleanedSegment::finish() {
    SEALANE_CO_CHECK(co_await flush());
    SEALANE_CO_CHECK(co_await files_.finish_indexes(segment_));
    SEALANE_CO_TRY(const auto file, co_await files_.log(segment_));
    SEALANE_CO_CHECK(co_await file->sync());
    segment_.active->indexes_dirty = true;
    SEALANE_CO_CHECK(co_await files_.sync_indexes(segment_));
    files_.cache().forget(segment_.log_file);
    segment_.active.reset();
    co_return co_await files_.cache().files().sync_directory(files_.directory());
}

std::shared_ptr<Segment> CleanedSegment::sealed() const {
    auto segment = std::make_shared<Segment>();
    segment->base = segment_.base;
    segment->size = segment->synced_size = segment_.size;
    segment->max_timestamp_known = true;
    segment->max_timestamp = segment_.max_timestamp;
    segment->max_timestamp_offset = segment_.max_timestamp_offset;
    return segment;
}

}  // namespace sealane::broker
