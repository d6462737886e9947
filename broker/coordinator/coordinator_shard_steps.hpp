#pragma once
// The functions of CoordinatorShard. Included once for each Machine, by the file that instantiates
// it.

#include "broker/coordinator/coordinator_shard.hpp"
#include "common/base/assert.hpp"
#include "common/base/mutants.hpp"
#include "common/kafka/records/batch_cursor.hpp"

#include <algorithm>

namespace sealane::broker {
namespace shard {

inline constexpr std::size_t kLoadChunkBytes = 1U << 20U;
inline constexpr std::size_t kBatchBytes = 512U << 10U;  // of rewritten records
inline constexpr std::size_t kExpiryRecords = 1000;      // tombstones of one append
inline constexpr Duration kRetryLoad = 1s;
// Longer than any phase of a rebalance may take; the core answers long before.
inline constexpr Duration kAnswerDeadline = std::chrono::hours(2);

// Errors of the log in the terms of clients (formats 18, persistence error mapping).
inline ErrorCode for_clients(ErrorCode error) {
    switch (error) {
        case ErrorCode::kUnknownTopicOrPartition:
        case ErrorCode::kNotEnoughReplicas:
        case ErrorCode::kNotEnoughReplicasAfterAppend:
        case ErrorCode::kRequestTimedOut:
        case ErrorCode::kDeadlineExceeded:
        case ErrorCode::kNoSpace:
        case ErrorCode::kBusy:
            return ErrorCode::kCoordinatorNotAvailable;
        case ErrorCode::kNotLeaderOrFollower:
        case ErrorCode::kFencedLeaderEpoch:
        case ErrorCode::kKafkaStorageError:
        case ErrorCode::kStopped:
            return ErrorCode::kNotCoordinator;
        case ErrorCode::kMessageTooLarge:
        case ErrorCode::kRecordListTooLarge:
        case ErrorCode::kInvalidFetchSize:
            return ErrorCode::kUnknownServerError;
        default:
            return is_wire_code(error) ? error : ErrorCode::kUnknownServerError;
    }
}

// Whether the records stay in the log and may yet become durable.
inline bool may_pass(ErrorCode error) {
    return error == ErrorCode::kRequestTimedOut || error == ErrorCode::kDeadlineExceeded ||
           error == ErrorCode::kNotEnoughReplicasAfterAppend;
}

}  // namespace shard

template <class Machine>
CoordinatorShard<Machine>::CoordinatorShard(
    runtime::World& world, Config config, Place place, CoordinatorTopic& topic
)
    : world_(world),
      config_(config),
      limits_(Machine::limits(config_)),
      place_(place),
      topic_(topic),
      log_lines_(world.log(Machine::kName)),
      tasks_(world),
      queued_(world.waits()),
      undurable_changed_(world.waits()),
      look_again_(world.waits()),
      changed_(world.waits()) {}

template <class Machine>
void CoordinatorShard<Machine>::start() {
    tasks_.on_stop([this] {
        queued_.notify_all();
        undurable_changed_.notify_all();
        look_again_.notify_all();
    });
    tasks_.spawn([this] { return run(); });
    tasks_.spawn([this] { return release(); });
}

template <class Machine>
void CoordinatorShard<Machine>::resign() {
    state_ = State::kStopped;
    unload(ErrorCode::kNotCoordinator);
    tasks_.stop();
}

template <class Machine>
runtime::Task<void> CoordinatorShard<Machine>::stop() {
    resign();
    co_await tasks_.join();
}

template <class Machine>
Status CoordinatorShard<Machine>::check_open() const {
    // The metadata may say so before whoever owns this shard got round to stopping it.
    const bool leads = topic_.leadership(place_.partition) == place_.leadership;
    if (state_ == State::kStopped || !leads) return fail(ErrorCode::kNotCoordinator);
    if (state_ == State::kLoading) return fail(ErrorCode::kCoordinatorLoadInProgress);
    return {};
}

template <class Machine>
Status CoordinatorShard<Machine>::check_readable() const {
    SEALANE_CHECK(check_open());
    if (!topic_.is_in_touch())
        return fail(ErrorCode::kCoordinatorNotAvailable, "somebody else may lead by now");
    return {};
}

template <class Machine>
runtime::Task<Result<typename CoordinatorShard<Machine>::Reply>> CoordinatorShard<Machine>::submit(
    Request request
) {
    SEALANE_CO_CHECK(check_open());
    if (queue_.size() >= kMaxQueued) co_return fail(ErrorCode::kCoordinatorLoadInProgress);
    const Ticket ticket = next_ticket_++;
    const auto mine = std::make_shared<Waiting>(world_.waits());
    waiting_.emplace(ticket, mine);
    queue_.push_back({ticket, std::move(request)});
    queued_.notify_all();
    const Instant deadline = world_.now() + shard::kAnswerDeadline;
    while (!mine->reply) {
        if (co_await mine->changed.wait_until(deadline) || mine->reply) continue;
        waiting_.erase(ticket);
        co_return fail(ErrorCode::kRequestTimedOut);
    }
    co_return *std::move(mine->reply);
}

template <class Machine>
runtime::Task<Status> CoordinatorShard<Machine>::wait_shown() {
    const std::shared_ptr<CoordinatorLog> log = log_;
    const Offset end = end_;
    if (log->durable_offset() < end) {
        const Instant deadline =
            world_.now() + std::chrono::milliseconds(limits_.commit_timeout_ms);
        const Status durable = co_await log->wait_durable(end, deadline);
        if (!durable)
            co_return fail(shard::for_clients(durable.error().code()), durable.error().detail());
    }
    co_return check_readable();
}

template <class Machine>
runtime::Task<void> CoordinatorShard<Machine>::run() {
    while (!tasks_.stopping()) {
        const Status loaded = co_await load();
        if (tasks_.stopping()) co_return;
        Error cause(ErrorCode::kNone);
        if (loaded) {
            state_ = State::kLoaded;
            changed_.notify_all();
            co_await serve();
            if (tasks_.stopping()) co_return;
            state_ = State::kLoading;
            unload(ErrorCode::kNotCoordinator);
        } else {
            cause = loaded.error();
        }
        if (!co_await pause_after(std::move(cause))) co_return;
    }
}

// Before the next attempt to load. False: stopping.
template <class Machine>
runtime::Task<bool> CoordinatorShard<Machine>::pause_after(Error cause) {
    if (cause.code() == ErrorCode::kNotLeaderOrFollower) {
        // The metadata says that this node leads, but the log is not ready, or lost already.
        (void)co_await look_again_.wait_until(world_.now() + shard::kRetryLoad);
        co_return !tasks_.stopping();
    }
    if (cause.code() != ErrorCode::kNone) {
        log_lines_.error("not loaded", {{"partition", place_.partition}, {"error", cause}});
    }
    co_return co_await tasks_.sleep(shard::kRetryLoad);
}

template <class Machine>
runtime::Task<Status> CoordinatorShard<Machine>::load() {
    SEALANE_CO_TRY(
        std::unique_ptr<CoordinatorLog> opened, topic_.open(place_.partition, place_.leadership)
    );
    log_ = std::move(opened);
    core_ = Machine::make(config_);
    stored_bytes_ = 0;
    rewritten_.reset();
    // Also what the leader before this one could not get committed: it is in this node's log, so it
    // will be, and reads wait until it is.
    Offset at = log_->start_offset();
    const Offset end = log_->end_offset();
    while (at < end && !tasks_.stopping()) {
        SEALANE_CO_TRY(BufferSlice bytes, co_await log_->read(at, shard::kLoadChunkBytes));
        if (bytes.empty()) break;
        stored_bytes_ += bytes.size();
        SEALANE_CO_TRY(
            const auto batches, kafka::split_batches(std::move(bytes), kafka::Truncation::kIsError)
        );
        for (const kafka::RecordBatch& batch : batches) {
            SEALANE_CO_CHECK(Machine::replay(batch, *core_));
            at = std::max(at, batch->next_offset());
        }
    }
    end_ = end;
    Machine::begin(*core_, ShardClock{world_.now(), world_.wall()});
    next_expiry_ = world_.now() + std::chrono::milliseconds(limits_.expiry_check_ms);
    if (SEALANE_MUTANT(16)) next_expiry_ = world_.now();
    log_lines_.info(
        "loaded",
        {{"partition", place_.partition},
         {"epoch", place_.leadership.epoch},
         {"keys", Machine::size(*core_)},
         {"bytes", stored_bytes_}}
    );
    co_return Status{};
}

// Ends when the coordinator stops, or with the log in a state that needs loading again.
template <class Machine>
runtime::Task<void> CoordinatorShard<Machine>::serve() {
    const std::uint64_t failures = failures_;
    while (!tasks_.stopping() && failures_ == failures) {
        const Instant wake = std::min(core_->next_wake(), next_expiry_);
        if (queue_.empty() && world_.now() < wake) {
            (void)co_await queued_.wait_until(wake);
            continue;
        }
        Effects effects;
        const ShardClock clock{world_.now(), world_.wall()};
        core_->tick(clock, effects);
        if (!Machine::writes(effects) && effects.answers.empty() && !queue_.empty()) {
            Queued next = std::move(queue_.front());
            queue_.pop_front();
            core_->handle(clock, next.ticket, std::move(next.request), effects);
        }
        co_await perform(std::move(effects));
        if (world_.now() >= next_expiry_) co_await expire();
        if (rewrite_due()) co_await rewrite();
    }
}

template <class Machine>
runtime::Task<void> CoordinatorShard<Machine>::perform(Effects effects) {
    const bool are_reads = Machine::kAnswersAreReads && !Machine::writes(effects);
    if (Machine::writes(effects)) {
        const Status appended = co_await append(effects);
        if (tasks_.stopping()) co_return;
        if (!appended) {
            log_lines_.warning(
                "records not written",
                {{"partition", place_.partition}, {"error", appended.error()}}
            );
            Effects instead;
            const ShardClock clock{world_.now(), world_.wall()};
            const ErrorCode cause = appended.error().code();
            const ErrorCode error = shard::for_clients(cause);
            // The partition is gone or broken: what is in memory may not be what is stored.
            if (cause == ErrorCode::kNotLeaderOrFollower || cause == ErrorCode::kKafkaStorageError)
                ++failures_;
            core_->append_failed(clock, std::move(effects), error, instead);
            // What is left to write describes only the soft state that follows from the failure.
            effects.answers = std::move(instead.answers);
        }
    }
    park(std::move(effects.answers), are_reads);
}

template <class Machine>
runtime::Task<Status> CoordinatorShard<Machine>::append(const Effects& effects) {
    SEALANE_CO_TRY(ShardAppend encoded, Machine::encode(effects, world_.wall()));
    const std::size_t size = encoded.batch.size();
    SEALANE_CO_TRY(
        const Offset end, co_await log_->append(std::move(encoded.batch), encoded.origin)
    );
    stored_bytes_ += size;
    end_ = end;
    Machine::apply(effects, *core_);
    changed_.notify_all();
    co_return Status{};
}

// Answers that show nothing new leave at once; the others when the log is durable up to them.
template <class Machine>
void CoordinatorShard<Machine>::park(Answers answers, bool are_reads) {
    const bool durable = undurable_.empty() && log_->durable_offset() >= end_;
    for (Answer& each : answers) {
        const bool soft = Machine::is_soft(each.reply);
        if (durable || soft) {
            release_one(std::move(each), are_reads);
        } else {
            undurable_.push_back({end_, std::move(each), are_reads});
        }
    }
    if (!undurable_.empty()) undurable_changed_.notify_all();
}

template <class Machine>
runtime::Task<void> CoordinatorShard<Machine>::release() {
    while (!tasks_.stopping()) {
        if (undurable_.empty()) {
            (void)co_await undurable_changed_.wait_until(Instant::never());
            continue;
        }
        const std::shared_ptr<CoordinatorLog> log = log_;
        const Instant deadline =
            world_.now() + std::chrono::milliseconds(limits_.commit_timeout_ms);
        const Offset end = undurable_.front().end;
        const Status durable = co_await log->wait_durable(end, deadline);
        if (tasks_.stopping()) co_return;
        if (log != log_) continue;  // loaded again meanwhile
        if (durable) {
            release_durable();
            co_await drop_rewritten();
        } else {
            fail_undurable(durable.error());
        }
    }
}

template <class Machine>
void CoordinatorShard<Machine>::release_one(Answer done, bool is_read) {
    const Status readable = is_read ? check_readable() : Status{};
    if (readable) {
        answer(done.ticket, std::move(done.reply));
    } else {
        answer(done.ticket, fail(readable.error()));
    }
}

template <class Machine>
void CoordinatorShard<Machine>::release_durable() {
    const Offset durable = log_->durable_offset();
    while (!undurable_.empty() && undurable_.front().end <= durable) {
        Undurable done = std::move(undurable_.front());
        undurable_.pop_front();
        release_one(std::move(done.answer), done.is_read);
    }
}

template <class Machine>
void CoordinatorShard<Machine>::fail_undurable(const Error& cause) {
    const bool lost_leadership = cause.code() == ErrorCode::kNotLeaderOrFollower;
    if (shard::may_pass(cause.code()) || lost_leadership) {
        log_lines_.warning(
            "records not replicated", {{"partition", place_.partition}, {"error", cause}}
        );
    } else {
        log_lines_.error(
            "records not durable", {{"partition", place_.partition}, {"error", cause}}
        );
    }
    // Nobody knows what the disk holds, or this log is not ours any more: read it again.
    if (!shard::may_pass(cause.code())) ++failures_;
    const std::deque<Undurable> lost = std::exchange(undurable_, {});
    const ErrorCode error = shard::for_clients(cause.code());
    for (const Undurable& each : lost) answer(each.answer.ticket, fail(error));
    queued_.notify_all();
}

template <class Machine>
runtime::Task<void> CoordinatorShard<Machine>::expire() {
    next_expiry_ = world_.now() + std::chrono::milliseconds(limits_.expiry_check_ms);
    const auto exists = [this](const std::string& topic) { return topic_.topic_exists(topic); };
    while (!tasks_.stopping()) {
        Effects effects;
        core_->expire(world_.wall(), exists, shard::kExpiryRecords, effects);
        if (!Machine::writes(effects)) co_return;
        log_lines_.info(
            "expired", {{"partition", place_.partition}, {"records", effects.records.size()}}
        );
        const Status appended = co_await append(effects);
        if (!appended) co_return;  // the next check tries again
    }
}

template <class Machine>
bool CoordinatorShard<Machine>::rewrite_due() const {
    return !rewritten_ && stored_bytes_ > limits_.rewrite_min_bytes &&
           stored_bytes_ > limits_.garbage_factor * core_->live_bytes() &&
           world_.now() >= next_rewrite_;
}

// All live values again; the old ones go when that is durable. Runs between two steps, so what is
// written is the state at its place in the log, whatever crash or change of leader comes.
template <class Machine>
runtime::Task<void> CoordinatorShard<Machine>::rewrite() {
    next_rewrite_ = world_.now() + kRewritePause;
    const Status rewritten = co_await write_snapshot();
    if (tasks_.stopping()) co_return;
    if (!rewritten) {
        log_lines_.warning(
            "log not rewritten", {{"partition", place_.partition}, {"error", rewritten.error()}}
        );
    }
}

template <class Machine>
runtime::Task<Status> CoordinatorShard<Machine>::write_snapshot() {
    SEALANE_CO_CHECK(co_await log_->roll());
    Rewritten rewritten;
    rewritten.base = log_->end_offset();
    rewritten.bytes_before = stored_bytes_;
    for (const Effects& part : Machine::snapshot(*core_, shard::kBatchBytes))
        SEALANE_CO_CHECK(co_await append(part));
    rewritten.end = end_;
    rewritten_ = rewritten;
    co_return Status{};
}

// Called when something has become durable. A follower that takes over must find everything that
// was live from the log's start on, so nothing goes before the rewriting is on all in-sync
// replicas.
template <class Machine>
runtime::Task<void> CoordinatorShard<Machine>::drop_rewritten() {
    const std::shared_ptr<CoordinatorLog> log = log_;
    if (!rewritten_ || log->durable_offset() < rewritten_->end) co_return;
    const Rewritten done = *rewritten_;
    const Status dropped = co_await log->delete_before(done.base);
    if (tasks_.stopping() || log != log_) co_return;
    rewritten_.reset();
    if (!dropped) {
        log_lines_.warning(
            "old records stay", {{"partition", place_.partition}, {"error", dropped.error()}}
        );
        co_return;
    }
    stored_bytes_ -= done.bytes_before;
    log_lines_.info(
        "log rewritten",
        {{"partition", place_.partition}, {"from", done.bytes_before}, {"to", stored_bytes_}}
    );
}

template <class Machine>
void CoordinatorShard<Machine>::answer(Ticket ticket, Result<Reply> reply) {
    const auto at = waiting_.find(ticket);
    if (at == waiting_.end()) return;  // its client's wait ended
    const std::shared_ptr<Waiting> waiting = at->second;
    waiting_.erase(at);
    waiting->reply = std::move(reply);
    waiting->changed.notify_all();
}

template <class Machine>
void CoordinatorShard<Machine>::unload(ErrorCode reason) {
    queue_.clear();
    undurable_.clear();
    std::vector<Ticket> tickets;
    for (const auto& [ticket, waiting] : waiting_) tickets.push_back(ticket);
    for (const Ticket ticket : tickets) answer(ticket, fail(reason));
}

}  // namespace sealane::broker
