// Compaction: one pass over the dirty part notes the latest offset of every key, another writes the
// segments again without what is superseded, beside the log (log_clean_swap puts them in place).
// Appends and reads go on meanwhile; whoever takes records away ends the cleaning.

#include "broker/log/checked_stream.hpp"
#include "broker/log/log_cleaning.hpp"
#include "broker/log/segment_name.hpp"

#include <algorithm>

namespace sealane::broker {

using runtime::Task;

namespace {
// Between two pauses: what is cleaned in a fraction of a millisecond. A batch is not divided.
constexpr std::uint64_t kStep = 64U << 10U;
}  // namespace

Task<Result<DirtyRange>> PartitionLog::Inner::find_dirty_range(
    WallTime now, Offset bound, std::vector<CleaningSegment>& facts
) {
    CleaningState state{log_start, bounds.first_dirty, bound, now};
    // Recovery looks at every batch above the recovery point: below it nothing is in flux.
    state.bound = std::min({bound, durable, recovery_point(), written_point});
    const bool wants_times = opening.config.min_compaction_lag_ms > 0;
    const bool wants_first = opening.config.max_compaction_lag_ms != INT64_MAX;
    const Offset dirty = std::max(state.first_dirty, log_start);
    for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
        const SegmentPtr segment = segments[i];
        CleaningSegment fact{segment->base, end_of(i), segment->size, WallTime{}, WallTime{}};
        if (fact.next_base > state.bound) break;
        if (wants_times && fact.next_base > dirty) {
            SEALANE_CO_CHECK(co_await files.load_max_timestamp(*segment));
            fact.max_timestamp = segment->max_timestamp;
        }
        const bool first = fact.next_base > dirty && fact.base <= dirty;
        if (wants_first && first) {
            SEALANE_CO_TRY(const auto file, co_await files.log(*segment));
            BatchStream head(file, 0, segment->size, CrcCheck::kNo);
            const auto batch = co_await head.next();
            if (batch && *batch) fact.first_timestamp = (*batch)->view().max_timestamp();
        }
        facts.push_back(fact);
    }
    co_return plan_cleaning(opening.config, facts, state);
}

