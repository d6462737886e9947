#include "common/client/admin.hpp"

#include "common/base/text.hpp"
#include "common/client/admin_request.hpp"
#include "common/kafka/messages/cluster.hpp"

#include <algorithm>
#include <charconv>

namespace sealane::client {
namespace {

using runtime::Task;

// Topics are named by id from version 6 of DeleteTopics on.
constexpr std::int16_t kDeleteByName = 5;

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

}  // namespace

// Brokers learn of changes a moment after the controller has answered.
Task<Status> Admin::wait_until(
    std::string topic, Instant deadline, std::function<bool(const TopicInfo*)> holds
) {
    Backoff backoff = cluster_.retry_backoff();
    for (;;) {
        SEALANE_CO_CHECK(co_await cluster_.refresh({topic}, deadline));
        if (holds(cluster_.metadata().topic(topic))) co_return Status();
        const Duration delay = backoff.next(cluster_.world().rng());
        if (cluster_.world().now() + delay >= deadline)
            co_return fail(
                ErrorCode::kDeadlineExceeded, concat("topic ", topic, ": change not visible yet")
            );
        if (!co_await cluster_.pause(delay)) co_return fail(Error::stopped());
    }
}

Task<Status> Admin::create_topic(NewTopic topic, Instant deadline) {
    kafka::CreateTopicsRequest request;
    request.timeout_ms = left_ms(cluster_, deadline);
    auto& wanted = request.topics.emplace_back();
    wanted.name = topic.name;
    wanted.num_partitions = topic.partitions;
    wanted.replication_factor = topic.replication;
    for (const auto& [key, value] : topic.configs) {
        auto& config = wanted.configs.emplace_back();
        config.name = key;
        config.value = value;
    }
    const auto judge = [name = topic.name](const kafka::CreateTopicsResponse& answer) -> Status {
        for (const auto& result : answer.topics) {
            if (result.error_code == ErrorCode::kNone) continue;
            return fail(refusal(result.error_code, result.error_message, "topic " + name));
        }
        return {};
    };
    SEALANE_CO_TRY(
        const auto answer, co_await ask_controller(cluster_, std::move(request), judge, deadline)
    );
    (void)answer;
    co_return co_await wait_until(topic.name, deadline, [](const TopicInfo* info) {
        return info != nullptr && std::ranges::all_of(info->partitions, [](const auto& p) {
                   return p.leader.value >= 0;
               });
    });
}

Task<Status> Admin::delete_topic(std::string name, Instant deadline) {
    kafka::DeleteTopicsRequest request;
    request.timeout_ms = left_ms(cluster_, deadline);
    request.topic_names.push_back(name);
    const auto judge = [name](const kafka::DeleteTopicsResponse& answer) -> Status {
        for (const auto& result : answer.responses) {
            if (result.error_code == ErrorCode::kNone) continue;
            return fail(refusal(result.error_code, result.error_message, "topic " + name));
        }
        return {};
    };
    SEALANE_CO_TRY(
        const auto answer,
        co_await ask_controller(cluster_, std::move(request), judge, deadline, kDeleteByName)
    );
    (void)answer;
    co_return co_await wait_until(name, deadline, [](const TopicInfo* info) {
        return info == nullptr;
    });
}

Task<Result<std::vector<TopicInfo>>> Admin::list_topics(Instant deadline) {
    SEALANE_CO_CHECK(co_await cluster_.refresh_all(deadline));
    std::vector<TopicInfo> topics;
    for (const std::string& name : cluster_.metadata().topic_names())
        topics.push_back(*cluster_.metadata().topic(name));
    co_return topics;
}

Task<Result<TopicInfo>> Admin::describe_topic(std::string name, Instant deadline) {
    SEALANE_CO_CHECK(co_await cluster_.refresh({name}, deadline));
    co_return co_await cluster_.topic(name, deadline);
}

Task<Status> Admin::create_partitions(std::string topic, std::int32_t count, Instant deadline) {
    kafka::CreatePartitionsRequest request;
    request.timeout_ms = left_ms(cluster_, deadline);
    auto& wanted = request.topics.emplace_back();
    wanted.name = topic;
    wanted.count = count;
    wanted.assignments = std::nullopt;
    const auto judge = [topic](const kafka::CreatePartitionsResponse& answer) -> Status {
        for (const auto& result : answer.results) {
            if (result.error_code == ErrorCode::kNone) continue;
            return fail(refusal(result.error_code, result.error_message, "topic " + topic));
        }
        return {};
    };
    SEALANE_CO_TRY(
        const auto answer, co_await ask_controller(cluster_, std::move(request), judge, deadline)
    );
    (void)answer;
    co_return co_await wait_until(topic, deadline, [count](const TopicInfo* info) {
        return info != nullptr && std::ssize(info->partitions) >= count;
    });
}

namespace {

// Broker configs must be asked of that broker, everything else of any.
std::optional<BrokerId> broker_of(const ConfigResource& resource) {
    if (resource.type != ConfigResource::Type::kBroker || resource.name.empty())
        return std::nullopt;
    std::int32_t id = -1;
    std::from_chars(resource.name.data(), resource.name.data() + resource.name.size(), id);
    return BrokerId(id);
}

std::string text(const ConfigResource& resource) {
    const std::string_view kind = resource.type == ConfigResource::Type::kTopic    ? "topic "
                                  : resource.type == ConfigResource::Type::kBroker ? "broker "
                                                                                   : "group ";
    return concat(kind, resource.name);
}

}  // namespace

Task<Result<std::map<std::string, ConfigEntry>>> Admin::describe_configs(
    ConfigResource resource, Instant deadline
) {
    kafka::DescribeConfigsRequest request;
    auto& asked = request.resources.emplace_back();
    asked.resource_type = static_cast<std::int8_t>(resource.type);
    asked.resource_name = resource.name;
    asked.configuration_keys = std::nullopt;
    const auto judge = [what = text(resource)](const kafka::DescribeConfigsResponse& a) -> Status {
        for (const auto& result : a.results) {
            if (result.error_code == ErrorCode::kNone) continue;
            return fail(refusal(result.error_code, result.error_message, what));
        }
        return {};
    };
    SEALANE_CO_TRY(
        const auto answer,
        co_await ask(cluster_, broker_of(resource), std::move(request), judge, deadline)
    );
    constexpr std::int8_t kDefaultSource = 5;
    std::map<std::string, ConfigEntry> configs;
    for (const auto& result : answer.results) {
        for (const auto& config : result.configs) {
            ConfigEntry& entry = configs[config.name];
            entry.value = config.is_sensitive ? std::nullopt : config.value;
            entry.is_default = config.is_default || config.config_source == kDefaultSource;
            entry.read_only = config.read_only;
            entry.sensitive = config.is_sensitive;
        }
    }
    co_return configs;
}

Task<Status> Admin::alter_configs(
    ConfigResource resource, std::vector<ConfigChange> changes, Instant deadline
) {
    kafka::IncrementalAlterConfigsRequest request;
    auto& altered = request.resources.emplace_back();
    altered.resource_type = static_cast<std::int8_t>(resource.type);
    altered.resource_name = resource.name;
    for (const ConfigChange& change : changes) {
        auto& config = altered.configs.emplace_back();
        config.name = change.key;
        config.config_operation = static_cast<std::int8_t>(change.operation);
        config.value = change.value;
    }
    const auto judge = [what = text(resource)](const kafka::IncrementalAlterConfigsResponse& answer
                       ) -> Status {
        for (const auto& result : answer.responses) {
            if (result.error_code == ErrorCode::kNone) continue;
            return fail(refusal(result.error_code, result.error_message, what));
        }
        return {};
    };
    SEALANE_CO_TRY(
        const auto answer,
        co_await ask(cluster_, broker_of(resource), std::move(request), judge, deadline)
    );
    (void)answer;
    co_return Status();
}

Task<Result<Offset>> Admin::delete_records(
    TopicPartition partition, Offset before, Instant deadline
) {
    SEALANE_CO_TRY(const Leader leader, co_await cluster_.leader(partition, deadline));
    kafka::DeleteRecordsRequest request;
    request.timeout_ms = left_ms(cluster_, deadline);
    auto& topic = request.topics.emplace_back();
    topic.name = partition.topic;
    auto& asked = topic.partitions.emplace_back();
    asked.partition_index = partition.partition;
    asked.offset = before;
    SEALANE_CO_TRY(
        const auto answer,
        co_await cluster_.send_to(leader.broker, Lane::kControl, std::move(request), deadline)
    );
    for (const auto& result_topic : answer.topics) {
        for (const auto& result : result_topic.partitions) {
            if (result.error_code == ErrorCode::kNone) co_return result.low_watermark;
            cluster_.leader_changed(partition);
            co_return fail(result.error_code, partition.to_string());
        }
    }
    co_return fail(ErrorCode::kMalformed, "DeleteRecords answered without the partition");
}

Task<Result<ClusterDescription>> Admin::describe_cluster(Instant deadline) {
    SEALANE_CO_CHECK(co_await cluster_.refresh({}, deadline));
    ClusterDescription description;
    description.cluster_id = cluster_.metadata().cluster_id();
    description.controller = cluster_.metadata().controller();
    for (const BrokerId id : cluster_.metadata().broker_ids())
        description.brokers.push_back(*cluster_.metadata().broker(id));
    co_return description;
}

Task<Result<ApiRanges>> Admin::api_versions(std::optional<BrokerId> broker, Instant deadline) {
    if (broker) {
        SEALANE_CO_TRY(
            const auto open, co_await cluster_.connection(*broker, Lane::kControl, deadline)
        );
        co_return open->apis();
    }
    SEALANE_CO_TRY(const auto open, co_await cluster_.any_connection(deadline));
    co_return open->apis();
}

}  // namespace sealane::client
