// What a fetcher does with an answer. Order: divergences and records partition by partition, the
// high watermark of a partition only after both (KAFKA-14704); then the syncs of all; then the
// partitions whose leader has to be asked for its bounds.

#include "broker/replication/replica_fetcher.hpp"
#include "common/base/mutants.hpp"
#include "common/kafka/messages/list_offsets.hpp"

#include <algorithm>

namespace sealane::broker {

using kafka::FetchResponse;
using runtime::Task;

namespace {

constexpr Duration kShortestPause = 50ms;
constexpr Duration kLongestPause = 1s;
constexpr Duration kSyncPatience = 1s;
constexpr std::int64_t kLatest = -1;
constexpr std::int64_t kEarliest = -2;

LeaderAnswer answer_of(const FetchResponse::PartitionData& data) {
    LeaderAnswer answer;
    answer.error = data.error_code;
    answer.diverging = {data.diverging_epoch.epoch, data.diverging_epoch.end_offset};
    answer.high_watermark = data.high_watermark;
    answer.log_start = data.log_start_offset;
    if (data.records && !data.records->empty()) {
        const auto first = kafka::RecordBatchView::parse(data.records->view());
        // Bytes that are no batch are for the log to refuse.
        if (first) answer.first_base = first->base_offset();
    }
    return answer;
}

}  // namespace

Task<void> ReplicaFetcher::take(FetchResponse response) {
    out_of_range_.clear();
    for (auto& topic : response.responses) {
        for (auto& data : topic.partitions) {
            if (tasks_.stopping()) co_return;
            const Key key{topic.topic_id, data.partition_index};
            co_await take_one(key, std::move(data));
        }
    }
    for (const Key& key : std::vector<Key>(out_of_range_)) {
        if (!tasks_.stopping()) co_await ask_bounds(key);
    }
}

// Assignments may change at every await: entries are looked up again after each.
Task<void> ReplicaFetcher::take_one(Key key, PartitionData data) {
    Followed* followed = find(key);
    if (followed == nullptr || followed->partition->closed()) co_return;
    const PartitionPtr partition = followed->partition;
    const LeaderEpoch epoch = followed->told.current_leader_epoch;
    if (partition->leader_epoch() != epoch) co_return;
    // Answers that read on are for appending at the log's end, and for nothing else: whatever else
    // there is to say comes again with the next fetch from what is held.
    const bool diverges = data.diverging_epoch.end_offset != kNoOffset;
    const bool continues = data.read_from == partition->fetch_position().offset;
    if (reads_on_ && (data.error_code != ErrorCode::kNone || diverges || !continues)) {
        lost_place_ = true;
        co_return;
    }
    LeaderAnswer answer = answer_of(data);
    if (partition->compares()) {
        answer.first_base = kNoOffset;  // comparing looks at the records themselves
        // Nothing there: the leader may have cut its log since it was asked.
        if (!data.records || data.records->empty()) followed->bounded_epoch = kNoLeaderEpoch;
    }
    const FollowerStep next = on_answer(partition->follower_log(), answer);
    switch (next.kind) {
        case FollowerStep::Kind::kAppend:
        case FollowerStep::Kind::kBegin: {
            Status done;
            const Offset from = reads_on_ ? data.read_from : followed->told.fetch_offset;
            if (next.kind == FollowerStep::Kind::kBegin) {
                done = co_await step(partition, next);
            } else if (from != partition->fetch_position().offset) {
                // Records for another position would leave a hole.
                done = fail(ErrorCode::kOutOfOrderSequenceNumber, "the log has moved meanwhile");
            }
            followed = find(key);
            if (followed == nullptr) co_return;
            if (done) done = co_await append(*followed, std::move(data));
            settle(key, done);
            co_return;
        }
        case FollowerStep::Kind::kTruncate:
        case FollowerStep::Kind::kRestart: {
            const Status done = co_await step(partition, next);
            settle(key, done);
            co_return;
        }
        case FollowerStep::Kind::kAskBounds:
            out_of_range_.push_back(key);
            co_return;
        case FollowerStep::Kind::kWaitForMetadata:
            followed->ended_epoch = epoch;
            co_return;
        case FollowerStep::Kind::kTryAgain:
            pause(*followed);
            co_return;
    }
}

Task<Status> ReplicaFetcher::append(Followed& followed, PartitionData data) {
    const PartitionPtr partition = followed.partition;
    const LeaderEpoch epoch = followed.told.current_leader_epoch;
    const bool insync = followed.insync;
    const std::size_t size = data.records ? data.records->size() : 0;
    if (size != 0 && partition->compares()) {
        SEALANE_CO_TRY(
            data.records, co_await partition->compare_fetched(*std::move(data.records), epoch)
        );
    }
    if (data.records && !data.records->empty()) {
        SEALANE_CO_TRY(
            const AppendOutcome outcome,
            co_await partition->append_fetched(*std::move(data.records), epoch)
        );
        if (outcome.kind == AppendOutcome::Kind::kUnexpectedPosition) {
            co_return fail(ErrorCode::kOutOfOrderSequenceNumber, "the log has moved meanwhile");
        }
        context_.figures.bytes += size;
        if (!insync) {
            context_.throttle.spend(context_.world.now(), size, context_.config.throttle_bytes);
        }
        written_.push_back({partition, outcome.expected});
    }
    co_return co_await partition->take_bounds(data.high_watermark, data.log_start_offset, epoch);
}

Task<Status> ReplicaFetcher::step(PartitionPtr partition, FollowerStep next) {
    const LeaderEpoch epoch = partition->leader_epoch();
    const bool anew = next.kind != FollowerStep::Kind::kTruncate;
    const bool committed = next.to < partition->high_watermark() || anew;
    const runtime::Log::Fields fields = {
        {"partition", partition->id().to_string()},
        {"leader", leader_},
        {"leader_epoch", epoch},
        {"log_end", partition->log_end()},
        {"high_watermark", partition->high_watermark()},
        {"to", next.to},
    };
    const std::string_view what = anew ? "replica begins anew" : "replica truncates";
    // What was committed is never cut, but by the owner of a mirrored log.
    if (committed) {
        log_.warning(what, fields);
    } else {
        log_.info(what, fields);
    }
    ++(anew ? context_.figures.restarts : context_.figures.truncations);
    if (anew) co_return co_await partition->restart_fetched(next.to, epoch);
    co_return co_await partition->cut_fetched(next.to, epoch);
}

Task<void> ReplicaFetcher::ask_bounds(Key key) {
    const Followed* followed = find(key);
    if (followed == nullptr || followed->partition->closed()) co_return;
    const PartitionPtr partition = followed->partition;
    const LeaderEpoch epoch = partition->leader_epoch();
    const auto start = co_await ask_offset(partition, kEarliest);
    Result<Offset> end = fail(ErrorCode::kNotFound);
    if (start) end = co_await ask_offset(partition, kLatest);
    if (partition->closed() || partition->leader_epoch() != epoch) co_return;
    FollowerStep next;
    if (start && end) next = on_bounds(partition->whole_log(), {*start, *end});
    if (next.kind == FollowerStep::Kind::kTryAgain && start && partition->compares() &&
        partition->follower_log().end < *start) {
        next = {FollowerStep::Kind::kRestart, *start};  // the leader has not kept what to compare
    }
    Followed* still = find(key);
    if (next.kind == FollowerStep::Kind::kTryAgain) {
        const bool inside = start && end && partition->log_end() <= *end;
        if (still != nullptr && inside) still->bounded_epoch = epoch;
        if (still != nullptr && !(inside && partition->compares())) pause(*still);
        co_return;
    }
    const Status done = co_await step(partition, next);
    settle(key, done);
}

Task<Result<Offset>> ReplicaFetcher::ask_offset(PartitionPtr partition, std::int64_t timestamp) {
    kafka::ListOffsetsRequest request;
    request.replica_id = context_.self;
    auto& topic = request.topics.emplace_back();
    topic.name = partition->id().topic;
    auto& asked = topic.partitions.emplace_back();
    asked.partition_index = partition->id().partition;
    asked.current_leader_epoch = partition->leader_epoch();
    asked.timestamp = timestamp;
    SEALANE_CO_TRY(
        const auto answer,
        co_await context_.peers.send(
            leader_, PeerLane::kReplication, std::move(request), context_.world.now() + 5s
        )
    );
    if (answer.topics.size() != 1 || answer.topics[0].partitions.size() != 1) {
        co_return fail(ErrorCode::kCorrupt, "ListOffsets did not answer what was asked");
    }
    const auto& found = answer.topics[0].partitions[0];
    if (found.error_code != ErrorCode::kNone) co_return fail(found.error_code);
    co_return found.offset;
}

// The syncs run beside each other; waiting for one after the other costs as much as the slowest.
Task<void> ReplicaFetcher::wait_written() {
    const Instant deadline = context_.world.now() + kSyncPatience;
    for (const Written& written : std::exchange(written_, {})) {
        if (written.partition->closed()) continue;
        if (written.partition->config().flush == FlushMode::kOs || SEALANE_MUTANT(43)) continue;
        // Late or failed: ready() leaves the partition out until it has caught up.
        (void)co_await written.partition->log().wait_synced(written.end, deadline);
    }
}

void ReplicaFetcher::settle(const Key& key, const Status& done) {
    Followed* followed = find(key);
    if (followed == nullptr) return;
    if (done) {
        followed->pause = Duration{};
        return;
    }
    const ErrorCode code = done.error().code();
    if (code == ErrorCode::kFencedLeaderEpoch || code == ErrorCode::kNotLeaderOrFollower) return;
    log_.warning(
        "replica cannot be copied",
        {{"partition", followed->partition->id().to_string()},
         {"leader", leader_},
         {"error", done.error()}}
    );
    pause(*followed);
}

void ReplicaFetcher::pause(Followed& followed) {
    followed.pause = std::clamp(followed.pause * 2, kShortestPause, kLongestPause);
    followed.retry_at = context_.world.now() + followed.pause;
}

}  // namespace sealane::broker
