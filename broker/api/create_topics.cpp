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

// The lists of replicas in the order of the partitions, which must be numbered from 0.
template <class Assigned>
Result<Assignments> in_order(const Assigned& assigned) {
    Assignments lists(assigned.size());
    std::vector<bool> seen(assigned.size(), false);
    for (const auto& each : assigned) {
        const auto index = static_cast<std::size_t>(each.partition_index.value);
        if (each.partition_index.value < 0 || index >= lists.size() || seen[index]) {
            return fail(ErrorCode::kInvalidReplicaAssignment, "partitions must be numbered from 0");
        }
        seen[index] = true;
        lists[index] = each.broker_ids;
    }
    return lists;
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
        SEALANE_TRY(topic.assignments, in_order(asked.assignments));
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

// How many partitions and replicas the records of a new topic give it.
void count(TopicResult& result, const Records& records) {
    result.num_partitions = 0;
    for (const MetadataRecord& record : records) {
        const auto* partition = std::get_if<kafka::PartitionRecord>(&record);
        if (partition == nullptr) continue;
        ++result.num_partitions;
        result.replication_factor = static_cast<std::int16_t>(partition->replicas.size());
    }
}

Task<Status> create_one(
    Services& services, NewTopic topic, bool validate_only, TopicResult* result
) {
    const auto decide = [&services, topic, result](const Image& image) -> Result<Records> {
        SEALANE_TRY(
            Records records,
            create_topic(
                image, services.controller_duties.policy(image), services.world.rng(), topic
            )
        );
        count(*result, records);
        return records;
    };
    if (!validate_only) co_return co_await services.metadata.change(decide);
    const auto records = decide(*services.metadata.newest());
    co_return records ? Status{} : Status(fail(records.error()));
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
            if (done) {
                done = co_await create_one(services, *topic, request.validate_only, &result);
            }
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

Task<Status> grow_one(
    Services& services, CreatePartitionsRequest::CreatePartitionsTopic asked, bool validate_only
) {
    MorePartitions more;
    more.topic = asked.name;
    more.count = asked.count;
    if (asked.assignments) {
        auto& lists = more.assignments.emplace();
        for (auto& assignment : *asked.assignments) lists.push_back(assignment.broker_ids);
    }
    const auto decide = [&services, more](const Image& image) {
        return grow_topic(image, services.world.rng(), more);
    };
    if (!validate_only) co_return co_await services.metadata.change(decide);
    const auto records = decide(*services.metadata.newest());
    co_return records ? Status{} : Status(fail(records.error()));
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
    registry.add_controller<CreateTopicsRequest>(
        {0, 7},
        [&services](RequestContext context, CreateTopicsRequest request) {
            return create_topics(services, std::move(context), std::move(request));
        }
    );
}

void add_create_partitions(ApiRegistry& registry, Services& services) {
    registry.add_controller<CreatePartitionsRequest>(
        {0, 3},
        [&services](RequestContext /*context*/, CreatePartitionsRequest request) {
            return create_partitions(services, std::move(request));
        }
    );
}

}  // namespace sealane::broker
