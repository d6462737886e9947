#pragma once
// Reads probe records: as the application's consumer, which commits its progress to a group and
// resumes from there after a move; and as a watcher of the standby, which measures the mirror.

#include "common/client/committed_offsets.hpp"
#include "topology/drill/probe_log.hpp"
#include "topology/drill/probe_writer.hpp"

#include <memory>

namespace sealane::topology {

class ProbeReader {
 public:
    enum class Duty { kApplication, kWatchStandby };
    ProbeReader(runtime::World& world, ProbePlan plan, DrillLog& log, Duty duty, std::string group);
    // Begins on a cluster (from the group's committed offsets where there are any, else from the
    // beginning), or moves there.
    [[nodiscard]] runtime::Task<Status> read_from(client::ClusterClient& cluster, Instant deadline);
    [[nodiscard]] runtime::Task<void> stop();
    // When the first record arrived that had not been delivered before the last move.
    [[nodiscard]] std::optional<Instant> first_new() const { return first_new_; }
    [[nodiscard]] std::int64_t delivered() const { return delivered_; }
    // Where it resumed after the last move, by partition.
    [[nodiscard]] const std::map<TopicPartition, Offset>& resumed_at() const { return resumed_at_; }

 private:
    struct Stay {
        Stay(client::ClusterClient& cluster, runtime::World& world);
        client::ClusterClient& cluster;
        client::Consumer consumer;
        runtime::TaskGroup tasks;
    };
    [[nodiscard]] runtime::Task<void> receive(Stay* stay);
    [[nodiscard]] runtime::Task<void> commit(Stay* stay);
    [[nodiscard]] runtime::Task<void> leave();
    void take(const client::ConsumerRecord& record);

    runtime::World& world_;
    ProbePlan plan_;
    DrillLog& log_;
    Duty duty_;
    std::string group_;
    std::unique_ptr<Stay> stay_;
    std::optional<Instant> first_new_;
    std::int64_t delivered_ = 0;
    std::map<TopicPartition, Offset> resumed_at_;
};

}  // namespace sealane::topology
