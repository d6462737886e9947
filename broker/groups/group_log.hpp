#pragma once
// What the coordinator needs of one partition of __consumer_offsets and of the topic as a whole.
// The broker implements it over its partitions; tests over memory.

#include "common/base/buffer.hpp"
#include "common/base/ids.hpp"
#include "common/base/time.hpp"
#include "common/runtime/task.hpp"

#include <memory>
#include <set>
#include <string>

namespace sealane::broker::groups {

inline constexpr std::string_view kOffsetsTopic = "__consumer_offsets";

class GroupLog {
 public:
    virtual ~GroupLog() = default;
    // Writes one record batch (base offset 0, as a producer sends it); gives the offset after it.
    // Fails with a Kafka wire code or one of ours; then nothing of it is in the log.
    [[nodiscard]] virtual runtime::Task<Result<Offset>> append(BufferSlice batch) = 0;
    // Waits until everything below `end` is durable (below the high watermark).
    [[nodiscard]] virtual runtime::Task<Status> wait_durable(Offset end, Instant deadline) = 0;
    // Whole batches from the one that contains `from`, about `max_bytes` of them but at least one;
    // empty at the end.
    [[nodiscard]] virtual runtime::Task<Result<BufferSlice>> read(
        Offset from, std::size_t max_bytes
    ) = 0;
    // Starts a new segment, so that everything before can be deleted as files.
    [[nodiscard]] virtual runtime::Task<Status> roll() = 0;
    // Moves the log's start to `start`, durably.
    [[nodiscard]] virtual runtime::Task<Status> delete_before(Offset start) = 0;
    [[nodiscard]] virtual Offset start_offset() const = 0;
    [[nodiscard]] virtual Offset end_offset() const = 0;
    [[nodiscard]] virtual Offset durable_offset() const = 0;  // the high watermark
};

// The topic: made when the first group needs it.
class GroupTopic {
 public:
    virtual ~GroupTopic() = default;
    // Creates the topic if it is absent; gives its number of partitions.
    [[nodiscard]] virtual runtime::Task<Result<std::int32_t>> ensure(std::int32_t partitions) = 0;
    // 0 while the topic does not exist.
    [[nodiscard]] virtual std::int32_t partition_count() const = 0;
    [[nodiscard]] virtual Result<std::unique_ptr<GroupLog>> open(PartitionId partition) = 0;
    // Whether offsets of the topic are worth keeping.
    [[nodiscard]] virtual bool topic_exists(const std::string& topic) const = 0;
};

}  // namespace sealane::broker::groups
