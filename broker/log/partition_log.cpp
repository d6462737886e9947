// The public face of a log: everything is done by Inner.

#include "broker/log/partition_log.hpp"

#include "broker/log/log_inner.hpp"
#include "common/base/mutants.hpp"

namespace sealane::broker {

using runtime::Task;

PartitionLog::PartitionLog(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}
PartitionLog::~PartitionLog() = default;

Task<Result<std::unique_ptr<PartitionLog>>> PartitionLog::open(
    LogShared shared, LogOpening opening
) {
    auto inner = std::make_unique<Inner>(shared, std::move(opening));
    SEALANE_CO_CHECK(co_await inner->open());
    co_return std::unique_ptr<PartitionLog>(new PartitionLog(std::move(inner)));
}

Task<Result<AppendOutcome>> PartitionLog::append(
    BufferSlice batches, LeaderEpoch epoch, AppendOrigin origin
) {
    const Inner::Use use(*inner_);
    co_return co_await inner_->append(std::move(batches), epoch, origin);
}

Task<Result<AppendOutcome>> PartitionLog::append_as_is(BufferSlice batches, OffsetGaps gaps) {
    const Inner::Use use(*inner_);
    co_return co_await inner_->append_as_is(std::move(batches), gaps);
}

Task<Result<LogReadOutcome>> PartitionLog::read(LogRead request) {
    const Inner::Use use(*inner_);
    co_return co_await inner_->read(request);
}

Task<Result<std::optional<TimestampOffset>>> PartitionLog::offset_for_timestamp(
    WallTime at, Offset up_to
) {
    const Inner::Use use(*inner_);
    co_return co_await inner_->offset_for_timestamp(at, up_to);
}

Task<Result<std::optional<TimestampOffset>>> PartitionLog::max_timestamp_record() {
    const Inner::Use use(*inner_);
    co_return co_await inner_->max_timestamp_record();
}

Task<Result<RangeDigest>> PartitionLog::digest_of_range(Offset from, Offset to) {
    const Inner::Use use(*inner_);
    co_return co_await inner_->digest_of_range(from, to);
}

Offset PartitionLog::segment_end(Offset at) const {
    return inner_->end_of(inner_->segment_index(at));
}

Task<Status> PartitionLog::start_epoch(LeaderEpoch epoch) {
    const Inner::Use use(*inner_);
    const auto turn = co_await inner_->turns.take();
    SEALANE_CO_CHECK(inner_->check_usable());
    inner_->epochs_dirty |= inner_->epochs.assign(epoch, inner_->end);
    if (SEALANE_MUTANT(7)) co_return Status{};
    co_return co_await inner_->save_epochs();
}

Task<Status> PartitionLog::forget_empty_epochs() {
    const Inner::Use use(*inner_);
    const auto turn = co_await inner_->turns.take();
    SEALANE_CO_CHECK(inner_->check_usable());
    inner_->epochs_dirty |= inner_->epochs.truncate_from_end(inner_->end);
    co_return co_await inner_->save_epochs();
}

const EpochCache& PartitionLog::epochs() const {
    return inner_->epochs;
}

EpochEnd PartitionLog::end_offset_for_epoch(LeaderEpoch epoch) const {
    return inner_->epochs.end_of(epoch, inner_->end);
}

Task<Status> PartitionLog::truncate_to(Offset end) {
    const Inner::Use use(*inner_);
    co_return co_await inner_->truncate_to(end);
}
Task<Status> PartitionLog::restart_at(Offset start) {
    const Inner::Use use(*inner_);
    co_return co_await inner_->restart_at(start);
}

Task<Status> PartitionLog::delete_records(Offset new_start) {
    const Inner::Use use(*inner_);
    const auto turn = co_await inner_->turns.take();
    SEALANE_CO_CHECK(inner_->check_usable());
    if (new_start > inner_->end) {
        co_return fail(
            ErrorCode::kOffsetOutOfRange,
            "offset " + std::to_string(new_start.value) + " is above the log end " +
                std::to_string(inner_->end.value)
        );
    }
    SEALANE_CO_CHECK(co_await inner_->raise_log_start(new_start));
    std::size_t whole = 0;
    while (whole + 1 < inner_->segments.size() &&
           inner_->segments[whole + 1]->base <= inner_->log_start) {
        ++whole;
    }
    co_return co_await inner_->drop_first_segments(whole);
}

Task<Result<std::size_t>> PartitionLog::apply_retention(WallTime now, Offset high_watermark) {
    const Inner::Use use(*inner_);
    co_return co_await inner_->apply_retention(now, high_watermark);
}

Task<Status> PartitionLog::roll() {
    const Inner::Use use(*inner_);
    const auto turn = co_await inner_->turns.take();
    SEALANE_CO_CHECK(inner_->check_usable());
    co_return co_await inner_->roll_now();
}

Task<Status> PartitionLog::wait_synced(Offset offset, Instant deadline) {
    const Inner::Use use(*inner_);
    co_return co_await inner_->wait_synced(offset, deadline);
}

Task<Status> PartitionLog::sync() {
    const Inner::Use use(*inner_);
    co_return co_await inner_->wait_synced(inner_->end, Instant::never());
}

Task<Status> PartitionLog::remove_deleted_files(Instant now) {
    const Inner::Use use(*inner_);
    co_return co_await inner_->remove_deleted_files(now);
}

bool PartitionLog::has_deleted_files() const {
    return !inner_->deleted.empty();
}

bool PartitionLog::needs_checkpoint() const {
    return inner_->checkpointed_point != inner_->recovery_point() ||
           inner_->checkpointed_cuts != inner_->cuts || inner_->epochs_dirty;
}

Task<Result<Offset>> PartitionLog::prepare_checkpoint() {
    const Inner::Use use(*inner_);
    const auto turn = co_await inner_->turns.take();
    SEALANE_CO_CHECK(inner_->check_usable());
    const Offset point = inner_->recovery_point();
    inner_->checkpointed_cuts = inner_->cuts;
    // Recovery trusts indexes below the point: they must be as durable as the batches.
    SEALANE_CO_CHECK(co_await inner_->files.save_indexes(inner_->active()));
    if (const auto synced = co_await inner_->files.sync_indexes(inner_->active()); !synced) {
        inner_->go_offline(synced.error().in("syncing indexes of " + directory()));
        co_return fail(synced.error());
    }
    SEALANE_CO_CHECK(co_await inner_->save_epochs());
    SEALANE_CO_CHECK(co_await inner_->save_rewritten());
    inner_->checkpointed_point = point;
    co_return point;
}

Task<Status> PartitionLog::note_checkpointed() {
    if (inner_->cuts == inner_->checkpointed_cuts && inner_->checkpointed_point != kNoOffset) {
        inner_->written_point = inner_->checkpointed_point;
    }
    if (inner_->bounds.recovery_point_limit == kNoOffset) co_return Status{};
    const Inner::Use use(*inner_);
    const auto turn = co_await inner_->turns.take();
    if (inner_->closed || inner_->offline) co_return Status{};
    // Cut since: the point that was written may be too high.
    if (inner_->cuts != inner_->checkpointed_cuts) co_return Status{};
    LogBounds next = inner_->bounds;
    next.recovery_point_limit = kNoOffset;
    co_return co_await inner_->save_bounds(next);
}

Task<Status> PartitionLog::close() {
    return inner_->close();
}

void PartitionLog::set_config(const LogConfig& config) {
    inner_->opening.config = config;
    inner_->kick_sync();
}
void PartitionLog::set_listener(LogListener* listener) {
    inner_->listener = listener;
}

const LogConfig& PartitionLog::config() const {
    return inner_->opening.config;
}
const TopicPartition& PartitionLog::topic_partition() const {
    return inner_->opening.topic_partition;
}
const Uuid& PartitionLog::topic_id() const {
    return inner_->opening.topic_id;
}
const std::string& PartitionLog::directory() const {
    return inner_->files.directory();
}
Offset PartitionLog::log_start_offset() const {
    return inner_->log_start;
}
Offset PartitionLog::end_offset() const {
    return inner_->end;
}
Offset PartitionLog::durable_offset() const {
    return inner_->durable;
}
Offset PartitionLog::trusted_end() const {
    return std::min(inner_->trusted_to, inner_->end);
}
Offset PartitionLog::first_dirty_offset() const {
    return std::max(inner_->bounds.first_dirty, inner_->log_start);
}
Offset PartitionLog::rewritten_end() const {
    return std::min(inner_->rewritten_to, inner_->end);
}
void PartitionLog::trust_to(Offset end) {
    inner_->trust_to(end);
}
std::uint64_t PartitionLog::size_bytes() const {
    std::uint64_t total = 0;
    for (const auto& segment : inner_->segments) total += segment->size;
    return total;
}
std::size_t PartitionLog::segment_count() const {
    return inner_->segments.size();
}
WallTime PartitionLog::max_timestamp() const {
    WallTime latest;
    for (const auto& segment : inner_->segments) latest = std::max(latest, segment->max_timestamp);
    return latest;
}
const std::optional<Error>& PartitionLog::offline_cause() const {
    return inner_->offline;
}
const LogFigures& PartitionLog::figures() const {
    return inner_->figures;
}

}  // namespace sealane::broker
