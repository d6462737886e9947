#include "tests/simulation/scenario/transactional_cluster.hpp"

#include "tests/checker/json_lines.hpp"
#include "tests/checker/report.hpp"
#include "tests/simulation/scenario/cluster_run.hpp"
#include "tests/simulation/scenario/transactional_clients.hpp"

#include <algorithm>
#include <fstream>

namespace sealane::simulation {
namespace {

constexpr std::string_view kTopic = "x0";

// Of a run: the cluster's plan, and what transactions add to it.
struct Plans {
    ReplicatedPlan cluster;
    std::vector<TransactionalPlan> writers;
};

void draw_transactions(Rng& rng, Instant start, Plans& plans) {
    ReplicatedPlan& plan = plans.cluster;
    TopicPlan topic;
    topic.name = kTopic;
    topic.partitions = static_cast<std::int32_t>(rng.between(1, 4));
    if (rng.chance(1, 2)) topic.configs["segment.bytes"] = std::to_string(rng.between(3, 8) * 1024);
    plan.topics.push_back(std::move(topic));
    const auto partitions = static_cast<std::int32_t>(rng.between(1, 3));
    const auto rewrite = static_cast<std::uint64_t>(rng.between(4, 64)) * 1024;
    for (NodePlan& node : plan.nodes) {
        node.config.transactions_topic_partitions = partitions;
        node.config.coordinator_rewrite_min_bytes = rewrite;
    }
    for (ActionPlan& action : plan.actions) {
        const bool moves = action.kind == ActionKind::kReassign ||
                           action.kind == ActionKind::kElectPreferred ||
                           action.kind == ActionKind::kAddPartitions;
        if (moves && rng.chance(1, 2)) action.topic = kTopic;
    }
    const auto count = rng.between(1, 4);
    for (std::int64_t i = 0; i < count; ++i) {
        TransactionalPlan writer;
        writer.name = "x-" + std::to_string(i);
        writer.topic = kTopic;
        writer.epoch_per_transaction = rng.chance(1, 2);
        writer.timeout_ms = static_cast<std::int32_t>(rng.between(2'000, 30'000));
        writer.pace_max = std::chrono::milliseconds(rng.between(5, 400));
        if (rng.chance(1, 2)) {
            for (auto left = rng.between(1, 3); left > 0; --left)
                writer.ends.push_back(
                    start + Duration(rng.between(0, (plan.until - start).count()))
                );
        }
        plans.writers.push_back(std::move(writer));
    }
}

Plans plans_of(std::uint64_t seed, const ScenarioOptions& options) {
    PlanOptions planning;
    planning.brokers = options.brokers;
    planning.faults = options.faults;
    planning.mirrored = true;  // topics that lose nothing
    Plans plans{draw_replicated_plan(seed, plan_start(), planning), {}};
    Rng rng(seed ^ 0x7478'6e73ULL);
    draw_transactions(rng, plan_start(), plans);
    plans.cluster.omit(Omissions::parse(options.without).value_or(Omissions{}));
    return plans;
}

std::vector<std::string> lines_of(const Plans& plans) {
    std::vector<std::string> lines = plans.cluster.describe();
    for (const TransactionalPlan& writer : plans.writers) {
        lines.push_back(
            writer.name + ": transactions, timeout " + std::to_string(writer.timeout_ms) + " ms" +
            (writer.epoch_per_transaction ? ", an epoch for each" : "") + ", killed " +
            std::to_string(writer.ends.size()) + " times"
        );
    }
    return lines;
}

class TransactionalRun {
 public:
    TransactionalRun(std::uint64_t seed, const ScenarioOptions& options)
        : options_(options),
          simulator_(seed, options.verbose),
          network_(simulator_),
          faults_(simulator_, network_, servers_),
          plans_(plans_of(seed, options)),
          cluster_(simulator_, network_, faults_, servers_, plans_.cluster, options.lying_disks),
          recording_{cluster_.recording(), {}, 0} {
        result_.seed = seed;
        result_.plan = lines_of(plans_);
    }

    ScenarioResult run() {
        cluster_.start();
        if (cluster_.set_up()) {
            cluster_.start_clients();
            start_transactions();
            schedule_faults();
            cluster_.start_actions();
            const Instant until = cluster_.plan().until;
            simulator_.run_until(
                [&] { return simulator_.now() >= until && cluster_.actions_done(); }, until + 30s
            );
            faults_.heal();
            cluster_.finish_clients();
            finish_transactions();
            if (cluster_.settle()) cluster_.check_liveness();
            read_committed();
            cluster_.read_everything();
            cluster_.compare_disks();
        }
        cluster_.judge();
        return finish();
    }

 private:
    struct Client {
        ClientControl control;
        std::unique_ptr<SimProcess> process;
    };
    Client& add_client(const std::string& host, SimProcess::Factory program) {
        Client& client = *clients_.back();
        client.process = cluster_.make_client(host, std::move(program));
        client.process->start();
        return client;
    }
    void start_transactions() {
        for (const TransactionalPlan& writer : plans_.writers) {
            clients_.push_back(std::make_unique<Client>());
            Client& client = add_client(
                writer.name, transactional_writer(writer, recording_, clients_.back()->control)
            );
            for (const Instant end : writer.ends) {
                simulator_.schedule(end, [this, &client] {
                    if (faults_.healed() || client.control.finished) return;
                    client.process->crash();
                    client.process->start();
                });
            }
        }
        clients_.push_back(std::make_unique<Client>());
        (void)add_client(
            "committed-reader",
            committed_reader(std::string(kTopic), recording_, clients_.back()->control)
        );
    }
    void finish_transactions() {
        for (auto& client : clients_) client->control.stop = true;
        const auto finished = [this] {
            return std::ranges::all_of(clients_, [](const auto& client) {
                return client->control.finished;
            });
        };
        if (simulator_.run_until(finished, simulator_.now() + kHealedLimit)) return;
        for (auto& client : clients_) {
            if (!client->control.finished)
                cluster_.violations().push_back(
                    {"no-progress", client->process->host() + " does not come to an end"}
                );
        }
    }
    void read_committed() {
        ClientControl control;
        const auto reader = cluster_.make_client(
            "last-committed-reader", last_committed_reader(plans_.writers, recording_, control)
        );
        reader->start();
        const auto done = [&control] { return control.finished; };
        if (!simulator_.run_until(done, simulator_.now() + 600s))
            cluster_.violations().push_back(
                {"unreadable", "committed records cannot be read to their end"}
            );
        checker::Report complaints;
        for (checker::Violation& one : recording_.ledger.judge())
            complaints.add(std::move(one.kind), std::move(one.detail));
        for (checker::Violation& one : complaints.take())
            cluster_.violations().push_back(std::move(one));
    }
    void schedule_faults() {
        faults_.may_destroy = [this](const std::string& host) {
            return cluster_.may_destroy(host);
        };
        faults_.on_destroyed = [this](const std::string& host, const std::string& file) {
            cluster_.note_destroyed(host, file);
        };
        faults_.find_victim = [this](const Fault& fault) { return cluster_.find_victim(fault); };
        faults_.schedule(cluster_.plan().faults);
        faults_.supervise();
    }

    ScenarioResult finish() {
        if (!options_.history.empty()) {
            std::ofstream out(options_.history);
            checker::write_lines(cluster_.history(), out);
        }
        const AdminControl& admin = cluster_.admin();
        result_.notes = std::to_string(cluster_.plan().nodes.size()) + " nodes, " +
                        std::to_string(recording_.ledger.committed()) + " of " +
                        std::to_string(recording_.ledger.count()) + " transactions committed";
        if (admin.performed + admin.refused > 0) {
            result_.notes += ", " + std::to_string(admin.performed) + " of " +
                             std::to_string(admin.performed + admin.refused) + " actions";
        }
        result_.faults = static_cast<int>(cluster_.plan().faults.size());
        result_.crashes = faults_.crashes();
        result_.acknowledged = cluster_.acknowledged();
        result_.violations = std::move(cluster_.violations());
        take_trace(result_, simulator_);
        return std::move(result_);
    }

    ScenarioOptions options_;
    Simulator simulator_;
    SimNetwork network_;
    ScenarioResult result_;
    FaultInjector::Servers servers_;
    FaultInjector faults_;
    Plans plans_;
    ClusterRun cluster_;
    TransactionalRecording recording_;
    std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace

ScenarioResult run_transactional_cluster(std::uint64_t seed, ScenarioOptions options) {
    return TransactionalRun(seed, options).run();
}

std::vector<std::string> describe_transactional_cluster(
    std::uint64_t seed, const ScenarioOptions& options
) {
    return lines_of(plans_of(seed, options));
}

}  // namespace sealane::simulation
