#pragma once
// What a coordinator needs of one partition of its topic (__consumer_offsets, __transaction_state)
// and of the topic as a whole. The broker implements it over its partitions and its metadata; tests
// over memory.

#include "broker/log/log_state.hpp"
#include "common/base/buffer.hpp"
#include "common/base/ids.hpp"
#include "common/base/time.hpp"
#include "common/runtime/event.hpp"
#include "common/runtime/task.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace sealane::broker {

// One term of this node as the leader of a partition. Another topic id is another log.
struct Leadership {
    Uuid topic_id;
    LeaderEpoch epoch;
    friend bool operator==(const Leadership&, const Leadership&) = default;
};

// A partition's log in one leadership: when that has ended, every operation fails with
// kNotLeaderOrFollower and nothing counts as durable, also if this node leads again by then.
class CoordinatorLog {
 public:
    virtual ~CoordinatorLog() = default;
    // Writes one record batch (base offset 0, as a producer sends it); gives the offset after it.
    // Fails with a Kafka wire code or one of ours; then nothing of it is in the log, or the
    // leadership is over.
    [[nodiscard]] virtual runtime::Task<Result<Offset>> append(
        BufferSlice batch, AppendOrigin origin
    ) = 0;
    // Waits until everything below `end` is durable: below the high watermark, so that every later
    // leader has it.
    [[nodiscard]] virtual runtime::Task<Status> wait_durable(Offset end, Instant deadline) = 0;
    // Whole batches from the one that contains `from`, about `max_bytes` of them but at least one;
    // empty at the end.
    [[nodiscard]] virtual runtime::Task<Result<BufferSlice>> read(
        Offset from, std::size_t max_bytes
    ) = 0;
    // Starts a new segment, so that everything before can be deleted as files.
    [[nodiscard]] virtual runtime::Task<Status> roll() = 0;
    // Moves the log's start to `start`, durably. kOffsetOutOfRange when that is not durable yet.
    [[nodiscard]] virtual runtime::Task<Status> delete_before(Offset start) = 0;
    [[nodiscard]] virtual Offset start_offset() const = 0;
    [[nodiscard]] virtual Offset end_offset() const = 0;
    [[nodiscard]] virtual Offset durable_offset() const = 0;  // the high watermark
};

// The topic: made when the first key needs it.
class CoordinatorTopic {
 public:
    using Leaderships = std::map<PartitionId, Leadership>;
    virtual ~CoordinatorTopic() = default;
    // Creates the topic if it is absent; gives its number of partitions.
    [[nodiscard]] virtual runtime::Task<Result<std::int32_t>> ensure(std::int32_t partitions) = 0;
    // 0 while the topic does not exist.
    [[nodiscard]] virtual std::int32_t partition_count() const = 0;
    // The partitions that this node leads, as far as it knows.
    [[nodiscard]] virtual Leaderships led() const = 0;
    [[nodiscard]] virtual std::optional<Leadership> leadership(PartitionId partition) const = 0;
    // Notified whenever an answer of the three above may be another one.
    [[nodiscard]] virtual runtime::Event& changed() = 0;
    // False when another node may have become the leader without this one knowing.
    [[nodiscard]] virtual bool is_in_touch() const = 0;
    // kNotLeaderOrFollower: the partition is not led in `leadership` here, or not yet.
    [[nodiscard]] virtual Result<std::unique_ptr<CoordinatorLog>> open(
        PartitionId partition, Leadership leadership
    ) = 0;
    // Whether what is kept about a topic of clients is worth keeping.
    [[nodiscard]] virtual bool topic_exists(const std::string& topic) const = 0;
};

}  // namespace sealane::broker
