// Promotion at the leaders of a link's partitions: a partition's log is brought to its end. In
// order: this node knows that the link is promoting, so it lets no append of the link in; those
// that it let in before have ended; what is there is replicated; what the source had not ended is
// cut off; every in-sync replica has cut it off too. So whoever leads next opens the same log.

#include "broker/mirrored/mirror_services.hpp"

#include <algorithm>

namespace sealane::broker {
namespace {

using kafka::MirrorPromoteRequest;
using kafka::MirrorPromoteResponse;
using runtime::Task;

constexpr std::int32_t kLongestWaitMs = 30'000;
// Fetches of followers that move nothing are not told to anybody.
constexpr Duration kLookAtFollowers = 50ms;

// Of the last record; where retention has left none, no epoch that was ever here is above it.
LeaderEpoch last_record_epoch(Partition& partition) {
    const EpochCache& epochs = partition.log().epochs();
    const LeaderEpoch last = epochs.epoch_at(partition.log_end() - 1);
    return last == kNoLeaderEpoch ? epochs.latest() : last;
}

// One partition in the leadership in which it was asked.
struct Opening {
    PartitionPtr partition;
    std::uint64_t reign = 0;
    LeaderEpoch epoch;
    Instant deadline;

    // Synchronously before anything is changed: the batch that ends a promotion raises the epoch,
    // so nothing that a client wrote is ever cut.
    [[nodiscard]] Status check() const {
        const bool same =
            partition->leads() && partition->reign() == reign && partition->leader_epoch() == epoch;
        if (same) return {};
        return fail(ErrorCode::kNotLeaderOrFollower, "the leadership has changed");
    }
};

// Whether every in-sync follower has fetched since `since` with a log that fits this one.
bool followers_fit(const Partition& partition, Instant since) {
    return std::ranges::all_of(
        partition.leadership().followers(),
        [since](const PartitionLeader::Follower& follower) {
            return !follower.insync || (follower.log_end != kNoOffset && follower.fetched > since);
        }
    );
}

Task<Status> wait_followers(MirrorServices& mirror, Opening opening, Instant since) {
    while (!followers_fit(*opening.partition, since)) {
        SEALANE_CO_CHECK(opening.check());
        const Instant now = mirror.broker.world.now();
        if (now >= opening.deadline)
            co_return fail(ErrorCode::kRequestTimedOut, "an in-sync replica has not cut its log");
        co_await mirror.broker.world.sleep_until(std::min(opening.deadline, now + kLookAtFollowers)
        );
    }
    co_return opening.check();
}

Task<Status> open_partition(MirrorServices& mirror, Opening opening) {
    Partition& partition = *opening.partition;
    if (!co_await mirror.appends.wait_idle(partition.id(), opening.deadline))
        co_return fail(ErrorCode::kRequestTimedOut, "an append of the link is still being written");
    SEALANE_CO_CHECK(
        co_await partition.wait_visible(partition.log_end(), opening.deadline, opening.reign)
    );
    SEALANE_CO_CHECK(opening.check());
    Instant cut_at{};
    // The first record of a transaction that the source had not ended when the mirror stopped.
    const Offset stable = partition.last_stable();
    if (stable < partition.log_end()) {
        SEALANE_CO_CHECK(co_await partition.truncate_to(stable));
        cut_at = mirror.broker.world.now();
    }
    co_return co_await wait_followers(mirror, opening, cut_at);
}

Task<MirrorPromoteResponse::Partition> opened(
    MirrorServices& mirror, std::string topic, PartitionId index, Instant deadline
) {
    MirrorPromoteResponse::Partition answer;
    answer.partition_index = index;
    const auto found = mirror.led(topic, index);
    Status done = found ? Status{} : Status(fail(found.error()));
    if (found) {
        const PartitionPtr& partition = *found;
        const Opening opening{partition, partition->reign(), partition->leader_epoch(), deadline};
        done = co_await open_partition(mirror, opening);
        if (done) {
            answer.leader_epoch = opening.epoch;
            answer.partition_epoch = partition->leadership().partition_epoch();
            answer.end_offset = partition->log_end();
            answer.last_record_epoch = last_record_epoch(*partition);
            answer.next_producer_id = partition->producers().next_unused_id();
        }
    }
    if (!done) {
        const ErrorCode code = done.error().code();
        answer.error_code = is_wire_code(code) ? code : ErrorCode::kKafkaStorageError;
        answer.error_message = done.error().detail();
    }
    co_return answer;
}

// kFencedStateEpoch: the link is not what the controller that asks believes.
Task<Status> wait_promoting(
    MirrorServices& mirror, std::string name, std::int32_t epoch, Instant deadline
) {
    while (true) {
        const LinkState* link = mirror.table().find(name);
        const bool current = link != nullptr && link->epoch >= epoch;
        if (current && link->epoch == epoch && link->state == kafka::kLinkPromoting)
            co_return Status{};
        if (current) co_return fail(ErrorCode::kFencedStateEpoch, "the link's state has changed");
        if (mirror.broker.world.now() >= deadline)
            co_return fail(
                ErrorCode::kRequestTimedOut, "this broker has not heard of the promotion yet"
            );
        (void)co_await mirror.broker.metadata.changed().wait_until(deadline);
    }
}

}  // namespace

Task<MirrorPromoteResponse> mirror_promote(MirrorServices& mirror, MirrorPromoteRequest request) {
    MirrorPromoteResponse response;
    const std::int32_t wait_ms = std::clamp(request.timeout_ms, 1, kLongestWaitMs);
    const Instant deadline = mirror.broker.world.now() + std::chrono::milliseconds(wait_ms);
    const Status promoting =
        co_await wait_promoting(mirror, request.link_name, request.link_epoch, deadline);
    if (!promoting) {
        response.error_code = promoting.error().code();
        response.error_message = promoting.error().detail();
        co_return response;
    }
    for (const MirrorPromoteRequest::Topic& topic : request.topics) {
        MirrorPromoteResponse::Topic answered;
        answered.name = topic.name;
        for (const PartitionId index : topic.partition_indexes)
            answered.partitions.push_back(co_await opened(mirror, topic.name, index, deadline));
        response.topics.push_back(std::move(answered));
    }
    co_return response;
}

}  // namespace sealane::broker
