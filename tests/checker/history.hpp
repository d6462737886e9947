#pragma once
// History: what clients did and were told, one operation after the other, whoever drove them: the
// simulator, or real processes through json_lines.hpp. Names are interned, so that an operation
// takes 48 bytes whatever its record's value is. Operations are appended in the order in which they
// ended; `at` never goes back.

#include "common/base/ids.hpp"
#include "common/base/time.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sealane::checker {

// Gives equal names equal numbers, from 0 on.
class Names {
 public:
    std::uint32_t number(std::string_view name);
    [[nodiscard]] const std::string& name(std::uint32_t number) const { return names_[number]; }
    [[nodiscard]] std::size_t size() const { return names_.size(); }

 private:
    std::map<std::string, std::uint32_t, std::less<>> numbers_;
    std::vector<std::string> names_;
};

enum class OperationKind : std::uint8_t {
    kSend,       // a value was handed to a producer
    kAck,        // it was acknowledged; offset -1: not told where
    kFail,       // it was refused, and is certainly nowhere
    kInfo,       // nobody knows whether it was written
    kPoll,       // a record that a consumer got; `number`: of the poll
    kAssign,     // a consumer reads other partitions (or the same, from elsewhere) from here on
    kOwn,        // a partition of that assignment; `number`: generation, `name`: group
    kCommit,     // a commit was acknowledged; `name`: group
    kCommitted,  // a committed offset was read; `number`: ns when the question was asked
};

struct Operation {
    Instant at;
    OperationKind kind = OperationKind::kSend;
    std::uint32_t process = 0;
    std::uint32_t partition = 0;
    std::uint32_t name = 0;  // value of a record, group of the others
    std::int64_t number = 0;
    Offset offset = kNoOffset;
};

class History {
 public:
    void send(
        Instant at,
        std::string_view process,
        const TopicPartition& partition,
        std::string_view value
    );
    void ack(
        Instant at,
        std::string_view process,
        const TopicPartition& partition,
        std::string_view value,
        Offset offset
    );
    void fail(
        Instant at,
        std::string_view process,
        const TopicPartition& partition,
        std::string_view value
    );
    void info(
        Instant at,
        std::string_view process,
        const TopicPartition& partition,
        std::string_view value
    );
    // Starts a poll of this process; polled() adds its records in their order.
    void poll(std::string_view process) { ++polls_[processes_.number(process)]; }
    void polled(
        Instant at,
        std::string_view process,
        const TopicPartition& partition,
        std::string_view value,
        Offset offset
    );
    // `group` may be empty: assigned by hand.
    void assign(
        Instant at,
        std::string_view process,
        std::string_view group,
        GroupGeneration generation,
        const std::vector<TopicPartition>& partitions
    );
    void commit(
        Instant at,
        std::string_view process,
        std::string_view group,
        const TopicPartition& partition,
        Offset offset
    );
    void committed(
        Instant asked,
        Instant at,
        std::string_view process,
        std::string_view group,
        const TopicPartition& partition,
        Offset offset
    );
    // Retention or DeleteRecords: what lies below `offset` may be gone.
    void trim(const TopicPartition& partition, Offset offset);
    // The topic was deleted: nothing need be there any more.
    void drop(std::string_view topic) { dropped_.emplace(topic); }
    // The topic promises less (sealane.flush=os when several disks lost their page caches): what
    // was acknowledged may be lost and offsets given out again.
    void weaken(std::string_view topic) { weak_.emplace(topic); }

    [[nodiscard]] const std::vector<Operation>& operations() const { return operations_; }
    [[nodiscard]] const Names& processes() const { return processes_; }
    [[nodiscard]] const Names& names() const { return names_; }
    [[nodiscard]] std::size_t partition_count() const { return partitions_.size(); }
    [[nodiscard]] const TopicPartition& partition(std::uint32_t number) const {
        return partitions_[number];
    }
    [[nodiscard]] Offset trimmed_to(std::uint32_t partition) const;
    [[nodiscard]] bool is_dropped(std::uint32_t partition) const {
        return dropped_.contains(partitions_[partition].topic);
    }
    [[nodiscard]] bool is_weak(std::uint32_t partition) const {
        return weak_.contains(partitions_[partition].topic);
    }
    [[nodiscard]] std::string place(std::uint32_t partition, Offset offset) const {
        return partitions_[partition].to_string() + "@" + std::to_string(offset.value);
    }

 private:
    std::uint32_t partition_number(const TopicPartition& partition);
    Operation& add(Instant at, OperationKind kind, std::string_view process);

    Names processes_;
    Names names_;
    std::map<TopicPartition, std::uint32_t> partition_numbers_;
    std::vector<TopicPartition> partitions_;
    std::map<std::uint32_t, std::int64_t> polls_;  // process -> number of its last poll
    std::map<TopicPartition, Offset> trimmed_;
    std::set<std::string, std::less<>> dropped_;
    std::set<std::string, std::less<>> weak_;
    std::vector<Operation> operations_;
};

}  // namespace sealane::checker
