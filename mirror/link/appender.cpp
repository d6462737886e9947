#include "mirror/link/appender.hpp"

#include <algorithm>

namespace sealane::mirror {

using runtime::Task;

namespace {

constexpr std::size_t kRequestsInFlight = 4;
constexpr std::size_t kRequestBytes = 8U << 20U;
constexpr std::size_t kPartBytes = 4U << 20U;
constexpr std::size_t kPartsInFlight = 3;  // of one partition
constexpr Duration kAppendPatience = 30s;
constexpr std::int32_t kAppendTimeoutMs = 20'000;

}  // namespace

bool Appender::has_work() const {
    return std::ranges::any_of(board_.copies, [](const auto& entry) {
        const PartitionCopy& copy = entry.second.copy;
        return copy.queued_bytes() > 0 && copy.parts_in_flight() < kPartsInFlight;
    });
}

Task<void> Appender::send_loop() {
    while (!tasks_.stopping()) {
        if (!board_.running() || sent_.size() >= kRequestsInFlight || !has_work()) {
            co_await board_.changed.wait_until(board_.world().now() + 1s);
            continue;
        }
        Batch batch = collect();
        if (batch.parts.empty()) continue;
        co_await send(std::move(batch));
    }
}

// Partitions in turn, beginning behind the one served last; those with another leader wait.
Appender::Batch Appender::collect() {
    Batch batch;
    batch.request.link_name = board_.context.half.link;
    batch.request.link_epoch = board_.link_epoch;
    batch.request.timeout_ms = kAppendTimeoutMs;
    auto at = board_.copies.upper_bound(last_);
    for (std::size_t i = 0; i < board_.copies.size() && batch.bytes < kRequestBytes; ++i, ++at) {
        if (at == board_.copies.end()) at = board_.copies.begin();
        CarriedPartition& carried = at->second;
        const bool ready =
            carried.copy.queued_bytes() > 0 && carried.copy.parts_in_flight() < kPartsInFlight;
        if (!ready) continue;
        const TopicPartition target{carried.target_topic, at->first.second};
        const auto leader = board_.context.cluster.metadata().leader(target);
        const BrokerId broker = leader ? leader->broker : kNoBroker;
        // Without a known leader it goes alone: the leader found for it is not the others'.
        const bool together = broker == batch.leader && broker != kNoBroker;
        if (!batch.parts.empty() && !together) continue;
        batch.leader = broker;
        kafka::MirrorAppendRequest::Partition part;
        part.partition_index = at->first.second;
        part.origin = carried.origin;
        for (SourceRun& run : carried.copy.take(kPartBytes)) {
            kafka::MirrorAppendRequest::Run sent;
            sent.expected_source_offset = run.expected;
            sent.source_base_offset = run.base;
            sent.hole_reason = run.hole_reason;
            sent.origin_chain = std::move(run.origin_chain);
            batch.bytes += run.records.size();
            sent.records = std::move(run.records);
            part.runs.push_back(std::move(sent));
        }
        auto& topics = batch.request.topics;
        if (topics.empty() || topics.back().name != carried.target_topic) {
            topics.emplace_back();
            topics.back().name = carried.target_topic;
        }
        topics.back().partitions.push_back(std::move(part));
        batch.parts.push_back(at->first);
        last_ = at->first;
    }
    return batch;
}

Task<void> Appender::send(Batch batch) {
    Sent sent;
    sent.parts = std::move(batch.parts);
    const Instant deadline = board_.world().now() + kAppendPatience;
    BrokerId leader = batch.leader;
    if (leader == kNoBroker) {
        const TopicPartition first{
            batch.request.topics.front().name,
            batch.request.topics.front().partitions.front().partition_index
        };
        const auto found = co_await board_.context.cluster.leader(first, deadline);
        if (found) leader = found->broker;
        if (!found) sent.failure = found.error();
    }
    while (leader != kNoBroker && !tasks_.stopping()) {
        const auto connection =
            co_await board_.context.cluster.connection(leader, client::Lane::kProduce, deadline);
        if (!connection) {
            sent.failure = connection.error();
            break;
        }
        auto reply = (*connection)->start(batch.request, deadline);
        if (reply) {
            sent.reply = *std::move(reply);
            break;
        }
        sent.failure = reply.error();
        if (reply.error().code() != ErrorCode::kBusy) break;
        const Status room = co_await (*connection)->wait_for_room(deadline);
        if (!room) {
            sent.failure = room.error();
            break;
        }
    }
    sent_.push_back(std::move(sent));
    board_.changed.notify_all();
}

Task<void> Appender::answer_loop() {
    while (!tasks_.stopping()) {
        if (sent_.empty()) {
            co_await board_.changed.wait_until(board_.world().now() + 1s);
            continue;
        }
        Result<kafka::MirrorAppendResponse> answer = fail(sent_.front().failure);
        if (sent_.front().reply) {
            Reply reply = *sent_.front().reply;
            answer = co_await reply.wait();
        }
        if (sent_.empty()) co_return;
        const Sent sent = std::move(sent_.front());
        sent_.pop_front();
        take_answer(sent, answer);
        board_.changed.notify_all();
    }
}

void Appender::take_answer(const Sent& sent, const Result<kafka::MirrorAppendResponse>& answer) {
    if (!answer) {
        for (const Key& key : sent.parts) {
            const auto carried = board_.copies.find(key);
            if (carried == board_.copies.end()) continue;
            board_.context.cluster.leader_changed({carried->second.target_topic, key.second});
        }
        const bool has_code = answer.error().code() != ErrorCode::kNone;
        fail_parts(
            sent,
            {has_code ? ErrorCode::kNetworkException : ErrorCode::kLeaderNotAvailable,
             answer.error().to_string(),
             kNoOffset}
        );
        return;
    }
    if (answer->error_code != ErrorCode::kNone) {
        board_.link_state_stale = true;
        fail_parts(
            sent, {ErrorCode::kFencedStateEpoch, answer->error_message.value_or(""), kNoOffset}
        );
        return;
    }
    std::size_t at = 0;
    for (const auto& topic : answer->topics) {
        for (const auto& partition : topic.partitions) {
            if (at == sent.parts.size()) return;
            const auto carried = board_.copies.find(sent.parts[at++]);
            if (carried == board_.copies.end()) continue;
            if (partition.error_code == ErrorCode::kNotLeaderOrFollower ||
                partition.error_code == ErrorCode::kUnknownTopicOrPartition)
                board_.context.cluster.leader_changed({topic.name, partition.partition_index});
            carried->second.copy.on_answer(
                board_.world().now(),
                {partition.error_code,
                 partition.error_message.value_or(""),
                 partition.next_source_offset}
            );
        }
    }
    // An answer with fewer partitions than asked: the rest is in an unknown state.
    Sent rest;
    rest.parts.assign(sent.parts.begin() + static_cast<std::ptrdiff_t>(at), sent.parts.end());
    fail_parts(rest, {ErrorCode::kNetworkException, "the answer lacks the partition", kNoOffset});
}

void Appender::fail_parts(const Sent& sent, const PartitionCopy::Answer& why) {
    for (const Key& key : sent.parts) {
        const auto carried = board_.copies.find(key);
        if (carried != board_.copies.end())
            carried->second.copy.on_answer(board_.world().now(), why);
    }
}

void Appender::abandon() {
    sent_.clear();
    for (auto& [key, carried] : board_.copies) carried.copy.abandon_in_flight();
}

}  // namespace sealane::mirror
