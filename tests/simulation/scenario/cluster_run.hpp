#pragma once
// One cluster of many brokers in a run: its nodes, its clients, its administrator, and what must be
// true of all of them. Scenarios put together one or two of these, with faults from outside.

#include "tests/simulation/scenario/cluster_admin.hpp"
#include "tests/simulation/scenario/cluster_view.hpp"
#include "tests/simulation/scenario/fault_injector.hpp"
#include "tests/simulation/scenario/recording_clients.hpp"
#include "tests/simulation/scenario/replica_watch.hpp"
#include "tests/simulation/scenario/scenario_result.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace sealane::simulation {

inline constexpr Duration kHealedLimit = 180s;  // within which everything must be well again

class ClusterRun {
 public:
    // Makes the nodes' processes, in `servers`; everything outlives this.
    ClusterRun(
        Simulator& simulator,
        SimNetwork& network,
        FaultInjector& faults,
        FaultInjector::Servers& servers,
        ReplicatedPlan plan,
        bool lying_disks
    );

    // A line of the run's trace; others' are not looked at.
    void on_line(std::string_view who, std::string_view text);

    // In the order of a run's life. Each adds what is wrong to violations().
    void start();
    // Before anything breaks: the cluster forms, topics are made. False: it did not.
    bool set_up();
    void start_clients();
    void start_actions();
    [[nodiscard]] bool actions_done() const { return admin_.done; }
    // After healing.
    void finish_clients();
    bool settle();
    void check_liveness();
    void read_everything();
    void compare_disks();
    // What the disks of a partition's replicas hold, without those where bits may have rotted.
    [[nodiscard]] std::vector<checker::StoredLog> sound_replicas(const TopicPartition& partition);
    // Judges histories and observations; once, at the end.
    void judge();

    // Whether faults may destroy durable data of this node now. Where bits have rotted nobody may
    // have noticed yet, so that node's copies count as gone until its disk was emptied.
    [[nodiscard]] bool may_destroy(const std::string& host);
    // Whether all may lose power now and this node's disk come back empty.
    [[nodiscard]] bool may_surge(const std::string& host);
    // Rotten bits in `file` of a node, or (no file) its disk was emptied.
    void note_destroyed(const std::string& host, const std::string& file);
    // Of this cluster's nodes, the one that a fault of its plan is for now; empty: nobody.
    [[nodiscard]] std::string find_victim(const Fault& fault);
    [[nodiscard]] const ReplicatedPlan& plan() const { return plan_; }
    [[nodiscard]] ClusterView& view() { return view_; }
    // For clients that a scenario adds.
    [[nodiscard]] Recording& recording() { return recording_; }
    [[nodiscard]] std::unique_ptr<SimProcess> make_client(
        const std::string& host, SimProcess::Factory program
    ) {
        return make_process(host, std::move(program));
    }
    [[nodiscard]] const checker::History& history() const { return recording_.history; }
    [[nodiscard]] std::vector<checker::Violation>& violations() { return violations_; }
    [[nodiscard]] std::int64_t acknowledged() const { return recording_.acknowledged; }
    [[nodiscard]] const AdminControl& admin() const { return admin_; }
    [[nodiscard]] bool owns(const std::string& host) const;

 private:
    // A client of the plan.
    struct Client {
        ClientControl control;
        std::unique_ptr<SimProcess> process;
    };
    [[nodiscard]] std::unique_ptr<SimProcess> make_process(
        const std::string& host, SimProcess::Factory program
    );
    void violation(std::string kind, std::string detail);
    void add(std::vector<checker::Violation> more);
    void observe();
    [[nodiscard]] Client& add_client() {
        return *clients_.emplace_back(std::make_unique<Client>());
    }
    void start_client(
        Client& client,
        const std::string& name,
        SimProcess::Factory program,
        const std::vector<Instant>& ends
    );
    void restart_next(std::size_t i);
    void wait_then_restart(std::size_t i, Instant at, Instant limit);

    Simulator& simulator_;
    SimNetwork& network_;
    FaultInjector& faults_;
    ReplicatedPlan plan_;
    std::vector<SimProcess*> nodes_;
    ClusterView view_;
    Recording recording_;
    checker::ClusterFacts facts_;
    ReplicaWatch watch_;
    checker::Progress high_watermarks_{"high watermark"};
    AdminControl admin_;
    std::set<std::string> rotten_;
    std::vector<checker::Violation> violations_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::unique_ptr<SimProcess> observer_;
    std::unique_ptr<SimProcess> administrator_;
    std::unique_ptr<SimProcess> last_resort_;
};

}  // namespace sealane::simulation
