// The part of ClusterAdmin that moves partitions and leaderships.

#include "common/base/text.hpp"
#include "common/client/admin_cluster.hpp"
#include "common/client/admin_request.hpp"
#include "common/kafka/messages/reassignments.hpp"

#include <algorithm>

namespace sealane::client {
namespace {

using runtime::Task;

Error refusal(ErrorCode code, const std::optional<std::string>& words, std::string_view what) {
    return Error(
        code, concat(what, words && !words->empty() ? concat(": ", *words) : std::string())
    );
}

std::int32_t left_ms(ClusterClient& cluster, Instant deadline) {
    const Duration left =
        std::min(deadline - cluster.world().now(), cluster.options().request_timeout);
    return static_cast<std::int32_t>(std::max<std::int64_t>(1, to_ms(left)));
}

// The element of `topics` for this topic, made if missing. Partitions come in topic order.
auto& topic_entry(auto& topics, const std::string& name, auto member) {
    if (topics.empty() || topics.back().*member != name) topics.emplace_back().*member = name;
    return topics.back();
}

}  // namespace

Task<Result<std::vector<OngoingReassignment>>> ClusterAdmin::reassignments(Instant deadline) {
    kafka::ListPartitionReassignmentsRequest request;
    request.timeout_ms = left_ms(cluster_, deadline);
    const auto judge = [](const kafka::ListPartitionReassignmentsResponse& answer) -> Status {
        if (answer.error_code == ErrorCode::kNone) return {};
        return fail(refusal(answer.error_code, answer.error_message, "list reassignments"));
    };
    SEALANE_CO_TRY(
        const auto answer, co_await ask_anyone(cluster_, std::move(request), judge, deadline)
    );
    std::vector<OngoingReassignment> all;
    for (const auto& topic : answer.topics) {
        for (const auto& partition : topic.partitions) {
            all.push_back(
                {{topic.name, partition.partition_index},
                 partition.replicas,
                 partition.adding_replicas,
                 partition.removing_replicas}
            );
        }
    }
    std::ranges::sort(all, {}, &OngoingReassignment::partition);
    co_return all;
}

Task<Result<std::vector<PartitionOutcome>>> ClusterAdmin::reassign(
    std::vector<PartitionTarget> targets, Instant deadline
) {
    using Request = kafka::AlterPartitionReassignmentsRequest;
    std::ranges::sort(targets, {}, &PartitionTarget::partition);
    Request request;
    request.timeout_ms = left_ms(cluster_, deadline);
    for (PartitionTarget& target : targets) {
        auto& topic =
            topic_entry(request.topics, target.partition.topic, &Request::ReassignableTopic::name);
        auto& partition = topic.partitions.emplace_back();
        partition.partition_index = target.partition.partition;
        partition.replicas = std::move(target.replicas);
    }
    const auto judge = [](const kafka::AlterPartitionReassignmentsResponse& answer) -> Status {
        if (answer.error_code == ErrorCode::kNone) return {};
        return fail(refusal(answer.error_code, answer.error_message, "reassign partitions"));
    };
    SEALANE_CO_TRY(
        const auto answer, co_await ask_anyone(cluster_, std::move(request), judge, deadline)
    );
    std::vector<PartitionOutcome> outcomes;
    for (const auto& topic : answer.responses) {
        for (const auto& partition : topic.partitions) {
            outcomes.push_back(
                {{topic.name, partition.partition_index},
                 partition.error_code,
                 partition.error_message.value_or("")}
            );
        }
    }
    co_return outcomes;
}

Task<Result<std::vector<PartitionOutcome>>> ClusterAdmin::elect(
    ElectionType type, std::optional<std::vector<TopicPartition>> partitions, Instant deadline
) {
    using Request = kafka::ElectLeadersRequest;
    Request request;
    request.election_type = static_cast<std::int8_t>(type);
    request.timeout_ms = left_ms(cluster_, deadline);
    request.topic_partitions = std::nullopt;
    if (partitions) {
        std::ranges::sort(*partitions);
        auto& topics = request.topic_partitions.emplace();
        for (const TopicPartition& partition : *partitions) {
            topic_entry(topics, partition.topic, &Request::TopicPartitions::topic)
                .partitions.push_back(partition.partition);
        }
    }
    const auto judge = [](const kafka::ElectLeadersResponse& answer) -> Status {
        if (answer.error_code == ErrorCode::kNone) return {};
        return fail(refusal(answer.error_code, std::nullopt, "elect leaders"));
    };
    SEALANE_CO_TRY(
        const auto answer, co_await ask_anyone(cluster_, std::move(request), judge, deadline)
    );
    std::vector<PartitionOutcome> outcomes;
    for (const auto& topic : answer.replica_election_results) {
        for (const auto& result : topic.partition_result) {
            if (result.error_code == ErrorCode::kElectionNotNeeded) continue;
            outcomes.push_back(
                {{topic.topic, result.partition_id},
                 result.error_code,
                 result.error_message.value_or("")}
            );
        }
    }
    co_return outcomes;
}

}  // namespace sealane::client
