#include "broker/api/controller_channel.hpp"

namespace sealane::broker {

using runtime::Task;

// As the node itself: it may do everything.
Task<Result<BufferSlice>> ControllerChannel::run_raw(
    const ApiEntry& api, std::int16_t key, BufferSlice body
) {
    RequestContext context;
    context.api_key = key;
    context.api_version = api.versions.max;
    context.client_id = "broker-" + std::to_string(ports_.self.value);
    context.principal = "User:broker";
    context.private_apis = true;
    context.cluster_action = true;
    context.trusted = true;
    context.received = world_.now();
    RawReply reply = co_await api.here(std::move(context), std::move(body));
    RawReply::Form form = std::move(reply).take();
    if (auto* error = std::get_if<Error>(&form)) co_return fail(std::move(*error));
    if (auto* ready = std::get_if<BufferChain>(&form)) co_return ready->joined();
    if (auto* later = std::get_if<RawReply::Later>(&form)) {
        SEALANE_CO_TRY(const BufferChain body_later, co_await (*later)());
        co_return body_later.joined();
    }
    co_return fail(ErrorCode::kUnsupported, "a request without an answer");
}

}  // namespace sealane::broker
