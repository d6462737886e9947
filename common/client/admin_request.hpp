#pragma once
// Sending an administrative request: to any broker, the controller, or a given one, repeated while
// what went wrong passes by itself.

#include "common/client/cluster_client.hpp"

#include <algorithm>
#include <optional>

namespace sealane::client {

// That the time is over says less than the last refusal: why it was not enough.
[[nodiscard]] inline Error why(Error last, const std::optional<Error>& refusal) {
    return refusal && last.code() == ErrorCode::kDeadlineExceeded ? *refusal : last;
}

// `judge(response)` says whether the answer is good; a retriable error there asks again. Nothing
// for `broker`: any.
template <class Request, class Judge>
[[nodiscard]] runtime::Task<Result<typename Request::Response>> ask(
    ClusterClient& cluster,
    std::optional<BrokerId> broker,
    Request request,
    Judge judge,
    Instant deadline,
    std::int16_t cap = INT16_MAX
) {
    Backoff backoff = cluster.retry_backoff();
    std::optional<Error> refusal;
    for (;;) {
        const Instant limit =
            std::min(deadline, cluster.world().now() + cluster.options().request_timeout);
        auto open = broker ? co_await cluster.connection(*broker, Lane::kControl, limit)
                           : co_await cluster.any_connection(limit);
        Error error = open ? Error::stopped() : open.error();
        if (open) {
            auto answer = co_await (*open)->send(request, limit, cap);
            const Status good = answer ? judge(*answer) : Status(fail(answer.error()));
            if (good) co_return answer;
            error = good.error();
            if (answer) refusal = error;
        }
        const Duration delay = backoff.next(cluster.world().rng());
        // A missing topic is retriable to Kafka, but whoever administers wants to be told.
        const bool passes =
            is_retriable(error.code()) && error.code() != ErrorCode::kUnknownTopicOrPartition;
        if (!passes || cluster.world().now() + delay >= deadline) {
            co_return fail(why(std::move(error), refusal));
        }
        if (!co_await cluster.pause(delay)) co_return fail(Error::stopped());
    }
}

// To the controller as far as the metadata names one.
template <class Request, class Judge>
[[nodiscard]] runtime::Task<Result<typename Request::Response>> ask_controller(
    ClusterClient& cluster,
    Request request,
    Judge judge,
    Instant deadline,
    std::int16_t cap = INT16_MAX
) {
    if (cluster.metadata().broker(cluster.metadata().controller()) == nullptr)
        SEALANE_CO_CHECK(co_await cluster.refresh({}, deadline));
    const BrokerId controller = cluster.metadata().controller();
    std::optional<BrokerId> to;
    if (cluster.metadata().broker(controller) != nullptr) to = controller;
    co_return co_await ask(cluster, to, std::move(request), std::move(judge), deadline, cap);
}

// To whichever broker answers: brokers hand on what only the controller may decide. A broker that
// says that it cannot (NOT_CONTROLLER, before KRaft) names nobody, so the metadata is asked. Unlike
// ask(), another broker is tried after each failure, so that a dead or paused one costs one
// attempt.
template <class Request, class Judge>
[[nodiscard]] runtime::Task<Result<typename Request::Response>> ask_anyone(
    ClusterClient& cluster, Request request, Judge judge, Instant deadline
) {
    Backoff backoff = cluster.retry_backoff();
    bool ask_the_controller = false;
    std::optional<Error> refusal;
    for (;;) {
        const Instant limit =
            std::min(deadline, cluster.world().now() + cluster.options().request_timeout);
        if (ask_the_controller) SEALANE_CO_CHECK(co_await cluster.refresh({}, deadline));
        const BrokerId controller = cluster.metadata().controller();
        const bool known = cluster.metadata().broker(controller) != nullptr;
        auto open = ask_the_controller && known
                        ? co_await cluster.connection(controller, Lane::kControl, limit)
                        : co_await cluster.any_connection(limit);
        Error error = open ? Error::stopped() : open.error();
        if (open) {
            auto answer = co_await (*open)->send(request, limit);
            const Status good = answer ? judge(*answer) : Status(fail(answer.error()));
            if (good) co_return answer;
            error = good.error();
            if (answer) refusal = error;
        }
        ask_the_controller = !ask_the_controller && error.code() == ErrorCode::kNotController;
        const Duration delay = backoff.next(cluster.world().rng());
        if (!is_retriable(error.code()) || cluster.world().now() + delay >= deadline) {
            co_return fail(why(std::move(error), refusal));
        }
        if (!co_await cluster.pause(delay)) co_return fail(Error::stopped());
    }
}

}  // namespace sealane::client
