#pragma once
// Where replicas go: rack-aware round robin as Kafka does it (KIP-36), over plain lists of brokers,
// for the controller and for tools that plan. Deciders only; chance comes in as Rng.

#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/base/rng.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sealane::placement {

struct Broker {
    BrokerId id = kNoBroker;
    std::string rack;    // empty: none
    bool usable = true;  // alive and not shutting down
};
using Replicas = std::vector<BrokerId>;  // the first is the preferred leader

// One list of `replication_factor` brokers for each of `partitions`. Leaders and replicas are
// spread over racks and, in them, over brokers; no two replicas share a rack while another rack has
// room. Brokers that are not usable get replicas only when there are not enough others, and never
// lead then. kInvalidReplicationFactor: there are not that many brokers, or none of them is usable.
[[nodiscard]] Result<std::vector<Replicas>> place(
    std::vector<Broker> brokers, std::int32_t partitions, std::size_t replication_factor, Rng& rng
);

}  // namespace sealane::placement
