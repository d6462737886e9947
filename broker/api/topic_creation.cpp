#include "broker/api/topic_creation.hpp"

#include "broker/api/controller_channel.hpp"
#include "common/kafka/messages/topics.hpp"

#include <algorithm>

namespace sealane::broker {

using runtime::Task;

namespace {
constexpr Duration kCreationPatience = 30s;
}

Uuid new_topic_id(runtime::World& world) {
    for (;;) {
        const Uuid id = world.random_uuid();
        const bool high_zero = std::ranges::all_of(id.bytes, [](auto b) { return b == 0; });
        if (!high_zero && !id.to_string().starts_with('-')) return id;
    }
}

Task<Status> ensure_topic(Services& services, NewTopic topic) {
    if (services.metadata.image()->topic(topic.name) != nullptr) co_return Status{};
    const Instant deadline = services.world.now() + kCreationPatience;
    kafka::CreateTopicsRequest request;
    request.timeout_ms = static_cast<std::int32_t>(to_ms(kCreationPatience));
    auto& asked = request.topics.emplace_back();
    asked.name = topic.name;
    asked.num_partitions = topic.partitions;
    asked.replication_factor = topic.replication_factor;
    for (const auto& [key, value] : topic.configs) asked.configs.push_back({key, value});
    SEALANE_CO_TRY(
        const auto answer, co_await services.controller.send(std::move(request), deadline)
    );
    for (const auto& each : answer.topics) {
        const bool there = each.error_code == ErrorCode::kNone ||
                           each.error_code == ErrorCode::kTopicAlreadyExists;
        if (!there) co_return fail(each.error_code, each.error_message.value_or(""));
    }
    // It counts when the image that everyone here reads has it.
    while (services.metadata.image()->topic(topic.name) == nullptr) {
        if (services.world.now() >= deadline || services.tasks.stopping())
            co_return fail(ErrorCode::kRequestTimedOut, "creating " + topic.name);
        (void)co_await services.metadata.changed().wait_until(deadline);
    }
    co_return Status{};
}

}  // namespace sealane::broker
