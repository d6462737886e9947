#include "broker/metadata/partition_list.hpp"

#include "common/base/assert.hpp"

#include <algorithm>

namespace sealane::broker {

std::size_t effective_min_isr(const PartitionState& state, std::int32_t min_insync) {
    const std::size_t count =
        state.replicas.size() - std::min(state.adding.size(), state.replicas.size());
    const auto wanted = static_cast<std::size_t>(std::max(min_insync, 1));
    return std::clamp<std::size_t>(count, 1, wanted);
}

const PartitionState& PartitionList::operator[](std::size_t index) const {
    SEALANE_ASSERT(index < size_);
    return (*blocks_[index / kBlock])[index % kBlock];
}

PartitionList::Block& PartitionList::own(std::size_t block) {
    std::shared_ptr<Block>& slot = blocks_[block];
    if (slot.use_count() > 1) slot = std::make_shared<Block>(*slot);
    return *slot;
}

PartitionState& PartitionList::change(std::size_t index) {
    SEALANE_ASSERT(index < size_);
    return own(index / kBlock)[index % kBlock];
}

PartitionState& PartitionList::append(PartitionState state) {
    if (size_ % kBlock == 0) blocks_.push_back(std::make_shared<Block>());
    ++size_;
    return own(blocks_.size() - 1).emplace_back(std::move(state));
}

bool operator==(const PartitionList& a, const PartitionList& b) {
    if (a.size_ != b.size_) return false;
    for (std::size_t i = 0; i < a.blocks_.size(); ++i) {
        if (a.blocks_[i] != b.blocks_[i] && *a.blocks_[i] != *b.blocks_[i]) return false;
    }
    return true;
}

}  // namespace sealane::broker
