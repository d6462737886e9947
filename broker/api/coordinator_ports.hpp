#pragma once
// What the owners of groups and of transactions offer to other handlers (Services::groups,
// Services::transactions). Filled when they register; both live as long as the registry.

#include "broker/coordinator/shard_types.hpp"
#include "common/base/result.hpp"
#include "common/runtime/task.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sealane::broker {

struct GroupPorts {
    // Makes __consumer_offsets if needed.
    std::function<runtime::Task<Status>()> ensure_ready;
    // The partition of __consumer_offsets that holds a group. After ensure_ready().
    std::function<PartitionId(std::string_view group)> partition_of;
    // Writes a transaction's marker to a partition of __consumer_offsets that this node leads.
    std::function<runtime::Task<Status>(PartitionId, TransactionEnd)> end_transaction;
};

// Whether partitions are in a transaction that goes on (KIP-890).
struct TransactionQuestion {
    std::string transactional_id;
    TransactionalProducer producer;
    std::vector<TopicPartition> partitions;  // ascending
    // Puts them into it if they are not (transaction.version 2).
    bool adds = false;
    Instant deadline;
};

struct TransactionAnswer {
    std::vector<ErrorCode> errors;  // in the order of the question's partitions
    // In which it was asked: the leader epoch of its partition as this node knew it.
    std::int32_t coordinator_epoch = -1;
};

struct TransactionPorts {
    std::function<runtime::Task<Status>()> ensure_ready;
    // The partition of __transaction_state that holds an id. After ensure_ready().
    std::function<PartitionId(std::string_view id)> partition_of;
    // Asks the coordinator, wherever it is. kNetworkException: it was not reached, or is not ready.
    std::function<runtime::Task<TransactionAnswer>(TransactionQuestion)> ask;
};

}  // namespace sealane::broker
