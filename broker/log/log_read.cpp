// Reading: from memory at the tail, else from the segment's file, whole batches only. Batches that
// come from a file are checked: headers always, checksums until they were right once.

#include "broker/log/log_inner.hpp"
#include "broker/log/segment_name.hpp"

#include <algorithm>

namespace sealane::broker {

using runtime::Task;

namespace {

constexpr std::size_t kHeader = kafka::batch_layout::kHeaderSize;
// Read beyond max_bytes, because the position from the index may lie a little before the batch.
constexpr std::size_t kSlack = 16U << 10U;

// The run of batches of `bytes` that answers a read.
struct Run {
    std::size_t begin = 0;    // of the first batch that is not wholly below `from`
    std::size_t end = 0;      // after the last batch of the answer
    Offset next = kNoOffset;  // after the last batch of the answer
    std::size_t wanted = 0;  // bytes from `begin` that the next batch needs; 0: the run is complete
    std::string damage;      // why the bytes at `end` are no batch that belongs there
};

Run select(ByteView bytes, const LogRead& request, Offset log_end) {
    Run run;
    std::size_t at = 0;
    Offset expected{0};
    while (at < bytes.size()) {
        const ByteView rest = bytes.subspan(at);
        if (rest.size() < kHeader) {
            run.wanted = at - run.begin + kHeader;
            return run;
        }
        const auto size = kafka::announced_batch_size(rest);
        if (!size) {
            run.damage = size.error().detail();
            return run;
        }
        if (*size > rest.size()) {
            run.wanted = at - run.begin + *size;
            return run;
        }
        const auto batch = kafka::RecordBatchView::parse(rest);
        if (!batch || batch->base_offset() < expected) {
            run.damage = batch ? "its offset is below the one before" : batch.error().detail();
            return run;
        }
        if (batch->last_offset() >= log_end) {
            run.damage = "its offset is beyond the log end";
            return run;
        }
        expected = batch->next_offset();
        if (batch->last_offset() < request.from) {
            at += *size;
            run.begin = run.end = at;
            continue;
        }
        if (batch->last_offset() >= request.up_to) return run;
        const bool first = run.next == kNoOffset;
        if (at + *size - run.begin > request.max_bytes && !(first && request.at_least_one)) {
            return run;
        }
        at += *size;
        run.end = at;
        run.next = batch->next_offset();
    }
    return run;
}

}  // namespace

std::size_t PartitionLog::Inner::segment_index(Offset offset) const {
    const auto after = std::ranges::upper_bound(
        segments, offset, std::ranges::less{}, [](const SegmentPtr& s) { return s->base; }
    );
    return after == segments.begin() ? 0 : static_cast<std::size_t>(after - segments.begin()) - 1;
}

Task<Result<LogReadOutcome>> PartitionLog::Inner::read(LogRead request) {
    ++figures.reads;
    for (;;) {
        if (swapping) co_await wait_swapped();
        if (closed) co_return fail(Error::stopped());
        if (request.from < log_start || request.from > end) {
            co_return fail(
                ErrorCode::kOffsetOutOfRange,
                "offset " + std::to_string(request.from.value) + " is not in [" +
                    std::to_string(log_start.value) + ", " + std::to_string(end.value) + "]"
            );
        }
        LogRead now = request;
        now.up_to = std::min(request.up_to, offline ? std::min(durable, end) : end);
        if (now.from >= now.up_to) co_return LogReadOutcome{{}, request.from};
        if (auto hit = read_tail(now)) {
            ++figures.tail_hits;
            figures.read_bytes += hit->records.size();
            co_return *std::move(hit);
        }
        const std::uint64_t cuts_before = cuts;
        const std::size_t i = segment_index(now.from);
        auto outcome = co_await read_segment(segments[i], now);
        if (cuts != cuts_before) continue;
        // Each segment begins where the one before it ends.
        if (outcome && outcome->next_offset == kNoOffset) {
            outcome = fail(
                ErrorCode::kCorrupt,
                files.directory() + ": no segment holds offset " + std::to_string(now.from.value)
            );
        }
        if (!outcome && outcome.error().code() == ErrorCode::kNotFound) {
            outcome = fail(ErrorCode::kCorrupt, outcome.error().to_string());
        }
        if (!outcome) {
            log.error(
                "records cannot be read",
                {{"partition", opening.topic_partition.to_string()},
                 {"offset", request.from},
                 {"error", outcome.error()}}
            );
            co_return fail(outcome.error());
        }
        if (outcome->records.empty()) outcome->next_offset = request.from;
        figures.read_bytes += outcome->records.size();
        co_return *std::move(outcome);
    }
}

std::optional<LogReadOutcome> PartitionLog::Inner::read_tail(const LogRead& request) {
    const LogTail::Piece* piece = tail.find(request.from);
    if (piece == nullptr) return std::nullopt;
    LogReadOutcome outcome{{}, request.from};
    LogRead left = request;
    while (piece != nullptr) {
        const Run run = select(piece->batches.view(), left, end);
        if (run.next == kNoOffset) break;
        outcome.records.append(piece->batches.slice(run.begin, run.end - run.begin));
        outcome.next_offset = run.next;
        if (run.end != piece->batches.size() || outcome.records.size() >= request.max_bytes) break;
        left.from = run.next;
        left.max_bytes = request.max_bytes - outcome.records.size();
        left.at_least_one = false;
        piece = tail.find(run.next);
    }
    return outcome;
}

void PartitionLog::Inner::remember_position(
    Offset next, const Segment& segment, std::uint64_t position
) {
    if (position >= segment.size && segment.active == nullptr) return;
    const auto known = std::ranges::find(hints, next, &Hint::next);
    Hint& hint = known != hints.end() ? *known : hints[next_hint++ % hints.size()];
    hint = {next, segment.base, static_cast<std::uint32_t>(position)};
}

Task<Result<std::uint32_t>> PartitionLog::Inner::start_position(SegmentPtr segment, Offset from) {
    for (const Hint& hint : hints) {
        if (hint.next == from && hint.segment_base == segment->base &&
            hint.position < segment->size) {
            co_return hint.position;
        }
    }
    co_return co_await files.floor_position(*segment, from);
}

Task<Result<LogReadOutcome>> PartitionLog::Inner::read_segment(
    SegmentPtr segment, LogRead request
) {
    SEALANE_CO_TRY(std::uint64_t position, co_await start_position(segment, request.from));
    SEALANE_CO_TRY(const auto file, co_await files.log(*segment));
    std::size_t wanted = request.max_bytes + kSlack;
    bool from_start = position == 0;
    for (;;) {
        const std::uint64_t left = segment->size - std::min(position, segment->size);
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, left));
        if (count == 0) co_return LogReadOutcome{{}, kNoOffset};
        SEALANE_CO_TRY(const BufferSlice bytes, co_await file->read_at(position, count));
        const Run run = select(bytes.view(), request, end);
        if (run.next != kNoOffset) {
            const BufferSlice answer = bytes.slice(run.begin, run.end - run.begin);
            SEALANE_CO_CHECK(co_await verify(segment, position + run.begin, answer, request.from));
            remember_position(run.next, *segment, position + run.end);
            co_return LogReadOutcome{answer, run.next};
        }
        const bool short_file = bytes.size() < count || run.begin + run.wanted > left;
        if (run.damage.empty() && !short_file) {
            // The batch that is next does not fit the answer, or is larger than what was read.
            if (run.wanted == 0 && run.begin < bytes.size()) break;
            position += run.begin;
            wanted = std::max(run.wanted, request.max_bytes + kSlack);
            continue;
        }
        if (!from_start) {  // perhaps only the index is wrong
            position = 0;
            from_start = true;
            continue;
        }
        ++figures.corrupt_reads;
        co_return fail(
            ErrorCode::kCorrupt,
            files.path(segment->base, kLogSuffix) + " at position " +
                std::to_string(position + run.end) + ": " +
                (run.damage.empty() ? "the file ends early" : run.damage)
        );
    }
    co_return LogReadOutcome{{}, request.from};
}

}  // namespace sealane::broker
