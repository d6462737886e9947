#pragma once
// Clients of transactions in a run: writers that speak the protocol themselves, with or without an
// epoch for each transaction, readers of committed records, and the one who looks at the end.

#include "tests/simulation/scenario/recording_clients.hpp"
#include "tests/simulation/scenario/transaction_ledger.hpp"

namespace sealane::simulation {

struct TransactionalPlan {
    std::string name;   // also the transactional id, and "g-" before it the group
    std::string topic;  // whose partitions it writes
    bool epoch_per_transaction = false;
    std::int32_t timeout_ms = 0;
    Duration pace_max{};
    std::vector<Instant> ends;  // killed and started again then
};

// What transactional clients of a run share, besides the history that all records go into.
struct TransactionalRecording {
    Recording& all;
    TransactionLedger ledger;
    std::int64_t last_offset = 0;  // given to a group; each is larger than the one before
};

[[nodiscard]] SimProcess::Factory transactional_writer(
    const TransactionalPlan& plan, TransactionalRecording& recording, ClientControl& control
);
// Reads the topic's committed records until told to stop.
[[nodiscard]] SimProcess::Factory committed_reader(
    std::string topic, TransactionalRecording& recording, ClientControl& control
);
// Waits until no transaction is open any more, reads everything committed, and looks at what the
// writers' groups have committed.
[[nodiscard]] SimProcess::Factory last_committed_reader(
    std::vector<TransactionalPlan> writers,
    TransactionalRecording& recording,
    ClientControl& control
);

}  // namespace sealane::simulation
