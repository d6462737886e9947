#include "broker/replication/partition.hpp"

namespace sealane::broker {

using runtime::Task;

namespace {
std::unexpected<Error> not_leader(const TopicPartition& id) {
    return fail(ErrorCode::kNotLeaderOrFollower, id.to_string() + " is not here any more");
}
}  // namespace

std::vector<LogState*> PartitionStates::all() {
    std::vector<LogState*> states{&producers};
    for (const auto& other : others) states.push_back(other.get());
    return states;
}

Partition::Partition(
    runtime::World& world, PartitionLog& log, std::unique_ptr<PartitionStates> states
)
    : log_(&log),
      id_(log.topic_partition()),
      topic_id_(log.topic_id()),
      states_(std::move(states)),
      high_watermark_(log.durable_offset()),
      changed_(world.waits()) {
    log_->set_listener(this);
}

Task<Status> Partition::lead(LeaderEpoch epoch) {
    if (epoch <= leader_epoch_) co_return Status{};
    leader_epoch_ = epoch;
    if (epoch <= log_->epochs().latest()) co_return Status{};
    co_return co_await log_->start_epoch(epoch);
}

void Partition::configure(const TopicConfig& config) {
    config_ = config;
    log_->set_config(log_config(config));
    advance();
}

void Partition::close() {
    if (closed_) return;
    closed_ = true;
    log_->set_listener(nullptr);
    notify();
}

Task<Result<AppendOutcome>> Partition::append(BufferSlice batches, AppendOrigin origin) {
    if (closed_) co_return not_leader(id_);
    auto outcome = co_await log_->append(std::move(batches), leader_epoch_, origin);
    if (!closed_) advance();
    co_return outcome;
}

Task<Result<AppendOutcome>> Partition::append_as_is(BufferSlice batches, OffsetGaps gaps) {
    if (closed_) co_return not_leader(id_);
    auto outcome = co_await log_->append_as_is(std::move(batches), gaps);
    if (!closed_) advance();
    co_return outcome;
}

Task<Status> Partition::wait_visible(Offset end, Instant deadline) {
    for (;;) {
        if (closed_) co_return not_leader(id_);
        if (high_watermark_ >= end) co_return Status{};
        if (log_->offline_cause()) {
            co_return fail(ErrorCode::kKafkaStorageError, log_->offline_cause()->to_string());
        }
        if (!co_await changed_.wait_until(deadline) && !closed_ && high_watermark_ < end) {
            co_return fail(
                ErrorCode::kRequestTimedOut,
                id_.to_string() + ": not durable up to " + std::to_string(end.value) + " in time"
            );
        }
    }
}

Task<Result<ReadResult>> Partition::read(
    Offset from, std::size_t max_bytes, bool at_least_one, UpTo up_to
) {
    if (closed_) co_return not_leader(id_);
    const Offset end = up_to == UpTo::kLogEnd ? log_end() : high_watermark_;
    ReadResult result{
        .records = {},
        .high_watermark = high_watermark_,
        .log_start = log_start(),
        .log_end = log_end(),
    };
    if (from < result.log_start || from > result.log_end) {
        co_return fail(
            ErrorCode::kOffsetOutOfRange,
            std::to_string(from.value) + " is not in [" + std::to_string(result.log_start.value) +
                ", " + std::to_string(result.log_end.value) + "]"
        );
    }
    if (from >= end || (max_bytes == 0 && !at_least_one)) co_return result;
    LogRead request;
    request.from = from;
    request.max_bytes = max_bytes;
    request.up_to = end;
    request.at_least_one = at_least_one;
    SEALANE_CO_TRY(LogReadOutcome outcome, co_await log_->read(request));
    if (closed_) co_return not_leader(id_);
    result.records = std::move(outcome.records);
    co_return result;
}

Task<Status> Partition::truncate_to(Offset end) {
    if (closed_) co_return not_leader(id_);
    SEALANE_CO_CHECK(co_await log_->truncate_to(end));
    if (closed_) co_return not_leader(id_);
    high_watermark_ = std::min(high_watermark_, end);
    notify();
    co_return Status{};
}

Task<Status> Partition::restart_at(Offset start) {
    if (closed_) co_return not_leader(id_);
    SEALANE_CO_CHECK(co_await log_->restart_at(start));
    if (closed_) co_return not_leader(id_);
    high_watermark_ = start;
    notify();
    co_return Status{};
}

Task<Status> Partition::delete_records(Offset new_start) {
    if (closed_) co_return not_leader(id_);
    SEALANE_CO_CHECK(co_await log_->delete_records(new_start));
    if (!closed_) notify();
    co_return Status{};
}

Task<Result<std::size_t>> Partition::apply_retention(WallTime now) {
    if (closed_) co_return not_leader(id_);
    auto gone = co_await log_->apply_retention(now, high_watermark_);
    if (!closed_ && gone && *gone != 0) notify();
    co_return gone;
}

void Partition::on_durable(Offset /*durable_offset*/) {
    advance();
}

void Partition::on_offline(const Error& /*cause*/) {
    notify();
}

void Partition::advance() {
    const Offset reached =
        config_.flush == FlushMode::kOs ? log_->end_offset() : log_->durable_offset();
    if (reached <= high_watermark_) return;
    high_watermark_ = reached;
    notify();
}

void Partition::notify() {
    changed_.notify_all();
    for (runtime::Event* watcher : watchers_) watcher->notify_all();
}

}  // namespace sealane::broker
