#pragma once
// PartitionTable: the replicas on this node. Follows the metadata image: opens logs of new
// partitions, leads them at the image's epochs, applies topic configs, removes what was deleted.

#include "broker/log/log_directory.hpp"
#include "broker/metadata/image.hpp"
#include "broker/metadata/topic_decisions.hpp"
#include "broker/replication/partition.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace sealane::broker {

using PartitionPtr = std::shared_ptr<Partition>;

class PartitionTable {
 public:
    // Other owners' states for a new partition (mirrored origins).
    using StateFactory =
        std::function<std::vector<std::unique_ptr<LogState>>(const TopicPartition&)>;
    PartitionTable(
        runtime::World& world, LogDirectory& directory, BrokerId node, TopicConfig defaults
    );

    // Whether a topic's log carries the leader epochs of a source cluster (a replica link fills
    // it): leading it begins no epoch of its own, or the epochs would no longer be the source's.
    using EpochsFromElsewhere =
        std::function<bool(const std::shared_ptr<const Image>&, std::string_view topic)>;
    void set_epochs_from_elsewhere(EpochsFromElsewhere rule) { elsewhere_ = std::move(rule); }

    void add_state_factory(StateFactory factory) { factories_.push_back(std::move(factory)); }
    // For LogDirectory::open: states and settings of a log found on disk.
    [[nodiscard]] LogSettings settings_for(const TopicPartition& partition);

    // Makes the table, which fits `before`, fit `after`; looks only at topics that differ and at
    // those for which the disk had no space the last time. With no `before`: at everything on disk.
    // Errors: the first log that could not be made; the others are there. Not reentrant:
    // MetadataStore calls it in order.
    [[nodiscard]] runtime::Task<Status> follow(
        std::shared_ptr<const Image> before, std::shared_ptr<const Image> after
    );
    // Wakes all waiters; afterwards everything answers kNotLeaderOrFollower.
    void close();

    // Null: not on this node (unknown, or its log could not be opened: see offline_cause()).
    [[nodiscard]] PartitionPtr find(const TopicPartition& partition) const;
    [[nodiscard]] PartitionPtr find(std::string_view topic, PartitionId partition) const;
    [[nodiscard]] const std::map<TopicPartition, PartitionPtr, std::less<>>& all() const {
        return partitions_;
    }
    [[nodiscard]] LogDirectory& directory() { return directory_; }

 private:
    [[nodiscard]] runtime::Task<Status> open(TopicPartition id, Image::TopicPtr topic);
    [[nodiscard]] runtime::Task<Status> follow_topic(Image::TopicPtr topic, bool mirrored);
    [[nodiscard]] std::vector<TopicPartition> deleted(const Image* before, const Image& after)
        const;
    [[nodiscard]] runtime::Task<void> remove(std::vector<TopicPartition> gone);

    runtime::World& world_;
    runtime::Log log_lines_;
    LogDirectory& directory_;
    BrokerId node_;
    TopicConfig defaults_;
    std::vector<StateFactory> factories_;
    EpochsFromElsewhere elsewhere_ = [](const auto&, std::string_view) { return false; };
    // Made by settings_for, taken over when the image names the partition.
    std::map<TopicPartition, std::unique_ptr<PartitionStates>> made_states_;
    std::map<TopicPartition, PartitionPtr, std::less<>> partitions_;
    std::set<std::string, std::less<>> unfinished_;  // topics that lack space for a partition
    std::vector<PartitionPtr> not_removed_;          // their logs still refer to their states
};

}  // namespace sealane::broker
