#include "tests/simulation/scenario/replicated_cluster.hpp"

#include "tests/checker/history_checks.hpp"
#include "tests/checker/json_lines.hpp"
#include "tests/checker/report.hpp"
#include "tests/simulation/scenario/cluster_admin.hpp"
#include "tests/simulation/scenario/cluster_view.hpp"
#include "tests/simulation/scenario/fault_injector.hpp"
#include "tests/simulation/scenario/programs.hpp"
#include "tests/simulation/scenario/recording_clients.hpp"

#include <algorithm>
#include <fstream>

namespace sealane::simulation {
namespace {

using checker::Violation;

constexpr Duration kSetupLimit = 120s;
constexpr Duration kHealedLimit = 180s;
constexpr Duration kObservePace = 50ms;

// A client of the plan.
struct Client {
    ClientControl control;
    std::unique_ptr<SimProcess> process;
};

class ReplicatedRun {
 public:
    ReplicatedRun(std::uint64_t seed, const ScenarioOptions& options)
        : options_(options),
          simulator_(seed, options.verbose),
          network_(simulator_),
          view_(plan_, servers_),
          faults_(simulator_, network_, servers_) {
        result_.seed = seed;
        PlanOptions planning;
        planning.brokers = options.brokers;
        planning.faults = options.faults;
        plan_ = draw_replicated_plan(seed, plan_start(), planning);
        plan_.omit(Omissions::parse(options.without).value_or(Omissions{}));
        result_.plan = plan_.describe();
        recording_.bootstrap = plan_.bootstrap();
        for (const NodePlan& node : plan_.nodes) {
            servers_.push_back(make_process(node.host, broker_program(node.config)));
            if (options.lying_disks) servers_.back()->disk().lies_about = "/t";
        }
    }

    ScenarioResult run() {
        view_.watch_votes(facts_);
        for (auto& server : servers_) server->start();
        observe();
        if (set_up()) {
            start_clients();
            schedule_faults();
            schedule_actions();
            simulator_.run_until(
                [this] { return simulator_.now() >= plan_.until && admin_.done; }, plan_.until + 30s
            );
            faults_.heal();
            finish_clients();
            if (settle()) check_liveness();
            read_everything();
            compare_disks();
        }
        return finish();
    }

 private:
    std::unique_ptr<SimProcess> make_process(const std::string& host, SimProcess::Factory program) {
        return std::make_unique<SimProcess>(simulator_, network_, host, std::move(program));
    }
    void violation(std::string kind, std::string detail) {
        result_.violations.push_back({std::move(kind), std::move(detail)});
    }
    void add(std::vector<Violation> more) {
        std::ranges::move(more, std::back_inserter(result_.violations));
    }
    void observe() {
        view_.observe(facts_);
        simulator_.schedule(simulator_.now() + kObservePace, [this] { observe(); });
    }

    // Before anything breaks: the cluster forms, topics are made.
    bool set_up() {
        AdminControl setup;
        const auto admin = make_process("setup", setup_program(plan_, recording_, setup));
        admin->start();
        simulator_.run_until(
            [&] { return setup.done && view_.unsettled().empty(); }, simulator_.now() + kSetupLimit
        );
        if (setup.done && view_.unsettled().empty()) return true;
        violation(
            "no-progress",
            setup.done ? "before any fault: " + view_.unsettled()
                       : "the cluster does not form: topics cannot be created"
        );
        return false;
    }

    void start_clients() {
        for (const TopicPlan& topic : plan_.topics) {
            recording_.weak[topic.name] = topic.weak;
            if (topic.weak) recording_.history.weaken(topic.name);
        }
        for (const WriterPlan& writer : plan_.writers) {
            Client& client = add_client();
            start_client(client, writer.name, recording_writer(writer, recording_, client.control));
            schedule_ends(client, writer.ends);
        }
        std::vector<std::string> groups;
        for (const ReaderPlan& reader : plan_.readers) {
            Client& client = add_client();
            start_client(client, reader.name, recording_reader(reader, recording_, client.control));
            schedule_ends(client, reader.ends);
            if (!reader.group.empty() && std::ranges::find(groups, reader.group) == groups.end())
                groups.push_back(reader.group);
        }
        observer_ = make_process(
            "observer", recording_observer(std::move(groups), recording_, high_watermarks_)
        );
        observer_->start();
    }
    Client& add_client() { return *clients_.emplace_back(std::make_unique<Client>()); }
    void start_client(Client& client, const std::string& host, SimProcess::Factory program) {
        client.process = make_process(host, std::move(program));
        client.process->start();
    }
    void schedule_ends(Client& client, const std::vector<Instant>& ends) {
        for (const Instant end : ends) {
            simulator_.schedule(end, [this, &client] {
                if (faults_.healed() || client.control.finished) return;
                client.process->crash();
                client.process->start();
            });
        }
    }

