#include "broker/replication/partition.hpp"

#include "common/base/mutants.hpp"

namespace sealane::broker {

using runtime::Task;

namespace {

std::unexpected<Error> not_leader(const TopicPartition& id) {
    return fail(ErrorCode::kNotLeaderOrFollower, id.to_string() + " is not led here");
}

LeaderTerms terms_of(PartitionState state) {
    LeaderTerms terms;
    terms.epoch = state.leader_epoch;
    terms.partition_epoch = state.partition_epoch;
    terms.most_min_isr = static_cast<std::int32_t>(effective_min_isr(state, INT32_MAX));
    terms.replicas = std::move(state.replicas);
    terms.isr = std::move(state.isr);
    terms.recovering = state.recovering;
    return terms;
}

}  // namespace

std::vector<LogState*> PartitionStates::all() {
    std::vector<LogState*> states{&producers};
    for (const auto& other : others) states.push_back(other.get());
    return states;
}

Partition::Partition(
    ReplicaContext& context,
    PartitionLog& log,
    std::unique_ptr<PartitionStates> states,
    Offset high_watermark
)
    : context_(context),
      log_(&log),
      id_(log.topic_partition()),
      topic_id_(log.topic_id()),
      states_(std::move(states)),
      leadership_(context.self),
      high_watermark_(std::clamp(high_watermark, log.log_start_offset(), log.end_offset())),
      changed_(context.world.waits()) {
    log_->set_listener(this);
    states_->producers.on_high_watermark(high_watermark_);
}

Offset Partition::reached() const {
    if (closed_) return kNoOffset;
    return config_.flush == FlushMode::kOs ? log_->end_offset() : log_->durable_offset();
}

Offset Partition::last_stable() const {
    if (closed_) return kNoOffset;
    return std::max(states_->producers.last_stable(high_watermark_), log_start());
}

Task<Status> Partition::lead(PartitionState state, LogEpochs epochs) {
    if (closed_) co_return not_leader(id_);
    replica_count_ = state.replicas.size();
    const bool leads_on = role_ == ReplicaRole::kLeader;
    const LeaderEpoch epoch = state.leader_epoch;
    if (leads_on && epoch == leadership_.epoch()) {
        if (state.partition_epoch <= leadership_.partition_epoch()) co_return Status{};
        leadership_.adopt(context_.world.now(), terms_of(std::move(state)));
        advance();
        notify();
        co_return Status{};
    }
    // Appends that were admitted before this line are in the log before the epoch begins, later
    // ones carry it: the log serves its callers in their order.
    if (!leads_on) role_ = ReplicaRole::kNone;
    leader_ = context_.self;
    leader_epoch_ = epoch;
    // A leader's log is what the others are compared with: all of it counts, also what an unclean
    // stop left. Whoever is elected has all that was committed, compared or not.
    log_->trust_to(log_->end_offset());
    if (epochs == LogEpochs::kOwn && epoch > log_->epochs().latest()) {
        SEALANE_CO_CHECK(co_await log_->start_epoch(epoch));
        if (closed_ || leader_epoch_ != epoch) co_return not_leader(id_);
    }
    if (SEALANE_MUTANT(1) && !leads_on) high_watermark_ = log_->log_start_offset();
    leadership_.begin(context_.world.now(), terms_of(std::move(state)), log_->end_offset());
    role_ = ReplicaRole::kLeader;
    advance();
    notify();
    co_return Status{};
}

Task<Status> Partition::follow(PartitionState state) {
    if (closed_) co_return Status{};
    replica_count_ = state.replicas.size();
    const bool follows_on = role_ == ReplicaRole::kFollower && leader_ == state.leader &&
                            leader_epoch_ == state.leader_epoch;
    if (follows_on) co_return Status{};
    end_reign();
    leader_ = state.leader;
    leader_epoch_ = state.leader_epoch;
    notify();
    // An epoch in which this node led without a record is not in the log: batches of an older one
    // may yet come to stand there.
    Status done;
    if (!log_->offline_cause()) done = co_await log_->forget_empty_epochs();
    if (SEALANE_MUTANT(4) && !closed_ && !log_->offline_cause())
        (void)co_await log_->truncate_to(std::max(high_watermark_, log_->log_start_offset()));
    if (!closed_ && leader_epoch_ == state.leader_epoch) role_ = ReplicaRole::kFollower;
    notify();
    co_return done;
}

void Partition::end_reign() {
    ++reign_;
    role_ = ReplicaRole::kNone;
}

void Partition::configure(const TopicConfig& config) {
    config_ = config;
    log_->set_config(log_config(config));
    advance();
}

void Partition::close() {
    if (closed_) return;
    closed_ = true;
    end_reign();
    log_->set_listener(nullptr);
    notify();
}

Status Partition::check_leads() const {
    if (!leads()) return not_leader(id_);
    return {};
}

Status Partition::check_follows(LeaderEpoch epoch) const {
    if (closed_) return not_leader(id_);
    if (role_ != ReplicaRole::kFollower || leader_epoch_ != epoch) {
        return fail(ErrorCode::kFencedLeaderEpoch, id_.to_string() + ": that leadership has ended");
    }
    return {};
}

PartitionLeader::Position Partition::position() const {
    return {log_->end_offset(), reached(), high_watermark_};
}

void Partition::appended() {
    if (closed_) return;
    advance();
    for (runtime::Event* watcher : end_watchers_) watcher->notify_all();
}

Status Partition::check_appends() const {
    SEALANE_CHECK(check_leads());
    if (context_.disk_full && leadership_.has_successor()) return not_leader(id_);
    return {};
}

Error Partition::refusal(Error cause) {
    const ErrorCode code = cause.code();
    if (code == ErrorCode::kNoSpace) context_.note_full_disk();
    const bool disk = code == ErrorCode::kNoSpace || code == ErrorCode::kKafkaStorageError;
    if (!disk || !leads() || !leadership_.has_successor()) return cause;
    return not_leader(id_).error();
}

Task<Result<AppendOutcome>> Partition::append(BufferSlice batches, AppendOrigin origin) {
    SEALANE_CO_CHECK(check_appends());
    auto outcome = co_await log_->append(std::move(batches), leader_epoch_, origin);
    appended();
    if (!outcome) co_return fail(refusal(std::move(outcome).error()));
    co_return outcome;
}

Task<Result<AppendOutcome>> Partition::append_as_is(BufferSlice batches, OffsetGaps gaps) {
    SEALANE_CO_CHECK(check_appends());
    auto outcome = co_await log_->append_as_is(std::move(batches), gaps);
    appended();
    if (!outcome) co_return fail(refusal(std::move(outcome).error()));
    co_return outcome;
}

Status Partition::check_min_isr() const {
    if (!leadership_.under_min_isr(config_.min_insync_replicas)) return {};
    return fail(
        ErrorCode::kNotEnoughReplicas,
        "min.insync.replicas=" + std::to_string(config_.min_insync_replicas) + ": " +
            std::to_string(leadership_.isr().size()) + " in sync"
    );
}

Task<Status> Partition::wait_visible(
    Offset end, Instant deadline, std::optional<std::uint64_t> reign
) {
    const std::uint64_t mine = reign.value_or(reign_);
    for (;;) {
        if (!leads() || reign_ != mine) co_return not_leader(id_);
        if (high_watermark_ >= end) co_return Status{};
        if (log_->offline_cause()) {
            co_return fail(
                refusal(Error(ErrorCode::kKafkaStorageError, log_->offline_cause()->to_string()))
            );
        }
        if (leadership_.under_min_isr(config_.min_insync_replicas)) {
            co_return fail(
                ErrorCode::kNotEnoughReplicasAfterAppend,
                id_.to_string() + ": the in-sync set fell below min.insync.replicas"
            );
        }
        const bool told = co_await changed_.wait_until(deadline);
        if (!told && leads() && reign_ == mine && high_watermark_ < end) {
            co_return fail(
                ErrorCode::kRequestTimedOut,
                id_.to_string() + ": not replicated up to " + std::to_string(end.value) + " in time"
            );
        }
    }
}

Task<Result<ReadResult>> Partition::read(
    Offset from, std::size_t max_bytes, bool at_least_one, UpTo up_to
) {
    if (closed_) co_return not_leader(id_);
    const bool to_end = up_to == UpTo::kLogEnd || SEALANE_MUTANT(48);
    ReadResult result{
        .records = {},
        .high_watermark = high_watermark_,
        .last_stable = last_stable(),
        .log_start = log_start(),
        .log_end = log_end(),
        .next_offset = kNoOffset,
    };
    if (from < result.log_start || from > result.log_end) {
        co_return fail(
            ErrorCode::kOffsetOutOfRange,
            std::to_string(from.value) + " is not in [" + std::to_string(result.log_start.value) +
                ", " + std::to_string(result.log_end.value) + "]"
        );
    }
    const Offset committed =
        up_to == UpTo::kLastStable ? result.last_stable : result.high_watermark;
    const Offset end = to_end ? result.log_end : committed;
    if (from >= end || (max_bytes == 0 && !at_least_one)) co_return result;
    LogRead request;
    request.from = from;
    request.max_bytes = max_bytes;
    request.up_to = end;
    request.at_least_one = at_least_one;
    auto outcome = co_await log_->read(request);
    if (!outcome) {
        if (outcome.error().code() == ErrorCode::kCorrupt && !closed_) {
            note_damage(outcome.error());
            // Clients try again for this one, and by then another replica leads, or this one is
            // mended. For the other they give up: right when there is no other copy.
            if (replica_count_ > 1) {
                co_return fail(ErrorCode::kKafkaStorageError, outcome.error().detail());
            }
        }
        co_return fail(std::move(outcome).error());
    }
    if (closed_) co_return not_leader(id_);
    if (!outcome->records.empty()) result.next_offset = outcome->next_offset;
    result.records = std::move(outcome->records);
    co_return result;
}

Task<Status> Partition::truncate_to(Offset end) {
    SEALANE_CO_CHECK(check_leads());
    SEALANE_CO_CHECK(co_await log_->truncate_to(end));
    if (closed_) co_return not_leader(id_);
    high_watermark_ = std::min(high_watermark_, log_->end_offset());
    leadership_.on_cut(log_->end_offset());
    notify();
    co_return Status{};
}

Task<Status> Partition::restart_at(Offset start) {
    SEALANE_CO_CHECK(check_leads());
    SEALANE_CO_CHECK(co_await log_->restart_at(start));
    if (closed_) co_return not_leader(id_);
    high_watermark_ = start;
    leadership_.on_cut(start);
    notify();
    co_return Status{};
}

Task<Status> Partition::delete_records(Offset new_start) {
    SEALANE_CO_CHECK(check_leads());
    SEALANE_CO_CHECK(co_await log_->delete_records(new_start));
    if (!closed_) notify();
    co_return Status{};
}

Task<Result<std::size_t>> Partition::apply_retention(WallTime now) {
    if (closed_) co_return not_leader(id_);
    if (!leads()) co_return std::size_t{0};
    auto gone = co_await log_->apply_retention(now, high_watermark_);
    if (!closed_ && gone && *gone != 0) notify();
    co_return gone;
}

void Partition::note_damage(const Error& cause) {
    if (damage_) return;
    damage_ = cause;
    context_.damaged.notify_all();
}

void Partition::on_durable(Offset /*durable_offset*/) {
    advance();
}

void Partition::on_offline(const Error& /*cause*/) {
    notify();
    context_.damaged.notify_all();
}

void Partition::advance() {
    if (!leads()) return;
    const Instant now = leadership_.alone() ? Instant{} : context_.world.now();
    const Offset next =
        leadership_.high_watermark(now, position(), config_.min_insync_replicas, context_.lag_max);
    if (next <= high_watermark_) return;
    high_watermark_ = next;
    states_->producers.on_high_watermark(high_watermark_);
    notify();
}

void Partition::notify() {
    changed_.notify_all();
    for (runtime::Event* watcher : watchers_) watcher->notify_all();
    for (runtime::Event* watcher : end_watchers_) watcher->notify_all();
}

}  // namespace sealane::broker
