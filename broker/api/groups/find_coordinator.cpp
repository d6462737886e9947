// FindCoordinator (KIP-699): a group is coordinated by the leader of its __consumer_offsets
// partition, a transactional id by that of its __transaction_state partition, at that broker's
// endpoint of the listener the question came in on.

#include "broker/api/cluster_view.hpp"
#include "broker/api/groups/group_handlers.hpp"
#include "common/kafka/messages/groups.hpp"

namespace sealane::broker {
namespace {

using kafka::FindCoordinatorRequest;
using kafka::FindCoordinatorResponse;
using runtime::Task;

constexpr std::int8_t kGroupKey = 0;
constexpr std::int8_t kTransactionKey = 1;
constexpr std::string_view kTransactionsTopic = "__transaction_state";
constexpr std::int16_t kFirstBatchedVersion = 4;
constexpr std::size_t kMaxKeys = 10'000;

FindCoordinatorResponse::Coordinator refused(std::string key, const Error& error) {
    FindCoordinatorResponse::Coordinator answer;
    answer.key = std::move(key);
    answer.node_id = kNoBroker;
    answer.port = -1;
    answer.error_code = wire_code(error);
    answer.error_message = wire_message(error);
    return answer;
}

Task<Status> ready(GroupServices& services, std::int8_t key_type) {
    if (key_type == kGroupKey) co_return co_await services.coordinator.ensure_ready();
    if (key_type == kTransactionKey) co_return co_await services.broker.transactions.ensure_ready();
    co_return fail(
        ErrorCode::kInvalidRequest, "no coordinator for keys of type " + std::to_string(key_type)
    );
}

FindCoordinatorResponse::Coordinator at(std::string key, BrokerId node, runtime::Endpoint place) {
    FindCoordinatorResponse::Coordinator answer;
    answer.key = std::move(key);
    answer.node_id = node;
    answer.host = std::move(place.host);
    answer.port = place.port;
    answer.error_message.reset();
    return answer;
}

// Who coordinates a key now; kNoBroker: nobody, its partition has no leader.
BrokerId coordinator_of(
    const GroupServices& services, const Image& image, std::int8_t key_type, std::string_view key
) {
    const bool group = key_type == kGroupKey;
    const auto topic = image.topic(group ? groups::kOffsetsTopic : kTransactionsTopic);
    const PartitionId partition = group ? services.coordinator.partition_of(key)
                                        : services.broker.transactions.partition_of(key);
    return topic->partitions.at(static_cast<std::size_t>(partition.value)).leader;
}

FindCoordinatorResponse::Coordinator located(
    const GroupServices& services,
    const RequestContext& context,
    std::int8_t key_type,
    std::string key
) {
    const Services& broker = services.broker;
    const BrokerId self = broker.config.node_id;
    const auto image = broker.metadata.image();
    const BrokerId node = coordinator_of(services, *image, key_type, key);
    if (node == self) {
        const auto here = broker.advertised.find(context.listener);
        if (here != broker.advertised.end()) return at(std::move(key), self, here->second);
    } else if (is_alive(*image, node)) {
        const auto* there = listener_of(*image->broker(node), context.listener);
        if (there != nullptr) return at(std::move(key), node, {there->host, there->port, ""});
    }
    return refused(
        std::move(key),
        Error(ErrorCode::kCoordinatorNotAvailable, "its partition has no leader to be reached")
    );
}

Task<Reply<FindCoordinatorResponse>> find_coordinator(
    GroupServices& services, RequestContext context, FindCoordinatorRequest request
) {
    FindCoordinatorResponse response;
    const Status usable = co_await ready(services, request.key_type);
    const bool batched = context.api_version >= kFirstBatchedVersion;
    std::vector<std::string> keys =
        batched ? std::move(request.coordinator_keys) : std::vector{std::move(request.key)};
    if (keys.size() > kMaxKeys)
        co_return Error(ErrorCode::kInvalidRequest, "FindCoordinator with too many keys");
    for (std::string& key : keys) {
        response.coordinators.push_back(
            usable ? located(services, context, request.key_type, std::move(key))
                   : refused(std::move(key), usable.error())
        );
    }
    if (batched) co_return response;
    auto& only = response.coordinators.front();
    response.error_code = only.error_code;
    response.error_message = std::move(only.error_message);
    response.node_id = only.node_id;
    response.host = std::move(only.host);
    response.port = only.port;
    response.coordinators.clear();
    co_return response;
}

}  // namespace

void add_find_coordinator(ApiRegistry& registry, GroupServicesPtr services) {
    registry.add<FindCoordinatorRequest>(
        {0, 6},
        [services](
            RequestContext context, FindCoordinatorRequest request
        ) -> Task<Reply<FindCoordinatorResponse>> {
            return find_coordinator(*services, std::move(context), std::move(request));
        }
    );
}

}  // namespace sealane::broker
