#pragma once
// One process's part of the history, as workload/history.py writes it, and words for the run.

#include "common/base/ids.hpp"
#include "common/base/time.hpp"
#include "common/client/fetched_records.hpp"

#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealane::chaos {

// A record's value is its name, then filler made from the name.
[[nodiscard]] std::string value_of(const std::string& name);
// The name; nothing when the bytes are not what was written.
[[nodiscard]] std::optional<std::string> name_of(std::string_view value);

using Positions = std::map<TopicPartition, Offset>;

class History {
 public:
    // Appends to the file. Failing to open it ends the process.
    History(const std::string& path, std::string process);
    History(const History&) = delete;
    History& operator=(const History&) = delete;
    ~History();

    // `op`: send, ack (with its offset), info, fail.
    void record(
        Instant at,
        const char* op,
        const TopicPartition& where,
        const std::string& name,
        Offset offset = kNoOffset
    );
    // What one poll returned. Bytes that nobody wrote are told to the run, too.
    void poll(Instant at, const std::vector<client::ConsumerRecord>& records);
    // `generation` below 0: assigned by hand.
    void assign(
        Instant at,
        const std::string& group,
        GroupGeneration generation,
        const std::vector<TopicPartition>& partitions
    );
    // `op`: commit, committed (then `asked` is when the question was).
    void offsets(
        Instant at,
        const char* op,
        const std::string& group,
        const Positions& offsets,
        Instant asked
    );
    void flush() { std::fflush(file_); }

 private:
    void begin(Instant at, const char* op);
    std::FILE* file_;
    std::string process_;
};

// A line that the run reads at once.
void say(const std::string& line);
// The nineteen digits that a time has in histories.
[[nodiscard]] std::int64_t stamp(Instant at);

}  // namespace sealane::chaos
