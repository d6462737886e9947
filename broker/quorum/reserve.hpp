#pragma once
// Reserve: room on the disk that is kept for the metadata, as a file of zeros. When something of
// the quorum does not fit, the file goes and the write is tried again: a node whose disk is full
// still votes, follows the metadata, and so learns that others lead what it cannot write.

#include "common/runtime/task_group.hpp"
#include "common/runtime/world.hpp"

#include <string>

namespace sealane::broker::quorum {

class Reserve {
 public:
    // A few thousand changes.
    static constexpr std::size_t kBytes = 1U << 20U;

    explicit Reserve(runtime::World& world) : world_(world) {}
    // Makes it whole in `directory`, if it is not. On failure (kNoSpace) there is none.
    [[nodiscard]] runtime::Task<Status> keep(std::string directory);
    // True: there is more room than before.
    [[nodiscard]] runtime::Task<bool> release();

 private:
    runtime::World& world_;
    std::string path_;
    bool whole_ = false;
    std::uint64_t releases_ = 0;
};

}  // namespace sealane::broker::quorum
