#pragma once
// What the server counts, for metrics.

#include <cstdint>
#include <map>

namespace sealane::broker {

struct ServerFigures {
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;  // over a connection limit
    std::uint64_t failed_handshakes = 0;
    std::uint64_t bad_frames = 0;  // refused lengths, unreadable headers or bodies
    std::uint64_t stalled = 0;     // closed because half a frame or a reply did not move
    std::uint64_t idle_closed = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t writes = 0;
    std::size_t open = 0;
    std::size_t unauthenticated = 0;  // open, and still to prove who they are
    std::uint64_t failed_authentications = 0;
    std::uint64_t authentications = 0;
    std::uint64_t expired_sessions = 0;
    std::uint64_t revoked_connections = 0;    // ended because their certificates were revoked
    std::uint64_t throttled_connections = 0;  // refused by a quota of their address
    std::map<std::int16_t, std::uint64_t> requests;  // by API key
};

}  // namespace sealane::broker
