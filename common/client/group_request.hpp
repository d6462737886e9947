#pragma once
// Sending to a group's coordinator: found, reconnected to and retried until the deadline, as long
// as the trouble is one that passes by itself.

#include "common/client/cluster_client.hpp"
#include "common/client/group_membership.hpp"

#include <algorithm>
#include <string>

namespace sealane::client {

struct GroupCall {
    std::string group;
    Instant deadline;
    Lane lane = Lane::kControl;
    std::int16_t max_version = INT16_MAX;
    Duration patience = 0s;  // beyond the request timeout: joins and syncs are answered late
};

// `error_of(response)` is the error that decides. Errors that ask for something else than finding
// the coordinator or trying again are left in the response.
template <class Request, class ErrorOf>
[[nodiscard]] runtime::Task<Result<typename Request::Response>> send_to_coordinator(
    ClusterClient& cluster, GroupCall call, Request request, ErrorOf error_of
) {
    using Reaction = GroupMembership::Reaction;
    runtime::World& world = cluster.world();
    Backoff backoff = cluster.retry_backoff();
    for (;;) {
        SEALANE_CO_TRY(
            const BrokerId broker, co_await cluster.coordinator(call.group, call.deadline)
        );
        const Instant limit = std::min(
            call.deadline, world.now() + cluster.options().request_timeout + call.patience
        );
        Error error = Error::stopped();
        auto connection = co_await cluster.connection(broker, call.lane, limit);
        if (connection) {
            auto answer = co_await (*connection)->send(request, limit, call.max_version);
            const ErrorCode code = answer ? error_of(*answer) : answer.error().code();
            const Reaction reaction = GroupMembership::reaction_to(code);
            const bool passes =
                reaction == Reaction::kFindCoordinator || reaction == Reaction::kRetry;
            if (answer && !passes) co_return answer;
            error = answer ? Error(code, "group " + call.group) : std::move(answer).error();
        } else {
            error = std::move(connection).error();
        }
        const Reaction reaction = GroupMembership::reaction_to(error.code());
        if (reaction == Reaction::kFindCoordinator || error.code() == ErrorCode::kNotFound)
            cluster.forget_coordinator(call.group);
        else if (reaction != Reaction::kRetry)
            co_return fail(std::move(error));
        const Duration delay = backoff.next(world.rng());
        if (world.now() + delay >= call.deadline) co_return fail(std::move(error));
        if (!co_await cluster.pause(delay)) co_return fail(Error::stopped());
    }
}

}  // namespace sealane::client
