// What is about the cluster as a whole: one operation on the cluster resource each.

#include "broker/api/security/rules.hpp"
#include "common/kafka/messages/acls.hpp"
#include "common/kafka/messages/cluster.hpp"
#include "common/kafka/messages/quorum_admin.hpp"
#include "common/kafka/messages/quotas.hpp"
#include "common/kafka/messages/reassignments.hpp"
#include "common/kafka/messages/sasl.hpp"
#include "common/kafka/messages/voters.hpp"

namespace sealane::broker {

namespace {

constexpr ErrorCode kDenied = ErrorCode::kClusterAuthorizationFailed;
constexpr const char* kSaid = "Cluster authorization failed.";

// Answers that have an error for each part of the request and none for the whole.
template <class Request, class Refusal>
void guard_parts(
    ApiRegistry& registry, Services& services, AclOperation operation, Refusal refusal
) {
    guard_whole<Request>(
        registry,
        services,
        [operation](const Asker& asker, const Request&) { return asker.cluster(operation); },
        refusal
    );
}

void guard_acls(ApiRegistry& registry, Services& services) {
    guard_by_cluster<kafka::DescribeAclsRequest>(registry, services, AclOperation::kDescribe);
    guard_parts<kafka::CreateAclsRequest>(
        registry,
        services,
        AclOperation::kAlter,
        [](const kafka::CreateAclsRequest& request) {
            kafka::CreateAclsResponse response;
            for (std::size_t i = 0; i < request.creations.size(); ++i) {
                response.results.push_back({kDenied, kSaid});
            }
            return response;
        }
    );
    guard_parts<kafka::DeleteAclsRequest>(
        registry,
        services,
        AclOperation::kAlter,
        [](const kafka::DeleteAclsRequest& request) {
            kafka::DeleteAclsResponse response;
            for (std::size_t i = 0; i < request.filters.size(); ++i) {
                response.filter_results.push_back({kDenied, kSaid, {}});
            }
            return response;
        }
    );
}

void guard_credentials(ApiRegistry& registry, Services& services) {
    guard_by_cluster<kafka::DescribeUserScramCredentialsRequest>(
        registry, services, AclOperation::kDescribe
    );
    guard_parts<kafka::AlterUserScramCredentialsRequest>(
        registry,
        services,
        AclOperation::kAlter,
        [](const kafka::AlterUserScramCredentialsRequest& request) {
            kafka::AlterUserScramCredentialsResponse response;
            std::vector<std::string> users;
            for (const auto& one : request.deletions) users.push_back(one.name);
            for (const auto& one : request.upsertions) users.push_back(one.name);
            std::ranges::sort(users);
            const auto repeated = std::ranges::unique(users);
            users.erase(repeated.begin(), repeated.end());
            for (std::string& user : users) {
                response.results.push_back({std::move(user), kDenied, kSaid});
            }
            return response;
        }
    );
}

void guard_quotas(ApiRegistry& registry, Services& services) {
    guard_by_cluster<kafka::DescribeClientQuotasRequest>(
        registry, services, AclOperation::kDescribeConfigs
    );
    guard_parts<kafka::AlterClientQuotasRequest>(
        registry,
        services,
        AclOperation::kAlterConfigs,
        [](const kafka::AlterClientQuotasRequest& request) {
            kafka::AlterClientQuotasResponse response;
            for (const auto& entry : request.entries) {
                auto& answer = response.entries.emplace_back();
                answer.error_code = kDenied;
                answer.error_message = kSaid;
                for (const auto& part : entry.entity) {
                    answer.entity.push_back({part.entity_type, part.entity_name});
                }
            }
            return response;
        }
    );
}

}  // namespace

void guard_cluster_apis(ApiRegistry& registry, Services& services) {
    using enum AclOperation;
    guard_acls(registry, services);
    guard_credentials(registry, services);
    guard_quotas(registry, services);
    guard_by_cluster<kafka::DescribeLogDirsRequest>(registry, services, kDescribe);
    guard_by_cluster<kafka::DescribeQuorumRequest>(registry, services, kDescribe);
    guard_by_cluster<kafka::ListPartitionReassignmentsRequest>(registry, services, kDescribe);
    guard_by_cluster<kafka::AlterPartitionReassignmentsRequest>(registry, services, kAlter);
    guard_by_cluster<kafka::ElectLeadersRequest>(registry, services, kAlter);
    guard_by_cluster<kafka::UnregisterBrokerRequest>(registry, services, kAlter);
    guard_by_cluster<kafka::UpdateFeaturesRequest>(registry, services, kAlter);
    guard_by_cluster<kafka::AddRaftVoterRequest>(registry, services, kAlter);
    guard_by_cluster<kafka::RemoveRaftVoterRequest>(registry, services, kAlter);
    guard_by_cluster<kafka::UpdateRaftVoterRequest>(registry, services, kClusterAction);
}

}  // namespace sealane::broker
