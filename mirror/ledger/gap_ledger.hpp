#pragma once
// The gap ledger: the durable list of every range of records that was not delivered, with its
// reason. One JSON object per line in gaps.jsonl, synced before the mirror goes on behind the gap.
// A line cut short by a crash is cut off when the ledger is opened: its gap was not passed yet.

#include "common/base/ids.hpp"
#include "common/base/time.hpp"
#include "common/runtime/event.hpp"
#include "common/runtime/world.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sealane::mirror {

struct GapEntry {
    std::string link;
    std::string source_topic;
    Uuid source_topic_id;
    PartitionId partition{};
    Offset from;  // first source offset not delivered
    Offset to;    // one past the last
    std::string cause;
    std::string detail;
    WallTime noted;
    friend bool operator==(const GapEntry&, const GapEntry&) = default;
};

// One line without its end, and back. kMalformed.
[[nodiscard]] std::string to_line(const GapEntry& entry);
[[nodiscard]] Result<GapEntry> parse_line(std::string_view line);

class GapLedger {
 public:
    GapLedger(runtime::World& world, std::string directory);

    // Makes the directory, reads what is there. kCorrupt: a damaged line that is not the last.
    [[nodiscard]] runtime::Task<Status> open();
    // Durable when it returns. The same range of the same partition is written once only.
    [[nodiscard]] runtime::Task<Status> add(GapEntry entry);
    [[nodiscard]] const std::vector<GapEntry>& entries() const { return entries_; }

 private:
    runtime::World& world_;
    std::string directory_;
    std::unique_ptr<runtime::File> file_;
    std::uint64_t size_ = 0;
    bool writing_ = false;
    runtime::Event written_;
    std::vector<GapEntry> entries_;
};

}  // namespace sealane::mirror
