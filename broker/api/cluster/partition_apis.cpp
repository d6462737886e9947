// What the active controller decides about partitions: AlterPartition, AssignReplicasToDirs and
// AllocateProducerIds for brokers, reassignments and elections for operators. Each is one decision
// on the metadata log; its answer leaves when the quorum has committed it.

#include "broker/api/cluster/cluster_handlers.hpp"
#include "broker/metadata/alter_partition.hpp"
#include "broker/metadata/leader_election.hpp"
#include "broker/metadata/producer_id_blocks.hpp"
#include "broker/metadata/reassignment.hpp"

#include <memory>

namespace sealane::broker {

using runtime::Task;

namespace {

// A handler that asks `decide(image, policy, request)` for a decision with records and response.
template <class Request, class Decide>
auto deciding(Services& services, Decide decide) {
    using Response = typename Request::Response;
    return [&services, decide](RequestContext, Request request) -> Task<Reply<Response>> {
        co_return Reply<Response>::later([&services, decide, request]() -> Task<Result<Response>> {
            Response response;
            const Status done = co_await services.metadata.change(
                [&services, &decide, &request, &response](const Image& image) {
                    auto decision =
                        decide(image, services.controller_duties.policy(image), request);
                    response = std::move(decision.response);
                    return Result<Records>(std::move(decision.records));
                }
            );
            if (done) co_return response;
            Response refused;
            refused.error_code = wire_code(done.error());
            if constexpr (requires { refused.error_message; }) {
                refused.error_message = wire_message(done.error());
            }
            co_return refused;
        });
    };
}

}  // namespace

void add_alter_partition(ApiRegistry& registry, Services& services) {
    registry.add_cluster<kafka::AlterPartitionRequest>(
        {2, 3}, deciding<kafka::AlterPartitionRequest>(services, &alter_partition)
    );
}

void add_allocate_producer_ids(ApiRegistry& registry, Services& services) {
    const auto decide = [](const Image& image,
                           const ClusterPolicy&,
                           const kafka::AllocateProducerIdsRequest& request) {
        return allocate_producer_ids(image, request);
    };
    registry.add_cluster<kafka::AllocateProducerIdsRequest>(
        {0, 0}, deciding<kafka::AllocateProducerIdsRequest>(services, decide)
    );
}

void add_elect_leaders(ApiRegistry& registry, Services& services) {
    registry.add_controller<kafka::ElectLeadersRequest>(
        {0, 2}, deciding<kafka::ElectLeadersRequest>(services, &elect_leaders)
    );
}

void add_reassignment_apis(ApiRegistry& registry, Services& services) {
    registry.add_controller<kafka::AlterPartitionReassignmentsRequest>(
        {0, 1}, deciding<kafka::AlterPartitionReassignmentsRequest>(services, &alter_reassignments)
    );
    registry.add_controller<kafka::ListPartitionReassignmentsRequest>(
        {0, 0},
        [&services](
            RequestContext, kafka::ListPartitionReassignmentsRequest request
        ) -> Task<Reply<kafka::ListPartitionReassignmentsResponse>> {
            co_return list_reassignments(*services.metadata.image(), request);
        }
    );
}

}  // namespace sealane::broker
