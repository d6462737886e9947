// Recovery: from the segment that holds the recovery point on, every batch is checked; indexes and
// digest are rebuilt; the torn end is cut; damage to durable records is kept and reported.

#include "broker/log/batch_stream.hpp"
#include "broker/log/damage.hpp"
#include "broker/log/digest_reader.hpp"
#include "broker/log/log_inner.hpp"
#include "broker/log/segment_name.hpp"
#include "common/base/mutants.hpp"

#include <algorithm>

namespace sealane::broker {

using runtime::OpenMode;
using runtime::Task;

namespace {

constexpr std::string_view kOtherBatch = "not the batch that was written there";

// The last segment that begins at or below `at`.
std::size_t segment_of(const std::vector<SegmentPtr>& segments, Offset at) {
    const auto after = std::ranges::upper_bound(
        segments, at, std::ranges::less{}, [](const SegmentPtr& s) { return s->base; }
    );
    return after == segments.begin() ? 0 : static_cast<std::size_t>(after - segments.begin()) - 1;
}

struct ByteRange {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

// Where a file is copied onto itself, its bytes are written again.
Task<Status> copy_bytes(
    runtime::File& from, ByteRange range, runtime::File& to, std::uint64_t position
) {
    constexpr std::uint64_t kPiece = 1U << 20U;
    for (std::uint64_t at = range.begin; at < range.end; at += kPiece) {
        const std::uint64_t size = std::min(kPiece, range.end - at);
        SEALANE_CO_TRY(auto piece, co_await from.read_at(at, size));
        SEALANE_CO_CHECK(co_await to.write_at(position + (at - range.begin), std::move(piece)));
    }
    co_return Status{};
}

}  // namespace

Task<Status> PartitionLog::Inner::recover() {
    log_start = std::max(bounds.log_start, segments.front()->base);
    const Offset recovered = std::max(opening.recovery_point, log_start);
    if (opening.clean_stop) {
        // Everything was written and synced: only the end is looked up, and must be the one noted.
        const std::size_t last = segments.size() - 1;
        SEALANE_CO_CHECK(co_await scan_segment(segments[last], Offset(INT64_MAX), false));
        const bool believed = end == recovered || SEALANE_MUTANT(9);
        if (!offline && believed) co_return co_await settle_opened(true);
        const std::string why = offline ? offline->detail() : "";
        offline.reset();
        if (why == kOtherBatch) {
            SEALANE_CO_CHECK(co_await handle_damage(last, segments[last]->size, why));
            co_return co_await settle_opened(false);
        }
        log.warning(
            "log does not end where the clean stop left it: checking it",
            {{"partition", opening.topic_partition.to_string()},
             {"end_offset", end},
             {"expected", recovered}}
        );
        SEALANE_CO_TRY(const auto file, co_await files.log(*segments[last]));
        SEALANE_CO_TRY(segments[last]->size, file->size());
    }
    const Offset scan_from = rescan_all ? log_start : recovered;
    SEALANE_CO_CHECK(co_await recover_segments(segment_of(segments, scan_from), scan_from));
    const Offset promised = std::max(recovered, opening.promised);
    if (!offline && end < promised) {
        offline = Error(
            ErrorCode::kCorrupt,
            files.path(segments.back()->base, kLogSuffix) + " ends at offset " +
                std::to_string(end.value) + ", but records up to offset " +
                std::to_string(promised.value) +
                " were durable. Restore the file, or delete the partition's directory and mirror "
                "or produce its records again."
        );
    }
    co_return co_await settle_opened(false);
}

Task<Status> PartitionLog::Inner::recover_segments(std::size_t first, Offset trusted) {
    for (std::size_t i = first; i < segments.size(); ++i) {
        const SegmentPtr segment = segments[i];
        SEALANE_CO_CHECK(co_await scan_segment(segment, trusted, true));
        if (offline) {
            // Damage was found at the segment's present size.
            const std::string why = offline->detail();
            offline.reset();
            co_return co_await handle_damage(i, segment->size, why);
        }
        if (i + 1 == segments.size()) co_return Status{};
        // A segment begins where the one before ended: else that one lost its last batches.
        if (segments[i + 1]->base != end) {
            co_return co_await handle_damage(
                i,
                segment->size,
                "it ends at offset " + std::to_string(end.value) + ", the next segment begins at " +
                    std::to_string(segments[i + 1]->base.value)
            );
        }
        SEALANE_CO_CHECK(co_await files.finish_indexes(*segment));
        SEALANE_CO_CHECK(co_await files.sync_indexes(*segment));
        segment->active.reset();
    }
    co_return Status{};
}

// Makes the segment active with what its index files are good for, sets its size to where scanning
// must go on. False: nothing is loaded, scanning begins at 0. `written`: what the digest file says
// of the batches from there on, before it is made anew.
Task<Result<bool>> PartitionLog::Inner::begin_scan(
    SegmentPtr segment, Offset trusted, DigestReader& written
) {
    segment->active = std::make_unique<ActiveParts>();
    segment->max_timestamp_known = true;
    SEALANE_CO_TRY(const bool loaded, co_await files.load_active(*segment, trusted));
    if (!loaded) {
        segment->active = std::make_unique<ActiveParts>();
        segment->size = 0;
        segment->max_timestamp = WallTime{};
        const std::size_t at = segment_of(segments, segment->base);
        if (at > 0) {
            segment->active->before = co_await files.chain_after(*segments[at - 1]);
            segment->active->chain = segment->active->before;
        }
    }
    segment->active->created = shared.world.wall();
    SEALANE_CO_CHECK(
        co_await written.open(shared.world.files(), files.path(segment->base, kDigestSuffix))
    );
    SEALANE_CO_CHECK(co_await written.load_from(static_cast<std::uint32_t>(segment->size)));
    SEALANE_CO_CHECK(co_await files.trim_files(*segment));
    segment->active->indexes_dirty = true;  // their files may be in the page cache only
    co_return loaded;
}

// Afterwards the segment is active with indexes up to its size, and `end` is its end; `offline`
// holds the reason when the bytes from there on are no batches. Stops before the batch that holds
// `stop_at`.
Task<Status> PartitionLog::Inner::scan_segment(
    SegmentPtr segment, Offset trusted, bool check_crc, Offset stop_at
) {
    const std::uint64_t file_size = segment->size;
    DigestReader written(opening.topic_id, segment->base);
    SEALANE_CO_TRY(const bool loaded, co_await begin_scan(segment, trusted, written));
    SEALANE_CO_TRY(const auto file, co_await files.log(*segment));
    if (loaded) {
        BatchStream head(file, 0, file_size, CrcCheck::kNo);
        const auto first = co_await head.next();
        if (first && *first) segment->active->first_timestamp = (*first)->view().max_timestamp();
    }
    end = segment->base;
    const std::uint64_t begin = segment->size;
    bool after_another = begin == 0;  // `end` is where the batch before ended
    BatchStream stream(file, begin, file_size, check_crc ? CrcCheck::kYes : CrcCheck::kNo);
    for (;;) {
        const auto next = co_await stream.next();
        if (!next) {
            if (next.error().code() != ErrorCode::kCorrupt) co_return fail(next.error());
            offline = next.error();
            break;
        }
        if (!*next) break;
        const kafka::RecordBatchView batch = (*next)->view();
        if (batch.last_offset() >= stop_at) break;
        if (check_crc) scanned_from = std::min(scanned_from, batch.base_offset());
        if (batch.base_offset() < end || batch.last_offset() - segment->base > INT32_MAX) {
            offline = Error(ErrorCode::kCorrupt, "a batch with offsets that do not follow");
            break;
        }
        // Something ended exactly at the recovery point. A batch that leads across it has another
        // offset than it was written with (the checksum leaves offsets out).
        // The log start may lie within a batch, and the recovery point there.
        if (check_crc && end < opening.recovery_point && opening.recovery_point > log_start &&
            batch.next_offset() > opening.recovery_point) {
            offline = Error(ErrorCode::kCorrupt, "a batch across the recovery point");
            break;
        }
        // Below the recovery point the digest is as durable as the batches.
        if (batch.next_offset() <= opening.recovery_point) {
            const auto expected = written.next_loaded();
            const auto position = static_cast<std::uint32_t>(segment->size);
            if (expected && *expected != BatchFacts::of(batch, position)) {
                offline = Error(ErrorCode::kCorrupt, std::string(kOtherBatch));
                break;
            }
        }
        if (batch.leader_epoch() > epochs.latest()) {
            epochs_dirty |= epochs.assign(batch.leader_epoch(), batch.base_offset());
        }
        files.note_batch(*segment, batch);
        if (check_crc && after_another) note_thinned(batch);
        after_another = true;
        end = batch.next_offset();
        if (files.save_is_due(*segment)) SEALANE_CO_CHECK(co_await files.save_indexes(*segment));
    }
    if (check_crc) {
        figures.recovered_bytes += segment->size - begin;
        segment->synced_size = 0;  // it may be in the page cache only
    }
    co_return Status{};
}

Task<Status> PartitionLog::Inner::handle_damage(
    std::size_t at, std::uint64_t position, std::string why
) {
    const SegmentPtr segment = segments[at];
    const std::string name = files.path(segment->base, kLogSuffix);
    SEALANE_CO_TRY(const auto file, co_await files.log(*segment));
    SEALANE_CO_TRY(const std::uint64_t size, file->size());
    const Offset recovered = std::max({opening.recovery_point, opening.promised, log_start});
    SEALANE_CO_TRY(const auto after, co_await find_batch_after(file, position, size, end));
    const DamageFacts facts{
        .expected = end,
        .recovery_point = recovered,
        .valid_after = after.has_value(),
        .later_segments = at + 1 < segments.size(),
    };
    const DamageVerdict verdict = judge_damage(facts);
    if (verdict == DamageVerdict::kStayOffline) {
        offline = Error(
            ErrorCode::kCorrupt,
            name + " is damaged at position " + std::to_string(position) + " (offset " +
                std::to_string(end.value) + "): " + why + ". Records up to offset " +
                std::to_string(recovered.value) +
                " were durable. Restore the file from a copy, or delete the partition's directory "
                "and mirror or produce its records again."
        );
        segments.resize(at + 1);  // the files stay
        co_return Status{};
    }
    log.warning(
        verdict == DamageVerdict::kCut ? "cutting the torn end of a log"
                                       : "cutting a damaged log end, keeping a copy",
        {{"file", name},
         {"position", position},
         {"cut_bytes", size - position},
         {"end_offset", end},
         {"reason", why}}
    );
    figures.cut_bytes += size - position;
    co_return co_await cut_damage(at, position, verdict == DamageVerdict::kSetAside);
}

Task<Status> PartitionLog::Inner::cut_damage(
    std::size_t at, std::uint64_t position, bool set_aside
) {
    auto& fs = shared.world.files();
    // Later segments first, newest first: what is left at any moment is the log's beginning.
    while (segments.size() > at + 1) {
        const SegmentPtr last = segments.back();
        figures.cut_bytes += last->size;
        if (set_aside && last->size > 0) {
            shared.file_cache.forget(last->log_file);
            const std::string name = files.path(last->base, kLogSuffix);
            SEALANE_CO_CHECK(co_await fs.rename(name, name + ".damaged"));
        }
        SEALANE_CO_TRY(auto renamed, co_await files.mark_deleted(*last, {}));
        for (std::string& path : renamed) deleted.push_back({std::move(path), Instant{}});
        segments.pop_back();
    }
    const SegmentPtr segment = segments[at];
    SEALANE_CO_TRY(const auto file, co_await files.log(*segment));
    if (set_aside) {
        const std::string name =
            files.path(segment->base, kLogSuffix) + ".damaged-" + std::to_string(position);
        SEALANE_CO_TRY(const auto copy, co_await fs.open(name, OpenMode::kCreate));
        SEALANE_CO_TRY(const std::uint64_t size, file->size());
        SEALANE_CO_CHECK(co_await copy_bytes(*file, {position, size}, *copy, 0));
        SEALANE_CO_CHECK(co_await copy->sync());
    }
    SEALANE_CO_CHECK(co_await file->truncate(position));
    directory_dirty = true;
    co_return Status{};
}

// After a failed sync: what is read may be in the page cache alone, and no sync would write it.
Task<Status> PartitionLog::Inner::write_again() {
    for (std::size_t i = segment_of(segments, opening.recovery_point); i < segments.size(); ++i) {
        const SegmentPtr segment = segments[i];
        segment->synced_size = 0;
        SEALANE_CO_TRY(const auto file, co_await files.log(*segment));
        SEALANE_CO_CHECK(co_await copy_bytes(*file, {0, segment->size}, *file, 0));
    }
    log.warning(
        "a sync had failed: records written again",
        {{"partition", opening.topic_partition.to_string()}, {"end_offset", end}}
    );
    co_return Status{};
}

Task<Status> PartitionLog::Inner::settle_opened(bool clean) {
    durable = end;
    if (offline) {
        const Error cause = *std::move(offline);
        offline.reset();
        SEALANE_CO_CHECK(co_await restore_states());
        go_offline(cause);
        co_return Status{};
    }
    if (epochs.truncate_from_end(end)) epochs_dirty = true;
    log_start = std::min(log_start, end);
    // The log start is durable before the epochs below it are gone from their file.
    if (epochs.truncate_from_start(log_start)) epochs_dirty = true;
    if (!clean) {
        trusted_to = Offset(0);
        // Scanning began a little earlier, and trusted what it found.
        trust_to(std::max(std::min(opening.recovery_point, scanned_from), log_start));
        // What survived a crash of the process may be in the page cache only; not what ends at the
        // recovery point, and ten thousand idle partitions do not wait for as many syncs.
        if (directory_dirty || unsynced || end != std::max(opening.recovery_point, log_start)) {
            if (unsynced) SEALANE_CO_CHECK(co_await write_again());
            directory_dirty = true;
            durable = Offset(0);
            sync_requested = end;
            SEALANE_CO_CHECK(co_await sync_pass());
            SEALANE_CO_CHECK(co_await files.sync_indexes(active()));
            if (unsynced)
                SEALANE_CO_CHECK(co_await shared.world.files().remove(path(kUnsyncedFile)));
            unsynced = false;
        }
        durable = end;
        SEALANE_CO_CHECK(co_await save_epochs());
    }
    SEALANE_CO_CHECK(co_await remove_snapshots_above(end));
    SEALANE_CO_CHECK(co_await restore_states());
    // With a limit the checkpoint says more than is true: it has to be written again.
    const bool limited = bounds.recovery_point_limit != kNoOffset;
    checkpointed_point = limited ? kNoOffset : opening.recovery_point;
    written_point = std::min(opening.recovery_point, end);
    opened_clean = clean && !epochs_dirty;
    if (opened_clean) active().active->indexes_dirty = false;
    opened_end = end;
    co_return co_await remove_deleted_files(Instant::never());
}

}  // namespace sealane::broker
