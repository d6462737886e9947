// FindCoordinator, members of groups, and what tools ask about groups.

#include "broker/api/security/rules.hpp"
#include "common/kafka/messages/group_admin.hpp"
#include "common/kafka/messages/groups.hpp"

namespace sealane::broker {

using kafka::DeleteGroupsRequest;
using kafka::DeleteGroupsResponse;
using kafka::DescribeGroupsRequest;
using kafka::DescribeGroupsResponse;
using kafka::FindCoordinatorRequest;
using kafka::FindCoordinatorResponse;
using kafka::ListGroupsRequest;
using kafka::ListGroupsResponse;

namespace {

constexpr ErrorCode kDenied = ErrorCode::kGroupAuthorizationFailed;
constexpr std::int8_t kGroupKey = 0;
constexpr std::int8_t kTransactionKey = 1;
constexpr std::int16_t kFirstBatchedVersion = 4;

bool may_find(const Asker& asker, std::int8_t type, const std::string& key) {
    if (type == kGroupKey) return asker.group(AclOperation::kDescribe, key);
    if (type == kTransactionKey) return asker.transaction(AclOperation::kDescribe, key);
    return asker.cluster(AclOperation::kClusterAction);
}

ErrorCode denied_code(std::int8_t type) {
    if (type == kGroupKey) return kDenied;
    return type == kTransactionKey ? ErrorCode::kTransactionalIdAuthorizationFailed
                                   : ErrorCode::kClusterAuthorizationFailed;
}

AccessVerdict<FindCoordinatorResponse> find_rule(
    const Asker& asker, FindCoordinatorRequest& request
) {
    AccessVerdict<FindCoordinatorResponse> verdict;
    const std::int8_t type = request.key_type;
    const ErrorCode code = denied_code(type);
    if (asker.context().api_version < kFirstBatchedVersion) {
        if (may_find(asker, type, request.key)) return verdict;
        auto& answer = verdict.answer.emplace();
        answer.error_code = code;
        answer.error_message = "Authorization failed.";
        answer.node_id = kNoBroker;
        answer.port = -1;
        return verdict;
    }
    auto denied = take_denied(request.coordinator_keys, [&](const std::string& key) {
        return may_find(asker, type, key);
    });
    if (denied.empty()) return verdict;
    verdict.amend = [denied = std::move(denied), code](FindCoordinatorResponse& response) {
        for (const std::string& key : denied) {
            auto& answer = response.coordinators.emplace_back();
            answer.key = key;
            answer.node_id = kNoBroker;
            answer.port = -1;
            answer.error_code = code;
            answer.error_message = "Authorization failed.";
        }
    };
    return verdict;
}

template <class Request>
void guard_member(ApiRegistry& registry, Services& services) {
    guard_whole<Request>(
        registry,
        services,
        [](const Asker& asker, const Request& request) {
            return asker.group(AclOperation::kRead, request.group_id);
        },
        [](const Request& request) {
            typename Request::Response response;
            response.error_code = kDenied;
            if constexpr (requires { response.member_id = request.member_id; }) {
                response.member_id = request.member_id;
            }
            return response;
        }
    );
}

AccessVerdict<DescribeGroupsResponse> describe_rule(
    const Services& services, const RequestContext& context, DescribeGroupsRequest& request
) {
    const Asker asker(services, context);
    auto denied = take_denied(request.groups, [&asker](const std::string& group) {
        return asker.group(AclOperation::kDescribe, group);
    });
    const bool with_operations = request.include_authorized_operations;
    AccessVerdict<DescribeGroupsResponse> verdict;
    verdict.amend = [&services, context, with_operations, denied = std::move(denied)](
                        DescribeGroupsResponse& response
                    ) {
        const Asker again(services, context);
        for (auto& group : response.groups) {
            if (!with_operations) break;
            group.authorized_operations = again.operations(ResourceType::kGroup, group.group_id);
        }
        for (const std::string& id : denied) {
            auto& group = response.groups.emplace_back();
            group.group_id = id;
            group.error_code = kDenied;
        }
    };
    return verdict;
}

AccessVerdict<ListGroupsResponse> list_rule(
    const Services& services, const RequestContext& context
) {
    const Asker asker(services, context);
    AccessVerdict<ListGroupsResponse> verdict;
    if (asker.sees(AclOperation::kDescribe, ResourceType::kCluster, identity::kClusterName)) {
        return verdict;
    }
    verdict.amend = [&services, context](ListGroupsResponse& response) {
        const Asker again(services, context);
        std::erase_if(response.groups, [&again](const auto& group) {
            return !again.sees(AclOperation::kDescribe, ResourceType::kGroup, group.group_id);
        });
    };
    return verdict;
}

AccessVerdict<DeleteGroupsResponse> delete_rule(const Asker& asker, DeleteGroupsRequest& request) {
    auto denied = take_denied(request.groups_names, [&asker](const std::string& group) {
        return asker.group(AclOperation::kDelete, group);
    });
    AccessVerdict<DeleteGroupsResponse> verdict;
    if (denied.empty()) return verdict;
    verdict.amend = [denied = std::move(denied)](DeleteGroupsResponse& response) {
        for (const std::string& group : denied) {
            auto& result = response.results.emplace_back();
            result.group_id = group;
            result.error_code = kDenied;
        }
    };
    return verdict;
}

}  // namespace

void guard_group_apis(ApiRegistry& registry, Services& services) {
    registry.guard<FindCoordinatorRequest>(
        [&services](const RequestContext& context, FindCoordinatorRequest& request) {
            return find_rule(Asker(services, context), request);
        }
    );
    guard_member<kafka::JoinGroupRequest>(registry, services);
    guard_member<kafka::SyncGroupRequest>(registry, services);
    guard_member<kafka::HeartbeatRequest>(registry, services);
    guard_member<kafka::LeaveGroupRequest>(registry, services);
    registry.guard<DescribeGroupsRequest>(
        [&services](const RequestContext& context, DescribeGroupsRequest& request) {
            return describe_rule(services, context, request);
        }
    );
    registry.guard<ListGroupsRequest>(
        [&services](const RequestContext& context, ListGroupsRequest&) {
            return list_rule(services, context);
        }
    );
    registry.guard<DeleteGroupsRequest>(
        [&services](const RequestContext& context, DeleteGroupsRequest& request) {
            return delete_rule(Asker(services, context), request);
        }
    );
}

}  // namespace sealane::broker
