#include "common/client/partitioner.hpp"

#include <cstring>

namespace sealane::client {
namespace {

constexpr std::uint32_t kSeed = 0x9747b28c;
constexpr std::uint32_t kMultiplier = 0x5bd1e995;
constexpr unsigned kShift = 24;
constexpr std::size_t kBlock = 4;

}  // namespace

std::int32_t murmur2(ByteView bytes) {
    std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(bytes.size());
    while (bytes.size() >= kBlock) {
        std::uint32_t block = 0;  // little-endian
        std::memcpy(&block, bytes.data(), kBlock);
        block *= kMultiplier;
        block ^= block >> kShift;
        block *= kMultiplier;
        hash *= kMultiplier;
        hash ^= block;
        bytes = bytes.subspan(kBlock);
    }
    if (!bytes.empty()) {
        for (std::size_t i = 0; i < bytes.size(); ++i)
            hash ^= std::to_integer<std::uint32_t>(bytes[i]) << (8 * i);
        hash *= kMultiplier;
    }
    hash ^= hash >> 13U;
    hash *= kMultiplier;
    hash ^= hash >> 15U;
    return static_cast<std::int32_t>(hash);
}

PartitionId partition_for_key(ByteView key, std::int32_t partition_count) {
    SEALANE_ASSERT(partition_count > 0);
    return PartitionId((murmur2(key) & INT32_MAX) % partition_count);
}

PartitionId StickyPartitioner::choose(
    const std::string& topic, const std::vector<PartitionId>& available, Rng& rng
) {
    SEALANE_ASSERT(!available.empty());
    const auto current = current_.find(topic);
    if (current != current_.end()) {
        for (const PartitionId id : available) {
            if (id == current->second) return id;
        }
    }
    const PartitionId drawn = available[rng.below(available.size())];
    current_[topic] = drawn;
    return drawn;
}

}  // namespace sealane::client
