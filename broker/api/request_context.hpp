#pragma once
// What a handler knows about the request it serves besides its body.

#include "common/base/ids.hpp"
#include "common/base/time.hpp"

#include <cstdint>
#include <string>

namespace sealane::broker {

struct RequestContext {
    std::int16_t api_key = 0;
    std::int16_t api_version = 0;
    std::string client_id;        // empty when the client sent none
    std::string principal;        // "User:ANONYMOUS", or "User:" and who the client proved to be
    std::string client_address;   // "127.0.0.1:51234"
    std::string listener;         // name: Metadata answers with the endpoint of this listener
    bool private_apis = false;    // the principal may use keys of 1000 and up
    bool cluster_action = false;  // the principal is a node of this cluster, or a super user
    bool trusted = false;         // a request of this node's own: access is not asked
    std::uint64_t connection = 0;
    Instant received;  // when the whole frame had arrived
};

}  // namespace sealane::broker
