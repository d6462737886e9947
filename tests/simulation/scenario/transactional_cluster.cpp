#include "tests/simulation/scenario/transactional_cluster.hpp"

#include "tests/checker/report.hpp"
#include "tests/simulation/scenario/single_cluster_run.hpp"
#include "tests/simulation/scenario/transactional_clients.hpp"

#include <algorithm>

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

class TransactionalRun final : public SingleClusterRun {
 public:
    TransactionalRun(std::uint64_t seed, const ScenarioOptions& options, const Plans& plans)
        : SingleClusterRun(seed, options, plans.cluster),
          writers_(plans.writers),
          recording_{cluster_.recording(), {}, 0} {
        result_.plan = lines_of(plans);
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
    void start_more() override {
        for (const TransactionalPlan& writer : writers_) {
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
    void finish_more() override {
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
    void check_more() override {
        ClientControl control;
        const auto reader = cluster_.make_client(
            "last-committed-reader", last_committed_reader(writers_, recording_, control)
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
    [[nodiscard]] std::string notes() const override {
        return SingleClusterRun::notes() + ", " + std::to_string(recording_.ledger.committed()) +
               " of " + std::to_string(recording_.ledger.count()) + " transactions committed";
    }

    std::vector<TransactionalPlan> writers_;
    TransactionalRecording recording_;
    std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace

ScenarioResult run_transactional_cluster(std::uint64_t seed, ScenarioOptions options) {
    return TransactionalRun(seed, options, plans_of(seed, options)).run();
}

std::vector<std::string> describe_transactional_cluster(
    std::uint64_t seed, const ScenarioOptions& options
) {
    return lines_of(plans_of(seed, options));
}

}  // namespace sealane::simulation
