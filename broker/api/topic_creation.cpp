#include "broker/api/topic_creation.hpp"

#include "broker/api/controller_channel.hpp"
#include "common/kafka/messages/topics.hpp"

#include <algorithm>

namespace sealane::broker {

using runtime::Task;

namespace {

// Clients that asked for the topic wait meanwhile.
constexpr Duration kCreationPatience = 10s;

kafka::CreateTopicsRequest creation_of(const NewTopic& topic) {
    kafka::CreateTopicsRequest request;
    request.timeout_ms = static_cast<std::int32_t>(kCreationPatience / 1ms);
    auto& wanted = request.topics.emplace_back();
    wanted.name = topic.name;
    wanted.num_partitions = topic.partitions;
    wanted.replication_factor = topic.replication_factor;
    for (const auto& [key, value] : topic.configs) {
        auto& config = wanted.configs.emplace_back();
        config.name = key;
        config.value = value;
    }
    return request;
}

}  // namespace

Uuid new_topic_id(runtime::World& world) {
    for (;;) {
        const Uuid id = world.random_uuid();
        const bool high_zero = std::ranges::all_of(id.bytes, [](auto b) { return b == 0; });
        if (!high_zero && !id.to_string().starts_with('-')) return id;
    }
}

Task<Status> ensure_topic(Services& services, NewTopic topic) {
    const auto exists = [&] { return services.metadata.image()->topic(topic.name) != nullptr; };
    if (exists()) co_return Status{};
    const Instant deadline = services.world.now() + kCreationPatience;
    SEALANE_CO_TRY(
        const kafka::CreateTopicsResponse answer,
        co_await services.controller.send(creation_of(topic), deadline)
    );
    if (answer.topics.size() != 1)
        co_return fail(ErrorCode::kUnknownServerError, "creating " + topic.name + ": no answer");
    const auto& result = answer.topics.front();
    const bool made = result.error_code == ErrorCode::kNone ||
                      result.error_code == ErrorCode::kTopicAlreadyExists;
    if (!made) co_return fail(result.error_code, result.error_message.value_or(""));
    // It counts when the image of this node has it.
    while (!exists()) {
        const bool late = services.world.now() >= deadline || services.tasks.stopping();
        if (late) co_return fail(ErrorCode::kRequestTimedOut, "creating " + topic.name);
        (void)co_await services.metadata.changed().wait_until(deadline);
    }
    co_return Status{};
}

}  // namespace sealane::broker
