#pragma once
// Sending to a group's coordinator: found, reconnected to and retried until the deadline, as long
// as the trouble is one that passes by itself.

#include "common/client/cluster_client.hpp"
#include "common/client/group_membership.hpp"

#include <algorithm>
#include <string>

namespace sealane::client {

// `error_of(response)` is the error that decides; `cap` as in Connection::send. Errors that ask for
// something else than finding the coordinator or trying again are left in the response.
template <class Request, class ErrorOf>
[[nodiscard]] runtime::Task<Result<typename Request::Response>> send_to_coordinator(
    ClusterClient& cluster,
    std::string group,
    Request request,
    ErrorOf error_of,
    Instant deadline,
    std::int16_t cap = INT16_MAX,
    Duration patience = 0s  // beyond the request timeout: joins and syncs are answered late
) {
    using Reaction = GroupMembership::Reaction;
    Backoff backoff = cluster.retry_backoff();
    for (;;) {
        SEALANE_CO_TRY(const BrokerId broker, co_await cluster.coordinator(group, deadline));
        const Instant limit = std::min(
            deadline, cluster.world().now() + cluster.options().request_timeout + patience
        );
        Error error = Error::stopped();
        auto connection = co_await cluster.connection(broker, Lane::kGroup, limit);
        if (connection) {
            auto answer = co_await (*connection)->send(request, limit, cap);
            if (answer) {
                const ErrorCode code = error_of(*answer);
                const Reaction reaction = GroupMembership::reaction_to(code);
                const bool passes =
                    reaction == Reaction::kFindCoordinator || reaction == Reaction::kRetry;
                if (!passes) co_return answer;
                error = Error(code, "group " + group);
            } else {
                error = std::move(answer).error();
            }
        } else {
            error = std::move(connection).error();
        }
        const Reaction reaction = GroupMembership::reaction_to(error.code());
        if (reaction == Reaction::kFindCoordinator || error.code() == ErrorCode::kNotFound)
            cluster.forget_coordinator(group);
        else if (reaction != Reaction::kRetry)
            co_return fail(std::move(error));
        const Duration delay = backoff.next(cluster.world().rng());
        if (cluster.world().now() + delay >= deadline) co_return fail(std::move(error));
        if (!co_await cluster.pause(delay)) co_return fail(Error::stopped());
    }
}

}  // namespace sealane::client
