#pragma once
// The records of one partition one by one, from an offset up to (not including) another.

#include "common/client/consumer.hpp"

#include <deque>

namespace sealane::topology {

class RecordStream {
 public:
    RecordStream(client::ClusterClient& cluster, TopicPartition partition, Offset from, Offset end);
    // The next data record, nothing at the end; control batches are passed over.
    [[nodiscard]] runtime::Task<Result<std::optional<client::ConsumerRecord>>> next(Instant deadline
    );
    // Call before destroying.
    [[nodiscard]] runtime::Task<void> stop() { co_await consumer_.stop(); }

 private:
    [[nodiscard]] bool at_end() const;

    runtime::World& world_;
    client::Consumer consumer_;
    TopicPartition partition_;
    Offset from_;
    Offset end_;
    std::deque<client::ConsumerRecord> ready_;
};

}  // namespace sealane::topology
