#include "tests/simulation/scenario/mirrored_clusters.hpp"

#include "tests/simulation/scenario/fault_plan.hpp"
#include "tests/simulation/scenario/programs.hpp"

#include <algorithm>
#include <set>

namespace sealane::simulation {
namespace {

const std::string kTopic = "logs.app";
constexpr std::int32_t kPartitions = 2;
constexpr Duration kHealedLimit = 180s;

runtime::Endpoint broker_at(const std::string& host) {
    return {host, 9092, ""};
}

broker::BrokerConfig broker_config(const std::string& host, Rng& rng) {
    broker::BrokerConfig config;
    config.node_id = BrokerId(1);
    config.log_dir = "/data";
    config.listeners = {{"plain", broker_at(host), broker_at(host), std::nullopt}};
    config.mirror_principals = {"User:ANONYMOUS"};
    config.num_partitions = kPartitions;
    config.offsets_topic_partitions = 1;
    config.topic_defaults.segment_bytes = rng.between(4, 64) * 1024;
    config.checkpoint_interval = std::chrono::milliseconds(rng.between(50, 5'000));
    return config;
}

mirror::HalfConfig half(
    std::string link, mirror::HalfRole role, std::string cluster, mirror::LinkKind kind
) {
    mirror::HalfConfig config;
    config.link = link;
    config.role = role;
    config.cluster = std::move(cluster);
    config.socket.unix_path = "/run/" + link + ".sock";
    config.kind = kind;
    config.topics_include = {"logs.*"};
    return config;
}

mirror::MirrorConfig mirror_config(
    const std::string& domain, std::vector<mirror::HalfConfig> halves
) {
    mirror::MirrorConfig config;
    config.domain = domain;
    config.clusters = {{domain, {broker_at(domain)}, std::nullopt}};
    config.halves = std::move(halves);
    config.data_dir = "/data";
    return config;
}

// One writer and what it learned.
struct WriterState {
    std::string name;
    std::string cluster;
    TopicPartition partition;
    WriterHistory history;
    WriterControl control;
    std::unique_ptr<SimProcess> process;
};

class Run {
 public:
    Run(std::uint64_t seed, ScenarioOptions options)
        : options_(options), simulator_(seed, options.verbose), network_(simulator_) {
        result_.seed = seed;
        make_servers();
        make_writers();
    }

    ScenarioResult run() {
        for (auto& server : servers_) server->start();
        for (auto& writer : writers_) writer->process->start();
        schedule_faults();
        simulator_.run_until([this] { return simulator_.now() >= faults_end_; }, faults_end_ + 1s);
        heal();
        finish_writers();
        converge();
        return finish();
    }

 private:
    using Role = mirror::HalfRole;
    using Kind = mirror::LinkKind;

    void add_server(const std::string& host, SimProcess::Factory factory) {
        servers_.push_back(
            std::make_unique<SimProcess>(simulator_, network_, host, std::move(factory))
        );
    }
    void make_servers() {
        Rng& rng = simulator_.rng();
        for (const std::string host : {"seoul", "korea", "tokyo"})
            add_server(host, broker_program(broker_config(host, rng)));
        add_server(
            "m-seoul",
            mirror_program(
                mirror_config("seoul", {half("s-k", Role::kConsumer, "seoul", Kind::kAggregate)})
            )
        );
        add_server(
            "m-korea",
            mirror_program(mirror_config(
                "korea",
                {half("s-k", Role::kProducer, "korea", Kind::kAggregate),
                 half("k-t", Role::kConsumer, "korea", Kind::kReplica)}
            ))
        );
        add_server(
            "m-tokyo",
            mirror_program(
                mirror_config("tokyo", {half("k-t", Role::kProducer, "tokyo", Kind::kReplica)})
            )
        );
    }
    void make_writers() {
        for (const std::string cluster : {"seoul", "korea"}) {
            for (std::int32_t p = 0; p < kPartitions; ++p) {
                auto writer = std::make_unique<WriterState>();
                writer->name = cluster + "/w" + std::to_string(p);
                writer->cluster = cluster;
                writer->partition = {kTopic, PartitionId(p)};
                writer->process = std::make_unique<SimProcess>(
                    simulator_,
                    network_,
                    "c-" + cluster + std::to_string(p),
                    writer_program(
                        writer->name,
                        broker_at(cluster),
                        writer->partition,
                        writer->history,
                        writer->control
                    )
                );
                writers_.push_back(std::move(writer));
            }
        }
    }

    SimProcess* server(const std::string& host) {
        for (auto& one : servers_) {
            if (one->host() == host) return one.get();
        }
        return nullptr;
    }

    void schedule_faults() {
        std::vector<std::string> hosts;
        for (auto& one : servers_) hosts.push_back(one->host());
        const std::vector<std::pair<std::string, std::string>> links{
            {"m-seoul", "seoul"},
            {"m-seoul", "m-korea"},
            {"m-korea", "korea"},
            {"m-korea", "m-tokyo"},
            {"m-tokyo", "tokyo"},
            {"c-seoul0", "seoul"},
            {"c-korea1", "korea"},
        };
        const Instant from = simulator_.now() + 500ms;
        faults_end_ = from + std::chrono::seconds(simulator_.rng().between(5, 40));
        for (const Fault& fault : draw_faults(simulator_.rng(), from, faults_end_, hosts, links)) {
            if (!options_.faults) break;
            simulator_.schedule(fault.at, [this, fault] { strike(fault); });
            simulator_.schedule(fault.at + fault.lasts, [this, fault] { relieve(fault); });
            ++result_.faults;
        }
        supervise();
    }
    void strike(const Fault& fault) {
        if (healed_) return;
        simulator_.trace().line(simulator_.now(), "scenario", to_string(fault));
        SimProcess* target = server(fault.host);
        switch (fault.kind) {
            case FaultKind::kCrash:
                if (!target->running()) return;
                target->crash();
                ++result_.crashes;
                return;
            case FaultKind::kCutBoth:
                network_.cut(fault.other, fault.host);
                [[fallthrough]];
            case FaultKind::kCutOneWay:
                network_.cut(fault.host, fault.other);
                return;
            case FaultKind::kReset:
                network_.reset_between(fault.host, fault.other);
                return;
            case FaultKind::kSlowDisk:
                target->disk().faults.sync_latency = 200ms;
                return;
            case FaultKind::kFullDisk:
                target->disk().faults.capacity = target->disk().used() + 2'000;
                return;
            case FaultKind::kBadDisk:
                target->disk().faults.sync_fails = true;
                target->disk().faults.write_fails = simulator_.rng().chance(1, 2);
                worn_.insert(fault.host);
                return;
            case FaultKind::kSlowNetwork:
                network_.latency_max = 150ms;
                return;
        }
    }
    void relieve(const Fault& fault) {
        if (healed_) return;
        SimProcess* target = server(fault.host);
        switch (fault.kind) {
            case FaultKind::kCrash:
                if (!target->running()) target->start();
                return;
            // Cuts overlap; healing one heals all, which is a fault pattern like any other.
            case FaultKind::kCutBoth:
            case FaultKind::kCutOneWay:
                network_.heal_all();
                return;
            case FaultKind::kReset:
                return;
            case FaultKind::kSlowDisk:
            case FaultKind::kFullDisk:
                target->disk().faults = {};
                return;
            case FaultKind::kBadDisk:
                replace_disk(*target);
                return;
            case FaultKind::kSlowNetwork:
                network_.latency_max = 2ms;
                return;
        }
    }
    // What an operator does about a log that is offline: mends the disk, starts the server anew.
    void replace_disk(SimProcess& target) {
        target.disk().faults = {};
        if (worn_.erase(target.host()) == 0 || !target.running()) return;
        target.crash();
        target.start();
        ++result_.crashes;
    }
    // A service manager: a server whose start failed is started again.
    void supervise() {
        for (auto& one : servers_) {
            if (!one->running() || !one->failed()) continue;
            simulator_.trace().line(
                simulator_.now(), one->host(), "start failed: " + one->failed()->to_string()
            );
            one->crash();
            one->start();
        }
        simulator_.schedule(simulator_.now() + 500ms, [this] { supervise(); });
    }

    void heal() {
        healed_ = true;
        simulator_.trace().line(simulator_.now(), "scenario", "HEAL");
        network_.heal_all();
        network_.latency_max = 2ms;
        for (auto& one : servers_) {
            replace_disk(*one);
            if (!one->running()) one->start();
        }
        simulator_.run_for(1s);
    }
    void finish_writers() {
        for (auto& writer : writers_) writer->control.stop = true;
        const bool all = simulator_.run_until(
            [this] {
                return std::ranges::all_of(writers_, [](const auto& w) {
                    return w->control.finished;
                });
            },
            simulator_.now() + kHealedLimit
        );
        for (auto& writer : writers_) {
            result_.acknowledged += static_cast<std::int64_t>(writer->history.acknowledged.size());
            if (!all && !writer->control.finished)
                violation("no-progress", writer->name + " is still waiting for acknowledgements");
            for (const std::string& what : writer->control.failures)
                violation("failed-write", what);
        }
    }
    void violation(std::string kind, std::string detail) {
        result_.violations.push_back({std::move(kind), std::move(detail)});
    }

    std::optional<LogContent> read(const std::string& cluster, const TopicPartition& partition) {
        ReadOut out;
        SimProcess reader(
            simulator_,
            network_,
            "r-" + std::to_string(readers_++),
            reader_program(broker_at(cluster), partition, out)
        );
        reader.start();
        simulator_.run_until([&out] { return out.done; }, simulator_.now() + 60s);
        if (!out.done || out.error) return std::nullopt;
        return std::move(out.content);
    }
    std::vector<Violation> check_partition(const TopicPartition& partition) {
        const auto seoul = read("seoul", partition);
        const auto korea = read("korea", partition);
        const auto tokyo = read("tokyo", partition);
        if (!seoul || !korea || !tokyo)
            return {{"unreadable", partition.to_string() + " cannot be read at every cluster"}};
        std::vector<Violation> all =
            check_written(partition, histories("seoul", partition), *seoul);
        auto add = [&all](std::vector<Violation> more) {
            std::ranges::move(more, std::back_inserter(all));
        };
        add(check_aggregate(partition, "seoul/", *seoul, *korea));
        LogContent own;
        std::ranges::copy_if(*korea, std::back_inserter(own), [](const LogRecord& r) {
            return r.record.writer.starts_with("korea/");
        });
        add(check_written(partition, histories("korea", partition), own));
        add(check_replica(partition, *korea, *tokyo));
        return all;
    }
    std::map<std::string, WriterHistory> histories(
        const std::string& cluster, const TopicPartition& partition
    ) {
        std::map<std::string, WriterHistory> found;
        for (auto& writer : writers_) {
            if (writer->cluster == cluster && writer->partition == partition)
                found[writer->name] = writer->history;
        }
        return found;
    }
    // Links need time after healing: what is still wrong at the end of it is a violation.
    void converge() {
        const Instant limit = simulator_.now() + kHealedLimit;
        std::vector<Violation> last;
        do {
            last.clear();
            for (std::int32_t p = 0; p < kPartitions; ++p) {
                auto more = check_partition({kTopic, PartitionId(p)});
                std::ranges::move(more, std::back_inserter(last));
            }
            if (last.empty()) return;
            simulator_.run_for(2s);
        } while (simulator_.now() < limit);
        std::ranges::move(last, std::back_inserter(result_.violations));
    }

    ScenarioResult finish() {
        result_.hash = simulator_.trace().hash();
        result_.events = simulator_.trace().events();
        result_.virtual_seconds = static_cast<double>(simulator_.now().ns) / 1e9;
        if (!result_.violations.empty()) {
            const auto& lines = simulator_.trace().last_lines();
            result_.last_lines.assign(lines.begin(), lines.end());
            for (const auto& one : servers_) {
                if (!one->running()) continue;
                const std::string state = one->program()->describe();
                if (!state.empty()) result_.last_lines.push_back(one->host() + " " + state);
            }
        }
        return std::move(result_);
    }

    ScenarioOptions options_;
    Simulator simulator_;
    SimNetwork network_;
    ScenarioResult result_;
    std::vector<std::unique_ptr<SimProcess>> servers_;
    std::vector<std::unique_ptr<WriterState>> writers_;
    std::set<std::string> worn_;  // servers whose disk failed since they were started
    Instant faults_end_;
    bool healed_ = false;
    int readers_ = 0;
};

}  // namespace

ScenarioResult run_mirrored_clusters(std::uint64_t seed, ScenarioOptions options) {
    return Run(seed, options).run();
}

}  // namespace sealane::simulation
