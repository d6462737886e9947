#include "broker/api/security/access.hpp"

#include <algorithm>

namespace sealane::broker {

using identity::AclAnswer;
using identity::AclQuestion;

namespace {

// The operations that mean something for a type, as Kafka lists them.
std::vector<AclOperation> operations_of(ResourceType type) {
    using enum AclOperation;
    switch (type) {
        case ResourceType::kTopic:
            return {
                kRead, kWrite, kCreate, kDelete, kAlter, kDescribe, kDescribeConfigs, kAlterConfigs
            };
        case ResourceType::kGroup:
            return {kRead, kDelete, kDescribe};
        case ResourceType::kCluster:
            return {
                kCreate,
                kAlter,
                kDescribe,
                kClusterAction,
                kDescribeConfigs,
                kAlterConfigs,
                kIdempotentWrite
            };
        default:
            return {};
    }
}

bool is_super(const RequestContext& context) {
    return context.trusted || context.cluster_action;
}

}  // namespace

std::string_view host_of(std::string_view address) {
    const std::string_view host = address.substr(0, address.rfind(':'));
    if (host.starts_with('[') && host.ends_with(']')) return host.substr(1, host.size() - 2);
    return host;
}

bool Access::would_allow(
    const RequestContext& context, AclOperation operation, ResourceType type, std::string_view name
) const {
    if (!config_.enabled || is_super(context)) return true;
    const auto answer = metadata_.image()->security().acls.ask(AclQuestion{
        .principal = context.principal,
        .host = host_of(context.client_address),
        .operation = operation,
        .resource_type = type,
        .resource_name = name,
    });
    if (answer == AclAnswer::kNobodyNamed) return config_.allow_without_acl;
    return answer == AclAnswer::kAllowed;
}

bool Access::allows(
    const RequestContext& context, AclOperation operation, ResourceType type, std::string_view name
) {
    if (would_allow(context, operation, type, name)) return true;
    note_denial(context, operation, type, name);
    return false;
}

bool Access::would_allow_some(
    const RequestContext& context, AclOperation operation, ResourceType type
) const {
    if (!config_.enabled || is_super(context)) return true;
    const AclQuestion question{
        .principal = context.principal,
        .host = host_of(context.client_address),
        .operation = operation,
        .resource_type = type,
        .resource_name = {},
    };
    const identity::AclTable& acls = metadata_.image()->security().acls;
    if (acls.allows_some(question)) return true;
    // A name that no entry is about.
    return config_.allow_without_acl && acls.ask(question) == AclAnswer::kNobodyNamed;
}

std::int32_t Access::operations(
    const RequestContext& context, ResourceType type, std::string_view name
) const {
    std::int32_t bits = 0;
    for (const AclOperation operation : operations_of(type)) {
        if (would_allow(context, operation, type, name)) bits |= 1 << static_cast<int>(operation);
    }
    return bits;
}

void Access::note_denial(
    const RequestContext& context, AclOperation operation, ResourceType type, std::string_view name
) {
    ++denied_total_;
    ++denied_[{type, operation}];
    const auto unwritten = lines_.take(world_.now());
    if (!unwritten) return;
    log_.info(
        "denied",
        {{"principal", context.principal},
         {"host", host_of(context.client_address)},
         {"operation", name_of(operation)},
         {"resource", name_of(type)},
         {"name", name.substr(0, 256)},
         {"api", kafka::name_of(kafka::ApiKey{context.api_key})},
         {"listener", context.listener},
         {"not_logged_before", *unwritten}}
    );
}

void Access::collect(runtime::MetricSink& sink) const {
    if (!config_.enabled) return;
    const identity::AclTable& acls = metadata_.image()->security().acls;
    sink.gauge(
        "sealane_security_acls",
        "Access control entries.",
        static_cast<double>(acls.entries().size())
    );
    for (const auto& [what, count] : denied_) {
        sink.counter(
            "sealane_security_denied_total",
            "Requests, or parts of them, that the authorizer refused.",
            static_cast<double>(count),
            {{"resource", std::string(name_of(what.first))},
             {"operation", std::string(name_of(what.second))}}
        );
    }
}

}  // namespace sealane::broker
