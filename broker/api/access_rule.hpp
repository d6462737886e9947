#pragma once
// AccessRule: what a principal needs for one API. Asked with the decoded request before its handler
// runs; handlers themselves know nothing of authorisation. A rule takes out of the request what the
// principal may not touch, and says how those parts are answered. broker/api/security has the
// rules.

#include "broker/api/request_context.hpp"
#include "common/base/result.hpp"

#include <functional>
#include <optional>

namespace sealane::broker {

template <class Response>
struct AccessVerdict {
    // Sent at once; the handler is not asked.
    std::optional<Response> answer = std::nullopt;
    // Closes the connection: a refusal that has no answer (acks=0).
    std::optional<Error> error = std::nullopt;
    // Changes the handler's answer: denied parts come back, listings lose what may not be seen.
    std::function<void(Response&)> amend = {};
};

// May change the request. Must not await.
template <class Request>
using AccessRule = std::function<
    AccessVerdict<typename Request::Response>(const RequestContext& context, Request& request)>;

}  // namespace sealane::broker
