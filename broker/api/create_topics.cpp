// CreateTopics and CreatePartitions (KIP-4, KIP-195, KIP-464, KIP-525): each topic is one decision
// on the metadata log; the answer comes when all are durable and their logs are open.

#include "broker/api/error_map.hpp"
#include "broker/api/handlers.hpp"
#include "broker/api/topic_creation.hpp"
#include "common/kafka/messages/topics.hpp"

#include <algorithm>

namespace sealane::broker {

using kafka::CreatePartitionsRequest;
using kafka::CreatePartitionsResponse;
using kafka::CreateTopicsRequest;
using kafka::CreateTopicsResponse;
using runtime::Task;
using CreatableTopic = CreateTopicsRequest::CreatableTopic;
using TopicResult = CreateTopicsResponse::CreatableTopicResult;

namespace {

constexpr std::int8_t kFromTopic = 1;    // config source: dynamic topic config
constexpr std::int8_t kFromDefault = 5;  // config source: default

// Whether every assignment, numbered from 0, names this broker alone.
Status check_assignments(const CreatableTopic& topic, BrokerId node) {
    if (topic.num_partitions != -1 || topic.replication_factor != -1) {
        return fail(ErrorCode::kInvalidRequest, "assignments together with counts");
    }
    std::vector<std::int32_t> partitions;
    for (const auto& assignment : topic.assignments) {
        partitions.push_back(assignment.partition_index.value);
        if (assignment.broker_ids != std::vector{node}) {
            return fail(
                ErrorCode::kInvalidReplicaAssignment,
                "the only broker is " + std::to_string(node.value)
            );
        }
    }
    std::ranges::sort(partitions);
    for (std::size_t i = 0; i < partitions.size(); ++i) {
        if (partitions[i] != static_cast<std::int32_t>(i)) {
            return fail(ErrorCode::kInvalidReplicaAssignment, "partitions must be numbered from 0");
        }
    }
    return {};
}

Result<NewTopic> new_topic(
    const Services& services, const CreatableTopic& asked, std::int16_t version
) {
    NewTopic topic;
    topic.name = asked.name;
    topic.id = new_topic_id(services.world);
    topic.partitions = asked.num_partitions;
    topic.replication_factor = asked.replication_factor;
    if (!asked.assignments.empty()) {
        SEALANE_CHECK(check_assignments(asked, services.config.node_id));
        topic.partitions = static_cast<std::int32_t>(asked.assignments.size());
        topic.replication_factor = 1;
    } else if (asked.num_partitions == -1 && version >= 4) {
        topic.partitions = services.config.num_partitions;
    }
    for (const auto& config : asked.configs) {
        if (!config.value) return fail(ErrorCode::kInvalidConfig, config.name + " has no value");
        topic.configs.insert_or_assign(config.name, *config.value);
    }
    return topic;
}

void describe(TopicResult& result, const Services& services, const NewTopic& topic) {
    result.topic_id = topic.id;
    result.num_partitions = topic.partitions;
    result.replication_factor = 1;
    const TopicConfig config = effective_config(services.config.topic_defaults, topic.configs);
    for (const TopicConfigKey& key : topic_config_keys()) {
        auto& row = result.configs->emplace_back();
        row.name = key.name;
        row.value = config_text(config, key.name);
        row.config_source = kFromDefault;
        if (const auto set = topic.configs.find(key.name); set != topic.configs.end()) {
            row.value = set->second;
            row.config_source = kFromTopic;
        }
    }
}

Task<Status> create_one(Services& services, NewTopic topic, bool validate_only) {
    const BrokerId node = services.config.node_id;
    if (validate_only) {
        const Image image = with_this_broker(*services.metadata.image(), node);
        const auto records = create_topic(image, policy_of(services), services.world.rng(), topic);
        co_return records ? Status{} : Status(fail(records.error()));
    }
    co_return co_await services.metadata.change([node, topic, &services](const Image& image) {
        return create_topic(
            with_this_broker(image, node), policy_of(services), services.world.rng(), topic
        );
    });
}

Task<Reply<CreateTopicsResponse>> create_topics(
    Services& services, RequestContext context, CreateTopicsRequest request
) {
    CreateTopicsResponse response;
    for (const CreatableTopic& asked : request.topics) {
        const auto same = [&asked](const auto& other) { return other.name == asked.name; };
        if (std::ranges::any_of(response.topics, same)) continue;  // answered once, below
        TopicResult result;
        result.name = asked.name;
        result.error_message = std::nullopt;
        result.configs->clear();
        Status done = fail(ErrorCode::kInvalidRequest, "the topic is there more than once");
        if (std::ranges::count_if(request.topics, same) == 1) {
            auto topic = new_topic(services, asked, context.api_version);
            done = topic ? Status{} : Status(fail(topic.error()));
            if (done) done = co_await create_one(services, *topic, request.validate_only);
            if (done) describe(result, services, *topic);
        }
        if (!done) {
            result.error_code = wire_code(done.error());
            result.error_message = wire_message(done.error());
        }
        response.topics.push_back(std::move(result));
    }
    co_return response;
}

Status check_new_assignments(
    const CreatePartitionsRequest::CreatePartitionsTopic& asked, std::size_t now, BrokerId node
) {
    if (!asked.assignments) return {};
    if (asked.count >= 0 &&
        asked.assignments->size() + now != static_cast<std::size_t>(asked.count)) {
        return fail(
            ErrorCode::kInvalidReplicaAssignment, "one assignment for each new partition is needed"
        );
    }
    for (const auto& assignment : *asked.assignments) {
        if (assignment.broker_ids != std::vector{node}) {
            return fail(
                ErrorCode::kInvalidReplicaAssignment,
                "the only broker is " + std::to_string(node.value)
            );
        }
    }
    return {};
}

Task<Status> grow_one(
    Services& services, CreatePartitionsRequest::CreatePartitionsTopic asked, bool validate_only
) {
    const BrokerId node = services.config.node_id;
    const auto decide = [node, asked, &services](const Image& image) -> Result<Records> {
        const MorePartitions more{
            .topic = asked.name, .count = asked.count, .assignments = std::nullopt
        };
        SEALANE_TRY(
            Records records, grow_topic(with_this_broker(image, node), services.world.rng(), more)
        );
        const std::size_t now = image.topic(asked.name)->partitions.size();
        SEALANE_CHECK(check_new_assignments(asked, now, node));
        return records;
    };
    if (validate_only) {
        const auto records = decide(*services.metadata.image());
        co_return records ? Status{} : Status(fail(records.error()));
    }
    co_return co_await services.metadata.change(decide);
}

Task<Reply<CreatePartitionsResponse>> create_partitions(
    Services& services, CreatePartitionsRequest request
) {
    CreatePartitionsResponse response;
    for (const auto& asked : request.topics) {
        auto& result = response.results.emplace_back();
        result.name = asked.name;
        const auto same = [&asked](const auto& other) { return other.name == asked.name; };
        Status done = fail(ErrorCode::kInvalidRequest, "the topic is there more than once");
        if (std::ranges::count_if(request.topics, same) == 1) {
            done = co_await grow_one(services, asked, request.validate_only);
        }
        if (done) continue;
        response.results.back().error_code = wire_code(done.error());
        response.results.back().error_message = wire_message(done.error());
    }
    co_return response;
}

}  // namespace

void add_create_topics(ApiRegistry& registry, Services& services) {
    registry.add<CreateTopicsRequest>(
        {0, 7},
        [&services](RequestContext context, CreateTopicsRequest request) {
            return create_topics(services, std::move(context), std::move(request));
        }
    );
}

void add_create_partitions(ApiRegistry& registry, Services& services) {
    registry.add<CreatePartitionsRequest>(
        {0, 3},
        [&services](RequestContext /*context*/, CreatePartitionsRequest request) {
            return create_partitions(services, std::move(request));
        }
    );
}

}  // namespace sealane::broker
