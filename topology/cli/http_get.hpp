#pragma once
// One HTTP GET of a daemon's admin page on this machine.

#include "common/runtime/world.hpp"

#include <string>

namespace sealane::topology {

// The body of a 200 answer. Bodies are bounded to 16 MiB.
[[nodiscard]] runtime::Task<Result<std::string>> http_get(
    runtime::World& world, std::string address, std::string path, Instant deadline
);

}  // namespace sealane::topology
