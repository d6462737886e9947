#pragma once
// GroupKeeper: carries committed group offsets of one link to the target, about once a second. A
// replica's offsets are the source's; an aggregate's go through the target's map.

#include "common/client/committed_offsets.hpp"
#include "mirror/link/link_board.hpp"
#include "mirror/offsets/group_sync.hpp"

namespace sealane::mirror {

class GroupKeeper {
 public:
    explicit GroupKeeper(LinkBoard& board);

    void on_groups(const Groups& groups);
    // One round: reads what must be read, translates, writes.
    [[nodiscard]] runtime::Task<void> follow();
    [[nodiscard]] std::vector<GroupStatus> status() const;

 private:
    struct Translated {
        std::optional<Offset> offset;
        Offset high_watermark;
    };
    [[nodiscard]] std::string target_group(const std::string& group) const;
    [[nodiscard]] std::optional<TopicPartition> target_of(const TopicPartition& source) const;
    [[nodiscard]] runtime::Task<void> read_target(std::string group);
    [[nodiscard]] runtime::Task<Result<std::map<GroupPartition, Translated>>> translate(
        std::vector<GroupSync::Pending> pending
    );
    [[nodiscard]] runtime::Task<Result<std::map<GroupPartition, Translated>>> translate_mapped(
        std::vector<GroupSync::Pending> pending
    );
    [[nodiscard]] runtime::Task<void> write(
        std::string group, std::vector<GroupSync::Pending> entries, std::vector<Offset> offsets
    );

    LinkBoard& board_;
    runtime::Log log_;
    GroupSync sync_;
    std::map<std::string, GroupStatus> status_;
};

}  // namespace sealane::mirror
