#include "common/client/list_offsets.hpp"

#include "common/base/text.hpp"
#include "common/kafka/messages/list_offsets.hpp"

#include <algorithm>

namespace sealane::client {
namespace {

using runtime::Task;
using Places = std::map<TopicPartition, StartAt>;
using Answers = std::map<TopicPartition, Result<ListedOffset>>;

constexpr std::int64_t kLatest = -1;
constexpr std::int64_t kEarliest = -2;
// Version 2 of OffsetForLeaderEpoch is the lowest that brokers still serve; 3 tells consumers and
// replicas apart.
constexpr BrokerId kConsumer{-1};

std::int64_t timestamp_of(const StartAt& place) {
    switch (place.kind) {
        case StartAt::Kind::kLatest:
            return kLatest;
        case StartAt::Kind::kTimestamp:
            return place.timestamp.ms;
        case StartAt::Kind::kEarliest:
        case StartAt::Kind::kOffset:
            return kEarliest;
    }
    return kEarliest;
}

kafka::ListOffsetsRequest request_for(
    const std::vector<std::pair<TopicPartition, StartAt>>& places, bool committed_only
) {
    kafka::ListOffsetsRequest request;
    request.replica_id = kConsumer;
    request.isolation_level = committed_only ? 1 : 0;
    for (const auto& [partition, place] : places) {
        if (request.topics.empty() || request.topics.back().name != partition.topic)
            request.topics.emplace_back().name = partition.topic;
        auto& asked = request.topics.back().partitions.emplace_back();
        asked.partition_index = partition.partition;
        asked.timestamp = timestamp_of(place);
    }
    return request;
}

// The questions of one call: what is still open, what is answered, and the last trouble.
struct Round {
    Places open;
    Answers answers;
    bool committed_only = false;
    Error last{ErrorCode::kLeaderNotAvailable, "no leader known"};

    // Settled for good, or to be asked again.
    void trouble(ClusterClient& cluster, const TopicPartition& partition, const Error& error) {
        last = error;
        cluster.leader_changed(partition);
        if (!is_retriable(error.code())) settle(partition, fail(error));
    }
    void settle(const TopicPartition& partition, Result<ListedOffset> answer) {
        if (open.erase(partition) != 0) answers.emplace(partition, std::move(answer));
    }
};

using Questions = std::vector<std::pair<TopicPartition, StartAt>>;

Task<void> ask_leader(
    ClusterClient& cluster, Round& round, BrokerId leader, Questions questions, Instant deadline
) {
    const Instant limit =
        std::min(deadline, cluster.world().now() + cluster.options().request_timeout);
    const auto answer = co_await cluster.send_to(
        leader, Lane::kControl, request_for(questions, round.committed_only), limit
    );
    if (!answer) {
        for (const auto& [partition, place] : questions)
            round.trouble(cluster, partition, answer.error());
        co_return;
    }
    for (const auto& topic : answer->topics) {
        for (const auto& found : topic.partitions) {
            const TopicPartition partition{topic.name, found.partition_index};
            if (found.error_code != ErrorCode::kNone) {
                const std::string what = concat("offsets of ", partition.to_string());
                round.trouble(cluster, partition, Error(found.error_code, what));
                continue;
            }
            round.settle(
                partition, ListedOffset{found.offset, found.leader_epoch, WallTime{found.timestamp}}
            );
        }
    }
}

// Asks each leader once.
Task<void> ask_leaders(ClusterClient& cluster, Round& round, Instant deadline) {
    std::map<BrokerId, Questions> by_leader;
    const Places open = round.open;
    for (const auto& [partition, place] : open) {
        const auto leader = co_await cluster.leader(partition, deadline);
        if (leader) {
            by_leader[leader->broker].emplace_back(partition, place);
            continue;
        }
        round.last = leader.error();
        const bool missing = round.last.code() == ErrorCode::kUnknownTopicOrPartition;
        if (missing || !is_retriable(round.last.code())) round.settle(partition, fail(round.last));
    }
    for (const auto& [broker, questions] : by_leader)
        co_await ask_leader(cluster, round, broker, questions, deadline);
}

}  // namespace

Task<std::map<TopicPartition, Result<ListedOffset>>> list_offsets(
    ClusterClient& cluster,
    std::map<TopicPartition, StartAt> places,
    bool committed_only,
    Instant deadline
) {
    Round round;
    round.open = std::move(places);
    round.committed_only = committed_only;
    Backoff backoff = cluster.retry_backoff();
    while (!round.open.empty()) {
        co_await ask_leaders(cluster, round, deadline);
        if (round.open.empty()) break;
        const Duration delay = backoff.next(cluster.world().rng());
        const bool late = cluster.world().now() + delay >= deadline;
        if (!late && co_await cluster.pause(delay)) continue;
        const Error last = cluster.stopping() ? Error::stopped() : round.last;
        while (!round.open.empty())
            round.settle(TopicPartition(round.open.begin()->first), fail(last));
    }
    co_return std::move(round.answers);
}

Task<Result<ListedOffset>> list_offset(
    ClusterClient& cluster, TopicPartition partition, StartAt place, Instant deadline
) {
    Places places;
    places.emplace(partition, place);
    Answers answers = co_await list_offsets(cluster, std::move(places), false, deadline);
    co_return answers.at(partition);
}

Task<Result<EpochEnd>> epoch_end(
    ClusterClient& cluster, TopicPartition partition, LeaderEpoch epoch, Instant deadline
) {
    Backoff backoff = cluster.retry_backoff();
    for (;;) {
        SEALANE_CO_TRY(const Leader leader, co_await cluster.leader(partition, deadline));
        kafka::OffsetForLeaderEpochRequest request;
        request.replica_id = kConsumer;
        auto& topic = request.topics.emplace_back();
        topic.topic = partition.topic;
        auto& asked = topic.partitions.emplace_back();
        asked.partition = partition.partition;
        asked.current_leader_epoch = leader.epoch;
        asked.leader_epoch = epoch;
        const Instant limit =
            std::min(deadline, cluster.world().now() + cluster.options().request_timeout);
        auto answer =
            co_await cluster.send_to(leader.broker, Lane::kControl, std::move(request), limit);
        Error error(ErrorCode::kMalformed, "OffsetForLeaderEpoch answered without the partition");
        if (!answer) error = std::move(answer).error();
        if (answer && !answer->topics.empty() && !answer->topics[0].partitions.empty()) {
            const auto& found = answer->topics[0].partitions[0];
            if (found.error_code == ErrorCode::kNone)
                co_return EpochEnd{found.leader_epoch, found.end_offset};
            error = Error(found.error_code, concat("epochs of ", partition.to_string()));
        }
        if (is_retriable(error.code())) cluster.leader_changed(partition);
        const Duration delay = backoff.next(cluster.world().rng());
        if (!is_retriable(error.code()) || cluster.world().now() + delay >= deadline)
            co_return fail(std::move(error));
        if (!co_await cluster.pause(delay)) co_return fail(Error::stopped());
    }
}

}  // namespace sealane::client
