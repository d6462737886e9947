// Opening and closing: what is in the directory, which of it is trusted, and the files beside the
// segments.

#include "broker/log/log_inner.hpp"
#include "broker/log/segment_name.hpp"
#include "common/base/mutants.hpp"

#include <algorithm>

namespace sealane::broker {

using runtime::OpenMode;
using runtime::Task;

namespace {

constexpr std::string_view kMetadataFile = "partition.metadata";
constexpr std::string_view kBoundsFile = "log-bounds";
constexpr std::string_view kEpochsFile = "leader-epoch-checkpoint";
constexpr std::uint64_t kMaxTextFile = 64U << 20U;

bool is_left_over(std::string_view name) {
    return name.ends_with(kDeletedSuffix) || name.ends_with(kTemporarySuffix) ||
           name.ends_with(".cleaned");
}

}  // namespace

PartitionLog::Inner::Inner(LogShared with, LogOpening how)
    : shared(with),
      opening(std::move(how)),
      files(
          shared.file_cache,
          opening.directory,
          opening.topic_id,
          opening.config.index_interval_bytes
      ),
      log(shared.world.log("log")),
      tasks(shared.world),
      turns(shared.world.waits()),
      changed(shared.world.waits()),
      tail(shared.tail_cache) {}

Task<Status> PartitionLog::Inner::open() {
    auto& fs = shared.world.files();
    SEALANE_CO_CHECK(co_await fs.make_directories(files.directory()));
    SEALANE_CO_CHECK(co_await check_topic_id());
    SEALANE_CO_CHECK(co_await read_bounds());
    SEALANE_CO_CHECK(co_await read_epochs());
    SEALANE_CO_CHECK(co_await read_directory(segments));
    if (bounds.recovery_point_limit != kNoOffset) {
        opening.recovery_point = std::min(opening.recovery_point, bounds.recovery_point_limit);
        opening.promised = std::min(opening.promised, bounds.recovery_point_limit);
    }
    if (segments.empty()) {
        const Offset held = std::max(opening.recovery_point, opening.promised);
        if (held > bounds.log_start) {
            co_return fail(
                ErrorCode::kCorrupt,
                files.directory() + " has no segments, but held durable records up to offset " +
                    std::to_string(held.value) +
                    ". Restore its files, or delete the directory to start the partition empty."
            );
        }
        end = log_start = durable = bounds.log_start;
        SEALANE_CO_CHECK(co_await add_segment(end));
        co_return co_await restore_states();
    }
    co_return co_await recover();
}

Task<Status> PartitionLog::Inner::check_topic_id() {
    auto& fs = shared.world.files();
    const auto text = co_await runtime::read_file(fs, path(kMetadataFile), kMaxTextFile);
    if (!text && text.error().code() != ErrorCode::kNotFound) co_return fail(text.error());
    if (!text) {
        if (opening.topic_id.is_zero()) {
            co_return fail(ErrorCode::kCorrupt, path(kMetadataFile) + " is missing");
        }
        const std::string fresh = encode_partition_metadata(opening.topic_id);
        co_return co_await runtime::write_file_atomically(
            fs, path(kMetadataFile), BufferSlice::copy_of(fresh)
        );
    }
    const auto stored = decode_partition_metadata(text->text());
    if (!stored) co_return fail(stored.error().in(path(kMetadataFile)));
    if (!opening.topic_id.is_zero() && opening.topic_id != *stored) {
        co_return fail(
            ErrorCode::kInconsistentTopicId,
            files.directory() + " belongs to topic id " + stored->to_string() + ", not " +
                opening.topic_id.to_string()
        );
    }
    opening.topic_id = *stored;
    files = SegmentFiles(
        shared.file_cache, opening.directory, *stored, opening.config.index_interval_bytes
    );
    co_return Status{};
}

Task<Status> PartitionLog::Inner::read_bounds() {
    const auto text =
        co_await runtime::read_file(shared.world.files(), path(kBoundsFile), kMaxTextFile);
    if (!text) {
        if (text.error().code() == ErrorCode::kNotFound) co_return Status{};
        co_return fail(text.error());
    }
    const auto decoded = decode_log_bounds(text->text());
    if (!decoded) {
        // Replaced atomically: damage is not a crash's. Guessing could show deleted records.
        co_return fail(decoded.error().in(
            path(kBoundsFile) + " (remove the file to start at the oldest segment)"
        ));
    }
    bounds = *decoded;
    rewritten_to = bounds.rewritten_to;
    co_return Status{};
}

Task<Status> PartitionLog::Inner::read_epochs() {
    const auto text =
        co_await runtime::read_file(shared.world.files(), path(kEpochsFile), kMaxTextFile);
    if (!text) {
        if (text.error().code() == ErrorCode::kNotFound) co_return Status{};
        co_return fail(text.error());
    }
    auto decoded = decode_epoch_checkpoint(text->text());
    if (decoded) {
        epochs = *std::move(decoded);
        co_return Status{};
    }
    if (SEALANE_MUTANT(13)) co_return Status{};
    // The batches know their epochs: scan them all.
    log.warning("rebuilding a damaged file", {{"file", path(kEpochsFile)}});
    opening.clean_stop = false;
    rescan_all = true;
    epochs_dirty = true;
    co_return Status{};
}

Task<Status> PartitionLog::Inner::read_directory(std::vector<SegmentPtr>& found) {
    auto& fs = shared.world.files();
    SEALANE_CO_TRY(auto entries, co_await fs.list(files.directory()));
    SEALANE_CO_TRY(const bool settled, co_await settle_cleanings(entries));
    if (settled) {
        SEALANE_CO_TRY(entries, co_await fs.list(files.directory()));
    }
    for (const auto& entry : entries) {
        if (entry.is_directory) continue;
        if (is_left_over(entry.name)) {
            SEALANE_CO_CHECK(co_await fs.remove(path(entry.name)));
            continue;
        }
        unsynced |= entry.name == kUnsyncedFile;
        const auto name = parse_segment_file_name(entry.name);
        if (!name || name->suffix != kLogSuffix) continue;
        if (entry.size > INT32_MAX) {
            co_return fail(ErrorCode::kCorrupt, path(entry.name) + " is larger than 2 GiB");
        }
        auto segment = std::make_shared<Segment>();
        segment->base = name->base;
        segment->size = entry.size;
        segment->synced_size = entry.size;
        found.push_back(std::move(segment));
    }
    // Names of 20 digits: the listing's order is offset order.
    co_return Status{};
}

Task<Status> PartitionLog::Inner::add_segment(Offset base) {
    auto segment = std::make_shared<Segment>();
    segment->base = base;
    segment->max_timestamp_known = true;
    segment->active = std::make_unique<ActiveParts>();
    segment->active->created = shared.world.wall();
    if (opening.config.segment_jitter_ms > 0) {
        segment->active->jitter_ms =
            shared.world.rng().between(0, opening.config.segment_jitter_ms - 1);
    }
    SEALANE_CO_TRY(
        const auto file,
        co_await shared.file_cache.use(
            segment->log_file, files.path(base, kLogSuffix), OpenMode::kCreate
        )
    );
    // What a crash or a failed roll left under this name is not part of the log.
    SEALANE_CO_TRY(const std::uint64_t size, file->size());
    if (size != 0) SEALANE_CO_CHECK(co_await file->truncate(0));
    SEALANE_CO_CHECK(co_await files.trim_files(*segment));
    directory_dirty = true;
    segments.push_back(std::move(segment));
    co_return Status{};
}

Task<Status> PartitionLog::Inner::save_epochs() {
    if (!epochs_dirty) co_return Status{};
    epochs_dirty = false;
    const auto saved = co_await runtime::write_file_atomically(
        shared.world.files(),
        path(kEpochsFile),
        BufferSlice::copy_of(encode_epoch_checkpoint(epochs))
    );
    if (!saved) epochs_dirty = true;
    co_return saved;
}

Task<Status> PartitionLog::Inner::save_bounds(LogBounds next) {
    if (next == bounds) co_return Status{};
    SEALANE_CO_CHECK(co_await runtime::write_file_atomically(
        shared.world.files(), path(kBoundsFile), BufferSlice::copy_of(encode_log_bounds(next))
    ));
    bounds = next;
    co_return Status{};
}

Task<Status> PartitionLog::Inner::save_rewritten() {
    LogBounds next = bounds;
    next.rewritten_to = rewritten_to;
    co_return co_await save_bounds(next);
}

Task<Status> PartitionLog::Inner::close() {
    Status result;
    {
        const auto turn = co_await turns.take();
        if (closed) co_return Status{};
        co_await wait_sync_idle();
        const bool untouched = opened_clean && end == opened_end && cuts == 0 && !epochs_dirty;
        if (untouched) {
            closed = true;
        } else if (!offline) {
            sync_requested = end;
            take_snapshots(end);
            kick_sync();
            co_await wait_sync_idle();
        }
        if (!closed && !offline) result = co_await files.finish_indexes(active());
        if (!closed && result && !offline) result = co_await files.sync_indexes(active());
        if (!closed && result && !offline) result = co_await save_epochs();
        if (!closed && result && !offline) result = co_await save_rewritten();
        if (offline) result = fail(ErrorCode::kKafkaStorageError, offline->to_string());
        closed = true;
        changed.notify_all();
    }
    co_await tasks.stop_and_join();
    while (uses > 0) (void)co_await changed.wait_until(Instant::never());
    tail.clear();
    for (const SegmentPtr& segment : segments) {
        shared.file_cache.forget(segment->log_file);
        segment->active.reset();
    }
    co_return result;
}

}  // namespace sealane::broker
