// The part of Admin that is about consumer groups.

#include "common/base/text.hpp"
#include "common/client/admin.hpp"
#include "common/client/admin_request.hpp"
#include "common/client/group_request.hpp"
#include "common/kafka/messages/consumer_groups.hpp"
#include "common/kafka/messages/offsets.hpp"

namespace sealane::client {

using runtime::Task;

Task<Result<std::vector<kafka::ListGroupsResponse::ListedGroup>>> Admin::list_groups(
    Instant deadline
) {
    SEALANE_CO_CHECK(co_await cluster_.refresh({}, deadline));
    const auto judge = [](const kafka::ListGroupsResponse& answer) -> Status {
        if (answer.error_code == ErrorCode::kNone) return {};
        return fail(answer.error_code, "list groups");
    };
    std::vector<kafka::ListGroupsResponse::ListedGroup> all;
    for (const BrokerId broker : cluster_.metadata().broker_ids()) {
        SEALANE_CO_TRY(
            const auto answer,
            co_await ask(cluster_, broker, kafka::ListGroupsRequest{}, judge, deadline)
        );
        all.insert(all.end(), answer.groups.begin(), answer.groups.end());
    }
    co_return all;
}

namespace {

using kafka::DescribeGroupsResponse;

// In the form of classic groups: what those who ask want to know is in both.
DescribeGroupsResponse::DescribedGroup as_classic(
    const kafka::ConsumerGroupDescribeResponse::DescribedGroup& group
) {
    DescribeGroupsResponse::DescribedGroup shown;
    shown.group_id = group.group_id;
    shown.group_state = group.group_state;
    shown.protocol_type = "consumer";
    shown.protocol_data = group.assignor_name;
    for (const auto& member : group.members) {
        auto& to = shown.members.emplace_back();
        to.member_id = member.member_id;
        to.group_instance_id = member.instance_id;
        to.client_id = member.client_id;
        to.client_host = member.client_host;
    }
    return shown;
}

// A group of the consumer protocol (KIP-848). Nothing: it is none, or the cluster knows none.
Task<std::optional<DescribeGroupsResponse::DescribedGroup>> describe_consumer_group(
    ClusterClient& cluster, std::string group, Instant deadline
) {
    kafka::ConsumerGroupDescribeRequest request;
    request.group_ids.push_back(group);
    const auto judge = [](const kafka::ConsumerGroupDescribeResponse& answer) {
        return answer.groups.empty() ? ErrorCode::kNone : answer.groups[0].error_code;
    };
    const auto answer = co_await send_to_coordinator(
        cluster, {.group = group, .deadline = deadline}, std::move(request), judge
    );
    if (!answer || answer->groups.empty() || judge(*answer) != ErrorCode::kNone)
        co_return std::nullopt;
    co_return as_classic(answer->groups[0]);
}

}  // namespace

Task<Result<kafka::DescribeGroupsResponse::DescribedGroup>> Admin::describe_group(
    std::string group, Instant deadline
) {
    kafka::DescribeGroupsRequest request;
    request.groups.push_back(group);
    const auto judge = [](const kafka::DescribeGroupsResponse& answer) {
        return answer.groups.empty() ? ErrorCode::kNone : answer.groups[0].error_code;
    };
    SEALANE_CO_TRY(
        const auto answer,
        co_await send_to_coordinator(
            cluster_, {.group = group, .deadline = deadline}, std::move(request), judge
        )
    );
    if (answer.groups.empty())
        co_return fail(ErrorCode::kMalformed, "DescribeGroups answered without the group");
    // Before version 6 the answer to a group of another kind is one that is dead.
    const bool unknown = answer.groups[0].error_code == ErrorCode::kGroupIdNotFound ||
                         answer.groups[0].group_state == "Dead";
    if (unknown) {
        auto consumers = co_await describe_consumer_group(cluster_, group, deadline);
        if (consumers) co_return *std::move(consumers);
    }
    if (answer.groups[0].error_code != ErrorCode::kNone)
        co_return fail(
            answer.groups[0].error_code,
            concat("group ", group, ": ", answer.groups[0].error_message.value_or(""))
        );
    co_return answer.groups[0];
}

Task<Status> Admin::delete_group(std::string group, Instant deadline) {
    kafka::DeleteGroupsRequest request;
    request.groups_names.push_back(group);
    const auto judge = [](const kafka::DeleteGroupsResponse& answer) {
        return answer.results.empty() ? ErrorCode::kNone : answer.results[0].error_code;
    };
    SEALANE_CO_TRY(
        const auto answer,
        co_await send_to_coordinator(
            cluster_, {.group = group, .deadline = deadline}, std::move(request), judge
        )
    );
    if (const ErrorCode code = judge(answer); code != ErrorCode::kNone)
        co_return fail(code, concat("group ", group));
    co_return Status();
}

Task<Status> Admin::delete_group_offsets(
    std::string group, std::vector<TopicPartition> partitions, Instant deadline
) {
    kafka::OffsetDeleteRequest request;
    request.group_id = group;
    std::map<std::string, std::vector<PartitionId>> by_topic;
    for (const TopicPartition& partition : partitions)
        by_topic[partition.topic].push_back(partition.partition);
    for (const auto& [topic, ids] : by_topic) {
        auto& entry = request.topics.emplace_back();
        entry.name = topic;
        for (const PartitionId id : ids) entry.partitions.emplace_back().partition_index = id;
    }
    const auto judge = [](const kafka::OffsetDeleteResponse& answer) {
        if (answer.error_code != ErrorCode::kNone) return answer.error_code;
        for (const auto& topic : answer.topics) {
            for (const auto& partition : topic.partitions) {
                if (partition.error_code != ErrorCode::kNone) return partition.error_code;
            }
        }
        return ErrorCode::kNone;
    };
    SEALANE_CO_TRY(
        const auto answer,
        co_await send_to_coordinator(
            cluster_, {.group = group, .deadline = deadline}, std::move(request), judge
        )
    );
    if (const ErrorCode code = judge(answer); code != ErrorCode::kNone)
        co_return fail(code, concat("offsets of group ", group));
    co_return Status();
}

}  // namespace sealane::client
