#include "tests/simulation/scenario/cluster_run.hpp"

#include "tests/checker/history_checks.hpp"
#include "tests/checker/report.hpp"
#include "tests/simulation/scenario/programs.hpp"

#include <algorithm>

namespace sealane::simulation {
namespace {

using checker::Violation;

constexpr Duration kSetupLimit = 120s;
constexpr Duration kObservePace = 50ms;

}  // namespace

ClusterRun::ClusterRun(
    Simulator& simulator,
    SimNetwork& network,
    FaultInjector& faults,
    FaultInjector::Servers& servers,
    ReplicatedPlan plan,
    bool lying_disks
)
    : simulator_(simulator),
      network_(network),
      faults_(faults),
      plan_(std::move(plan)),
      view_(plan_, nodes_) {
    recording_.bootstrap = plan_.bootstrap();
    watch_.may_cut = [this](std::string_view topic) {
        return !plan_.owns_topics || !recording_.promises(std::string(topic));
    };
    watch_.was_hurt = [this](std::string_view host) { return faults_.hurt(std::string(host)); };
    for (const NodePlan& node : plan_.nodes) {
        servers.push_back(make_process(node.host, broker_program(node.config)));
        nodes_.push_back(servers.back().get());
        if (lying_disks) nodes_.back()->disk().lies_about = "/t";
    }
}

std::unique_ptr<SimProcess> ClusterRun::make_process(
    const std::string& host, SimProcess::Factory program
) {
    return std::make_unique<SimProcess>(simulator_, network_, host, std::move(program));
}

void ClusterRun::violation(std::string kind, std::string detail) {
    violations_.push_back({std::move(kind), std::move(detail)});
}

void ClusterRun::add(std::vector<Violation> more) {
    std::ranges::move(more, std::back_inserter(violations_));
}

bool ClusterRun::owns(const std::string& host) const {
    return std::ranges::any_of(plan_.nodes, [&host](const NodePlan& node) {
        return node.host == host;
    });
}

void ClusterRun::on_line(std::string_view who, std::string_view text) {
    if (owns(std::string(who.substr(0, who.find('/'))))) watch_.on_line(who, text);
}

bool ClusterRun::may_destroy(const std::string& host) {
    const bool others_are_sound =
        rotten_.empty() || (rotten_.size() == 1 && rotten_.contains(host));
    return owns(host) && others_are_sound && view_.is_dispensable(host);
}

bool ClusterRun::may_surge(const std::string& host) {
    return owns(host) && rotten_.empty() && view_.may_return_empty(host);
}

void ClusterRun::note_destroyed(const std::string& host, const std::string& file) {
    if (!owns(host)) return;
    if (file.empty()) {
        rotten_.erase(host);
    } else {
        rotten_.insert(host);
    }
}

std::string ClusterRun::find_victim(const Fault& fault) {
    if (!owns(fault.host)) return {};
    return fault.victim == Victim::kController ? view_.controller()
                                               : view_.some_leader(fault.choice);
}

void ClusterRun::observe() {
    view_.observe(facts_);
    simulator_.schedule(simulator_.now() + kObservePace, [this] { observe(); });
}

void ClusterRun::start() {
    view_.watch_votes(facts_);
    for (SimProcess* node : nodes_) node->start();
    observe();
}

bool ClusterRun::set_up() {
    AdminControl setup;
    const auto admin =
        make_process("setup-" + plan_.nodes[0].host, setup_program(plan_, recording_, setup));
    admin->start();
    const auto ready = [&] { return setup.done && view_.unsettled().empty(); };
    if (simulator_.run_until(ready, simulator_.now() + kSetupLimit)) return true;
    violation(
        "no-progress",
        setup.done ? "before any fault: " + view_.unsettled()
                   : "the cluster does not form: topics cannot be created"
    );
    return false;
}

void ClusterRun::start_clients() {
    for (const TopicPlan& topic : plan_.topics) {
        recording_.weak[topic.name] = topic.weak;
        if (topic.weak) recording_.history.weaken(topic.name);
    }
    for (const WriterPlan& writer : plan_.writers) {
        Client& client = add_client();
        auto program = recording_writer(writer, recording_, client.control);
        start_client(client, writer.name, std::move(program), writer.ends);
    }
    std::vector<std::string> groups;
    for (const ReaderPlan& reader : plan_.readers) {
        Client& client = add_client();
        auto program = recording_reader(reader, recording_, client.control);
        start_client(client, reader.name, std::move(program), reader.ends);
        if (!reader.group.empty() && std::ranges::find(groups, reader.group) == groups.end())
            groups.push_back(reader.group);
    }
    observer_ = make_process(
        "observer-" + plan_.nodes[0].host,
        recording_observer(std::move(groups), recording_, high_watermarks_)
    );
    observer_->start();
}

void ClusterRun::start_client(
    Client& client,
    const std::string& name,
    SimProcess::Factory program,
    const std::vector<Instant>& ends
) {
    client.process = make_process(name, std::move(program));
    client.process->start();
    for (const Instant end : ends) {
        simulator_.schedule(end, [this, &client] {
            if (faults_.healed() || client.control.finished) return;
            client.process->crash();
            client.process->start();
        });
    }
}

void ClusterRun::start_actions() {
    std::vector<ActionPlan> for_admin;
    for (const ActionPlan& action : plan_.actions) {
        if (action.kind == ActionKind::kRollingRestart) {
            simulator_.schedule(action.at, [this] { restart_next(0); });
        } else {
            for_admin.push_back(action);
        }
    }
    administrator_ = make_process(
        "admin-" + plan_.nodes[0].host,
        admin_program(plan_, std::move(for_admin), recording_, admin_)
    );
    administrator_->start();
}

// One node after the other; the next when all is well again, or after a while.
void ClusterRun::restart_next(std::size_t i) {
    if (faults_.healed() || i >= nodes_.size()) return;
    faults_.restart_politely(nodes_[i]->host(), 20s);
    wait_then_restart(i + 1, simulator_.now() + 500ms, simulator_.now() + 20s);
}

void ClusterRun::wait_then_restart(std::size_t i, Instant at, Instant limit) {
    simulator_.schedule(at, [this, i, at, limit] {
        if (at < limit && !view_.unsettled().empty()) {
            wait_then_restart(i, at + 100ms, limit);
        } else {
            restart_next(i);
        }
    });
}

void ClusterRun::finish_clients() {
    last_resort_ =
        make_process("operator-" + plan_.nodes[0].host, last_resort_program(plan_, recording_));
    last_resort_->start();
    for (auto& client : clients_) client->control.stop = true;
    const auto all_finished = [this] {
        return admin_.done && std::ranges::all_of(clients_, [](const auto& client) {
                   return client->control.finished;
               });
    };
    if (simulator_.run_until(all_finished, simulator_.now() + kHealedLimit)) return;
    for (auto& client : clients_) {
        if (!client->control.finished)
            violation("no-progress", client->process->host() + " does not come to an end");
    }
    if (!admin_.done) violation("no-progress", "an administrator's action does not end");
}

bool ClusterRun::settle() {
    const bool settled = simulator_.run_until(
        [this] { return view_.unsettled().empty(); }, simulator_.now() + kHealedLimit
    );
    if (!settled) violation("no-progress", "after healing: " + view_.unsettled());
    return settled;
}

// After all of it the cluster still makes topics.
void ClusterRun::check_liveness() {
    ReplicatedPlan after = plan_;
    after.topics = {{"after", 2, {}, false, false}};
    AdminControl made;
    const auto admin =
        make_process("after-" + plan_.nodes[0].host, setup_program(after, recording_, made));
    admin->start();
    if (simulator_.run_until([&made] { return made.done; }, simulator_.now() + 60s)) {
        settle();
    } else {
        violation("no-progress", "no topic can be created after healing");
    }
}

void ClusterRun::read_everything() {
    for (const TopicPartition& partition : view_.partitions()) {
        if (partition.topic.starts_with("__")) continue;
        ClientControl control;
        const auto reader = make_process(
            "final-" + plan_.nodes[0].host + "-" + partition.to_string(),
            final_reader(partition, recording_, control)
        );
        reader->start();
        const auto read = [&control] { return control.finished; };
        if (!simulator_.run_until(read, simulator_.now() + 120s))
            violation("unreadable", partition.to_string() + " cannot be read to its end");
    }
}

// Rot that nobody has come across yet stays; what was served is in the history.
std::vector<checker::StoredLog> ClusterRun::sound_replicas(const TopicPartition& partition) {
    auto replicas = view_.stored(partition);
    std::erase_if(replicas, [this](const checker::StoredLog& log) {
        return std::ranges::any_of(plan_.nodes, [&](const NodePlan& node) {
            return node.config.node_id == log.node && rotten_.contains(node.host);
        });
    });
    return replicas;
}

void ClusterRun::compare_disks() {
    for (const TopicPartition& partition : view_.partitions()) {
        const auto replicas = sound_replicas(partition);
        for (const auto& replica : replicas) {
            add(checker::check_stored(partition, replica));
            add(checker::check_epochs(partition, replica));
        }
        add(checker::check_replicas(partition, replicas, checker::Agreement::kUpToHighWatermark));
    }
}

void ClusterRun::judge() {
    checker::Report complaints;
    for (Violation& one : recording_.violations)
        complaints.add(std::move(one.kind), std::move(one.detail));
    add(complaints.take());
    add(checker::check_history(recording_.history));
    add(facts_.take());
    add(watch_.take());
    add(high_watermarks_.violations());
}

}  // namespace sealane::simulation
