// FindCoordinator (KIP-699): on a node of one every group and every transactional id is
// coordinated here, at the endpoint of the listener the question came in on.

#include "broker/api/groups/group_handlers.hpp"
#include "common/kafka/messages/groups.hpp"

namespace sealane::broker {
namespace {

using kafka::FindCoordinatorRequest;
using kafka::FindCoordinatorResponse;
using runtime::Task;

constexpr std::int8_t kGroupKey = 0;
constexpr std::int8_t kTransactionKey = 1;
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
    if (key_type == kTransactionKey) co_return Status{};
    co_return fail(
        ErrorCode::kInvalidRequest, "no coordinator for keys of type " + std::to_string(key_type)
    );
}

FindCoordinatorResponse::Coordinator located(
    const Services& broker, const RequestContext& context, std::string key
) {
    const auto endpoint = broker.advertised.find(context.listener);
    if (endpoint == broker.advertised.end())
        return refused(std::move(key), Error(ErrorCode::kCoordinatorNotAvailable));
    FindCoordinatorResponse::Coordinator answer;
    answer.key = std::move(key);
    answer.node_id = broker.config.node_id;
    answer.host = endpoint->second.host;
    answer.port = endpoint->second.port;
    answer.error_message.reset();
    return answer;
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
            usable ? located(services.broker, context, std::move(key))
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