std::vector<AbortedRange> PartitionLog::Inner::aborted_in(Offset from, Offset to) const {
    std::vector<AbortedRange> all;
    for (const LogState* state : opening.states) {
        const auto some = state->aborted_in(from, to);
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

Task<Result<CleaningResult>> PartitionLog::Inner::clean(CleaningOrder order) {
    if (cleaning) co_return CleaningResult{};
    std::optional<Cleaning> work;
    {
        const auto turn = co_await turns.take();
        SEALANE_CO_CHECK(check_usable());
        std::vector<CleaningSegment> facts;
        SEALANE_CO_TRY(
            const DirtyRange range, co_await find_dirty_range(order.now, order.bound, facts)
        );
        if (!range.due.due || cleaning) co_return CleaningResult{};
        work.emplace(std::move(order), range, shared.world.rng().next());
        work->sources.assign(
            segments.begin(), segments.begin() + static_cast<std::ptrdiff_t>(facts.size())
        );
        work->facts = std::move(facts);
        work->cuts = cuts;
        cleaning = true;
    }
    const Status done = co_await clean_groups(*work);
    cleaning = false;
    work->out.reset();
    if (!closed) (void)co_await shared.world.files().remove_tree(path(kCleaningDirectory));
    figures.cleaned_bytes += work->result.read_bytes;
    figures.kept_bytes += work->result.written_bytes;
    figures.dropped_records += work->result.dropped_records;
    work->result.first_dirty = std::max(bounds.first_dirty, log_start);
    if (done) {
        work->result.finished = true;
        ++figures.cleanings;
    } else if (!done.error().is_stopped() || closed) {
        co_return fail(done.error());
    }
    co_return work->result;
}

Task<Status> PartitionLog::Inner::pace_cleaning(Cleaning& work, std::uint64_t bytes) {
    work.unpaced += bytes;
    if (work.unpaced >= kStep && !co_await work.order.pace(std::exchange(work.unpaced, 0))) {
        co_return fail(Error::stopped());
    }
    co_return goes_on(work);
}

Status PartitionLog::Inner::goes_on(const Cleaning& work) const {
    SEALANE_CHECK(check_usable());
    if (cuts != work.cuts) return fail(Error::stopped());
    return {};
}

Task<Status> PartitionLog::Inner::clean_groups(Cleaning& work) {
    SEALANE_CO_CHECK(co_await shared.world.files().remove_tree(path(kCleaningDirectory)));
    SEALANE_CO_CHECK(co_await map_keys(work));
    {
        const auto turn = co_await turns.take();
        SEALANE_CO_CHECK(goes_on(work));
        rewritten_to = std::max(rewritten_to, work.mapped_to);
        LogBounds next = bounds;
        next.rewritten_to = rewritten_to;
        SEALANE_CO_CHECK(co_await save_bounds(next));
    }
    CleaningRules rules{work.map, work.mapped_to, work.order.now, {}, {}};
    rules.delete_retention_ms = opening.config.delete_retention_ms;
    rules.keeps_header = [this](const kafka::RecordBatchView& batch) {
        return std::ranges::any_of(opening.states, [&batch](const LogState* state) {
            return state->keeps_header(batch);
        });
    };
    const Offset first = work.facts.front().base;
    work.cleaner.emplace(std::move(rules), aborted_in(first, work.mapped_to));
    for (std::size_t at = 0; at < work.facts.size() && work.facts[at].base < work.mapped_to;) {
        const std::size_t count = group_size(opening.config, std::span(work.facts).subspan(at));
        SEALANE_CO_CHECK(co_await write_group(work, at, count));
        if (work.changed || count > 1) SEALANE_CO_CHECK(co_await put_in_place(work, at, count));
        work.out.reset();
        SEALANE_CO_CHECK(co_await shared.world.files().remove_tree(path(kCleaningDirectory)));
        work.result.segments_before += count;
        ++work.result.segments_after;
        at += count;
    }
    const auto turn = co_await turns.take();
    SEALANE_CO_CHECK(goes_on(work));
    LogBounds next = bounds;
    next.first_dirty = work.mapped_to;
    co_return co_await save_bounds(next);
}

Task<Status> PartitionLog::Inner::map_keys(Cleaning& work) {
    TransactionRemains transactions(aborted_in(work.range.from, work.range.to));
    for (std::size_t i = 0; i < work.facts.size(); ++i) {
        const CleaningSegment& fact = work.facts[i];
        if (fact.next_base <= work.range.from) continue;
        if (fact.base >= work.range.to) break;
        SEALANE_CO_TRY(const bool whole, co_await map_segment(work, transactions, i));
        if (!whole) break;
        work.mapped_to = fact.next_base;
    }
    if (work.mapped_to == work.range.from) {
        co_return fail(
            ErrorCode::kOutOfBounds,
            files.directory() + ": the batch at offset " + std::to_string(work.mapped_to.value) +
                " has more keys than fit log.cleaner.dedupe.buffer.size"
        );
    }
    co_return Status{};
}

// False: the map is full, and mapped_to stands before the batch that has no room.
Task<Result<bool>> PartitionLog::Inner::map_segment(
    Cleaning& work, TransactionRemains& transactions, std::size_t at
) {
    SEALANE_CO_TRY(
        auto stream, co_await CheckedStream::open(files, work.sources[at], opening.topic_id)
    );
    for (;;) {
        const std::uint64_t before = stream.position();
        const auto batch = co_await stream.next();
        // What was taken away meanwhile is nobody's damage.
        SEALANE_CO_CHECK(co_await pace_cleaning(work, stream.position() - before));
        SEALANE_CO_CHECK(batch);
        if (!*batch) co_return true;
        work.result.read_bytes += (*batch)->size();
        if ((*batch)->view().next_offset() <= work.range.from) continue;
        SEALANE_CO_TRY(const bool fits, note_keys(**batch, transactions, work.map));
        if (!fits) co_return false;
        work.mapped_to = (*batch)->view().next_offset();
    }
}

Task<Status> PartitionLog::Inner::write_group(Cleaning& work, std::size_t at, std::size_t count) {
    const std::string directory = path(kCleaningDirectory);
    SEALANE_CO_CHECK(co_await shared.world.files().make_directories(directory));
    SEALANE_CO_CHECK(goes_on(work));
    const Offset base = work.facts[at].base;
    const std::size_t place = segment_index(base);
    DigestHash chain{};
    if (place > 0) chain = co_await files.chain_after(*segments[place - 1]);
    work.out = std::make_unique<CleanedSegment>(
        SegmentFiles(
            shared.file_cache, directory, opening.topic_id, opening.config.index_interval_bytes
        ),
        base,
        chain
    );
    work.changed = false;
    work.last_dropped.reset();
    SEALANE_CO_CHECK(co_await work.out->begin());
    for (std::size_t i = at; i < at + count; ++i) {
        SEALANE_CO_CHECK(co_await write_segment(work, work.sources[i]));
    }
    // The last batch stays at least as a header: a segment ends where the next one begins.
    if (work.last_dropped) {
        work.changed = work.changed || work.last_dropped->view().record_count() > 0;
        SEALANE_CO_CHECK(co_await work.out->add(emptied_batch(work.last_dropped->view())));
    }
    const Offset wanted = work.facts[at + count - 1].next_base;
    if (work.out->end() != wanted) {
        co_return fail(
            ErrorCode::kCorrupt,
            files.path(work.facts[at + count - 1].base, kLogSuffix) + " ends at offset " +
                std::to_string(work.out->end().value) + ", the next segment begins at " +
                std::to_string(wanted.value)
        );
    }
    co_return co_await work.out->finish();
}

Task<Status> PartitionLog::Inner::write_segment(Cleaning& work, SegmentPtr segment) {
    SEALANE_CO_TRY(auto stream, co_await CheckedStream::open(files, segment, opening.topic_id));
    for (;;) {
        const std::uint64_t before = stream.position();
        const auto batch = co_await stream.next();
        SEALANE_CO_CHECK(co_await pace_cleaning(work, stream.position() - before));
        SEALANE_CO_CHECK(batch);
        if (!*batch) co_return Status{};
        SEALANE_CO_TRY(CleanedBatch cleaned, clean_batch(work, **batch));
        const std::byte* const batch_bytes = (*batch)->bytes().data();
        work.result.read_bytes += (*batch)->size();
        work.result.dropped_records += cleaned.dropped;
        work.changed = work.changed || work.last_dropped ||
                       (!cleaned.bytes.empty() && cleaned.bytes.data() != batch_bytes);
        if (cleaned.bytes.empty()) {
            work.last_dropped = **batch;
            continue;
        }
        work.last_dropped.reset();
        const std::uint64_t size = cleaned.bytes.size();
        SEALANE_CO_CHECK(co_await work.out->add(std::move(cleaned.bytes)));
        work.result.written_bytes += size;
        SEALANE_CO_CHECK(co_await pace_cleaning(work, size));
    }
}

Result<CleanedBatch> PartitionLog::Inner::clean_batch(
    Cleaning& work, const kafka::RecordBatch& batch
) const {
    if (batch->is_control() && batch->base_offset() < work.mapped_to) {
        for (const LogState* state : opening.states) {
            if (auto other = state->when_cleaned(batch.view())) return CleanedBatch{*other, 0};
        }
    }
    return work.cleaner->clean(batch);
}

Task<Result<CleaningDue>> PartitionLog::cleaning_due(WallTime now, Offset bound) {
    const Inner::Use use(*inner_);
    if (!config().compacts || inner_->closed || inner_->offline) co_return CleaningDue{};
    const auto turn = co_await inner_->turns.take();
    if (inner_->closed || inner_->offline) co_return CleaningDue{};
    std::vector<CleaningSegment> facts;
    SEALANE_CO_TRY(const DirtyRange range, co_await inner_->find_dirty_range(now, bound, facts));
    co_return range.due;
}

Task<Result<CleaningResult>> PartitionLog::clean(CleaningOrder order) {
    const Inner::Use use(*inner_);
    co_return co_await inner_->clean(std::move(order));
}

}  // namespace sealane::broker
