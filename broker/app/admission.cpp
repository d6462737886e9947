#include "broker/app/admission.hpp"

namespace sealane::broker {

using runtime::Task;

namespace {

constexpr Duration kPatience = 30s;

bool is_for_everybody(std::int16_t key) {
    return kafka::ApiKey{key} == kafka::ApiKey::kApiVersions ||
           kafka::ApiKey{key} == kafka::ApiKey::kSaslHandshake ||
           kafka::ApiKey{key} == kafka::ApiKey::kSaslAuthenticate;
}

// Which topics there are: a node that has not caught up would deny some, and mirrors and clients
// may come under the same principal as the cluster's nodes.
bool is_about_topics(std::int16_t key) {
    return kafka::ApiKey{key} == kafka::ApiKey::kMetadata ||
           kafka::ApiKey{key} == kafka::ApiKey::kDescribeTopicPartitions;
}

// What tools ask of controllers (their bootstrap.controllers).
bool is_for_controllers(const ApiEntry& entry, std::int16_t key) {
    return entry.is_controller || kafka::ApiKey{key} == kafka::ApiKey::kDescribeCluster;
}

}  // namespace

std::optional<Task<RawReply>> Admission::detour(
    const ApiEntry& entry, RequestContext& context, BufferSlice& body
) {
    const std::int16_t key = context.api_key;
    const bool at_once = open_ || entry.is_cluster || is_for_everybody(key) ||
                         (context.cluster_action && !is_about_topics(key));
    if (at_once || (!serves_clients_ && is_for_controllers(entry, key))) {
        return forwarding_.detour(entry, context, body);
    }
    return wait(&entry, std::move(context), std::move(body));
}

Task<bool> Admission::wait_open(Instant deadline) {
    while (!open_ && !closed_ && world_.now() < deadline) {
        (void)co_await changed_.wait_until(deadline);
    }
    co_return open_;
}

Task<RawReply> Admission::wait(const ApiEntry* entry, RequestContext context, BufferSlice body) {
    if (!serves_clients_) {
        co_return RawReply(Error(ErrorCode::kUnsupported, "this node has the role controller only")
        );
    }
    const Instant deadline = context.received + kPatience;
    if (!co_await wait_open(deadline)) {
        co_return RawReply(
            closed_ ? Error::stopped()
                    : Error(ErrorCode::kBusy, "this node waits for the metadata quorum")
        );
    }
    auto forwarded = forwarding_.detour(*entry, context, body);
    if (forwarded) co_return co_await *std::move(forwarded);
    co_return co_await entry->here(std::move(context), std::move(body));
}

}  // namespace sealane::broker
