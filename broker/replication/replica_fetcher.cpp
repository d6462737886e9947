// One leader's fetch loop: what to ask for, the session, and trouble with the leader as a whole.

#include "broker/replication/replica_fetcher.hpp"

#include "common/base/mutants.hpp"

#include <algorithm>

namespace sealane::broker {

using kafka::FetchRequest;
using kafka::FetchResponse;
using runtime::Task;

namespace {

constexpr Duration kShortestPause = 50ms;
constexpr Duration kLongestPause = 1s;
constexpr Duration kAnswerPatience = 5s;  // beyond the long poll itself
// Of an answer that is bulk for some and an acknowledgement for others.
constexpr std::int32_t kSmallAnswer = 4 * 1024 * 1024;
constexpr std::int32_t kSmallPartition = 1024 * 1024;
// An answer of so much is bulk: more is behind it, and the next fetch does not wait for it.
std::size_t bulk_size(const ReplicationConfig& config) {
    return static_cast<std::size_t>(std::min(kSmallPartition, config.fetch_max_bytes) / 2);
}
constexpr std::size_t kFlights = 3;
// So many large answers are written before their syncs are waited for.
constexpr std::size_t kUnsyncedRounds = 8;

std::size_t bytes_in(const FetchResponse& response) {
    std::size_t bytes = 0;
    for (const auto& topic : response.responses) {
        for (const auto& data : topic.partitions) bytes += data.records ? data.records->size() : 0;
    }
    return bytes;
}

Duration longer(Duration pause) {
    return std::clamp(pause * 2, kShortestPause, kLongestPause);
}

}  // namespace

ReplicaFetcher::ReplicaFetcher(const FetcherContext& context, BrokerId leader)
    : context_(context),
      leader_(leader),
      log_(context.world.log("broker.replication")),
      landed_(context.world.waits()),
      wake_(context.world.waits()),
      tasks_(context.world) {}

void ReplicaFetcher::start() {
    tasks_.on_stop([this] {
        wake_.notify_all();
        landed_.notify_all();
        if (!flights_.empty()) context_.peers.disconnect(leader_, PeerLane::kReplication);
    });
    tasks_.spawn([this] { return run(); });
}

Task<void> ReplicaFetcher::stop() {
    co_await tasks_.stop_and_join();
}

ReplicaFetcher::Followed* ReplicaFetcher::find(const Key& key) {
    const auto found = followed_.find(key);
    return found == followed_.end() ? nullptr : &found->second;
}

void ReplicaFetcher::assign(std::vector<Assigned> partitions) {
    std::map<Key, Followed> next;
    bool more = false;
    for (Assigned& one : partitions) {
        const Key key{one.partition->topic_id(), one.partition->id().partition};
        Followed* known = find(key);
        const bool same = known != nullptr && known->partition == one.partition;
        Followed followed = known != nullptr ? std::move(*known) : Followed{};
        if (!same || followed.told.current_leader_epoch != one.partition->leader_epoch()) {
            more = true;
            followed.retry_at = Instant{};
            followed.pause = Duration{};
        }
        followed.partition = std::move(one.partition);
        followed.insync = one.insync;
        next.emplace(key, std::move(followed));
        std::erase_if(forgotten_, [&key](const auto& gone) { return gone.first == key; });
    }
    for (const auto& [key, followed] : followed_) {
        if (next.contains(key) || !followed.in_session) continue;
        forgotten_.emplace_back(key, followed.partition->id().topic);
    }
    followed_ = std::move(next);
    ++assignment_;
    wake_.notify_all();
    const bool polling = !flights_.empty();
    if (more && polling && tasks_.running() < flights_.size() + 2) {
        tasks_.spawn([this] { return end_long_poll(); });
    }
}

// A fetch of nothing makes the leader answer this node's long polls: the next one has everything.
Task<void> ReplicaFetcher::end_long_poll() {
    FetchRequest nothing;
    nothing.replica_state = {context_.self, context_.broker_epoch()};
    (void)co_await context_.peers.send(
        leader_, PeerLane::kController, std::move(nothing), context_.world.now() + 1s
    );
}

Task<void> ReplicaFetcher::run() {
    while (!tasks_.stopping()) {
        const Instant now = context_.world.now();
        if (!flights_.empty() || any_ready(Reading::kHeld)) {
            if (flights_.empty()) co_await bound_compared();
            if (!tasks_.stopping()) co_await round();
            continue;
        }
        if (followed_.empty()) forget_session();
        (void)co_await wake_.wait_until(next_try(now));
    }
}

bool ReplicaFetcher::any_ready(Reading reading) const {
    const Instant now = context_.world.now();
    return std::ranges::any_of(followed_, [&](const auto& entry) {
        return ready(entry.second, now, reading);
    });
}

bool ReplicaFetcher::ready(const Followed& followed, Instant now, Reading reading) const {
    const Partition& partition = *followed.partition;
    if (partition.closed() || partition.role() != ReplicaRole::kFollower) return false;
    if (partition.leader() != leader_ || partition.leader_epoch() == followed.ended_epoch) {
        return false;
    }
    if (partition.log().offline_cause() || partition.damage()) return false;
    if (partition.disk_full()) return false;
    if (!followed.insync && now < context_.throttle.free_at()) return false;
    if (reading == Reading::kOn && partition.compares()) return false;
    const bool settled =
        partition.reached() == partition.log_end() || reading == Reading::kOn || SEALANE_MUTANT(43);
    return now >= followed.retry_at && settled;
}

Instant ReplicaFetcher::next_try(Instant now) const {
    Instant next = Instant::never();
    for (const auto& [key, followed] : followed_) {
        const Partition& partition = *followed.partition;
        if (partition.closed() || partition.role() != ReplicaRole::kFollower) continue;
        if (followed.retry_at > now) next = std::min(next, followed.retry_at);
        const Instant free = context_.throttle.free_at();
        if (!followed.insync && free > now) next = std::min(next, free);
        // Its last sync is still under way.
        if (partition.reached() != partition.log_end()) next = std::min(next, now + kShortestPause);
    }
    return next;
}

ReplicaFetcher::FetchPartition ReplicaFetcher::position_of(
    const Followed& followed, bool small, Reading reading
) const {
    const Partition& partition = *followed.partition;
    const FetchPosition position =
        reading == Reading::kOn ? partition.held_position() : partition.fetch_position();
    FetchPartition asked;
    asked.partition = partition.id().partition;
    asked.current_leader_epoch = partition.leader_epoch();
    asked.fetch_offset = position.offset;
    asked.last_fetched_epoch = position.last_epoch;
    asked.log_start_offset = partition.log_start();
    asked.partition_max_bytes = context_.config.fetch_max_bytes;
    if (small && !followed.insync) {
        asked.partition_max_bytes = std::min(kSmallPartition, context_.config.fetch_max_bytes);
    }
    return asked;
}

FetchRequest ReplicaFetcher::make_request(Instant now, Reading reading) {
    std::size_t insync = 0;
    std::size_t behind = 0;
    for (const auto& [key, followed] : followed_) {
        if (ready(followed, now, reading)) ++(followed.insync ? insync : behind);
    }
    const bool small = insync != 0 && behind != 0;
    FetchRequest request;
    request.replica_state = {context_.self, context_.broker_epoch()};
    request.max_wait_ms = static_cast<std::int32_t>(to_ms(context_.config.fetch_wait));
    request.min_bytes = 1;
    request.max_bytes = context_.config.fetch_response_max_bytes;
    if (small) request.max_bytes = std::min(kSmallAnswer, request.max_bytes);
    if (reading == Reading::kOn) {
        request.read_on = true;
        request.max_wait_ms = 0;
    }
    request.session_id = session_id_;
    request.session_epoch = session_epoch_;
    const auto topic_in = [](auto& topics, const Key& key, const std::string& name) -> auto& {
        if (topics.empty() || topics.back().topic_id != key.first) {
            auto& topic = topics.emplace_back();
            topic.topic = name;
            topic.topic_id = key.first;
        }
        return topics.back().partitions;
    };
    for (const auto& [key, name] : forgotten_) {
        topic_in(request.forgotten_topics_data, key, name).push_back(key.second);
    }
    forgotten_.clear();
    for (auto& [key, followed] : followed_) {
        const std::string& name = followed.partition->id().topic;
        if (!ready(followed, now, reading) || needs_bounds(followed)) {
            if (!followed.in_session) continue;
            followed.in_session = false;
            topic_in(request.forgotten_topics_data, key, name).push_back(key.second);
            continue;
        }
        FetchPartition asked = position_of(followed, small, reading);
        if (followed.in_session && asked == followed.told) continue;
        followed.in_session = true;
        followed.told = asked;
        topic_in(request.topics, key, name).push_back(std::move(asked));
    }
    return request;
}

bool ReplicaFetcher::needs_bounds(const Followed& followed) const {
    return followed.partition->compares() &&
           followed.bounded_epoch != followed.partition->leader_epoch();
}

// A log that is compared must not go beyond its leader's: what it has more would never be fetched.
Task<void> ReplicaFetcher::bound_compared() {
    std::vector<Key> asked;
    for (const auto& [key, followed] : followed_) {
        if (ready(followed, context_.world.now()) && needs_bounds(followed)) asked.push_back(key);
    }
    for (const Key& key : asked) {
        if (tasks_.stopping()) co_return;
        co_await ask_bounds(key);
    }
}

void ReplicaFetcher::send(Reading reading) {
    auto flight = std::make_shared<Flight>();
    flight->reading = reading;
    flight->assignment = assignment_;
    FetchRequest request = make_request(context_.world.now(), reading);
    session_epoch_ = session_epoch_ == INT32_MAX ? 1 : session_epoch_ + 1;
    ++context_.figures.fetches;
    flights_.push_back(flight);
    const Instant deadline = context_.world.now() + context_.config.fetch_wait + kAnswerPatience;
    auto shared = std::make_shared<FetchRequest>(std::move(request));
    tasks_.spawn([this, flight, shared, deadline]() -> Task<void> {
        flight->answer = co_await context_.peers.send(
            leader_, PeerLane::kReplication, std::move(*shared), deadline
        );
        landed_.notify_all();
    });
}

Task<void> ReplicaFetcher::round() {
    if (flights_.empty()) {
        if (session_id_ == 0 || std::exchange(lost_place_, false)) forget_session();
        send(Reading::kHeld);
    }
    // Nothing follows a fetch of an earlier assignment, or an answer that was not taken.
    while (bulk_ && session_id_ != 0 && !lost_place_ && flights_.size() < kFlights &&
           flights_.front()->assignment == assignment_ && any_ready(Reading::kOn)) {
        send(Reading::kOn);
    }
    const std::shared_ptr<Flight> next = flights_.front();
    while (!next->answer && !tasks_.stopping()) {
        (void)co_await landed_.wait_until(Instant::never());
    }
    if (tasks_.stopping()) co_return;
    flights_.pop_front();
    co_await land(next);
    if (tasks_.stopping()) co_return;
    if (!flights_.empty() && ++unsynced_rounds_ < kUnsyncedRounds) co_return;
    unsynced_rounds_ = 0;
    co_await wait_written();
}

Task<void> ReplicaFetcher::land(std::shared_ptr<Flight> flight) {
    auto& answer = *flight->answer;
    Status done;
    if (!answer) done = fail(answer.error());
    if (answer && answer->error_code != ErrorCode::kNone) {
        done = fail(answer->error_code, "fetch refused");
    }
    if (done) {
        troubled_ = false;
        pause_ = Duration{};
        session_id_ = answer->session_id;
        bulk_ = bytes_in(*answer) >= bulk_size(context_.config);
        // What was asked for since then is not what this answers.
        const bool stale = flight->reading == Reading::kOn && flight->assignment != assignment_;
        if (stale || lost_place_) {
            lost_place_ = true;
        } else {
            reads_on_ = flight->reading == Reading::kOn;
            co_await take(*std::move(answer));
        }
        co_return;
    }
    bulk_ = false;
    // Those behind it fail as well, or are of a session that is gone.
    if (!flights_.empty()) {
        lost_place_ = true;
        co_return;
    }
    ++context_.figures.failed_fetches;
    forget_session();
    const ErrorCode code = done.error().code();
    // The leader has dropped the session: a new one, at once.
    if (code == ErrorCode::kFetchSessionIdNotFound && pause_ == Duration{}) {
        pause_ = kShortestPause;
        co_return;
    }
    note_trouble(done.error());
    pause_ = longer(pause_);
    (void)co_await wake_.wait_until(context_.world.now() + pause_);
}

void ReplicaFetcher::forget_session() {
    session_id_ = 0;
    session_epoch_ = 0;
    forgotten_.clear();
    for (auto& [key, followed] : followed_) followed.in_session = false;
}

void ReplicaFetcher::note_trouble(const Error& error) {
    if (std::exchange(troubled_, true) || error.is_stopped()) return;
    log_.info("cannot fetch from a leader", {{"leader", leader_}, {"error", error}});
}

}  // namespace sealane::broker
