#pragma once
// What the program can be: a writer, a reader of all partitions, a member of a group. Each works
// until it is told to stop, and answers the exit code.

#include "common/client/cluster_client.hpp"
#include "common/runtime_asio/stop_signal.hpp"

#include <string>

namespace sealane::chaos {

struct Options {
    client::ClientOptions access;
    std::string topic;
    std::string group;
    std::string name;     // the process in the history
    std::string history;  // its file
    std::int32_t partitions = 1;
    std::int32_t rate = 1000;  // records a second
};

using Stop = asio_runtime::StopSignal;

[[nodiscard]] runtime::Task<int> write(runtime::World& world, Stop& stop, Options options);
[[nodiscard]] runtime::Task<int> read(runtime::World& world, Stop& stop, Options options);
[[nodiscard]] runtime::Task<int> join(runtime::World& world, Stop& stop, Options options);

}  // namespace sealane::chaos
