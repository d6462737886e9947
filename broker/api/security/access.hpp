#pragma once
// Access: whether a request's principal may do something, by the image's access control entries,
// the super users and the nodes of the cluster. Denials are counted, and told to the audit log at a
// bounded rate. Without an authorizer everything is allowed.

#include "broker/api/request_context.hpp"
#include "broker/api/security/line_budget.hpp"
#include "broker/config/security_config.hpp"
#include "broker/metadata/metadata_store.hpp"
#include "common/identity/acl_table.hpp"
#include "common/runtime/metrics.hpp"
#include "common/runtime/world.hpp"

#include <map>

namespace sealane::broker {

using identity::AclOperation;
using identity::ResourceType;

class Access final : public runtime::MetricSource {
 public:
    Access(runtime::World& world, const AuthorizerConfig& config, const MetadataStore& metadata)
        : world_(world), config_(config), metadata_(metadata), log_(world.log("broker.audit")) {}

    [[nodiscard]] bool enabled() const { return config_.enabled; }
    // A refusal goes to the audit log.
    [[nodiscard]] bool allows(
        const RequestContext& context,
        AclOperation operation,
        ResourceType type,
        std::string_view name
    );
    [[nodiscard]] bool allows_on_cluster(const RequestContext& context, AclOperation operation) {
        return allows(context, operation, ResourceType::kCluster, identity::kClusterName);
    }
    // The same without a trace: for filtered listings.
    [[nodiscard]] bool would_allow(
        const RequestContext& context,
        AclOperation operation,
        ResourceType type,
        std::string_view name
    ) const;
    // Whether at least one resource of that type may be used so.
    [[nodiscard]] bool would_allow_some(
        const RequestContext& context, AclOperation operation, ResourceType type
    ) const;
    // Bits of the operations that are allowed, of those that the type has (KIP-430).
    [[nodiscard]] std::int32_t operations(
        const RequestContext& context, ResourceType type, std::string_view name
    ) const;
    [[nodiscard]] std::uint64_t denied() const { return denied_total_; }
    void collect(runtime::MetricSink& sink) const override;

 private:
    void note_denial(
        const RequestContext& context,
        AclOperation operation,
        ResourceType type,
        std::string_view name
    );

    runtime::World& world_;
    const AuthorizerConfig& config_;
    const MetadataStore& metadata_;
    runtime::Log log_;
    std::map<std::pair<ResourceType, AclOperation>, std::uint64_t> denied_;
    std::uint64_t denied_total_ = 0;
    LineBudget lines_;
};

// "127.0.0.1" for "127.0.0.1:51234", "::1" for "[::1]:51234".
[[nodiscard]] std::string_view host_of(std::string_view address);

}  // namespace sealane::broker
