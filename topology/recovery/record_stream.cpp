#include "topology/recovery/record_stream.hpp"

#include <algorithm>

namespace sealane::topology {

RecordStream::RecordStream(
    client::ClusterClient& cluster, TopicPartition partition, Offset from, Offset end
)
    : world_(cluster.world()),
      consumer_(cluster, {}),
      partition_(std::move(partition)),
      from_(from),
      end_(end) {
    consumer_.assign(partition_, client::StartAt::at(from));
}

bool RecordStream::at_end() const {
    const auto position = consumer_.position(partition_);
    return (position ? *position : from_) >= end_;
}

runtime::Task<Result<std::optional<client::ConsumerRecord>>> RecordStream::next(Instant deadline) {
    while (ready_.empty()) {
        if (at_end()) co_return std::optional<client::ConsumerRecord>();
        if (world_.now() >= deadline) {
            co_return fail(
                ErrorCode::kDeadlineExceeded,
                "reading " + partition_.to_string() + " takes too long; give more with --timeout"
            );
        }
        SEALANE_CO_TRY(
            auto records, co_await consumer_.poll(std::min(deadline, world_.now() + 1s))
        );
        for (auto& record : records) {
            if (record.record.offset < end_) ready_.push_back(std::move(record));
        }
    }
    client::ConsumerRecord first = std::move(ready_.front());
    ready_.pop_front();
    co_return std::optional(std::move(first));
}

}  // namespace sealane::topology
