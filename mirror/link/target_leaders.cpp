#include "mirror/link/target_leaders.hpp"

#include <algorithm>

namespace sealane::mirror {

using runtime::Task;

namespace {

using Request = kafka::MirrorPositionsRequest;
using Response = kafka::MirrorPositionsResponse;

Request request_for(const std::string& link, const std::vector<TopicPartition>& partitions) {
    Request request;
    request.link_name = link;
    for (const TopicPartition& id : partitions) {
        if (request.topics.empty() || request.topics.back().name != id.topic)
            request.topics.push_back({id.topic, {}});
        request.topics.back().partition_indexes.push_back(id.partition);
    }
    return request;
}

// Asks for the leaders that are not known, once.
Task<void> learn_leaders(
    LinkBoard& board, const std::set<TopicPartition>& asked, Instant deadline
) {
    std::set<std::string> topics;
    for (const TopicPartition& id : asked)
        if (!board.context.cluster.metadata().leader(id)) topics.insert(id.topic);
    if (!topics.empty()) (void)co_await board.context.cluster.refresh(std::move(topics), deadline);
}

void take(TargetPositions& positions, LinkBoard& board, Response answer) {
    positions.cluster_id = std::move(answer.cluster_id);
    for (Response::Topic& topic : answer.topics) {
        for (Response::Partition& partition : topic.partitions) {
            TopicPartition id{topic.name, partition.partition_index};
            if (partition.error_code == ErrorCode::kNotLeaderOrFollower) {
                board.context.cluster.leader_changed(id);
            } else {
                positions.partitions.insert_or_assign(std::move(id), std::move(partition));
            }
        }
    }
}

}  // namespace

Task<TargetPositions> ask_target_positions(
    LinkBoard& board, std::set<TopicPartition> asked, Instant deadline
) {
    client::ClusterClient& cluster = board.context.cluster;
    co_await learn_leaders(board, asked, deadline);
    TargetPositions positions;
    std::map<BrokerId, std::vector<TopicPartition>> by_leader;
    for (const TopicPartition& id : asked) {
        if (const auto leader = cluster.metadata().leader(id)) {
            by_leader[leader->broker].push_back(id);
        } else if (cluster.metadata().topic_error(id.topic) ==
                   ErrorCode::kUnknownTopicOrPartition) {
            Response::Partition unknown;
            unknown.partition_index = id.partition;
            unknown.error_code = ErrorCode::kUnknownTopicOrPartition;
            positions.partitions.emplace(id, std::move(unknown));
        }
    }
    for (const auto& [leader, partitions] : by_leader) {
        auto answer = co_await cluster.send_to(
            leader,
            client::Lane::kControl,
            request_for(board.context.half.link, partitions),
            deadline
        );
        if (!answer) {
            positions.trouble = answer.error();
            for (const TopicPartition& id : partitions) cluster.leader_changed(id);
        } else if (answer->error_code != ErrorCode::kNone) {
            positions.trouble = Error(answer->error_code, answer->error_message.value_or(""));
        } else {
            take(positions, board, *std::move(answer));
        }
    }
    co_return positions;
}

Task<Result<kafka::MirrorTranslateResponse>> ask_translation(
    LinkBoard& board, kafka::MirrorTranslateRequest request, Instant deadline
) {
    client::ClusterClient& cluster = board.context.cluster;
    const TopicPartition id{request.topic_name, request.partition_index};
    SEALANE_CO_TRY(const client::Leader leader, co_await cluster.leader(id, deadline));
    auto answer = co_await cluster.send_to(
        leader.broker, client::Lane::kControl, std::move(request), deadline
    );
    const bool moved = !answer || answer->error_code == ErrorCode::kNotLeaderOrFollower;
    if (moved) cluster.leader_changed(id);
    if (answer && answer->error_code != ErrorCode::kNone)
        co_return fail(answer->error_code, "translating offsets of " + id.to_string());
    co_return answer;
}

}  // namespace sealane::mirror
