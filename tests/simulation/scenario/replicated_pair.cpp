#include "tests/simulation/scenario/replicated_pair.hpp"

#include "common/client/committed_offsets.hpp"
#include "common/kafka/messages/mirror.hpp"
#include "tests/simulation/scenario/cluster_plan.hpp"
#include "tests/simulation/scenario/cluster_run.hpp"
#include "tests/simulation/scenario/observers.hpp"
#include "tests/simulation/scenario/programs.hpp"

#include <algorithm>

namespace sealane::simulation {
namespace {

using checker::Violation;
using runtime::Task;

constexpr const char* kLink = "src-dst";

struct PairPlan {
    ReplicatedPlan source;  // with all faults of the run
    ReplicatedPlan target;
    bool pauses = false;  // the link is paused and resumed on the way
};

// Faults of the mirror processes and of their ways.
std::vector<Fault> draw_mirror_faults(Rng& rng, const PairPlan& plan) {
    FaultTargets targets;
    targets.servers = {"m-src", "m-dst"};
    targets.links.emplace_back("m-src", "m-dst");
    for (const NodePlan& node : plan.source.nodes) targets.links.emplace_back("m-src", node.host);
    for (const NodePlan& node : plan.target.nodes) targets.links.emplace_back("m-dst", node.host);
    auto kinds = mirrored_kinds();
    kinds.push_back(FaultKind::kPause);
    return draw_faults(
        rng,
        plan_start(),
        plan.source.until,
        targets,
        draw_kinds(rng, kinds),
        rng.between(500, 5'000)
    );
}

PairPlan plan_of(std::uint64_t seed, const ScenarioOptions& options) {
    PairPlan plan;
    PlanOptions planning;
    planning.brokers = options.brokers == 0 ? 3 : options.brokers;
    planning.faults = options.faults;
    planning.mirrored = true;
    planning.prefix = "src";
    plan.source = draw_replicated_plan(seed, plan_start(), planning);
    planning.prefix = "dst";
    plan.target = draw_replicated_plan(seed + 1, plan_start(), planning);
    plan.target.topics.clear();
    plan.target.owns_topics = false;
    plan.target.writers.clear();
    plan.target.readers.clear();
    std::erase_if(plan.target.actions, [](const ActionPlan& action) {
        return action.kind != ActionKind::kElectPreferred && action.kind != ActionKind::kDrain &&
               action.kind != ActionKind::kRollingRestart;
    });
    Rng rng(seed);
    plan.pauses = rng.chance(1, 2);
    auto& faults = plan.source.faults;
    if (options.faults) {
        const auto more = draw_mirror_faults(rng, plan);
        faults.insert(faults.end(), more.begin(), more.end());
    }
    faults.insert(faults.end(), plan.target.faults.begin(), plan.target.faults.end());
    plan.target.faults.clear();
    plan.source.until = std::max(plan.source.until, plan.target.until);
    plan.source.omit(Omissions::parse(options.without).value_or(Omissions{}));
    return plan;
}

// The committed offsets of groups, read once.
using Commits = std::map<std::string, std::map<TopicPartition, Offset>>;
class CommitReader final : public Program {
 public:
    CommitReader(
        SimWorld& world,
        const std::vector<runtime::Endpoint>& bootstrap,
        std::vector<std::string> groups,
        std::optional<Commits>& out
    )
        : world_(world),
          groups_(std::move(groups)),
          out_(out),
          cluster_(world, recording_client_options(bootstrap)) {}

    Task<Status> run() override {
        Commits all;
        for (const std::string& group : groups_) {
            const auto committed =
                co_await client::fetch_committed(cluster_, group, std::nullopt, world_.now() + 10s);
            if (!committed) co_return Status{};
            for (const auto& [partition, offset] : *committed)
                all[group][partition] = offset.offset;
        }
        out_ = std::move(all);
        co_return Status{};
    }

 private:
    SimWorld& world_;
    std::vector<std::string> groups_;
    std::optional<Commits>& out_;
    client::ClusterClient cluster_;
};

class PairRun {
 public:
    PairRun(std::uint64_t seed, const ScenarioOptions& options)
        : plan_(plan_of(seed, options)),
          simulator_(seed, options.verbose),
          network_(simulator_),
          faults_(simulator_, network_, servers_),
          source_(simulator_, network_, faults_, servers_, plan_.source, options.lying_disks),
          target_(simulator_, network_, faults_, servers_, plan_.target, options.lying_disks) {
        result_.seed = seed;
        result_.plan = plan_.source.describe();
        add_mirror("src", mirror::HalfRole::kConsumer, plan_.source);
        add_mirror("dst", mirror::HalfRole::kProducer, plan_.target);
        for (const ReaderPlan& reader : plan_.source.readers) {
            if (!reader.group.empty()) groups_.insert(reader.group);
        }
    }

    ScenarioResult run() {
        simulator_.trace().on_line = [this](std::string_view who, std::string_view text) {
            source_.on_line(who, text);
            target_.on_line(who, text);
        };
        source_.start();
        target_.start();
        if (source_.set_up() && target_.set_up()) {
            for (SimProcess* one : mirrors_) one->start();
            source_.start_clients();
            schedule_faults();
            source_.start_actions();
            target_.start_actions();
            pause_link();
            simulator_.run_until(
                [this] { return simulator_.now() >= plan_.source.until && actions_done(); },
                plan_.source.until + 30s
            );
            faults_.heal();
            source_.finish_clients();
            target_.finish_clients();
            if (source_.settle() && target_.settle()) converge();
            source_.read_everything();
            source_.compare_disks();
            target_.compare_disks();
        }
        source_.judge();
        target_.judge();
        return finish();
    }

 private:
    void add_mirror(
        const std::string& domain, mirror::HalfRole role, const ReplicatedPlan& cluster
    ) {
        auto half = link_half(kLink, role, domain, mirror::LinkKind::kReplica);
        half.topics_include = {"t*"};
        half.groups_include = {"g-*"};
        servers_.push_back(std::make_unique<SimProcess>(
            simulator_,
            network_,
            "m-" + domain,
            mirror_program(domain_mirror(domain, cluster.bootstrap(), {std::move(half)}))
        ));
        mirrors_.push_back(servers_.back().get());
    }
    [[nodiscard]] bool actions_done() const {
        return source_.actions_done() && target_.actions_done() && link_.done;
    }
    void schedule_faults() {
        // What one cluster has lost it gets back from itself.
        faults_.may_destroy = [this](const std::string& host) {
            return source_.may_destroy(host) || target_.may_destroy(host);
        };
        faults_.on_destroyed = [this](const std::string& host, const std::string& file) {
            source_.note_destroyed(host, file);
            target_.note_destroyed(host, file);
        };
        faults_.find_victim = [this](const Fault& fault) {
            return source_.owns(fault.host) ? source_.find_victim(fault)
                                            : target_.find_victim(fault);
        };
        faults_.schedule(plan_.source.faults);
        faults_.supervise();
    }
    void pause_link() {
        link_.done = !plan_.pauses;
        if (!plan_.pauses) return;
        operator_ = std::make_unique<SimProcess>(
            simulator_,
            network_,
            "op-link",
            operator_program(
                plan_.target.bootstrap().front(),
                kLink,
                {{Duration(simulator_.rng().between(1'000'000'000, 8'000'000'000)),
                  kafka::kLinkPause},
                 {2s, kafka::kLinkResume}},
                link_
            )
        );
        operator_->start();
    }

    // Why the target is not yet what the source is; empty when it is.
    std::string missing() {
        const auto there = target_.view().partitions();
        for (const TopicPartition& partition : source_.view().partitions()) {
            if (!partition.topic.starts_with("t")) continue;
            if (std::ranges::find(there, partition) == there.end())
                return partition.to_string() + " is not at the target";
            const auto from = source_.view().leader_end(partition);
            const auto to = target_.view().leader_end(partition);
            if (from != to) {
                return partition.to_string() + " ends at " + std::to_string(from.value) +
                       ", at the target at " + std::to_string(to.value);
            }
        }
        return {};
    }
    void converge() {
        const bool carried = simulator_.run_until(
            [this] { return missing().empty(); }, simulator_.now() + kHealedLimit
        );
        if (!carried) violation("no-progress", "over the link: " + missing());
        if (!carried || !target_.settle()) return;
        compare_clusters();
        compare_groups();
    }
    void compare_clusters() {
        for (const TopicPartition& partition : source_.view().partitions()) {
            if (!partition.topic.starts_with("t")) continue;
            auto from = source_.sound_replicas(partition);
            auto to = target_.sound_replicas(partition);
            if (from.empty() || to.empty()) continue;
            to.front().node = BrokerId(to.front().node.value + 100);  // "node 101": the target's
            for (auto& one : checker::check_replicas(
                     partition, {from.front(), to.front()}, checker::Agreement::kWhole
                 ))
                violation("diverged", one.detail);
        }
    }
    void compare_groups() {
        const Instant limit = simulator_.now() + 60s;
        std::optional<Commits> from;
        std::optional<Commits> to;
        do {
            from = commits(plan_.source);
            to = commits(plan_.target);
            if (from && to && *from == *to) return;
            simulator_.run_for(2s);
        } while (simulator_.now() < limit);
        violation("group-offset", "committed offsets at the target are not the source's");
    }
    std::optional<Commits> commits(const ReplicatedPlan& cluster) {
        std::optional<Commits> found;
        SimProcess reader(simulator_, network_, "commits", [&](SimWorld& world) {
            return std::make_unique<CommitReader>(
                world,
                cluster.bootstrap(),
                std::vector<std::string>(groups_.begin(), groups_.end()),
                found
            );
        });
        reader.start();
        simulator_.run_until([&] { return found || reader.ended(); }, simulator_.now() + 30s);
        return found;
    }
    void violation(std::string kind, std::string detail) {
        result_.violations.push_back({std::move(kind), std::move(detail)});
    }

    ScenarioResult finish() {
        for (ClusterRun* cluster : {&source_, &target_})
            std::ranges::move(cluster->violations(), std::back_inserter(result_.violations));
        result_.notes = std::to_string(plan_.source.nodes.size()) + " and " +
                        std::to_string(plan_.target.nodes.size()) + " nodes";
        result_.faults = static_cast<int>(plan_.source.faults.size());
        result_.crashes = faults_.crashes();
        result_.acknowledged = source_.acknowledged();
        take_trace(result_, simulator_);
        if (!result_.violations.empty()) {
            for (SimProcess* one : mirrors_) {
                if (one->running())
                    result_.last_lines.push_back(one->host() + " " + one->program()->describe());
            }
        }
        return std::move(result_);
    }

    PairPlan plan_;
    Simulator simulator_;
    SimNetwork network_;
    ScenarioResult result_;
    FaultInjector::Servers servers_;
    FaultInjector faults_;
    ClusterRun source_;
    ClusterRun target_;
    std::vector<SimProcess*> mirrors_;
    std::set<std::string> groups_;
    OperatorState link_;
    std::unique_ptr<SimProcess> operator_;
};

}  // namespace

ScenarioResult run_replicated_pair(std::uint64_t seed, ScenarioOptions options) {
    return PairRun(seed, options).run();
}

std::vector<std::string> describe_replicated_pair(
    std::uint64_t seed, const ScenarioOptions& options
) {
    return plan_of(seed, options).source.describe();
}

}  // namespace sealane::simulation
