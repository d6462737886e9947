#pragma once
// Which partition a record goes to, as Kafka's Java producer decides: murmur2 of the key, and a
// sticky choice for records without one (KIP-480).

#include "common/base/buffer.hpp"
#include "common/base/ids.hpp"
#include "common/base/rng.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sealane::client {

[[nodiscard]] std::int32_t murmur2(ByteView bytes);

// partition_count > 0: of the topic, whether the partitions have leaders or not.
[[nodiscard]] PartitionId partition_for_key(ByteView key, std::int32_t partition_count);

// Stays with one partition per topic until told that a batch is full, then draws another.
class StickyPartitioner {
 public:
    // `available`: partitions with a leader, or all of them when none has; not empty.
    [[nodiscard]] PartitionId choose(
        const std::string& topic, const std::vector<PartitionId>& available, Rng& rng
    );
    // The present choice, if there is one.
    [[nodiscard]] std::optional<PartitionId> current(const std::string& topic) const {
        const auto found = current_.find(topic);
        return found == current_.end() ? std::nullopt : std::optional(found->second);
    }
    void batch_closed(const std::string& topic) { current_.erase(topic); }

 private:
    std::map<std::string, PartitionId> current_;
};

}  // namespace sealane::client
