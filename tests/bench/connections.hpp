#pragma once
// Many connections that ask once who the broker is, and then stay.

#include "common/client/cluster_client.hpp"
#include "tests/bench/report.hpp"

#include <cstdint>
#include <functional>

namespace sealane::bench {

struct Crowd {
    std::int32_t connections = 1000;
    Duration stay = 600s;  // at most; whoever started this ends it earlier
};

// Opens them, some at a time, gives `told` how long that took, and holds them. Fails when the
// broker has closed one of them meanwhile.
[[nodiscard]] runtime::Task<Result<Report>> hold_connections(
    runtime::World& world,
    client::ClientOptions access,
    Crowd crowd,
    std::function<void(const Report&)> told
);

}  // namespace sealane::bench
