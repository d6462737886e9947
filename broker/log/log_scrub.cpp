// Re-reading what nobody reads: sealed segments, their checksums, and that every batch is the one
// that its digest entry was made for.

#include "broker/log/checked_stream.hpp"
#include "broker/log/log_inner.hpp"

namespace sealane::broker {

using runtime::Task;

Task<Result<std::uint64_t>> PartitionLog::Inner::scrub_segment(
    SegmentPtr segment, const LogPace& pace
) {
    SEALANE_CO_TRY(auto stream, co_await CheckedStream::open(files, segment, opening.topic_id));
    std::uint64_t paced = 0;
    for (;;) {
        const auto batch = co_await stream.next();
        if (segment->dropped || closed) co_return stream.position();
        if (!batch) co_return fail(batch.error());
        if (!*batch) co_return stream.position();
        if (stream.position() - paced < kScrubStep) continue;
        const std::uint64_t read = stream.position() - paced;
        paced = stream.position();
        if (!co_await pace(read)) co_return stream.position();
    }
}

Task<Result<std::uint64_t>> PartitionLog::Inner::scrub(LogPace pace) {
    std::uint64_t total = 0;
    Offset next = log_start;
    while (!closed && !offline) {
        co_await wait_swapped();
        next = std::max(next, log_start);
        const std::size_t at = segment_index(next);
        const SegmentPtr segment = segments[at];
        if (segment->active != nullptr) break;
        const std::uint64_t cuts_before = cuts;
        next = segments[at + 1]->base;
        const auto read = co_await scrub_segment(segment, pace);
        // What was cut or dropped meanwhile is nobody's damage.
        if (!read && cuts == cuts_before && !segment->dropped) co_return fail(read.error());
        if (closed) break;
        // Cleaned meanwhile: what stands there now is read.
        if (!read || segment->dropped) {
            next = segment->base;
            if (!co_await pace(0)) break;
            continue;
        }
        total += *read;
        const bool go_on = co_await pace(0);
        if (!go_on) break;
    }
    co_return total;
}

Task<Result<std::uint64_t>> PartitionLog::scrub(LogPace pace) {
    const Inner::Use use(*inner_);
    co_return co_await inner_->scrub(std::move(pace));
}

}  // namespace sealane::broker
