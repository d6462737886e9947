#pragma once
// What the rules of this folder have in common. One file a family of APIs, registered by
// guard_apis() (access_rules.cpp). Rules follow Kafka's table: which operation on which resource
// each API needs, and how a refusal is answered.

#include "broker/api/registry.hpp"
#include "broker/api/security/access.hpp"
#include "broker/api/services.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace sealane::broker {

void guard_data_apis(ApiRegistry& registry, Services& services);
void guard_metadata_apis(ApiRegistry& registry, Services& services);
void guard_topic_apis(ApiRegistry& registry, Services& services);
void guard_config_apis(ApiRegistry& registry, Services& services);
void guard_group_apis(ApiRegistry& registry, Services& services);
void guard_consumer_group_apis(ApiRegistry& registry, Services& services);
void guard_offset_apis(ApiRegistry& registry, Services& services);
void guard_transaction_apis(ApiRegistry& registry, Services& services);
void guard_cluster_apis(ApiRegistry& registry, Services& services);

// One principal with one request.
class Asker {
 public:
    Asker(const Services& services, const RequestContext& context)
        : services_(services), context_(context) {}

    [[nodiscard]] bool topic(AclOperation operation, std::string_view name) const {
        return services_.access.allows(context_, operation, ResourceType::kTopic, name);
    }
    // By id; a topic that is not there is for the handler to say.
    [[nodiscard]] bool topic(AclOperation operation, std::string_view name, const Uuid& id) const {
        if (id.is_zero()) return topic(operation, name);
        const auto found = services_.metadata.image()->topic(id);
        return found == nullptr || topic(operation, found->name);
    }
    [[nodiscard]] bool group(AclOperation operation, std::string_view name) const {
        return services_.access.allows(context_, operation, ResourceType::kGroup, name);
    }
    [[nodiscard]] bool transaction(AclOperation operation, std::string_view id) const {
        return services_.access.allows(context_, operation, ResourceType::kTransactionalId, id);
    }
    [[nodiscard]] bool cluster(AclOperation operation) const {
        return services_.access.allows_on_cluster(context_, operation);
    }
    // Without a trace in the audit log.
    [[nodiscard]] bool sees_topic(std::string_view name) const {
        return sees(AclOperation::kDescribe, ResourceType::kTopic, name);
    }
    [[nodiscard]] bool sees(AclOperation operation, ResourceType type, std::string_view name)
        const {
        return services_.access.would_allow(context_, operation, type, name);
    }
    [[nodiscard]] std::int32_t operations(ResourceType type, std::string_view name) const {
        return services_.access.operations(context_, type, name);
    }
    // What a field of authorised operations of the cluster shows.
    [[nodiscard]] std::int32_t cluster_operations() const {
        if (!sees(AclOperation::kDescribe, ResourceType::kCluster, identity::kClusterName))
            return 0;
        return operations(ResourceType::kCluster, identity::kClusterName);
    }
    [[nodiscard]] const RequestContext& context() const { return context_; }

 private:
    const Services& services_;
    const RequestContext& context_;
};

// Takes out of `all` what `allowed` refuses; both lists keep their order.
template <class Item, class Allowed>
std::vector<Item> take_denied(std::vector<Item>& all, Allowed allowed) {
    std::vector<Item> kept;
    std::vector<Item> taken;
    for (Item& item : all) (allowed(std::as_const(item)) ? kept : taken).push_back(std::move(item));
    all = std::move(kept);
    return taken;
}

// A rule that refuses the whole request with `refusal(request)` unless `allowed(asker, request)`.
template <class Request, class Allowed, class Refusal>
void guard_whole(
    ApiRegistry& registry, const Services& services, Allowed allowed, Refusal refusal
) {
    registry.guard<Request>(
        [&services, allowed, refusal](
            const RequestContext& context, Request& request
        ) -> AccessVerdict<typename Request::Response> {
            if (allowed(Asker(services, context), std::as_const(request))) return {};
            AccessVerdict<typename Request::Response> verdict;
            verdict.answer = refusal(std::as_const(request));
            return verdict;
        }
    );
}

// A request that needs one operation on the cluster, answered with CLUSTER_AUTHORIZATION_FAILED.
template <class Request>
void guard_by_cluster(ApiRegistry& registry, const Services& services, AclOperation operation) {
    guard_whole<Request>(
        registry,
        services,
        [operation](const Asker& asker, const Request&) { return asker.cluster(operation); },
        [](const Request&) {
            typename Request::Response response;
            response.error_code = ErrorCode::kClusterAuthorizationFailed;
            if constexpr (requires { response.error_message; }) {
                response.error_message = "Cluster authorization failed.";
            }
            return response;
        }
    );
}

}  // namespace sealane::broker
