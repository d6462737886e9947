// The two sides of copying: what a leader is told by its followers and asks the controller, and
// what a follower does to its log.

#include "broker/replication/partition.hpp"
#include "common/base/mutants.hpp"

namespace sealane::broker {

using runtime::Task;

Status Partition::on_replica_fetch(const FollowerFetch& fetch) {
    SEALANE_CHECK(check_leads());
    if (fetch.offset > (SEALANE_MUTANT(3) ? high_watermark_ : log_->end_offset())) {
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

FollowerLog Partition::whole_log() const {
    return {log_->log_start_offset(), log_->end_offset(), &log_->epochs()};
}

FollowerLog Partition::follower_log() const {
    return {log_->log_start_offset(), log_->trusted_end(), &log_->epochs()};
}

FetchPosition Partition::fetch_position() const {
    return next_fetch(follower_log());
}

FetchPosition Partition::held_position() const {
    FollowerLog log = follower_log();
    log.end = std::min(log.end, reached());
    return next_fetch(log);
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

Task<Result<BufferSlice>> Partition::compare_fetched(BufferSlice batches, LeaderEpoch epoch) {
    while (!batches.empty() && compares()) {
        SEALANE_CO_CHECK(check_follows(epoch));
        const Offset at = log_->trusted_end();
        const auto fetched = kafka::RecordBatchView::parse(batches.view());
        if (!fetched) co_return fail(ErrorCode::kCorruptMessage, fetched.error().detail());
        LogRead request;
        request.from = at;
        request.max_bytes = batches.size();
        request.up_to = log_->end_offset();
        const auto own = co_await log_->read(request);
        SEALANE_CO_CHECK(check_follows(epoch));
        if (!own && own.error().code() != ErrorCode::kCorrupt) co_return fail(own.error());
        std::size_t same = 0;
        Offset next = at;
        if (own) {
            const BufferSlice bytes = own->records.joined();
            while (same < batches.size() && same < bytes.size()) {
                const auto theirs = kafka::RecordBatchView::parse(batches.view().subspan(same));
                if (!theirs || theirs->size() > bytes.size() - same) break;
                const ByteView mine = bytes.view().subspan(same, theirs->size());
                if (!std::ranges::equal(theirs->bytes(), mine)) break;
                same += theirs->size();
                next = theirs->next_offset();
            }
        }
        if (same == 0) {
            context_.world.log("broker.replication")
                .warning(
                    "what a crash left differs from the leader's log and is cut",
                    {{"partition", id_.to_string()}, {"offset", at}, {"log_end", log_->end_offset()}
                    }
                );
            if (at > log_->log_start_offset()) {
                SEALANE_CO_CHECK(co_await cut_fetched(at, epoch));
                if (closed_ || log_->end_offset() != at) {
                    co_return fail(ErrorCode::kOutOfOrderSequenceNumber, "cut more than differs");
                }
            } else {
                SEALANE_CO_CHECK(co_await restart_fetched(fetched->base_offset(), epoch));
            }
            break;
        }
        log_->trust_to(next);
        batches = batches.from(same);
    }
    co_return batches;
}

Task<Status> Partition::cut_fetched(Offset end, LeaderEpoch epoch) {
    SEALANE_CO_CHECK(check_follows(epoch));
    SEALANE_CO_CHECK(co_await log_->truncate_to(end));
    if (closed_) co_return Status{};
    high_watermark_ = std::min(high_watermark_, log_->trusted_end());
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
        follower_high_watermark(high_watermark_, leaders_high_watermark, log_->trusted_end());
    const bool rises = next > high_watermark_;
    high_watermark_ = std::max(next, log_->log_start_offset());
    if (rises) producers().on_high_watermark(high_watermark_);
    if (rises || moves) notify();
    co_return Status{};
}

}  // namespace sealane::broker
