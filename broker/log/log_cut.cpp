// Taking records away: at the end (truncation), at the start (retention, DeleteRecords), all.
//
// Segments at the end go newest first and at the start oldest first after the log start is durable,
// so that a crash at any moment leaves one run of offsets without a hole.

#include "broker/log/log_inner.hpp"
#include "broker/log/retention_plan.hpp"
#include "broker/log/segment_name.hpp"
#include "common/base/mutants.hpp"

namespace sealane::broker {

using runtime::Task;

Task<Status> PartitionLog::Inner::truncate_to(Offset to) {
    const auto turn = co_await turns.take();
    SEALANE_CO_CHECK(check_usable());
    if (to >= end) co_return Status{};
    if (to < log_start) {
        co_return fail(
            ErrorCode::kOffsetOutOfRange,
            "cannot truncate to " + std::to_string(to.value) + ", the log starts at " +
                std::to_string(log_start.value)
        );
    }
    co_await wait_sync_idle();
    SEALANE_CO_CHECK(check_usable());
    // First the promise about durable records is taken back, then the records go. Where exactly the
    // batch that holds `to` begins is not known yet: not below its segment.
    const Offset limit = segments[segment_index(to)]->base;
    LogBounds next = bounds;
    next.recovery_point_limit = bounds.recovery_point_limit == kNoOffset
                                    ? limit
                                    : std::min(bounds.recovery_point_limit, limit);
    next.first_dirty = std::min(bounds.first_dirty, limit);
    if (!SEALANE_MUTANT(27)) SEALANE_CO_CHECK(co_await save_bounds(next));
    written_point = std::min(written_point, limit);
    ++cuts;
    tail.clear();
    hints.fill({});
    auto cut = co_await truncate_active(to);
    ++cuts;
    // From here on what is left is promised again: damage in it is no torn end.
    if (cut && end > limit && bounds.recovery_point_limit == limit) {
        next.recovery_point_limit = end;
        cut = co_await save_bounds(next);
    }
    trust_to(trusted_to);
    rewritten_to = std::min(rewritten_to, end);
    if (!cut) {
        // Half cut: what is in memory and what is on disk may differ.
        go_offline(cut.error().in("truncating " + files.directory()));
        co_return fail(ErrorCode::kKafkaStorageError, offline->to_string());
    }
    co_return Status{};
}

Task<Status> PartitionLog::Inner::truncate_active(Offset to) {
    std::size_t keep = segment_index(to) + 1;
    if (keep > 1 && segments[keep - 1]->base == to) --keep;
    SEALANE_CO_CHECK(co_await drop_last_segments(keep));
    const SegmentPtr last = segments.back();
    // Scan up to the cut: the batch that holds `to` goes as a whole.
    last->active.reset();
    last->max_timestamp = WallTime{};
    last->max_timestamp_offset = kNoOffset;
    SEALANE_CO_CHECK(co_await scan_segment(last, to, false, to));
    if (offline) co_return fail(*offline);
    // Stale entries must not come back with a power loss when others have taken their offsets.
    SEALANE_CO_CHECK(co_await files.sync_indexes(*last));
    SEALANE_CO_TRY(const auto file, co_await files.log(*last));
    SEALANE_CO_CHECK(co_await file->truncate(last->size));
    SEALANE_CO_CHECK(co_await file->sync());
    last->synced_size = last->size;
    durable = std::min(durable, end);
    sync_requested = std::min(sync_requested, end);
    SEALANE_CO_CHECK(co_await remove_snapshots_above(end));
    SEALANE_CO_CHECK(co_await remove_segment_files(last->base));
    epochs_dirty |= epochs.truncate_from_end(end);
    SEALANE_CO_CHECK(co_await save_epochs());
    co_return co_await restore_states();
}

Task<Status> PartitionLog::Inner::drop_last_segments(std::size_t keep) {
    while (segments.size() > keep) {
        const SegmentPtr last = segments.back();
        SEALANE_CO_TRY(auto renamed, co_await files.mark_deleted(*last, {}));
        SEALANE_CO_CHECK(co_await shared.world.files().sync_directory(files.directory()));
        const Instant at =
            shared.world.now() + std::chrono::milliseconds(opening.config.file_delete_delay_ms);
        for (std::string& name : renamed) deleted.push_back({std::move(name), at});
        segments.pop_back();
        end = last->base;
    }
    co_return Status{};
}

Task<Status> PartitionLog::Inner::restart_at(Offset start) {
    const auto turn = co_await turns.take();
    if (closed) co_return fail(Error::stopped());
    if (offline) co_return check_usable();
    co_await wait_sync_idle();
    SEALANE_CO_CHECK(check_usable());
    LogBounds next = bounds;
    next.recovery_point_limit = next.first_dirty = next.rewritten_to = Offset(0);
    SEALANE_CO_CHECK(co_await save_bounds(next));
    ++cuts;
    tail.clear();
    hints.fill({});
    auto done = co_await drop_last_segments(0);
    end = durable = log_start = start;
    rewritten_to = written_point = start;
    trust_to(start);
    sync_requested = start;
    if (done) {
        next.log_start = next.first_dirty = next.rewritten_to = start;
        done = co_await save_bounds(next);
    }
    if (done) done = co_await add_segment(start);
    epochs_dirty = true;
    epochs = EpochCache();
    snapshots_to_write.clear();
    if (done) done = co_await remove_snapshots_above(Offset(-1));
    if (done) done = co_await save_epochs();
    if (done) done = co_await restore_states();
    ++cuts;
    if (!done) {
        go_offline(done.error().in("restarting " + files.directory()));
        co_return fail(ErrorCode::kKafkaStorageError, offline->to_string());
    }
    co_return Status{};
}

Task<Status> PartitionLog::Inner::raise_log_start(Offset start) {
    if (start <= log_start) co_return Status{};
    LogBounds next = bounds;
    next.log_start = start;
    SEALANE_CO_CHECK(co_await save_bounds(next));
    log_start = start;
    trust_to(start);
    epochs_dirty |= epochs.truncate_from_start(start);
    for (LogState* state : opening.states) state->log_starts_at(start);
    co_return Status{};
}

Task<Status> PartitionLog::Inner::drop_first_segments(std::size_t count) {
    const std::vector<std::string> suffixes = state_suffixes();
    for (std::size_t i = 0; i < count; ++i) {
        const SegmentPtr first = segments.front();
        // A reader that has the file goes on with it; names come back only as `.deleted`.
        ++cuts;
        first->dropped = true;
        segments.erase(segments.begin());
        SEALANE_CO_TRY(auto renamed, co_await files.mark_deleted(*first, suffixes));
        const Instant at =
            shared.world.now() + std::chrono::milliseconds(opening.config.file_delete_delay_ms);
        for (std::string& name : renamed) deleted.push_back({std::move(name), at});
    }
    co_return Status{};
}

Task<Result<std::size_t>> PartitionLog::Inner::apply_retention(
    WallTime now, Offset high_watermark
) {
    const auto turn = co_await turns.take();
    SEALANE_CO_CHECK(check_usable());
    std::vector<SegmentFacts> facts;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const SegmentPtr segment = segments[i];
        SEALANE_CO_CHECK(co_await files.load_max_timestamp(*segment));
        facts.push_back({segment->base, end_of(i), segment->size, segment->max_timestamp});
    }
    const RetentionPlan plan =
        plan_retention(opening.config, facts, log_start, std::min(high_watermark, durable), now);
    if (plan.segments == 0) co_return std::size_t{0};
    if (plan.roll_first) SEALANE_CO_CHECK(co_await roll_now());
    SEALANE_CO_CHECK(co_await raise_log_start(end_of(plan.segments - 1)));
    SEALANE_CO_CHECK(co_await drop_first_segments(plan.segments));
    log.info(
        "retention deleted segments",
        {{"partition", opening.topic_partition.to_string()},
         {"segments", plan.segments},
         {"log_start_offset", log_start}}
    );
    co_return plan.segments;
}

Task<Status> PartitionLog::Inner::remove_deleted_files(Instant now) {
    for (std::size_t i = 0; i < deleted.size();) {
        if (deleted[i].remove_at > now) {
            ++i;
            continue;
        }
        const std::string name = std::move(deleted[i].path);
        deleted.erase(deleted.begin() + static_cast<std::ptrdiff_t>(i));
        const auto removed = co_await shared.world.files().remove(name);
        if (!removed && removed.error().code() != ErrorCode::kNotFound) {
            co_return fail(removed.error().in("removing " + name));
        }
    }
    co_return Status{};
}

}  // namespace sealane::broker
