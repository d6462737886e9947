#include "mirror/link/position_keeper.hpp"

#include "mirror/link/target_leaders.hpp"

#include <algorithm>
#include <set>

namespace sealane::mirror {

using runtime::Task;

namespace {

constexpr Duration kPatience = 10s;
constexpr std::size_t kMostAsked = 1000;  // partitions at once
constexpr Duration kPause = 500ms;        // before those without an answer are asked for again

// Where a target partition continues for one origin.
PartitionCopy::TargetPosition position_in(
    LinkKind kind,
    const kafka::MirrorOrigin& origin,
    const kafka::MirrorPositionsResponse::Partition& answer
) {
    if (kind == LinkKind::kReplica) {
        if (answer.log_end_offset == Offset(0)) return {};
        return {answer.log_end_offset, answer.last_leader_epoch};
    }
    for (const auto& known : answer.origins)
        if (known.origin == origin) return {known.next_source_offset, known.last_source_epoch};
    return {};
}

}  // namespace

bool PositionKeeper::has_work() const {
    const Instant now = board_.world().now();
    return std::ranges::any_of(board_.copies, [now](const auto& entry) {
        return entry.second.copy.wants_position(now) || entry.second.copy.gap_to_ledger();
    });
}

Instant PositionKeeper::next_wake() const {
    Instant wake = board_.world().now() + 1s;
    for (const auto& [key, carried] : board_.copies)
        if (carried.copy.state() == PartitionCopy::State::kAsking &&
            carried.copy.wake_at() > board_.world().now())
            wake = std::min(wake, carried.copy.wake_at());
    return wake;
}

Task<void> PositionKeeper::loop() {
    while (!tasks_.stopping()) {
        if (!board_.running() || !has_work()) {
            co_await board_.changed.wait_until(next_wake());
            continue;
        }
        co_await write_gaps();
        if (board_.running()) co_await ask_positions();
    }
}

Task<void> PositionKeeper::write_gaps() {
    std::vector<std::pair<std::string, PartitionId>> keys;
    for (const auto& [key, carried] : board_.copies)
        if (carried.copy.gap_to_ledger()) keys.push_back(key);
    for (const auto& key : keys) {
        const auto found = board_.copies.find(key);
        if (found == board_.copies.end() || !found->second.copy.gap_to_ledger()) continue;
        const StopCause cause = *found->second.copy.cause();
        GapEntry entry;
        entry.link = board_.context.half.link;
        entry.source_topic = key.first;
        entry.source_topic_id = found->second.origin.topic_id;
        entry.partition = key.second;
        entry.from = cause.from;
        entry.to = cause.resume;
        entry.cause = name_of(cause.cause);
        entry.detail = cause.detail;
        entry.noted = board_.world().wall();
        const Status written = co_await ledger_.add(std::move(entry));
        const auto again = board_.copies.find(key);
        if (!written) {
            board_.world()
                .log("mirror.ledger")
                .error(
                    "gap cannot be noted, the partition waits",
                    {{"link", board_.context.half.link}, {"error", written.error()}}
                );
            co_await tasks_.sleep(5s);
        } else if (again != board_.copies.end() && again->second.copy.gap_to_ledger()) {
            again->second.copy.resume_after_gap();
            ++board_.gaps;
        }
    }
}

Task<void> PositionKeeper::ask_positions() {
    std::set<TopicPartition> wanted;
    std::map<std::pair<std::string, PartitionId>, TopicPartition> asked;
    const Instant now = board_.world().now();
    for (auto& [key, carried] : board_.copies) {
        if (asked.size() == kMostAsked) break;
        if (!carried.copy.wants_position(now)) continue;
        carried.copy.position_asked();
        const TopicPartition target{carried.target_topic, key.second};
        asked.emplace(key, target);
        wanted.insert(target);
    }
    if (asked.empty()) co_return;
    const TargetPositions positions =
        co_await ask_target_positions(board_, std::move(wanted), board_.world().now() + kPatience);
    if (!positions.cluster_id.empty()) board_.target_cluster_id = positions.cluster_id;
    bool any_missing = false;
    for (const auto& [key, target] : asked) {
        const auto answer = positions.partitions.find(target);
        if (answer != positions.partitions.end()) take_answer(key, answer->second);
        // Whoever got no answer asks again.
        const auto found = board_.copies.find(key);
        if (found == board_.copies.end() ||
            found->second.copy.state() != PartitionCopy::State::kAsking)
            continue;
        found->second.copy.restart();
        any_missing = true;
    }
    if (positions.trouble) board_.link_state_stale = true;
    if (!any_missing && !positions.trouble) co_return;
    board_.changed.notify_all();
    co_await tasks_.sleep(kPause);
}

void PositionKeeper::take_answer(
    const std::pair<std::string, PartitionId>& key,
    const kafka::MirrorPositionsResponse::Partition& answer
) {
    const auto found = board_.copies.find(key);
    if (found == board_.copies.end()) return;
    if (answer.error_code == ErrorCode::kNone) {
        begin(key, found->second, answer);
        return;
    }
    if (answer.error_code != ErrorCode::kUnknownTopicOrPartition) return;
    // The target topic is gone: TopicKeeper makes it again.
    for (auto& [name, carried] : board_.topics)
        if (carried.target == found->second.target_topic) carried.ready = false;
}

void PositionKeeper::begin(
    const std::pair<std::string, PartitionId>& key,
    CarriedPartition& carried,
    const kafka::MirrorPositionsResponse::Partition& answer
) {
    PartitionCopy& copy = carried.copy;
    if (board_.stream == nullptr || copy.state() != PartitionCopy::State::kAsking) return;
    const std::int64_t assignment = board_.next_assignment++;
    copy.on_position(assignment, position_in(board_.context.half.kind, carried.origin, answer));
    if (copy.assignment() != assignment) return;
    board_.by_assignment[assignment] = key;
    Assign assign;
    assign.assignment = assignment;
    assign.topic = key.first;
    assign.topic_id = carried.origin.topic_id;
    assign.partition = key.second;
    assign.offset = copy.read_from();
    // Behind a gap nothing is known about the epochs before it.
    if (copy.read_from() == copy.target_position().next) assign.last_epoch = copy.last_epoch();
    board_.stream->send(assign);
}

}  // namespace sealane::mirror
