#pragma once
// Everything that a run of the replicated scenario will do, drawn from the seed before it starts:
// shape and settings of the cluster, topics, clients, administration, faults. The run itself draws
// from another generator, so that leaving a part out (shrinking) leaves the rest as it was.

#include "broker/config/broker_config.hpp"
#include "tests/simulation/scenario/fault_plan.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace sealane::simulation {

struct TopicPlan {
    std::string name;
    std::int32_t partitions = 1;
    std::map<std::string, std::string> configs;
    bool weak = false;    // sealane.flush=os: promises nothing when page caches are lost
    bool doomed = false;  // deleted on the way
};

struct WriterPlan {
    std::string name;
    std::string topic;
    Duration pace_max{};
    bool impatient = false;     // gives up on records after some seconds
    bool too_large = false;     // some records are over the limit
    bool own_keys = false;      // no two records have the same key: compaction drops none
    std::vector<Instant> ends;  // killed and started again then
};

struct ReaderPlan {
    std::string name;
    std::string topic;
    std::string group;          // empty: assigned by hand
    std::vector<Instant> ends;  // killed (or stopped) and started again then
};

enum class ActionKind {
    kCreateTopic,
    kDeleteTopic,
    kAddPartitions,
    kReassign,
    kElectPreferred,
    kRollingRestart,
    kDrain,
};
struct ActionPlan {
    ActionKind kind = ActionKind::kCreateTopic;
    Instant at;
    std::string topic;
    std::uint64_t choice = 0;  // of partition and brokers
};
[[nodiscard]] std::string_view name_of(ActionKind kind);

struct NodePlan {
    std::string host;
    broker::BrokerConfig config;
    bool serves = true;  // has the role broker
};

// What shrinking left out. Text form: "kind:crash,fault:3,client:w-t0-1,action:2".
struct Omissions {
    std::set<std::string> kinds;
    std::set<std::size_t> faults;
    std::set<std::string> clients;
    std::set<std::size_t> actions;
    [[nodiscard]] std::string to_string() const;
    [[nodiscard]] static std::optional<Omissions> parse(std::string_view text);
    [[nodiscard]] bool empty() const {
        return kinds.empty() && faults.empty() && clients.empty() && actions.empty();
    }
};

struct ReplicatedPlan {
    std::vector<NodePlan> nodes;
    std::int16_t replication = 1;
    std::vector<TopicPlan> topics;
    std::vector<WriterPlan> writers;
    std::vector<ReaderPlan> readers;
    std::vector<ActionPlan> actions;
    std::vector<Fault> faults;
    std::vector<FaultKind> kinds;  // that this seed may have
    Instant until;                 // of faults and actions

    [[nodiscard]] std::vector<runtime::Endpoint> bootstrap() const;
    // The plan without what is left out, whose own numbers stay.
    void omit(const Omissions& omissions);
    // A line for each thing that happens, numbered as Omissions does.
    [[nodiscard]] std::vector<std::string> describe() const;

 private:
    // Numbers before anything was left out.
    std::vector<std::size_t> fault_numbers_;
    std::vector<std::size_t> action_numbers_;
};

struct PlanOptions {
    std::string prefix = "b";  // of hosts
    int brokers = 0;           // 0: drawn
    bool faults = true;
    // The cluster is a link's source: its topics are neither deleted nor weak.
    bool mirrored = false;
};
// When clients, faults and actions of a run begin: the time before is for the cluster to form.
[[nodiscard]] Instant plan_start();
[[nodiscard]] ReplicatedPlan draw_replicated_plan(
    std::uint64_t seed, Instant start, const PlanOptions& options
);

}  // namespace sealane::simulation
