#pragma once
// GroupSync: which committed offsets of one link's groups to write at the target, and when. A core.
//
// A group's offset at the target only moves forward, unless the source's moved back (a consumer
// was rewound there), never beyond the target's data, and never over a commit at the target that is
// further on already.

#include "common/base/ids.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sealane::mirror {

struct GroupPartition {
    std::string group;  // at the source
    TopicPartition source;
    friend auto operator<=>(const GroupPartition&, const GroupPartition&) = default;
};

class GroupSync {
 public:
    // The source group has committed `offset`.
    void on_source(const GroupPartition& which, Offset offset, std::string metadata);
    // What the target has committed for it (nothing: no commit), read once before the first write.
    void on_target(const GroupPartition& which, std::optional<Offset> committed);

    // Groups whose target offsets must be read first.
    [[nodiscard]] std::vector<GroupPartition> unread() const;
    // Entries that may need a write: translate their source offset, then decide().
    struct Pending {
        GroupPartition which;
        Offset source_offset;
        std::string metadata;
    };
    [[nodiscard]] std::vector<Pending> pending() const;
    // The offset to write, nothing when there is nothing to do (now). `translated`: the source
    // offset at the target, nothing while it has not arrived; `high_watermark`: of the target.
    [[nodiscard]] std::optional<Offset> decide(
        const GroupPartition& which, std::optional<Offset> translated, Offset high_watermark
    );
    // The write of decide()'s offset was done, or refused.
    void on_written(const GroupPartition& which, Offset source_offset, Offset target_offset);

 private:
    struct Entry {
        Offset source = kNoOffset;
        std::string metadata;
        bool moved_back = false;    // the newest source offset is below an earlier one
        bool read = false;          // the target's commit is known
        Offset target = kNoOffset;  // committed there, as far as known
        Offset done = kNoOffset;    // source offset that the target has, or is ahead of
    };
    std::map<GroupPartition, Entry> entries_;
};

}  // namespace sealane::mirror
