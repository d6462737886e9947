// The two sides of copying: what a leader is told by its followers and asks the controller, and
// what a follower does to its log.

#include "broker/replication/partition.hpp"

namespace sealane::broker {

using runtime::Task;

Status Partition::on_replica_fetch(const FollowerFetch& fetch) {
    SEALANE_CHECK(check_leads());
    if (fetch.offset > log_->end_offset()) {
        return fail(ErrorCode::kOffsetOutOfRange, "beyond the log end");
    }
    const Offset start_before = follower_start(fetch.replica);
    if (!leadership_.on_fetch(context_.world.now(), fetch, log_->end_offset())) {
        return fail(
            ErrorCode::kNotLeaderOrFollower,
            "broker " + std::to_string(fetch.replica.value) + " is no replica of " +
                id_.to_string() + ", or not the one that is registered"
        );
    }
    advance();
    // DeleteRecords waits for the replicas' log starts.
    if (fetch.log_start != start_before && start_before != kNoOffset) notify();
    if (leadership_.may_expand(position())) context_.isr_wanted.notify_all();
    return {};
}

Offset Partition::follower_start(BrokerId replica) const {
    for (const auto& follower : leadership_.followers()) {
        if (follower.id == replica) return follower.log_start;
    }
    return kNoOffset;
}

std::optional<IsrProposal> Partition::propose_isr(const PartitionLeader::EpochOf& epoch_of) {
    if (!leads()) return std::nullopt;
    auto proposal =
        leadership_.propose(context_.world.now(), position(), context_.lag_max, epoch_of);
    // Members of a proposal hold the high watermark from now on; nobody is let go yet.
    return proposal;
}

void Partition::on_isr_answer(const IsrAnswer& answer) {
    if (!leads()) return;
    leadership_.on_answer(answer);
    advance();
    notify();
}

void Partition::on_isr_unanswered() {
    if (leads()) leadership_.on_unanswered();
}

Offset Partition::low_watermark(const std::function<bool(BrokerId)>& alive) const {
    Offset low = log_start();
    for (const auto& follower : leadership_.followers()) {
        if (alive(follower.id)) low = std::min(low, follower.log_start);
    }
    return low;
}

FollowerLog Partition::follower_log() const {
    return {log_->log_start_offset(), log_->end_offset(), &log_->epochs()};
}

FetchPosition Partition::fetch_position() const {
    return next_fetch(follower_log());
}

Task<Result<AppendOutcome>> Partition::append_fetched(BufferSlice batches, LeaderEpoch epoch) {
    SEALANE_CO_CHECK(check_follows(epoch));
    // The leader's log may have holes: a mirror's source was compacted.
    auto outcome = co_await log_->append_as_is(std::move(batches), OffsetGaps::kAllowed);
    if (!outcome && outcome.error().code() == ErrorCode::kNoSpace) context_.note_full_disk();
    if (!closed_) {
        for (runtime::Event* watcher : end_watchers_) watcher->notify_all();
    }
    co_return outcome;
}

Task<Status> Partition::cut_fetched(Offset end, LeaderEpoch epoch) {
    SEALANE_CO_CHECK(check_follows(epoch));
    SEALANE_CO_CHECK(co_await log_->truncate_to(end));
    if (closed_) co_return Status{};
    high_watermark_ = std::min(high_watermark_, log_->end_offset());
    notify();
    co_return Status{};
}

Task<Status> Partition::restart_fetched(Offset start, LeaderEpoch epoch) {
    SEALANE_CO_CHECK(check_follows(epoch));
    SEALANE_CO_CHECK(co_await log_->restart_at(start));
    if (closed_) co_return Status{};
    high_watermark_ = start;
    notify();
    co_return Status{};
}

Task<Status> Partition::take_bounds(
    Offset leaders_high_watermark, Offset leaders_log_start, LeaderEpoch epoch
) {
    SEALANE_CO_CHECK(check_follows(epoch));
    const bool moves = leaders_log_start > log_start() && leaders_log_start <= log_end();
    if (moves) {
        SEALANE_CO_CHECK(co_await log_->delete_records(leaders_log_start));
        SEALANE_CO_CHECK(check_follows(epoch));
    }
    const Offset next =
        follower_high_watermark(high_watermark_, leaders_high_watermark, log_->end_offset());
    const bool rises = next > high_watermark_;
    high_watermark_ = std::max(next, log_->log_start_offset());
    if (rises || moves) notify();
    co_return Status{};
}

}  // namespace sealane::broker
