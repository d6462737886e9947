#include "common/client/consumer.hpp"

#include "common/base/text.hpp"
#include "common/client/list_offsets.hpp"

#include <algorithm>

namespace sealane::client {
namespace {

using runtime::Task;

// Topics are named by id from version 13 on.
constexpr std::int16_t kLastByName = 12;
// How long a topic may be unknown before its partitions fail: brokers learn of new topics late.
constexpr Duration kUnknownTopicGrace = 5s;

// Errors that pass once the metadata is fresh.
bool passes_with_metadata(ErrorCode code) {
    switch (code) {
        case ErrorCode::kNotLeaderOrFollower:
        case ErrorCode::kLeaderNotAvailable:
        case ErrorCode::kReplicaNotAvailable:
        case ErrorCode::kUnknownTopicOrPartition:
        case ErrorCode::kUnknownTopicId:
        case ErrorCode::kInconsistentTopicId:
        case ErrorCode::kFencedLeaderEpoch:
        case ErrorCode::kUnknownLeaderEpoch:
        case ErrorCode::kOffsetNotAvailable:
        case ErrorCode::kKafkaStorageError:
            return true;
        // For a producer this passes when it sends again; what is damaged in the log stays so.
        case ErrorCode::kCorruptMessage:
            return false;
        default:
            return is_retriable(code);
    }
}

}  // namespace

Consumer::Consumer(ClusterClient& cluster, ConsumerOptions options)
    : cluster_(cluster),
      options_(std::move(options)),
      log_(cluster.world().log("consumer")),
      tasks_(cluster.world()),
      lane_(cluster.own_lane(Lane::kFetch)),
      work_(cluster.world().waits()),
      arrived_(cluster.world().waits()) {}

Task<void> Consumer::stop() {
    tasks_.stop();
    kick();
    arrived_.notify_all();
    cluster_.close_lane(lane_);
    co_await tasks_.join();
}

void Consumer::kick() {
    kicked_ = true;
    work_.notify_all();
}

void Consumer::assign(const TopicPartition& partition, StartAt start) {
    drop_buffered(partition);
    positions_.assign(partition, start);
    if (!running_) tasks_.spawn([this] { return run(); });
    running_ = true;
    kick();
}

void Consumer::unassign(const TopicPartition& partition) {
    drop_buffered(partition);
    positions_.unassign(partition);
    high_watermarks_.erase(partition);
    unknown_since_.erase(partition);
}

void Consumer::resume(const TopicPartition& partition) {
    positions_.pause(partition, false);
    kick();
}

void Consumer::drop_buffered(const TopicPartition& partition) {
    handed_out_.erase(partition);
    std::erase_if(ready_, [&](const FetchedPartition& fetched) {
        if (fetched.partition != partition) return false;
        buffered_bytes_ -= fetched.bytes;
        return true;
    });
}

Task<Result<std::optional<FetchedPartition>>> Consumer::poll_batches(Instant deadline) {
    for (;;) {
        if (tasks_.stopping()) co_return fail(Error::stopped());
        if (!ready_.empty()) {
            FetchedPartition fetched = std::move(ready_.front());
            ready_.pop_front();
            buffered_bytes_ -= fetched.bytes;
            if (!fetched.error) handed_out_[fetched.partition] = fetched.next;
            kick();
            co_return fetched;
        }
        if (!co_await arrived_.wait_until(deadline) && ready_.empty()) co_return std::nullopt;
    }
}

Task<Result<std::vector<ConsumerRecord>>> Consumer::poll(Instant deadline) {
    for (;;) {
        SEALANE_CO_TRY(std::optional<FetchedPartition> fetched, co_await poll_batches(deadline));
        if (!fetched) co_return std::vector<ConsumerRecord>{};
        if (fetched->error) co_return fail(*fetched->error);
        SEALANE_CO_TRY(auto records, records_of(*fetched, options_.isolation));
        if (!records.empty()) co_return records;
    }
}

std::optional<Offset> Consumer::position(const TopicPartition& partition) const {
    const auto handed_out = handed_out_.find(partition);
    if (handed_out != handed_out_.end()) return handed_out->second;
    const auto buffered = std::ranges::find(ready_, partition, &FetchedPartition::partition);
    if (buffered != ready_.end()) return buffered->from;
    return positions_.position(partition);
}

std::optional<std::int64_t> Consumer::lag(const TopicPartition& partition) const {
    const auto at = position(partition);
    const auto high_watermark = high_watermarks_.find(partition);
    if (!at || high_watermark == high_watermarks_.end()) return std::nullopt;
    return std::max<std::int64_t>(0, high_watermark->second - *at);
}

Task<void> Consumer::run() {
    while (!tasks_.stopping()) {
        kicked_ = false;
        plan();
        if (kicked_) continue;
        const Duration refresh = cluster_.options().metadata_max_age;
        (void)co_await work_.wait_until(cluster_.world().now() + refresh);
    }
}

void Consumer::plan() {
    std::set<std::string> without_leader;
    for (const TopicPartition& partition : positions_.assigned()) {
        if (const auto leader = cluster_.metadata().leader(partition)) {
            unknown_since_.erase(partition);
            positions_.leader_known(partition, leader->epoch, leader->topic_id);
        } else {
            without_leader.insert(partition.topic);
        }
    }
    if (!without_leader.empty() && !looking_up_) {
        looking_up_ = true;
        tasks_.spawn([this, without_leader] { return look_up(without_leader); });
    }
    if (!resolving_ && !positions_.unresolved().empty()) {
        resolving_ = true;
        tasks_.spawn([this] { return resolve_starts(); });
    }
    const std::vector<TopicPartition> unvalidated = positions_.unvalidated();
    if (!validating_ && !unvalidated.empty()) {
        validating_ = true;
        tasks_.spawn([this, unvalidated] { return validate_positions(unvalidated); });
    }
    for (FetchedPartition& failed : positions_.take_failures()) hand_out(std::move(failed));
    plan_fetches();
}

void Consumer::plan_fetches() {
    if (buffered_bytes_ >= options_.buffer_bytes) return;
    std::map<BrokerId, std::vector<Wanted>> by_leader;
    for (Wanted& wanted : positions_.wanted()) {
        const auto leader = cluster_.metadata().leader(wanted.partition);
        if (leader) by_leader[leader->broker].push_back(std::move(wanted));
    }
    for (auto& [broker, wanted] : by_leader) {
        if (!fetching_.insert(broker).second) continue;
        tasks_.spawn([this, leader = broker, asked = std::move(wanted)] {
            return fetch_from(leader, asked);
        });
    }
}

Task<void> Consumer::look_up(std::set<std::string> topics) {
    const Instant limit = cluster_.world().now() + cluster_.options().request_timeout;
    const Status asked = co_await cluster_.refresh(topics, limit);
    bool missing = !asked;
    for (const TopicPartition& partition : positions_.assigned()) {
        if (!asked || !topics.contains(partition.topic)) continue;
        if (cluster_.metadata().leader(partition)) continue;
        missing = true;
        fail_unknown(partition);
    }
    if (missing) (void)co_await tasks_.sleep(cluster_.options().retry_backoff_first * 2);
    looking_up_ = false;
    kick();
}

// A partition without a leader fails only when the cluster refuses it or keeps not knowing it.
void Consumer::fail_unknown(const TopicPartition& partition) {
    const MetadataCache& metadata = cluster_.metadata();
    ErrorCode why = metadata.topic_error(partition.topic);
    const bool no_such_partition =
        metadata.topic(partition.topic) != nullptr && metadata.partition(partition) == nullptr;
    if (no_such_partition) why = ErrorCode::kUnknownTopicOrPartition;
    if (why == ErrorCode::kNone) return;
    if (why == ErrorCode::kUnknownTopicOrPartition) {
        const Instant now = cluster_.world().now();
        const Instant since = unknown_since_.emplace(partition, now).first->second;
        if (now - since < kUnknownTopicGrace) return;
    } else if (is_retriable(why)) {
        return;
    }
    positions_.fail(partition, Error(why, partition.to_string()));
}

Task<void> Consumer::resolve_starts() {
    const std::map<TopicPartition, StartAt> places = positions_.unresolved();
    std::map<TopicPartition, std::uint64_t> generations;
    for (const auto& [partition, place] : places)
        generations[partition] = positions_.generation(partition);
    const bool committed = options_.isolation == Isolation::kReadCommitted;
    const Instant limit = cluster_.world().now() + cluster_.options().request_timeout;
    const auto answers = co_await list_offsets(cluster_, places, committed, limit);
    for (const auto& [partition, answer] : answers) {
        const std::uint64_t generation = generations[partition];
        if (!positions_.is_current(partition, generation)) continue;
        if (answer && answer->offset == kNoOffset) {
            // No record at or after the time asked for: begin at the end.
            positions_.assign(partition, StartAt::latest());
        } else if (answer) {
            positions_.resolved(partition, generation, answer->offset);
        } else if (!is_retriable(answer.error().code()) && !answer.error().is_stopped()) {
            positions_.fail(partition, answer.error());
        } else if (answer.error().code() == ErrorCode::kUnknownTopicOrPartition) {
            fail_unknown(partition);
        }
    }
    const bool again = !positions_.unresolved().empty();
    if (again) (void)co_await tasks_.sleep(cluster_.options().retry_backoff_first);
    resolving_ = false;
    kick();
}

Task<void> Consumer::validate_positions(std::vector<TopicPartition> partitions) {
    for (const TopicPartition& partition : partitions) {
        if (tasks_.stopping()) break;
        const std::uint64_t generation = positions_.generation(partition);
        const LeaderEpoch epoch = positions_.last_epoch(partition);
        const Instant limit = cluster_.world().now() + cluster_.options().request_timeout;
        const auto end = co_await epoch_end(cluster_, partition, epoch, limit);
        if (!positions_.is_current(partition, generation)) continue;
        if (end)
            positions_.validated(partition, end->epoch, end->end);
        else if (end.error().code() == ErrorCode::kUnsupportedVersion)
            positions_.skip_validation(partition);
        else if (!is_retriable(end.error().code()) && !end.error().is_stopped())
            positions_.fail(partition, end.error());
    }
    validating_ = false;
    kick();
}

kafka::FetchRequest Consumer::request_for(
    const std::vector<Wanted>& wanted, std::int16_t& version_cap
) const {
    kafka::FetchRequest request;
    request.max_wait_ms = static_cast<std::int32_t>(to_ms(options_.max_wait));
    request.min_bytes = options_.min_bytes;
    request.max_bytes = options_.fetch_bytes;
    request.isolation_level = static_cast<std::int8_t>(options_.isolation);
    request.rack_id = options_.rack;
    for (const Wanted& one : wanted) {
        if (request.topics.empty() || request.topics.back().topic != one.partition.topic) {
            auto& topic = request.topics.emplace_back();
            topic.topic = one.partition.topic;
            const TopicInfo* info = cluster_.metadata().topic(one.partition.topic);
            if (info != nullptr) topic.topic_id = info->id;
            if (topic.topic_id.is_zero()) version_cap = kLastByName;
        }
        auto& partition = request.topics.back().partitions.emplace_back();
        partition.partition = one.partition.partition;
        partition.fetch_offset = one.offset;
        partition.current_leader_epoch = one.leader_epoch;
        partition.partition_max_bytes = options_.partition_fetch_bytes;
    }
    return request;
}

Task<void> Consumer::fetch_from(BrokerId leader, std::vector<Wanted> wanted) {
    std::int16_t cap = INT16_MAX;
    kafka::FetchRequest request = request_for(wanted, cap);
    const Instant limit =
        cluster_.world().now() + options_.max_wait + cluster_.options().request_timeout;
    auto connection = co_await cluster_.connection(leader, lane_, limit);
    Error error = Error::stopped();
    if (connection && !tasks_.stopping()) {
        const auto answer = co_await (*connection)->send(std::move(request), limit, cap);
        if (answer) {
            const bool trouble = take_answer(*answer, wanted);
            if (trouble) (void)co_await tasks_.sleep(cluster_.options().retry_backoff_first);
            fetching_.erase(leader);
            kick();
            co_return;
        }
        error = answer.error();
    } else if (!connection) {
        error = std::move(connection).error();
    }
    if (!error.is_stopped()) log_.debug("fetch failed", {{"broker", leader}, {"error", error}});
    for (const Wanted& one : wanted) {
        if (is_retriable(error.code()) || error.code() == ErrorCode::kNotFound)
            cluster_.leader_changed(one.partition);
        else if (!error.is_stopped())
            positions_.fail(one.partition, error);
    }
    (void)co_await tasks_.sleep(cluster_.options().retry_backoff_first);
    fetching_.erase(leader);
    kick();
}

bool Consumer::take_answer(const kafka::FetchResponse& answer, const std::vector<Wanted>& wanted) {
    bool trouble = answer.error_code != ErrorCode::kNone;
    std::map<TopicPartition, const Wanted*> asked;
    for (const Wanted& one : wanted) asked[one.partition] = &one;
    for (const auto& topic : answer.responses) {
        const TopicInfo* info = cluster_.metadata().topic(topic.topic_id);
        const std::string& name = topic.topic.empty() && info != nullptr ? info->name : topic.topic;
        for (const auto& partition : topic.partitions) {
            const auto found = asked.find({name, partition.partition_index});
            if (found == asked.end()) continue;
            trouble |= partition.error_code != ErrorCode::kNone;
            take_partition(*found->second, partition);
        }
    }
    return trouble;
}

void Consumer::take_partition(
    const Wanted& asked, const kafka::FetchResponse::PartitionData& answer
) {
    if (!positions_.is_current(asked.partition, asked.generation)) return;
    const ErrorCode code = answer.error_code;
    if (code == ErrorCode::kNone) high_watermarks_[asked.partition] = answer.high_watermark;
    if (code == ErrorCode::kOffsetOutOfRange && options_.out_of_range != OutOfRange::kFail) {
        const bool earliest = options_.out_of_range == OutOfRange::kEarliest;
        log_.warning(
            "offset out of range, starting over",
            {{"partition", asked.partition.to_string()},
             {"offset", asked.offset},
             {"at", earliest ? "earliest" : "latest"}}
        );
        assign(asked.partition, earliest ? StartAt::earliest() : StartAt::latest());
        return;
    }
    if (code != ErrorCode::kNone && passes_with_metadata(code)) {
        cluster_.leader_changed(
            asked.partition, answer.current_leader.leader_id, answer.current_leader.leader_epoch
        );
        return;
    }
    if (auto fetched = positions_.take(asked, answer)) hand_out(*std::move(fetched));
}

void Consumer::hand_out(FetchedPartition fetched) {
    buffered_bytes_ += fetched.bytes;
    ready_.push_back(std::move(fetched));
    arrived_.notify_all();
}

}  // namespace sealane::client
