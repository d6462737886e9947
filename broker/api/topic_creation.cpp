#include "broker/api/topic_creation.hpp"

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

ClusterPolicy policy_of(const Services& services) {
    ClusterPolicy policy{
        .topic_defaults = services.config.topic_defaults,
        .default_replication_factor = services.config.cluster.default_replication_factor,
    };
    policy.topic_defaults.unclean_leader_election = services.config.cluster.unclean_leader_election;
    return policy;
}

Image with_this_broker(const Image& image, BrokerId node) {
    Image with(image);
    if (!image.brokers().empty()) return with;
    kafka::RegisterBrokerRecord record;
    record.broker_id = node;
    record.fenced = false;
    SEALANE_ASSERT(with.apply(record).has_value());
    return with;
}

Task<Status> ensure_topic(Services& services, NewTopic topic) {
    if (services.metadata.image()->topic(topic.name) != nullptr) co_return Status{};
    if (topic.id.is_zero()) topic.id = new_topic_id(services.world);
    if (topic.partitions == -1) topic.partitions = services.config.num_partitions;
    auto created = co_await services.metadata.change([&services, topic](const Image& image) {
        return create_topic(
            with_this_broker(image, services.config.node_id),
            policy_of(services),
            services.world.rng(),
            topic
        );
    });
    if (created || created.error().code() != ErrorCode::kTopicAlreadyExists) co_return created;
    // Somebody else makes it just now: it counts when the image that everyone reads has it.
    const Instant deadline = services.world.now() + kCreationPatience;
    while (services.metadata.image()->topic(topic.name) == nullptr) {
        if (services.world.now() >= deadline)
            co_return fail(ErrorCode::kRequestTimedOut, "creating " + topic.name);
        co_await services.metadata.changed().wait_until(deadline);
    }
    co_return Status{};
}

}  // namespace sealane::broker
