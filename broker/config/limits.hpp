#pragma once
// Bounds that keep one peer, or all of them together, from taking the broker's memory or time.
// Names of the Kafka settings they come from are beside them.

#include "common/base/time.hpp"

#include <cstdint>

namespace sealane::broker {

struct ServerLimits {
    std::int32_t max_request_bytes = 100 * 1024 * 1024;        // socket.request.max.bytes
    std::int64_t in_flight_bytes = 512LL * 1024 * 1024;        // queued.max.request.bytes
    std::int64_t connection_in_flight_bytes = 128LL << 20U;    // requests of one connection
    std::int64_t connection_reply_bytes = 64LL * 1024 * 1024;  // replies waiting to be sent
    std::size_t connection_requests = 256;                     // requests not yet answered
    std::size_t max_connections = 10'000;                      // max.connections
    std::size_t max_connections_per_ip = 5'000;                // max.connections.per.ip
    Duration idle = std::chrono::minutes(10);                  // connections.max.idle.ms
    Duration handshake = std::chrono::seconds(10);             // TLS handshake
    Duration first_request = std::chrono::seconds(30);         // from accept to a whole request
    Duration frame_start = std::chrono::seconds(10);           // until 4 KiB of a frame are there
    Duration stalled = std::chrono::seconds(30);               // half a frame, or unread replies
};

}  // namespace sealane::broker
