#pragma once
// ClusterFacts: what observers saw inside the nodes of a cluster, folded one by one; remembers only
// what the next fact is compared with. Facts come from a white box (the simulator, a broker's
// admin endpoint), so the names are ours: two-leaders, two-controllers, double-vote,
// watermark-went-back, epoch-went-back.

#include "common/base/ids.hpp"
#include "tests/checker/report.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace sealane::checker {

class ClusterFacts {
 public:
    // `node` acted as leader of `partition` in `epoch`.
    void leads(const TopicPartition& partition, LeaderEpoch epoch, BrokerId node);
    // `node` was the active controller in `epoch` of the metadata quorum.
    void controls(LeaderEpoch epoch, BrokerId node);
    // `node` durably gave its vote of `epoch` to `candidate`.
    void votes(BrokerId node, LeaderEpoch epoch, BrokerId candidate);
    // `incarnation` of `node`, leading in `epoch`, had this high watermark.
    void high_watermark(
        const TopicPartition& partition,
        LeaderEpoch epoch,
        BrokerId node,
        std::int32_t incarnation,
        Offset offset
    );
    // The leader epoch that the committed metadata of `node` shows for a partition.
    void leader_epoch(
        const TopicPartition& partition, BrokerId node, std::int32_t incarnation, LeaderEpoch epoch
    );
    // A deleted topic's name may come back with other epochs.
    void drop(const std::string& topic);

    [[nodiscard]] std::vector<Violation> take() { return report_.take(); }

 private:
    std::map<std::pair<TopicPartition, LeaderEpoch>, BrokerId> leaders_;
    std::map<LeaderEpoch, BrokerId> controllers_;
    std::map<std::pair<BrokerId, LeaderEpoch>, BrokerId> votes_;
    using Leadership = std::tuple<TopicPartition, LeaderEpoch, BrokerId, std::int32_t>;
    std::map<Leadership, Offset> watermarks_;
    std::map<std::tuple<TopicPartition, BrokerId, std::int32_t>, LeaderEpoch> epochs_;
    Report report_;
};

}  // namespace sealane::checker
