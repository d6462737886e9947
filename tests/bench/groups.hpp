#pragma once
// Load on the group coordinator: many committed offsets, and groups whose members change.

#include "common/client/cluster_client.hpp"
#include "tests/bench/report.hpp"

#include <cstdint>
#include <string>

namespace sealane::bench {

struct Groups {
    std::string topic = "bench";
    std::int32_t groups = 1000;
    std::int32_t partitions = 1;  // offsets of each group
    std::int32_t members = 100;   // of the group that is rebalanced
    std::int32_t rounds = 5;      // a member comes and goes
    Duration heartbeat = 3s;      // of each member; when it learns of a rebalance
};

// One offset of each partition for each group, outside of any membership. Waits for the answers.
[[nodiscard]] runtime::Task<Result<Report>> commit_offsets(
    runtime::World& world, client::ClientOptions access, Groups load
);
// Asks for all offsets of all groups until every one was answered; an offset that is missing then
// is an error. A coordinator that loads is asked again at once.
[[nodiscard]] runtime::Task<Result<Report>> fetch_offsets(
    runtime::World& world, client::ClientOptions access, Groups load
);
// One group by the classic protocol. Joins: from the request of one more member until all of them
// have their assignment in the new generation. Leaves: the same when it goes.
[[nodiscard]] runtime::Task<Result<Report>> rebalance_classic(
    runtime::World& world, client::ClientOptions access, Groups load
);
// The same by the protocol of KIP-848: all partitions have been taken over by somebody.
[[nodiscard]] runtime::Task<Result<Report>> rebalance_consumer(
    runtime::World& world, client::ClientOptions access, Groups load
);

}  // namespace sealane::bench
