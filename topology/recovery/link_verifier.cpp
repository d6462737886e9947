#include "topology/recovery/link_verifier.hpp"

#include "common/client/admin.hpp"
#include "topology/recovery/compare_aggregate.hpp"
#include "topology/recovery/compare_replica.hpp"

#include <algorithm>

namespace sealane::topology {
namespace {

using runtime::Task;

std::int64_t sum(
    const std::vector<PartitionVerdict>& partitions, std::int64_t PartitionVerdict::* member
) {
    std::int64_t total = 0;
    for (const PartitionVerdict& partition : partitions) total += partition.*member;
    return total;
}

Task<Result<LogExtent>> extent_of(
    client::ClusterClient& cluster, TopicPartition partition, Instant deadline
) {
    SEALANE_CO_TRY(
        const auto start,
        co_await client::list_offset(cluster, partition, client::StartAt::earliest(), deadline)
    );
    SEALANE_CO_TRY(
        const auto end,
        co_await client::list_offset(cluster, partition, client::StartAt::latest(), deadline)
    );
    co_return LogExtent{start.offset, end.offset};
}

// Whoever may not see the configuration of a topic compares it as one that is not compacted.
Task<bool> compacts(client::ClusterClient& cluster, std::string topic, Instant deadline) {
    client::Admin admin(cluster);
    client::ConfigResource resource;
    resource.name = std::move(topic);
    const auto configs = co_await admin.describe_configs(std::move(resource), deadline);
    if (!configs) co_return false;
    const auto policy = configs->find("cleanup.policy");
    co_return policy != configs->end() && policy->second.value &&
        policy->second.value->contains("compact");
}

// Compaction may take a record from one side, and what supersedes it come after the side's end was
// looked up: what differs is looked at again, with the ends as they are then.
constexpr int kLooksAtCompacted = 3;

Task<Status> verify_partition(
    ComparedSides sides,
    const Link& link,
    PartitionVerdict& verdict,
    std::function<void(std::int64_t)> progress
) {
    // The target first: what the mirror copies meanwhile is then behind, never unexplained.
    SEALANE_CO_TRY(
        sides.target_extent, co_await extent_of(sides.target, verdict.target, sides.deadline)
    );
    SEALANE_CO_TRY(
        sides.source_extent, co_await extent_of(sides.source, verdict.source, sides.deadline)
    );
    if (link.kind == LinkKind::kReplica)
        co_return co_await compare_replica(sides, verdict, progress);
    co_return co_await compare_aggregate(sides, verdict, progress);
}

}  // namespace

void PartitionVerdict::differs(std::string what) {
    ++different;
    if (differences.size() < kDifferencesKept) differences.push_back(std::move(what));
}

std::int64_t LinkVerdict::compared() const {
    return sum(partitions, &PartitionVerdict::compared);
}
std::int64_t LinkVerdict::behind() const {
    return sum(partitions, &PartitionVerdict::behind);
}
std::int64_t LinkVerdict::different() const {
    return sum(partitions, &PartitionVerdict::different);
}

std::string target_topic_of(const Link& link, const std::string& source_topic) {
    std::string name = link.target_topic;
    constexpr std::string_view kPlace = "{topic}";
    const auto at = name.find(kPlace);
    if (at != std::string::npos) name.replace(at, kPlace.size(), source_topic);
    return name;
}

Task<Result<LinkVerdict>> verify_link(
    client::ClusterClient& source,
    client::ClusterClient& target,
    const Link& link,
    std::function<void(std::int64_t)> progress,
    Instant deadline
) {
    LinkVerdict verdict{link.name.value, {}};
    client::Admin admin(source);
    SEALANE_CO_TRY(const auto topics, co_await admin.list_topics(deadline));
    for (const client::TopicInfo& topic : topics) {
        if (topic.internal || topic.name.starts_with("__") || !link.topics.selects(topic.name))
            continue;
        const std::string target_name = target_topic_of(link, topic.name);
        SEALANE_CO_CHECK(co_await target.topic(target_name, deadline));
        bool compacted = co_await compacts(source, topic.name, deadline);
        if (!compacted) compacted = co_await compacts(target, target_name, deadline);
        for (const client::PartitionInfo& partition : topic.partitions) {
            PartitionVerdict one;
            one.source = {topic.name, partition.id};
            one.target = {target_name, partition.id};
            const std::int64_t before = verdict.compared();
            const auto told = [&progress, before](std::int64_t compared) {
                progress(before + compared);
            };
            const ComparedSides sides{source, target, {}, {}, deadline, compacted};
            PartitionVerdict looked = one;
            Status status = co_await verify_partition(sides, link, looked, told);
            for (int i = 1; status && compacted && looked.different > 0 && i < kLooksAtCompacted;
                 ++i) {
                looked = one;
                status = co_await verify_partition(sides, link, looked, told);
            }
            one = std::move(looked);
            if (!status) co_return fail(status.error().in(one.target.to_string()));
            verdict.partitions.push_back(std::move(one));
        }
    }
    co_return verdict;
}

}  // namespace sealane::topology
