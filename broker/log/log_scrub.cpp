// Re-reading what nobody reads: sealed segments, their checksums, and that every batch is the one
// that its digest entry was made for.

#include "broker/log/batch_stream.hpp"
#include "broker/log/digest_reader.hpp"
#include "broker/log/log_inner.hpp"
#include "broker/log/segment_name.hpp"

namespace sealane::broker {

using runtime::Task;

Task<Result<std::uint64_t>> PartitionLog::Inner::scrub_segment(
    SegmentPtr segment, const ScrubPace& pace
) {
    SEALANE_CO_TRY(const auto file, co_await files.log(*segment));
    DigestReader digest(opening.topic_id, segment->base);
    SEALANE_CO_CHECK(
        co_await digest.open(shared.world.files(), files.path(segment->base, kDigestSuffix))
    );
    BatchStream stream(file, 0, segment->size, CrcCheck::kYes);
    std::uint64_t paced = 0;
    for (;;) {
        const auto at = static_cast<std::uint32_t>(stream.position());
        const auto batch = co_await stream.next();
        if (segment->dropped || closed) co_return stream.position();
        if (!batch) {
            co_return fail(batch.error().in(
                files.path(segment->base, kLogSuffix) + " at position " + std::to_string(at)
            ));
        }
        if (!*batch) co_return stream.position();
        SEALANE_CO_TRY(const auto expected, co_await digest.next());
        if (expected && *expected != BatchFacts::of((*batch)->view(), at)) {
            co_return fail(
                ErrorCode::kCorrupt,
                files.path(segment->base, kLogSuffix) + " at position " + std::to_string(at) +
                    ": not the batch that was written there"
            );
        }
        if (stream.position() - paced < kScrubStep) continue;
        const std::uint64_t read = stream.position() - paced;
        paced = stream.position();
        if (!co_await pace(read)) co_return stream.position();
    }
}

Task<Result<std::uint64_t>> PartitionLog::Inner::scrub(ScrubPace pace) {
    std::uint64_t total = 0;
    Offset next = log_start;
    while (!closed && !offline) {
        const SegmentPtr segment = segments[segment_index(next)];
        if (segment->active != nullptr) break;
        const std::uint64_t cuts_before = cuts;
        const std::size_t after = segment_index(next) + 1;
        next = segments[after]->base;
        const auto read = co_await scrub_segment(segment, pace);
        // What was cut or dropped meanwhile is nobody's damage.
        if (!read && cuts == cuts_before && !segment->dropped) co_return fail(read.error());
        if (!read || closed) break;
        total += *read;
        const bool go_on = co_await pace(0);
        if (!go_on) break;
        next = std::max(next, log_start);
    }
    co_return total;
}

Task<Result<std::uint64_t>> PartitionLog::scrub(ScrubPace pace) {
    const Inner::Use use(*inner_);
    co_return co_await inner_->scrub(std::move(pace));
}

}  // namespace sealane::broker
