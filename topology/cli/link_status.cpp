#include "topology/cli/link_status.hpp"

#include "common/client/admin.hpp"
#include "common/kafka/messages/mirror.hpp"
#include "topology/cli/cluster_session.hpp"
#include "topology/recovery/link_verifier.hpp"

#include <algorithm>
#include <set>

namespace sealane::topology {
namespace {

using runtime::Task;

constexpr std::int64_t kLaggingRecords = 10'000;

// Where the target continues each partition of one topic.
using Positions = std::map<PartitionId, Offset>;

Offset position_of(
    const kafka::MirrorPositionsResponse::Partition& partition,
    const Link& link,
    const std::string& source_cluster,
    const client::TopicInfo& source_topic
) {
    if (link.kind == LinkKind::kReplica)
        return partition.log_end_offset == Offset(0) ? kNoOffset : partition.log_end_offset;
    for (const auto& origin : partition.origins) {
        if (origin.origin.cluster_id == source_cluster &&
            origin.origin.topic_name == source_topic.name &&
            origin.origin.topic_id == source_topic.id &&
            origin.origin.partition_index == partition.partition_index) {
            return origin.next_source_offset;
        }
    }
    return kNoOffset;
}

// One question about one topic of the target.
struct PositionQuery {
    client::ClusterClient& target;
    const Link& link;
    client::TopicInfo source;  // the source's topic
    std::string source_cluster;
    Instant deadline;
};

// Takes what one leader answers; partitions that it does not lead (any more) stay in `left`.
void take_positions(
    const PositionQuery& query,
    const kafka::MirrorPositionsResponse& answer,
    std::set<PartitionId>& left,
    Positions& positions
) {
    for (const auto& topic : answer.topics) {
        for (const auto& partition : topic.partitions) {
            if (is_retriable(partition.error_code) &&
                partition.error_code != ErrorCode::kUnknownTopicOrPartition) {
                query.target.leader_changed({topic.name, partition.partition_index});
                continue;
            }
            left.erase(partition.partition_index);
            positions[partition.partition_index] =
                position_of(partition, query.link, query.source_cluster, query.source);
        }
    }
}

// Each partition's leader knows how far it is. A topic that is not there yet has no positions.
Task<Result<Positions>> positions_at_target(PositionQuery query) {
    client::ClusterClient& target = query.target;
    const std::string name = target_topic_of(query.link, query.source.name);
    SEALANE_CO_CHECK(co_await target.refresh({name}, query.deadline));
    Positions positions;
    std::set<PartitionId> left;
    if (const client::TopicInfo* there = target.metadata().topic(name)) {
        for (const auto& partition : there->partitions) left.insert(partition.id);
    }
    client::Backoff backoff = target.retry_backoff();
    while (!left.empty()) {
        std::map<BrokerId, kafka::MirrorPositionsRequest> by_leader;
        for (const PartitionId partition : left) {
            SEALANE_CO_TRY(
                const auto leader, co_await target.leader({name, partition}, query.deadline)
            );
            auto& request = by_leader[leader.broker];
            request.link_name = query.link.name.value;
            if (request.topics.empty()) request.topics.emplace_back().name = name;
            request.topics.front().partition_indexes.push_back(partition);
        }
        for (auto& [leader, request] : by_leader) {
            const auto answer =
                co_await target.send_to(leader, client::Lane::kControl, request, query.deadline);
            if (answer) {
                take_positions(query, *answer, left, positions);
                continue;
            }
            if (!is_retriable(answer.error().code())) co_return fail(answer.error());
            for (const PartitionId partition : request.topics.front().partition_indexes)
                target.leader_changed({name, partition});
        }
        const Duration delay = backoff.next(target.world().rng());
        if (left.empty()) break;
        if (target.world().now() + delay >= query.deadline)
            co_return fail(ErrorCode::kDeadlineExceeded, "the leaders of " + name + " changed");
        if (!co_await target.pause(delay)) co_return fail(Error::stopped());
    }
    co_return positions;
}

Task<Status> add_topic(
    client::ClusterClient& source,
    client::ClusterClient& target,
    const Link& link,
    client::TopicInfo topic,
    LinkStatus& status,
    Instant deadline
) {
    const std::string source_cluster = source.metadata().cluster_id();
    SEALANE_CO_TRY(
        const auto positions,
        co_await positions_at_target({target, link, topic, source_cluster, deadline})
    );
    std::map<TopicPartition, client::StartAt> ends;
    std::map<TopicPartition, client::StartAt> starts;
    for (const auto& partition : topic.partitions) {
        ends.emplace(TopicPartition{topic.name, partition.id}, client::StartAt::latest());
        starts.emplace(TopicPartition{topic.name, partition.id}, client::StartAt::earliest());
    }
    const auto end_offsets = co_await client::list_offsets(source, ends, false, deadline);
    const auto start_offsets = co_await client::list_offsets(source, starts, false, deadline);
    for (const auto& [partition, end] : end_offsets) {
        if (!end) co_return fail(end.error());
        const auto at = positions.find(partition.partition);
        Offset next = at == positions.end() ? kNoOffset : at->second;
        const auto& start = start_offsets.at(partition);
        if (next == kNoOffset) next = start ? start->offset : Offset(0);
        const Offset first = start ? start->offset : kNoOffset;
        status.partitions.push_back({partition, end->offset, next, first});
    }
    co_return Status{};
}

Task<Status> read_state(
    client::ClusterClient& target, const Link& link, LinkStatus& status, Instant deadline
) {
    kafka::MirrorLinksRequest request;
    request.link_name = link.name.value;
    SEALANE_CO_TRY(const auto answer, co_await target.send_any(request, deadline));
    if (answer.error_code != ErrorCode::kNone)
        co_return fail(answer.error_code, "asking for link " + link.name.value);
    status.state = link_state_text(kafka::kLinkAbsent);
    for (const auto& found : answer.links) {
        if (found.name != link.name.value) continue;
        status.state = link_state_text(found.state);
        status.epoch = found.epoch;
        status.bound = found.topics;
    }
    co_return Status{};
}

// A mirror never goes on by itself where the source's topic is gone or another one.
std::string stopped_by_topics(
    const LinkStatus& status, const Link& link, const std::vector<client::TopicInfo>& topics
) {
    for (const auto& bound : status.bound) {
        if (!link.topics.selects(bound.source_topic)) continue;
        const auto now = std::ranges::find(topics, bound.source_topic, &client::TopicInfo::name);
        if (now == topics.end()) return bound.source_topic + ": deleted at the source";
        if (now->id != bound.source_topic_id)
            return bound.source_topic + ": recreated at the source, its topic id is another one";
    }
    return "";
}

// Nor where the source does not hold the offset that comes next.
std::string stopped_by_offsets(const LinkStatus& status, const Link& link) {
    for (const auto& partition : status.partitions) {
        const bool ahead = partition.next > partition.source_end;
        const bool behind = partition.next < partition.source_start && link.on_gap == OnGap::kStop;
        if (!ahead && !behind) continue;
        return partition.source.to_string() + ": " + (ahead ? "truncated" : "expired") +
               ", the source holds offsets " + std::to_string(partition.source_start.value) +
               " to " + std::to_string(partition.source_end.value - 1) +
               ", the target continues at " + std::to_string(partition.next.value);
    }
    return "";
}

Task<Status> read_lag(
    client::ClusterClient& source,
    client::ClusterClient& target,
    const Link& link,
    LinkStatus& status,
    Instant deadline
) {
    client::Admin admin(source);
    SEALANE_CO_TRY(const auto topics, co_await admin.list_topics(deadline));
    for (const auto& topic : topics) {
        if (topic.internal || topic.name.starts_with("__") || !link.topics.selects(topic.name))
            continue;
        SEALANE_CO_CHECK(co_await add_topic(source, target, link, topic, status, deadline));
    }
    status.cause = stopped_by_topics(status, link, topics);
    if (status.cause.empty()) status.cause = stopped_by_offsets(status, link);
    co_return Status{};
}

void judge_state(LinkStatus& status) {
    if (status.state == "paused") {
        status.verdict = "PAUSED";
    } else if (status.state == "promoted" || status.state == "promoting") {
        status.verdict = "PROMOTED";
    } else if (status.state == "broken") {
        status.verdict = "BROKEN";
    } else if (status.state == "absent") {
        status.verdict = "STALLED";
        status.cause = "the mirror has not registered it at the target";
    } else if (!status.cause.empty()) {
        status.verdict = "BROKEN";
    } else {
        status.verdict = status.lag() > kLaggingRecords ? "LAGGING" : "OK";
    }
}

}  // namespace

std::string link_state_text(std::int8_t state) {
    switch (state) {
        case kafka::kLinkRunning:
            return "running";
        case kafka::kLinkPaused:
            return "paused";
        case kafka::kLinkPromoting:
            return "promoting";
        case kafka::kLinkPromoted:
            return "promoted";
        case kafka::kLinkBroken:
            return "broken";
        default:
            return "absent";
    }
}

std::int64_t LinkStatus::lag() const {
    std::int64_t total = 0;
    for (const auto& partition : partitions) total += std::max<std::int64_t>(0, partition.lag());
    return total;
}

Result<client::ClusterClient*> ClusterPool::get(const std::string& cluster) {
    const auto found = clients_.find(cluster);
    if (found != clients_.end()) return found->second.get();
    const Cluster* described = topology_.find_cluster(cluster);
    if (described == nullptr)
        return fail(ErrorCode::kBadConfig, "the topology has no cluster " + cluster);
    const auto security =
        described->has_tls_listener() ? ListenerSecurity::kTls : ListenerSecurity::kPlain;
    SEALANE_TRY(auto options, client_options(topology_, *described, security));
    auto opened = std::make_unique<client::ClusterClient>(world_, std::move(options));
    return clients_.emplace(cluster, std::move(opened)).first->second.get();
}

Task<void> ClusterPool::stop() {
    for (auto& [name, cluster] : clients_) co_await cluster->stop();
}

Task<LinkStatus> link_status(ClusterPool& pool, const Link& link, Instant deadline) {
    LinkStatus status;
    status.link = link.name.value;
    status.kind = link.kind;
    status.state = "unknown";
    status.verdict = "UNREACHABLE";
    const auto target = pool.get(link.to.value);
    const auto source = pool.get(link.from.value);
    if (!target || !source) {
        status.cause = !target ? target.error().to_string() : source.error().to_string();
        co_return status;
    }
    const Status state = co_await read_state(**target, link, status, deadline);
    if (!state) {
        status.cause = state.error().in(link.to.value).to_string();
        co_return status;
    }
    const Status lag = co_await read_lag(**source, **target, link, status, deadline);
    judge_state(status);
    if (!lag) {
        status.cause = lag.error().in(link.from.value).to_string();
        if (status.verdict == "OK") status.verdict = "UNREACHABLE";
    }
    co_return status;
}

}  // namespace sealane::topology
