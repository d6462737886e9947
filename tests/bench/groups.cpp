// Committed offsets of many groups: writing them, and reading them back after a start.

#include "tests/bench/groups.hpp"

#include "common/client/cluster_client.hpp"
#include "common/kafka/messages/groups.hpp"
#include "common/kafka/messages/offsets.hpp"
#include "common/runtime/task_group.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace sealane::bench {
namespace {

using client::ClusterClient;
using client::Lane;
using runtime::Task;

constexpr Duration kPatience = 300s;
constexpr int kConnections = 64;
constexpr std::size_t kGroupsOfOneQuestion = 250;
constexpr Duration kAskAgain = 2ms;

std::string group_name(std::int32_t number) {
    return "bench-group-" + std::to_string(number);
}

double seconds_of(Duration span) {
    return static_cast<double>(span.count()) / 1e9;
}

kafka::OffsetCommitRequest commit_of(
    const Groups& load, const client::TopicInfo& topic, std::int32_t group
) {
    kafka::OffsetCommitRequest request;
    request.group_id = group_name(group);
    auto& one = request.topics.emplace_back();
    one.name = load.topic;
    one.topic_id = topic.id;
    for (std::int32_t i = 0; i < load.partitions; ++i) {
        auto& partition = one.partitions.emplace_back();
        partition.partition_index = PartitionId(i);
        partition.committed_offset = Offset(1'000'000 + group);
        partition.committed_metadata = "";
    }
    return request;
}

ErrorCode error_of(const kafka::OffsetCommitResponse& answer) {
    for (const auto& topic : answer.topics) {
        for (const auto& partition : topic.partitions) {
            if (partition.error_code != ErrorCode::kNone) return partition.error_code;
        }
    }
    return ErrorCode::kNone;
}

bool loads(ErrorCode code) {
    return code == ErrorCode::kCoordinatorLoadInProgress ||
           code == ErrorCode::kCoordinatorNotAvailable || code == ErrorCode::kNotCoordinator;
}

// The coordinator of each group, many in one question (KIP-699).
Task<Result<std::vector<BrokerId>>> coordinators_of(
    ClusterClient& cluster, const Groups& load, Instant deadline
) {
    std::vector<BrokerId> found;
    found.reserve(static_cast<std::size_t>(load.groups));
    while (std::cmp_less(found.size(), load.groups)) {
        kafka::FindCoordinatorRequest request;
        const auto last =
            std::min<std::size_t>(found.size() + 1000, static_cast<std::size_t>(load.groups));
        for (std::size_t i = found.size(); i < last; ++i) {
            request.coordinator_keys.push_back(group_name(static_cast<std::int32_t>(i)));
        }
        SEALANE_CO_TRY(const auto answer, co_await cluster.send_any(request, deadline));
        ErrorCode error = ErrorCode::kNone;
        for (const auto& one : answer.coordinators) {
            if (one.error_code != ErrorCode::kNone) error = one.error_code;
        }
        if (error == ErrorCode::kNone) {
            for (const auto& one : answer.coordinators) found.push_back(one.node_id);
            continue;
        }
        if (!loads(error) || cluster.world().now() >= deadline) {
            co_return fail(error, "finding coordinators");
        }
        co_await cluster.world().sleep(kAskAgain);
    }
    co_return found;
}

// What the connections that commit share: each takes the next group in turn, as a broker answers
// the commits of one connection one after the other.
struct Commits {
    const Groups& load;
    client::TopicInfo topic;
    std::vector<BrokerId> brokers;  // of each group
    std::int32_t next = 0;
    Status outcome{};
};

Task<Status> commit_in_turn(ClusterClient& cluster, Commits& commits, Instant deadline) {
    const Lane lane = cluster.own_lane(Lane::kGroup);
    while (commits.next < commits.load.groups && commits.outcome) {
        const std::int32_t group = commits.next++;
        SEALANE_CO_TRY(
            const auto answer,
            co_await cluster.send_to(
                commits.brokers[static_cast<std::size_t>(group)],
                lane,
                commit_of(commits.load, commits.topic, group),
                deadline
            )
        );
        const ErrorCode error = error_of(answer);
        if (error != ErrorCode::kNone) co_return fail(error, "committing offsets");
    }
    co_return Status{};
}

Task<Status> commit_all(ClusterClient& cluster, const Groups& load, Instant deadline) {
    Commits commits{.load = load, .topic = {}, .brokers = {}};
    SEALANE_CO_TRY(commits.topic, co_await cluster.topic(load.topic, deadline));
    SEALANE_CO_TRY(commits.brokers, co_await coordinators_of(cluster, load, deadline));
    runtime::TaskGroup tasks(cluster.world());
    for (int i = 0; i < kConnections; ++i) {
        tasks.spawn([&]() -> Task<void> {
            const Status done = co_await commit_in_turn(cluster, commits, deadline);
            if (!done) commits.outcome = done;
        });
    }
    co_await tasks.join();
    co_return commits.outcome;
}

struct Question {
    BrokerId broker;
    std::vector<std::string> groups;
};

// The groups of each coordinator, in portions.
std::vector<Question> questions_of(const std::vector<BrokerId>& brokers) {
    std::map<BrokerId, Question> filling;
    std::vector<Question> questions;
    for (std::size_t group = 0; group < brokers.size(); ++group) {
        Question& one = filling[brokers[group]];
        one.broker = brokers[group];
        one.groups.push_back(group_name(static_cast<std::int32_t>(group)));
        if (one.groups.size() == kGroupsOfOneQuestion) questions.push_back(std::exchange(one, {}));
    }
    for (auto& [broker, rest] : filling) {
        if (!rest.groups.empty()) questions.push_back(std::move(rest));
    }
    return questions;
}

// Offsets in the answer; the first error of a group instead.
Result<std::int64_t> count_offsets(const kafka::OffsetFetchResponse& answer) {
    std::int64_t count = 0;
    for (const auto& group : answer.groups) {
        if (group.error_code != ErrorCode::kNone) return fail(group.error_code, group.group_id);
        for (const auto& topic : group.topics) {
            for (const auto& partition : topic.partitions) {
                if (partition.error_code != ErrorCode::kNone)
                    return fail(partition.error_code, group.group_id);
                if (partition.committed_offset.value >= 0) ++count;
            }
        }
    }
    return count;
}

Task<Result<std::int64_t>> ask(ClusterClient& cluster, Question question, Instant deadline) {
    kafka::OffsetFetchRequest request;
    for (const std::string& group : question.groups) {
        auto& one = request.groups.emplace_back();
        one.group_id = group;
        one.topics.reset();  // all
    }
    for (;;) {
        SEALANE_CO_TRY(
            const auto answer,
            co_await cluster.send_to(question.broker, Lane::kGroup, request, deadline)
        );
        auto count = count_offsets(answer);
        if (count || !loads(count.error().code())) co_return count;
        if (cluster.world().now() >= deadline) co_return count;
        co_await cluster.world().sleep(kAskAgain);
    }
}

Task<Result<Report>> fetch_all(ClusterClient& cluster, const Groups& load) {
    runtime::World& world = cluster.world();
    const Instant deadline = world.now() + kPatience;
    const Instant start = world.now();
    SEALANE_CO_TRY(const auto brokers, co_await coordinators_of(cluster, load, deadline));
    const Instant found = world.now();
    const std::vector<Question> questions = questions_of(brokers);
    std::int64_t offsets = 0;
    Instant first = start;
    for (const Question& question : questions) {
        SEALANE_CO_TRY(const std::int64_t more, co_await ask(cluster, question, deadline));
        if (offsets == 0) first = world.now();
        offsets += more;
    }
    const std::int64_t expected = std::int64_t{load.groups} * load.partitions;
    if (offsets != expected) {
        co_return fail(
            ErrorCode::kCorrupt,
            std::to_string(offsets) + " of " + std::to_string(expected) + " offsets are there"
        );
    }
    Report report;
    report.add("offsets", static_cast<double>(offsets));
    report.add("found_seconds", seconds_of(found - start));
    report.add("first_seconds", seconds_of(first - start));
    report.add("seconds", seconds_of(world.now() - start));
    co_return report;
}

}  // namespace

Task<Result<Report>> commit_offsets(
    runtime::World& world, client::ClientOptions access, Groups load
) {
    ClusterClient cluster(world, std::move(access));
    const Instant start = world.now();
    const Status done = co_await commit_all(cluster, load, start + kPatience);
    const double seconds = seconds_of(world.now() - start);
    co_await cluster.stop();
    SEALANE_CO_CHECK(done);
    Report report;
    report.add("groups", load.groups);
    report.add("offsets", static_cast<double>(load.groups) * load.partitions);
    report.add("seconds", seconds);
    report.add("groups_per_s", load.groups / std::max(seconds, 1e-9));
    co_return report;
}

Task<Result<Report>> fetch_offsets(
    runtime::World& world, client::ClientOptions access, Groups load
) {
    ClusterClient cluster(world, std::move(access));
    auto report = co_await fetch_all(cluster, load);
    co_await cluster.stop();
    co_return report;
}

}  // namespace sealane::bench
