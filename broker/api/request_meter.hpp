#pragma once
// RequestMeter: what the table of handlers tells about each request that was served, for quotas.
// The implementation is in broker/api/security.

#include "broker/api/request_context.hpp"

#include <cstddef>

namespace sealane::broker {

class RequestMeter {
 public:
    virtual ~RequestMeter() = default;
    // False: nothing is limited now, and nothing needs to be told.
    [[nodiscard]] virtual bool active() const = 0;
    [[nodiscard]] virtual Instant now() const = 0;
    // `body`: bytes of the request; `spent`: the time until its handler gave its reply. How long
    // the client has to rest; the connection is muted for as long.
    [[nodiscard]] virtual Duration charge(
        const RequestContext& context, std::size_t body, Duration spent
    ) = 0;
};

}  // namespace sealane::broker
