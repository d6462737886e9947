// What the metadata quorum answers: Vote, BeginQuorumEpoch, EndQuorumEpoch, FetchSnapshot between
// its nodes (KIP-595, 630), DescribeQuorum and changes of voters for tools (KIP-836, 853), which
// its leader answers wherever they arrive. All may wait for the disk or for the log, so they are
// answered beside later requests. Fetches of the metadata log come through fetch.cpp.

#include "broker/api/cluster/cluster_handlers.hpp"
#include "broker/quorum/quorum.hpp"

namespace sealane::broker {

using quorum::Quorum;
using runtime::Task;

namespace {

// A handler that hands its request over to the quorum.
template <class Request>
auto asks(Services& services, Task<typename Request::Response> (Quorum::*answer)(Request)) {
    using Response = typename Request::Response;
    return [&services, answer](RequestContext, Request request) -> Task<Reply<Response>> {
        co_return Reply<Response>::later([&services, answer, request]() -> Task<Result<Response>> {
            co_return co_await (services.quorum.*answer)(request);
        });
    };
}

}  // namespace

void add_quorum_apis(ApiRegistry& registry, Services& services) {
    registry.add_cluster<kafka::VoteRequest>({0, 2}, asks(services, &Quorum::vote));
    registry.add_cluster<kafka::BeginQuorumEpochRequest>(
        {0, 1}, asks(services, &Quorum::begin_quorum_epoch)
    );
    registry.add_cluster<kafka::EndQuorumEpochRequest>(
        {0, 1}, asks(services, &Quorum::end_quorum_epoch)
    );
    registry.add_cluster<kafka::FetchSnapshotRequest>(
        {0, 1}, asks(services, &Quorum::fetch_snapshot)
    );
    registry.add_controller<kafka::DescribeQuorumRequest>(
        {0, 2}, asks(services, &Quorum::describe)
    );
    registry.add_controller<kafka::AddRaftVoterRequest>({0, 1}, asks(services, &Quorum::add_voter));
    registry.add_controller<kafka::RemoveRaftVoterRequest>(
        {0, 0}, asks(services, &Quorum::remove_voter)
    );
    registry.add_controller<kafka::UpdateRaftVoterRequest>(
        {0, 0}, asks(services, &Quorum::update_voter)
    );
}

}  // namespace sealane::broker
