#include "common/client/admin_cluster.hpp"

#include "common/base/text.hpp"
#include "common/client/admin_request.hpp"
#include "common/kafka/messages/configs.hpp"
#include "common/kafka/messages/metadata.hpp"

#include <algorithm>

namespace sealane::client {
namespace {

using runtime::Task;

constexpr std::string_view kMetadataTopic = "__cluster_metadata";
// Of one DescribeConfigs request.
constexpr std::size_t kConfigBatch = 500;

Status judged(ErrorCode code, const std::optional<std::string>& words, std::string_view what) {
    if (code == ErrorCode::kNone) return {};
    return fail(
        Error(code, concat(what, words && !words->empty() ? concat(": ", *words) : std::string()))
    );
}

// DescribeTopicPartitions and Metadata name the same things alike.
PartitionDescription describe(const std::string& topic, bool internal, const auto& from) {
    PartitionDescription to;
    to.partition = {topic, from.partition_index};
    to.internal = internal;
    to.leader = from.leader_id;
    to.leader_epoch = from.leader_epoch;
    to.replicas = from.replica_nodes;
    to.in_sync = from.isr_nodes;
    to.offline = from.offline_replicas;
    return to;
}

void sort(std::vector<PartitionDescription>& all) {
    std::ranges::sort(all, {}, &PartitionDescription::partition);
}

}  // namespace

Task<Result<kafka::DescribeClusterResponse>> ClusterAdmin::describe(Instant deadline) {
    kafka::DescribeClusterRequest request;
    request.include_fenced_brokers = true;
    const auto judge = [](const kafka::DescribeClusterResponse& answer) {
        return judged(answer.error_code, answer.error_message, "describe cluster");
    };
    auto answer = co_await ask_anyone(cluster_, request, judge, deadline);
    if (answer || answer.error().code() != ErrorCode::kUnsupportedVersion) co_return answer;
    // Before version 2 fenced brokers cannot be asked for, and nobody tells of them.
    request.include_fenced_brokers = false;
    co_return co_await ask_anyone(cluster_, request, judge, deadline);
}

Task<Result<QuorumDescription>> ClusterAdmin::describe_quorum(Instant deadline) {
    kafka::DescribeQuorumRequest request;
    auto& topic = request.topics.emplace_back();
    topic.topic_name = kMetadataTopic;
    topic.partitions.emplace_back();
    const auto judge = [](const kafka::DescribeQuorumResponse& answer) -> Status {
        SEALANE_CHECK(judged(answer.error_code, answer.error_message, "describe quorum"));
        for (const auto& described : answer.topics) {
            for (const auto& partition : described.partitions)
                return judged(partition.error_code, partition.error_message, "describe quorum");
        }
        return fail(ErrorCode::kMalformed, "DescribeQuorum answered without the metadata log");
    };
    SEALANE_CO_TRY(auto answer, co_await ask_anyone(cluster_, std::move(request), judge, deadline));
    co_return QuorumDescription{
        std::move(answer.topics.front().partitions.front()), std::move(answer.nodes)
    };
}

Task<Result<std::vector<PartitionDescription>>> ClusterAdmin::partitions(Instant deadline) {
    std::vector<PartitionDescription> all;
    kafka::DescribeTopicPartitionsRequest request;  // no topic named: all of them
    const auto judge = [](const kafka::DescribeTopicPartitionsResponse&) { return Status(); };
    while (true) {
        const auto answer = co_await ask_anyone(cluster_, request, judge, deadline);
        if (!answer && answer.error().code() == ErrorCode::kUnsupportedVersion)
            co_return co_await partitions_of_metadata(deadline);
        if (!answer) co_return fail(answer.error());
        for (const auto& topic : answer->topics) {
            for (const auto& partition : topic.partitions) {
                auto described =
                    client::describe(topic.name.value_or(""), topic.is_internal, partition);
                described.eligible =
                    partition.eligible_leader_replicas.value_or(std::vector<BrokerId>());
                described.last_known_eligible =
                    partition.last_known_elr.value_or(std::vector<BrokerId>());
                all.push_back(std::move(described));
            }
        }
        if (!answer->next_cursor) break;
        request.cursor = kafka::DescribeTopicPartitionsRequest::Cursor{
            answer->next_cursor->topic_name, answer->next_cursor->partition_index
        };
    }
    sort(all);
    co_return all;
}

Task<Result<std::vector<PartitionDescription>>> ClusterAdmin::partitions_of_metadata(
    Instant deadline
) {
    kafka::MetadataRequest request;
    request.topics = std::nullopt;
    request.allow_auto_topic_creation = false;
    const auto judge = [](const kafka::MetadataResponse& answer) {
        return judged(answer.error_code, std::nullopt, "metadata");
    };
    SEALANE_CO_TRY(
        const auto answer, co_await ask_anyone(cluster_, std::move(request), judge, deadline)
    );
    std::vector<PartitionDescription> all;
    for (const auto& topic : answer.topics) {
        for (const auto& partition : topic.partitions)
            all.push_back(client::describe(topic.name.value_or(""), topic.is_internal, partition));
    }
    sort(all);
    co_return all;
}

Task<Result<std::map<std::string, std::string>>> ClusterAdmin::topic_config(
    std::vector<std::string> topics, std::string key, Instant deadline
) {
    constexpr std::int8_t kTopic = 2;
    std::map<std::string, std::string> values;
    const auto judge = [](const kafka::DescribeConfigsResponse&) { return Status(); };
    for (std::size_t at = 0; at < topics.size(); at += kConfigBatch) {
        kafka::DescribeConfigsRequest request;
        for (std::size_t i = at; i < std::min(topics.size(), at + kConfigBatch); ++i) {
            auto& resource = request.resources.emplace_back();
            resource.resource_type = kTopic;
            resource.resource_name = topics[i];
            resource.configuration_keys = std::vector<std::string>{key};
        }
        SEALANE_CO_TRY(
            const auto answer, co_await ask_anyone(cluster_, std::move(request), judge, deadline)
        );
        for (const auto& result : answer.results) {
            for (const auto& config : result.configs) {
                if (config.name == key && config.value)
                    values[result.resource_name] = *config.value;
            }
        }
    }
    co_return values;
}

Task<Result<std::vector<LogDirDescription>>> ClusterAdmin::log_dirs(
    BrokerId broker, Instant deadline
) {
    kafka::DescribeLogDirsRequest request;
    request.topics = std::nullopt;
    const auto judge = [broker](const kafka::DescribeLogDirsResponse& answer) {
        return judged(
            answer.error_code,
            std::nullopt,
            concat("log directories of broker ", std::to_string(broker.value))
        );
    };
    SEALANE_CO_TRY(
        auto answer, co_await ask(cluster_, broker, std::move(request), judge, deadline)
    );
    co_return std::move(answer.results);
}

Task<Result<kafka::ApiVersionsResponse>> ClusterAdmin::features(
    std::optional<BrokerId> broker, Instant deadline
) {
    kafka::ApiVersionsRequest request;
    request.client_software_name = "sealane-cli";
    request.client_software_version = "1";
    const auto judge = [](const kafka::ApiVersionsResponse& answer) {
        return judged(answer.error_code, std::nullopt, "versions");
    };
    if (!broker) co_return co_await ask_anyone(cluster_, std::move(request), judge, deadline);
    co_return co_await ask(cluster_, broker, std::move(request), judge, deadline);
}

Task<Status> ClusterAdmin::unregister_broker(BrokerId broker, Instant deadline) {
    kafka::UnregisterBrokerRequest request;
    request.broker_id = broker;
    const auto judge = [broker](const kafka::UnregisterBrokerResponse& answer) {
        return judged(
            answer.error_code,
            answer.error_message,
            concat("unregister broker ", std::to_string(broker.value))
        );
    };
    const auto answer = co_await ask_anyone(cluster_, std::move(request), judge, deadline);
    co_return answer ? Status() : Status(fail(answer.error()));
}

Task<Status> ClusterAdmin::add_voter(kafka::AddRaftVoterRequest request, Instant deadline) {
    const auto judge = [id = request.voter_id](const kafka::AddRaftVoterResponse& answer) {
        return judged(
            answer.error_code, answer.error_message, concat("voter ", std::to_string(id.value))
        );
    };
    const auto answer = co_await ask_anyone(cluster_, std::move(request), judge, deadline);
    co_return answer ? Status() : Status(fail(answer.error()));
}

Task<Status> ClusterAdmin::remove_voter(BrokerId voter, Uuid directory, Instant deadline) {
    kafka::RemoveRaftVoterRequest request;
    request.cluster_id = std::nullopt;
    request.voter_id = voter;
    request.voter_directory_id = directory;
    const auto judge = [voter](const kafka::RemoveRaftVoterResponse& answer) {
        return judged(
            answer.error_code, answer.error_message, concat("voter ", std::to_string(voter.value))
        );
    };
    const auto answer = co_await ask_anyone(cluster_, std::move(request), judge, deadline);
    co_return answer ? Status() : Status(fail(answer.error()));
}

}  // namespace sealane::client
