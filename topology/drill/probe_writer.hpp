#pragma once
// Writes numbered probe records at a steady rate, remembers every acknowledgement, and can be moved
// to another cluster: then what was not acknowledged is sent again there, in order, before new
// ones.

#include "common/client/producer.hpp"
#include "topology/drill/probe_log.hpp"

#include <deque>
#include <memory>

namespace sealane::topology {

struct ProbePlan {
    std::string topic;
    std::int32_t partitions = 2;
    std::int64_t records_per_second = 100;
    std::size_t record_bytes = 200;
};

class ProbeWriter {
 public:
    ProbeWriter(runtime::World& world, ProbePlan plan, DrillLog& log);
    // Begins on a cluster, or moves there.
    [[nodiscard]] runtime::Task<void> write_to(client::ClusterClient& cluster, bool primary);
    // No new probes; waits until all are acknowledged or the deadline.
    [[nodiscard]] runtime::Task<void> finish(Instant deadline);
    // Ends everything. Call before destroying.
    [[nodiscard]] runtime::Task<void> stop();
    [[nodiscard]] std::int64_t acknowledged() const { return acknowledged_; }
    [[nodiscard]] std::optional<Instant> first_ack_by_standby() const {
        return first_ack_by_standby_;
    }

 private:
    struct Unacknowledged {
        std::size_t number = 0;
        client::PendingDelivery delivery;
    };
    // One stay on one cluster.
    struct Stay {
        Stay(client::ClusterClient& cluster, runtime::World& world, bool is_primary);
        client::Producer producer;
        runtime::TaskGroup tasks;
        runtime::Event queued;
        bool primary;
        std::deque<Unacknowledged> waiting;
    };
    [[nodiscard]] runtime::Task<void> generate(Stay* stay, std::vector<std::size_t> again);
    [[nodiscard]] runtime::Task<void> settle(Stay* stay);
    [[nodiscard]] runtime::Task<bool> send(Stay* stay, std::size_t number);
    [[nodiscard]] runtime::Task<void> leave();

    runtime::World& world_;
    ProbePlan plan_;
    DrillLog& log_;
    std::unique_ptr<Stay> stay_;
    bool finishing_ = false;
    std::int64_t acknowledged_ = 0;
    std::optional<Instant> first_ack_by_standby_;
};

// "probe 17" padded to the plan's size, and back; -1 when it is not one.
[[nodiscard]] std::string probe_text(std::size_t number, std::size_t size);
[[nodiscard]] std::int64_t probe_number(std::string_view text);

}  // namespace sealane::topology
