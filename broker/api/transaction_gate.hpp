#pragma once
// TransactionGate: lets the batches of one produce request into transactions (KIP-890). The first
// batch that a transaction has in a partition is written only when the coordinator has confirmed
// that the transaction goes on there; with Produce 12 it puts the partition into it. One question
// for all partitions of the request; none when their transactions are open already.

#include "broker/api/services.hpp"
#include "common/kafka/messages/produce.hpp"

#include <map>

namespace sealane::broker {

class TransactionGate {
 public:
    TransactionGate(Services& services, std::int16_t version)
        : services_(services), version_(version) {}

    // Asks for what needs to be asked. What is not found here is refused elsewhere.
    [[nodiscard]] runtime::Task<void> ask(const kafka::ProduceRequest& request);
    // Right before the batch is appended. kTransactionalIdAuthorizationFailed (no id),
    // kInvalidProducerIdMapping, kInvalidProducerEpoch, kNotEnoughReplicas (the coordinator was not
    // reached: every client tries again), kTransactionAbortable, kInvalidTxnState.
    [[nodiscard]] Status check(Partition& partition, const kafka::RecordBatchView& batch) const;

 private:
    struct Asked {
        std::uint64_t token = 0;
        ErrorCode answer = ErrorCode::kNone;
    };
    void look(const PartitionPtr& partition, const BufferSlice& records);
    [[nodiscard]] ErrorCode for_client(ErrorCode answer) const;

    Services& services_;
    std::int16_t version_;
    bool has_id_ = false;
    bool mixed_ = false;  // batches of several producers
    std::optional<TransactionalProducer> producer_;
    std::map<TopicPartition, Asked> asked_;
    std::int32_t coordinator_epoch_ = -1;  // of the answers
};

}  // namespace sealane::broker
