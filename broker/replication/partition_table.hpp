#pragma once
// PartitionTable: the replicas on this node. Follows the metadata image: opens logs of new
// replicas, gives each its role (leader, follower), applies topic configs, removes what was deleted
// or moved away. Replicas whose logs are damaged stand in damaged() until they are rebuilt.

#include "broker/log/log_directory.hpp"
#include "broker/log/turn_lock.hpp"
#include "broker/metadata/image.hpp"
#include "broker/metadata/topic_decisions.hpp"
#include "broker/replication/partition.hpp"
#include "broker/replication/replication_config.hpp"

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
        runtime::World& world,
        LogDirectory& directory,
        BrokerId node,
        TopicConfig defaults,
        const ReplicationConfig& replication = {}
    );
    ~PartitionTable();
    PartitionTable(const PartitionTable&) = delete;
    PartitionTable& operator=(const PartitionTable&) = delete;

    // Whether a topic's log carries the leader epochs of a source cluster (a replica link fills
    // it): leading it begins no epoch of its own, or the epochs would no longer be the source's.
    using EpochsFromElsewhere =
        std::function<bool(const std::shared_ptr<const Image>&, std::string_view topic)>;
    void set_epochs_from_elsewhere(EpochsFromElsewhere rule) { elsewhere_ = std::move(rule); }

    void add_state_factory(StateFactory factory) { factories_.push_back(std::move(factory)); }
    // Told after a replica has taken a role (also the same role in another leader epoch), and with
    // kNone before it is removed or closed. Must not suspend.
    using RoleListener = std::function<void(const PartitionPtr&, ReplicaRole)>;
    void add_role_listener(RoleListener listener) { listeners_.push_back(std::move(listener)); }
    // For LogDirectory::open: states and settings of a log found on disk.
    [[nodiscard]] LogSettings settings_for(const TopicPartition& partition);

    // Makes the table, which fits `before`, fit `after`; looks only at topics that differ and at
    // those for which the disk had no space the last time. With no `before`: at everything on disk.
    // Errors: the first log that could not be made; the others are there. Not reentrant:
    // MetadataStore calls it in order.
    [[nodiscard]] runtime::Task<Status> follow(
        std::shared_ptr<const Image> before, std::shared_ptr<const Image> after
    );
    // Does what follow() could not for want of space, with the image as it is; there may be room
    // now. Wakes changed() in any case.
    [[nodiscard]] runtime::Task<Status> finish();
    // Wakes all waiters; afterwards everything answers kNotLeaderOrFollower.
    void close();

    // Null: not on this node, or its log could not be opened (is_offline()).
    [[nodiscard]] PartitionPtr find(const TopicPartition& partition) const;
    [[nodiscard]] PartitionPtr find(std::string_view topic, PartitionId partition) const;
    [[nodiscard]] const std::map<TopicPartition, PartitionPtr, std::less<>>& all() const {
        return partitions_;
    }
    // The image that the table fits; null before the first.
    [[nodiscard]] const std::shared_ptr<const Image>& image() const { return image_; }
    [[nodiscard]] LogDirectory& directory() { return directory_; }
    [[nodiscard]] ReplicaContext& context() { return context_; }
    // Roles were given or taken.
    [[nodiscard]] runtime::Event& changed() { return changed_; }

    // Replicas of this node whose logs do not open, are offline, or were found damaged.
    struct Damaged {
        TopicPartition id;
        Uuid topic_id;
        Error cause;
    };
    [[nodiscard]] std::vector<Damaged> damaged() const;
    // One whose log did not open: tries it again, and gives it its role. kReplicaNotAvailable when
    // it is no such one; else why it still does not open.
    [[nodiscard]] runtime::Task<Status> reopen(TopicPartition id);
    // Moves the damaged log aside (kept as `*-damaged`) and begins an empty one that follows the
    // leader. Only when the image has another leader and this node in no in-sync set: else
    // kReplicaNotAvailable, nothing changes, and the log is read as far as it goes.
    [[nodiscard]] runtime::Task<Status> rebuild(TopicPartition id);

 private:
    struct Change {
        TopicPartition id;
        Image::TopicPtr topic;
        PartitionState state;
        TopicConfig config;
        LogEpochs epochs = LogEpochs::kOwn;
    };
    [[nodiscard]] runtime::Task<Status> open(const Change& change);
    [[nodiscard]] runtime::Task<Status> apply(Change change);
    [[nodiscard]] runtime::Task<void> apply_some(std::vector<Change>& left, Status& first);
    [[nodiscard]] runtime::Task<Status> take_role(PartitionPtr partition, const Change& change);
    [[nodiscard]] std::vector<TopicPartition> gone(const Image* before, const Image& after) const;
    [[nodiscard]] Change change_of(const Image::TopicPtr& topic, std::size_t index) const;
    // kUnknownTopicOrPartition: the image has no replica of it here.
    [[nodiscard]] Result<Change> change_here(const TopicPartition& id) const;
    [[nodiscard]] LogDirectory::HighWatermarks high_watermarks() const;
    // Of partitions that differ from `old` (null: all).
    void add_changes(
        const Image::TopicPtr& topic, const TopicState* old, std::vector<Change>& changes
    ) const;
    [[nodiscard]] runtime::Task<Status> apply_all(std::vector<Change> changes);
    [[nodiscard]] runtime::Task<void> remove(std::vector<TopicPartition> gone);
    [[nodiscard]] bool is_here(const PartitionState& state) const;
    void tell(const PartitionPtr& partition, ReplicaRole role) const;

    runtime::World& world_;
    runtime::Log log_lines_;
    LogDirectory& directory_;
    BrokerId node_;
    const TopicConfig file_defaults_;
    TopicConfig defaults_;  // with what is set for all brokers at run time
    ReplicaContext context_;
    TurnLock turns_;  // follow() and rebuild()
    runtime::Event changed_;
    std::vector<StateFactory> factories_;
    std::vector<RoleListener> listeners_;
    EpochsFromElsewhere elsewhere_ = [](const auto&, std::string_view) { return false; };
    std::shared_ptr<const Image> image_;
    // Made by settings_for, taken over when the image names the partition.
    std::map<TopicPartition, std::unique_ptr<PartitionStates>> made_states_;
    std::map<TopicPartition, PartitionPtr, std::less<>> partitions_;
    std::set<std::string, std::less<>> unfinished_;  // topics that lack space for a partition
    std::vector<PartitionPtr> not_removed_;          // their logs still refer to their states
    bool closed_ = false;
};

}  // namespace sealane::broker
