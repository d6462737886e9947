#pragma once
// Who votes. A replica is a node and its data directory (KIP-853): a node that comes back with
// another disk is another replica. A zero directory is unknown and fits every directory.

#include "common/base/ids.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealane::broker::quorum {

inline constexpr std::string_view kMetadataLogTopic = "__cluster_metadata";
// Its well-known topic id (KIP-516, KIP-595).
inline constexpr Uuid kMetadataTopicId{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

// Names a snapshot: it holds everything below `end`; `epoch` wrote the last record of that.
struct SnapshotId {
    Offset end;
    LeaderEpoch epoch;
    friend auto operator<=>(const SnapshotId&, const SnapshotId&) = default;
};

struct ReplicaKey {
    BrokerId id = kNoBroker;
    Uuid directory;
    friend bool operator==(const ReplicaKey&, const ReplicaKey&) = default;
    [[nodiscard]] bool fits(const ReplicaKey& other) const {
        return id == other.id &&
               (directory.is_zero() || other.directory.is_zero() || directory == other.directory);
    }
};

struct VoterEndpoint {
    std::string listener;
    std::string host;
    std::uint16_t port = 0;
    friend bool operator==(const VoterEndpoint&, const VoterEndpoint&) = default;
};

struct VoterNode {
    ReplicaKey key;
    std::vector<VoterEndpoint> endpoints;
    friend bool operator==(const VoterNode&, const VoterNode&) = default;
};

class VoterSet {
 public:
    VoterSet() = default;
    explicit VoterSet(const std::vector<VoterNode>& nodes);

    [[nodiscard]] const VoterNode* find(BrokerId id) const;
    [[nodiscard]] bool contains(const ReplicaKey& key) const;
    [[nodiscard]] std::size_t size() const { return nodes_.size(); }
    [[nodiscard]] std::size_t majority() const { return nodes_.size() / 2 + 1; }
    [[nodiscard]] const std::map<BrokerId, VoterNode>& nodes() const { return nodes_; }
    [[nodiscard]] VoterSet with(VoterNode node) const;  // added or replaced
    [[nodiscard]] VoterSet without(BrokerId id) const;
    friend bool operator==(const VoterSet&, const VoterSet&) = default;

 private:
    std::map<BrokerId, VoterNode> nodes_;
};

// The voter sets of a log: a set counts from the moment its record is in the log, committed or not,
// and goes when the record is cut off.
class VoterHistory {
 public:
    VoterHistory() = default;
    // Counts before any record of the log. `from_record`: it stood in a snapshot or in trimmed log,
    // else it is what the configuration says.
    void reset(VoterSet base, bool from_record);
    void add(Offset at, VoterSet set);
    void truncate(Offset end);  // records at or after `end` are gone
    void trim(Offset start);    // what counts at `start` becomes the base

    [[nodiscard]] const VoterSet& latest() const;
    [[nodiscard]] const VoterSet& at(Offset end) const;  // by records below `end`
    [[nodiscard]] std::optional<Offset> latest_offset() const;
    [[nodiscard]] bool has_records() const { return from_record_ || !records_.empty(); }

 private:
    VoterSet base_;
    bool from_record_ = false;
    std::map<Offset, VoterSet> records_;
};

}  // namespace sealane::broker::quorum
