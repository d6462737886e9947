#pragma once
// A request of this node's own that this node answers itself: its handler runs at once, as for any
// other node of the cluster.

#include "broker/api/registry.hpp"
#include "common/base/ids.hpp"
#include "common/base/time.hpp"

namespace sealane::broker {

struct LocalCaller {
    const ApiRegistry& registry;
    BrokerId self = kNoBroker;
    Instant now;
};

// As the node itself: it may do everything. `api` outlives the task.
[[nodiscard]] runtime::Task<Result<BufferSlice>> local_call_raw(
    LocalCaller caller, const ApiEntry& api, std::int16_t key, BufferSlice body
);

// In the newest version served. kUnsupported: not served by this node.
template <class Request>
[[nodiscard]] runtime::Task<Result<typename Request::Response>> local_call(
    LocalCaller caller, Request request
) {
    const auto key = static_cast<std::int16_t>(kafka::ApiTraits<Request>::kKey);
    const ApiEntry* api = caller.registry.find(key);
    if (api == nullptr) co_return fail(ErrorCode::kUnsupported, "not served by this node");
    const std::int16_t version = api->versions.max;
    SEALANE_CO_TRY(BufferSlice body, kafka::encode(request, version));
    SEALANE_CO_TRY(BufferSlice answer, co_await local_call_raw(caller, *api, key, std::move(body)));
    auto response = kafka::decode<typename Request::Response>(std::move(answer), version);
    if (!response) co_return fail(ErrorCode::kCorrupt, response.error().to_string());
    co_return *std::move(response);
}

}  // namespace sealane::broker
