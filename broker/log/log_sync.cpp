// Group commit: one sync in flight, covering every append that ended before it began.

#include "broker/log/log_inner.hpp"
#include "broker/log/segment_name.hpp"
#include "common/base/mutants.hpp"

namespace sealane::broker {

using runtime::OpenMode;
using runtime::Task;

Offset PartitionLog::Inner::sync_goal() const {
    if (opening.config.flush == FlushMode::kSynced) return end;
    // Sealed segments are synced whatever the mode.
    return std::min(end, std::max(sync_requested, segments.back()->base));
}

void PartitionLog::Inner::kick_sync() {
    if (syncing || closed || offline || segments.empty()) return;
    if (durable >= sync_goal() && snapshots_to_write.empty()) return;
    syncing = true;
    tasks.spawn([this] { return run_sync(); });
}

Task<void> PartitionLog::Inner::run_sync() {
    while (!offline && (durable < sync_goal() || !snapshots_to_write.empty())) {
        if (const auto passed = co_await sync_pass(); !passed) {
            go_offline(passed.error());
            // Whoever opens the log next has to know, unless the machine restarts.
            (void)co_await shared.world.files().open(path(kUnsyncedFile), OpenMode::kCreate);
        }
        co_await write_snapshots();
    }
    syncing = false;
    changed.notify_all();
}

Task<Status> PartitionLog::Inner::sync_pass() {
    // What this pass makes durable is fixed before its first wait; names come first, so that no
    // record is durable in a file that may vanish.
    const bool whole = sync_goal() > segments.back()->base;
    const Offset target = whole ? end : segments.back()->base;
    if (directory_dirty && !SEALANE_MUTANT(8)) {
        directory_dirty = false;
        const auto synced = co_await shared.world.files().sync_directory(files.directory());
        if (!synced) co_return fail(synced.error().in("syncing " + files.directory()));
    }
    const std::vector<SegmentPtr> now = segments;
    // Retention may drop segments meanwhile: what happens to their files is no failure of the log.
    for (const SegmentPtr& segment : now) {
        const bool is_sealed = segment->active == nullptr;
        if (segment->dropped || segment->synced_size >= segment->size || (!is_sealed && !whole))
            continue;
        const std::uint64_t size = segment->size;
        const auto file = co_await files.log(*segment);
        if (!file && segment->dropped) continue;
        SEALANE_CO_CHECK(file);
        ++figures.syncs;
        const auto synced = co_await (*file)->sync();
        if (segment->dropped) continue;
        if (!synced && !SEALANE_MUTANT(41)) {
            co_return fail(synced.error().in("syncing " + files.path(segment->base, kLogSuffix)));
        }
        segment->synced_size = size;
        segment->log_file.pin(segment->synced_size < segment->size);
    }
    advance_durable(target);
    for (const SegmentPtr& segment : now) {
        if (segment->dropped || segment->active != nullptr || segment->indexes_synced) continue;
        const auto synced = co_await files.sync_indexes(*segment);
        if (!synced && !segment->dropped)
            co_return fail(synced.error().in("syncing indexes of " + files.directory()));
        segment->indexes_synced = true;
    }
    co_return Status{};
}

void PartitionLog::Inner::advance_durable(Offset to) {
    SEALANE_ASSERT(to <= end);
    if (to <= durable) return;
    durable = to;
    changed.notify_all();
    if (listener != nullptr) listener->on_durable(durable);
}

void PartitionLog::Inner::go_offline(Error cause) {
    if (offline) return;
    offline = std::move(cause);
    log.error(
        "log is offline",
        {{"partition", opening.topic_partition.to_string()},
         {"cause", *offline},
         {"durable_offset", durable},
         {"end_offset", end}}
    );
    changed.notify_all();
    if (listener != nullptr) listener->on_offline(*offline);
}

Task<Status> PartitionLog::Inner::wait_synced(Offset offset, Instant deadline) {
    while (durable < offset) {
        SEALANE_CO_CHECK(check_usable());
        sync_requested = std::max(sync_requested, std::min(offset, end));
        kick_sync();
        if (co_await changed.wait_until(deadline) || durable >= offset) continue;
        co_return fail(
            ErrorCode::kDeadlineExceeded,
            "offset " + std::to_string(offset.value) + " is not durable yet"
        );
    }
    co_return Status{};
}

Task<void> PartitionLog::Inner::wait_sync_idle() {
    // Ends: a pass waits for the disk only, and the holder of the turn keeps appends out.
    while (syncing) (void)co_await changed.wait_until(Instant::never());
}

Offset PartitionLog::Inner::recovery_point() const {
    if (SEALANE_MUTANT(10)) return end;
    const Offset good = std::min(durable, trusted_to);
    for (const SegmentPtr& segment : segments) {
        if (segment->active == nullptr && !segment->indexes_synced) {
            return std::min(good, segment->base);
        }
    }
    return good;
}

}  // namespace sealane::broker