    void schedule_faults() {
        faults_.may_destroy = [this](const std::string& host) {
            return view_.is_dispensable(host);
        };
        faults_.on_destroyed = [this](const std::string& host, const std::string& file) {
            if (!file.empty()) rotten_.emplace(host);
        };
        // Faults were drawn for a cluster that forms in time.
        faults_.schedule(plan_.faults);
        result_.faults = static_cast<int>(plan_.faults.size());
        faults_.supervise();
    }
    void schedule_actions() {
        std::vector<ActionPlan> for_admin;
        for (const ActionPlan& action : plan_.actions) {
            if (action.kind == ActionKind::kRollingRestart) {
                simulator_.schedule(action.at, [this] { restart_next(0); });
            } else {
                for_admin.push_back(action);
            }
        }
        administrator_ = make_process("admin", admin_program(plan_, for_admin, recording_, admin_));
        administrator_->start();
    }
    // One node after the other; the next when all is well again, or after a while.
    void restart_next(std::size_t i) {
        if (faults_.healed() || i >= servers_.size()) return;
        faults_.restart_politely(servers_[i]->host(), 20s);
        wait_then_restart(i + 1, simulator_.now() + 500ms, simulator_.now() + 20s);
    }
    void wait_then_restart(std::size_t i, Instant at, Instant limit) {
        simulator_.schedule(at, [this, i, at, limit] {
            if (at < limit && !view_.unsettled().empty()) {
                wait_then_restart(i, at + 100ms, limit);
            } else {
                restart_next(i);
            }
        });
    }

    void finish_clients() {
        for (auto& client : clients_) client->control.stop = true;
        const auto all_finished = [this] {
            return admin_.done && std::ranges::all_of(clients_, [](const auto& client) {
                       return client->control.finished;
                   });
        };
        simulator_.run_until(all_finished, simulator_.now() + kHealedLimit);
        for (auto& client : clients_) {
            if (!client->control.finished)
                violation("no-progress", client->process->host() + " does not come to an end");
        }
        if (!admin_.done) violation("no-progress", "an administrator's action does not end");
        result_.acknowledged = recording_.acknowledged;
    }
    bool settle() {
        const bool settled = simulator_.run_until(
            [this] { return view_.unsettled().empty(); }, simulator_.now() + kHealedLimit
        );
        if (!settled) violation("no-progress", "after healing: " + view_.unsettled());
        return settled;
    }
    // What works after all of it: a new topic, and writes to every old one.
    void check_liveness() {
        ReplicatedPlan after = plan_;
        after.topics = {{"after", 2, {}, false, false}};
        AdminControl made;
        const auto admin = make_process("after", setup_program(after, recording_, made));
        admin->start();
        simulator_.run_until([&made] { return made.done; }, simulator_.now() + 60s);
        if (!made.done) {
            violation("no-progress", "no topic can be created after healing");
            return;
        }
        settle();
    }
    void read_everything() {
        for (const TopicPartition& partition : view_.partitions()) {
            if (partition.topic.starts_with("__")) continue;
            ClientControl control;
            const auto reader = make_process(
                "final-" + partition.to_string(), final_reader(partition, recording_, control)
            );
            reader->start();
            simulator_.run_until([&control] { return control.finished; }, simulator_.now() + 120s);
            if (!control.finished)
                violation("unreadable", partition.to_string() + " cannot be read to its end");
        }
    }
    void compare_disks() {
        using checker::Agreement;
        for (const TopicPartition& partition : view_.partitions()) {
            auto replicas = view_.stored(partition);
            // Rot that nobody has come across yet stays; what was served is in the history.
            std::erase_if(replicas, [this](const checker::StoredLog& log) {
                return std::ranges::any_of(plan_.nodes, [&](const NodePlan& node) {
                    return node.config.node_id == log.node && rotten_.contains(node.host);
                });
            });
            for (const auto& replica : replicas) add(checker::check_stored(partition, replica));
            add(checker::check_replicas(partition, replicas, Agreement::kUpToHighWatermark));
        }
    }

    ScenarioResult finish() {
        checker::Report complaints;
        for (Violation& one : recording_.violations)
            complaints.add(std::move(one.kind), std::move(one.detail));
        add(complaints.take());
        add(checker::check_history(recording_.history, {.read_to_the_end = true}));
        add(facts_.take());
        add(high_watermarks_.violations());
        if (!options_.history.empty()) {
            std::ofstream out(options_.history);
            checker::write_lines(recording_.history, out);
        }
        result_.notes = std::to_string(plan_.nodes.size()) + " nodes";
        if (admin_.performed + admin_.refused > 0) {
            result_.notes += ", " + std::to_string(admin_.performed) + " of " +
                             std::to_string(admin_.performed + admin_.refused) + " actions";
        }
        result_.crashes = faults_.crashes();
        result_.hash = simulator_.trace().hash();
        result_.events = simulator_.trace().events();
        result_.virtual_seconds = static_cast<double>(simulator_.now().ns) / 1e9;
        if (!result_.violations.empty()) {
            const auto& lines = simulator_.trace().last_lines();
            result_.last_lines.assign(lines.begin(), lines.end());
        }
        return std::move(result_);
    }

    ScenarioOptions options_;
    Simulator simulator_;
    SimNetwork network_;
    ScenarioResult result_;
    ReplicatedPlan plan_;
    Recording recording_;
    checker::ClusterFacts facts_;
    checker::Progress high_watermarks_{"high watermark"};
    AdminControl admin_;
    FaultInjector::Servers servers_;
    ClusterView view_;
    FaultInjector faults_;
    std::set<std::string> rotten_;  // hosts whose disks have had bit rot
    std::vector<std::unique_ptr<Client>> clients_;
    std::unique_ptr<SimProcess> observer_;
    std::unique_ptr<SimProcess> administrator_;
};

}  // namespace

ScenarioResult run_replicated_cluster(std::uint64_t seed, ScenarioOptions options) {
    return ReplicatedRun(seed, options).run();
}

}  // namespace sealane::simulation
