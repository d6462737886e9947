// Appending: admission, offsets, one write, then everything that is derived.

#include "broker/log/log_inner.hpp"
#include "broker/log/roll_policy.hpp"
#include "broker/log/segment_name.hpp"
#include "common/kafka/records/batch_patch.hpp"

namespace sealane::broker {

using runtime::Task;

namespace {

// All batches of `bytes` into `into`; kCorruptMessage unless they fill it exactly.
Status split(const BufferSlice& bytes, std::vector<kafka::RecordBatchView>& into) {
    into.clear();
    for (std::size_t at = 0; at < bytes.size();) {
        const auto batch = kafka::RecordBatchView::parse(bytes.view().subspan(at));
        if (!batch) {
            return fail(ErrorCode::kCorruptMessage, batch.error().detail());
        }
        into.push_back(*batch);
        at += batch->size();
    }
    if (into.empty()) return fail(ErrorCode::kCorruptMessage, "no batch to append");
    return {};
}

// The bytes of a batch that the log was given for itself, to be patched in place.
MutableByteView writable(const kafka::RecordBatchView& batch) {
    return {const_cast<std::byte*>(batch.bytes().data()), batch.size()};
}

WallTime latest_timestamp(const std::vector<kafka::RecordBatchView>& batches) {
    WallTime latest;
    for (const auto& batch : batches) latest = std::max(latest, batch.max_timestamp());
    return latest;
}

std::size_t largest_size(const std::vector<kafka::RecordBatchView>& batches) {
    std::size_t largest = 0;
    for (const auto& batch : batches) largest = std::max(largest, batch.size());
    return largest;
}

}  // namespace

Status PartitionLog::Inner::check_usable() const {
    if (closed) return fail(Error::stopped());
    if (offline) {
        return fail(ErrorCode::kKafkaStorageError, "log is offline: " + offline->to_string());
    }
    return {};
}

AppendOutcome PartitionLog::Inner::refused_position() const {
    AppendOutcome outcome;
    outcome.kind = AppendOutcome::Kind::kUnexpectedPosition;
    outcome.log_start_offset = log_start;
    outcome.expected = end;
    return outcome;
}

Result<std::optional<DuplicateAppend>> PartitionLog::Inner::admit(AppendOrigin origin) {
    for (LogState* state : opening.states) {
        SEALANE_TRY(auto duplicate, state->admit(batches, origin));
        if (duplicate) return duplicate;
    }
    return std::nullopt;
}

Task<Result<AppendOutcome>> PartitionLog::Inner::append(
    BufferSlice bytes, LeaderEpoch epoch, AppendOrigin origin
) {
    const auto turn = co_await turns.take();
    SEALANE_CO_CHECK(check_usable());
    SEALANE_CO_CHECK(split(bytes, batches));
    SEALANE_CO_TRY(const auto duplicate, admit(origin));
    AppendOutcome outcome;
    outcome.log_start_offset = log_start;
    if (duplicate) {
        outcome.kind = AppendOutcome::Kind::kDuplicate;
        outcome.base_offset = duplicate->base_offset;
        outcome.last_offset = duplicate->last_offset;
        if (opening.config.timestamp_type == kafka::TimestampType::kLogAppendTime) {
            outcome.append_time = duplicate->timestamp;
        }
        outcome.expected = end;
        co_return outcome;
    }
    std::int64_t offsets = 0;
    for (const auto& batch : batches) offsets += std::int64_t{batch.last_offset_delta()} + 1;
    const bool stamps = opening.config.timestamp_type == kafka::TimestampType::kLogAppendTime;
    const WallTime now = stamps ? shared.world.wall() : WallTime{};
    SEALANE_CO_CHECK(co_await roll_if_needed(
        bytes.size(), end + (offsets - 1), stamps ? now : latest_timestamp(batches)
    ));
    Offset next = end;
    for (const auto& batch : batches) {
        kafka::assign_offsets(writable(batch), next, epoch);
        if (stamps) kafka::stamp_append_time(writable(batch), now);
        next = batch.next_offset();
    }
    outcome.base_offset = end;
    outcome.last_offset = next - 1;
    outcome.append_time = now;
    SEALANE_CO_CHECK(co_await write(bytes));
    note_appended(bytes, origin);
    outcome.expected = end;
    co_return outcome;
}

Task<Result<AppendOutcome>> PartitionLog::Inner::append_as_is(BufferSlice bytes, OffsetGaps gaps) {
    const auto turn = co_await turns.take();
    SEALANE_CO_CHECK(check_usable());
    SEALANE_CO_CHECK(split(bytes, batches));
    Offset next = end;
    for (const auto& batch : batches) {
        SEALANE_CO_CHECK(batch.check_crc());
        const bool first = &batch == &batches.front();
        const bool continues = batch.base_offset() == next;
        const bool jumps = batch.base_offset() > next && gaps == OffsetGaps::kAllowed;
        if (!continues && !jumps) {
            if (first) co_return refused_position();
            co_return fail(
                ErrorCode::kCorruptMessage,
                "batch at offset " + std::to_string(batch.base_offset().value) +
                    " follows offset " + std::to_string(next.value - 1)
            );
        }
        next = batch.next_offset();
    }
    SEALANE_CO_TRY(const auto duplicate, admit(AppendOrigin::kAsIs));
    SEALANE_ASSERT(!duplicate);  // offsets say what is there already
    SEALANE_CO_CHECK(co_await roll_if_needed(bytes.size(), next - 1, latest_timestamp(batches)));
    AppendOutcome outcome;
    outcome.base_offset = batches.front().base_offset();
    outcome.last_offset = next - 1;
    outcome.log_start_offset = log_start;
    SEALANE_CO_CHECK(co_await write(bytes));
    note_appended(bytes, AppendOrigin::kAsIs);
    outcome.expected = end;
    co_return outcome;
}

Task<Status> PartitionLog::Inner::roll_if_needed(
    std::size_t bytes, Offset last, WallTime max_timestamp
) {
    // An append of several batches (mirrors, coordinators) stays together, in a segment that is
    // larger than wished if need be; only a single batch must fit.
    const std::size_t largest = largest_size(batches);
    if (largest > opening.config.segment_bytes || last - end > INT32_MAX) {
        co_return fail(
            ErrorCode::kRecordListTooLarge,
            std::to_string(largest) + " bytes do not fit segment.bytes " +
                std::to_string(opening.config.segment_bytes)
        );
    }
    const Segment& segment = active();
    const ActiveParts& parts = *segment.active;
    const ActiveSegmentFacts facts{
        .base = segment.base,
        .size = segment.size,
        .index_entries = parts.index.entries().size(),
        .time_index_entries = parts.time_index.entries().size(),
        .first_timestamp = parts.first_timestamp,
        .created = parts.created,
        .jitter_ms = parts.jitter_ms,
    };
    const AppendFacts append{bytes, last, max_timestamp, shared.world.wall()};
    if (must_roll(opening.config, facts, append)) co_return co_await roll_now();
    co_return Status{};
}

Task<Status> PartitionLog::Inner::roll_now() {
    const SegmentPtr old = segments.back();
    if (old->size == 0 && old->base == end) co_return Status{};
    // A failure here (a full disk) leaves the old segment active; the next append tries again.
    SEALANE_CO_CHECK(co_await files.finish_indexes(*old));
    const DigestHash chain = old->active->chain;
    SEALANE_CO_CHECK(co_await add_segment(end));
    active().active->before = chain;
    active().active->chain = chain;
    old->active.reset();
    old->max_timestamp_known = true;
    old->indexes_synced = false;
    ++figures.rolls;
    take_snapshots(end);
    kick_sync();
    co_return Status{};
}

Task<Status> PartitionLog::Inner::write(BufferSlice bytes) {
    const SegmentPtr segment = segments.back();
    segment->log_file.pin(opening.config.flush == FlushMode::kSynced);
    SEALANE_CO_TRY(const auto file, co_await files.log(*segment));
    const auto written = co_await file->write_at(segment->size, bytes);
    if (written) co_return Status{};
    // An unknown part of it is in the file: cut it off, or nothing may be appended ever again.
    const auto cut = co_await file->truncate(segment->size);
    const std::string name = files.path(segment->base, kLogSuffix);
    if (!cut || written.error().code() != ErrorCode::kNoSpace) {
        go_offline(written.error().in("writing " + name));
        co_return fail(ErrorCode::kKafkaStorageError, offline->to_string());
    }
    ++figures.refused_no_space;
    co_return fail(written.error().in("writing " + name));
}

void PartitionLog::Inner::note_appended(const BufferSlice& bytes, AppendOrigin origin) {
    Segment& segment = active();
    const Offset base = batches.front().base_offset();
    for (const auto& batch : batches) {
        if (batch.leader_epoch() > epochs.latest()) {
            epochs_dirty |= epochs.assign(batch.leader_epoch(), batch.base_offset());
        }
        files.note_batch(segment, batch);
        note_thinned(batch);
        for (LogState* state : opening.states) state->apply(batch, origin);
        end = batch.next_offset();
    }
    tail.add(base, end, bytes);
    ++figures.appends;
    figures.appended_batches += batches.size();
    figures.appended_bytes += bytes.size();
    batches.clear();
    kick_sync();
}

}  // namespace sealane::broker
