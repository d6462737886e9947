#pragma once
// What writers learned and what whole logs hold, and the properties that must be true of both.

#include "common/base/ids.hpp"
#include "tests/checker/violation.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sealane::checker {

// One record as a client wrote it: who, and its number in the order that this client sent to this
// partition. Records carry both in their value.
struct WrittenRecord {
    std::string writer;
    std::int64_t number = 0;
    friend auto operator<=>(const WrittenRecord&, const WrittenRecord&) = default;
    [[nodiscard]] std::string text() const { return writer + "#" + std::to_string(number); }
    // Reads what text() writes; number -1 when it is not one of ours.
    [[nodiscard]] static WrittenRecord parse(std::string_view text);
};

// What one writer learned about its records on one partition.
struct WriterHistory {
    std::map<std::int64_t, Offset> acknowledged;  // number -> offset the broker answered
    std::int64_t sent = 0;                        // numbers [0, sent) were handed to the producer
};

struct LogRecord {
    Offset offset;
    WrittenRecord record;
};
using LogContent = std::vector<LogRecord>;  // one partition, in offset order

// A partition that clients wrote to, against what they were told.
[[nodiscard]] std::vector<Violation> check_written(
    const TopicPartition& where,
    const std::map<std::string, WriterHistory>& writers,
    const LogContent& log
);
// A replica against its source: same records at the same offsets.
[[nodiscard]] std::vector<Violation> check_replica(
    const TopicPartition& where, const LogContent& source, const LogContent& target
);
// An aggregate against one of its sources: the source's records, all, once, in their order.
// Records of a source are told apart by the prefix of their writers' names.
[[nodiscard]] std::vector<Violation> check_aggregate(
    const TopicPartition& where,
    const std::string& writer_prefix,
    const LogContent& source,
    const LogContent& target
);

}  // namespace sealane::checker
