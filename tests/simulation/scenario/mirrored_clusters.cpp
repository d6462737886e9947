#include "tests/simulation/scenario/mirrored_clusters.hpp"

#include "common/kafka/messages/mirror.hpp"
#include "tests/checker/log_content.hpp"
#include "tests/simulation/scenario/cluster_plan.hpp"
#include "tests/simulation/scenario/fault_injector.hpp"
#include "tests/simulation/scenario/observers.hpp"
#include "tests/simulation/scenario/programs.hpp"

#include <algorithm>

namespace sealane::simulation {
namespace {

using checker::LogContent;
using checker::LogRecord;
using checker::Progress;
using checker::Violation;
using checker::WriterHistory;

constexpr Duration kHealedLimit = 180s;

// One writer and what it learned.
struct WriterState {
    std::string name;
    std::string cluster;
    TopicPartition partition;
    WriterHistory history;
    WriterControl control;
    std::unique_ptr<SimProcess> process;
};

std::vector<TopicPartition> all_partitions() {
    std::vector<TopicPartition> all;
    for (std::int32_t p = 0; p < kPartitions; ++p) all.push_back({kTopic, PartitionId(p)});
    return all;
}

class Run {
 public:
    Run(std::uint64_t seed, ScenarioOptions options)
        : options_(options),
          simulator_(seed, options.verbose),
          network_(simulator_),
          faults_(simulator_, network_, servers_) {
        result_.seed = seed;
        for (auto& planned : plan_servers(simulator_.rng())) {
            servers_.push_back(make_process(planned.host, std::move(planned.program)));
            if (options.lying_disks)
                servers_.back()->disk().lies_about = std::string("/") + kTopic + "-";
        }
        add_writers("seoul", "w");
        add_writers("korea", "w");
    }

    ScenarioResult run() {
        for (auto& server : servers_) server->start();
        for (auto& writer : writers_) writer->process->start();
        start_observers();
        schedule_faults();
        simulator_.run_until([this] { return simulator_.now() >= faults_end_; }, faults_end_ + 1s);
        faults_.heal();
        simulator_.run_for(1s);
        finish_writers();
        finish_clients();
        const bool converged = converge();
        if (converged && simulator_.rng().chance(1, 2)) promote();
        return finish();
    }

 private:
    std::unique_ptr<SimProcess> make_process(const std::string& host, SimProcess::Factory program) {
        return std::make_unique<SimProcess>(simulator_, network_, host, std::move(program));
    }
    void add_writers(const std::string& cluster, const std::string& mark) {
        for (const TopicPartition& partition : all_partitions()) {
            const std::string number = std::to_string(partition.partition.value);
            auto writer = std::make_unique<WriterState>();
            writer->name = cluster + "/" + mark + number;
            writer->cluster = cluster;
            writer->partition = partition;
            const std::string host = "c-" + cluster + (mark == "w" ? "" : mark) + number;
            writer->process = make_process(
                host,
                writer_program(
                    writer->name, broker_at(cluster), partition, writer->history, writer->control
                )
            );
            writers_.push_back(std::move(writer));
        }
    }
    void start_client(const std::string& host, SimProcess::Factory program) {
        clients_.push_back(make_process(host, std::move(program)));
        clients_.back()->start();
    }
    void start_observers() {
        for (const std::string cluster : {"seoul", "korea", "tokyo"}) {
            start_client(
                "o-" + cluster,
                observer_program(broker_at(cluster), kGroup, all_partitions(), observed_[cluster])
            );
        }
        start_client(
            "g-korea", committer_program(broker_at("korea"), kGroup, all_partitions(), committer_)
        );
    }

    void schedule_faults() {
        Rng& rng = simulator_.rng();
        std::vector<std::string> hosts;
        for (auto& one : servers_) hosts.push_back(one->host());
        const Instant from = simulator_.now() + 500ms;
        const int seconds = static_cast<int>(rng.between(5, 40));
        faults_end_ = from + std::chrono::seconds(seconds);
        const auto kinds = draw_kinds(rng, mirrored_kinds());
        const std::int64_t mean_gap_ms = rng.between(100, 3'000);
        const auto plan =
            draw_faults(rng, from, faults_end_, {hosts, talking_pairs()}, kinds, mean_gap_ms);
        const bool pauses = rng.chance(1, 2);
        if (options_.faults) {
            faults_.schedule(plan);
            result_.faults = static_cast<int>(plan.size());
        }
        faults_.supervise();
        pause_over_ = {!pauses};
        if (!pauses) return;
        const Duration first = std::chrono::milliseconds(rng.between(0, seconds * 1000));
        const Duration then = std::chrono::milliseconds(rng.between(0, 5'000));
        start_client(
            "op-pause",
            operator_program(
                broker_at("tokyo"),
                kReplicaLinkName,
                {{first, kafka::kLinkPause}, {then, kafka::kLinkResume}},
                pause_over_
            )
        );
    }

    void finish_writers() {
        for (auto& writer : writers_) writer->control.stop = true;
        simulator_.run_until(
            [this] {
                return std::ranges::all_of(writers_, [](const auto& w) {
                    return w->control.finished;
                });
            },
            simulator_.now() + kHealedLimit
        );
        result_.acknowledged = 0;
        for (auto& writer : writers_) {
            result_.acknowledged += static_cast<std::int64_t>(writer->history.acknowledged.size());
            if (!writer->control.finished)
                violation("no-progress", writer->name + " is still waiting for acknowledgements");
            for (const std::string& what : std::exchange(writer->control.failures, {}))
                violation("failed-write", what);
        }
    }
    void finish_clients() {
        committer_.stop = true;
        const bool done = simulator_.run_until(
            [this] { return committer_.finished && pause_over_.done; },
            simulator_.now() + kHealedLimit
        );
        if (!done)
            violation(
                "no-progress",
                committer_.finished ? "the link cannot be paused and resumed"
                                    : "group offsets are still not committed"
            );
    }
    void violation(std::string kind, std::string detail) {
        result_.violations.push_back({std::move(kind), std::move(detail)});
    }
    void add(const std::vector<Violation>& more) {
        result_.violations.insert(result_.violations.end(), more.begin(), more.end());
    }

    std::optional<LogContent> read(const std::string& cluster, const TopicPartition& partition) {
        ReadOut out;
        const auto reader = make_process(
            "r-" + std::to_string(readers_++), reader_program(broker_at(cluster), partition, out)
        );
        reader->start();
        simulator_.run_until([&out] { return out.done; }, simulator_.now() + 60s);
        if (!out.done || out.error) return std::nullopt;
        return std::move(out.content);
    }
    // What `cluster`'s own writers wrote, out of a log that holds others' records as well.
    std::vector<Violation> check_own(
        const std::string& cluster, const TopicPartition& partition, const LogContent& log
    ) {
        std::map<std::string, WriterHistory> histories;
        for (auto& writer : writers_) {
            if (writer->cluster == cluster && writer->partition == partition)
                histories[writer->name] = writer->history;
        }
        LogContent own;
        std::ranges::copy_if(log, std::back_inserter(own), [&cluster](const LogRecord& r) {
            return r.record.writer.starts_with(cluster + "/");
        });
        return check_written(partition, histories, own);
    }
    std::vector<Violation> check_partition(const TopicPartition& partition) {
        const auto seoul = read("seoul", partition);
        const auto korea = read("korea", partition);
        const auto tokyo = read("tokyo", partition);
        if (!seoul || !korea || !tokyo)
            return {{"unreadable", partition.to_string() + " cannot be read at every cluster"}};
        std::vector<Violation> all;
        auto collect = [&all](std::vector<Violation> more) {
            std::ranges::move(more, std::back_inserter(all));
        };
        collect(check_own("seoul", partition, *seoul));
        collect(check_own("korea", partition, *korea));
        collect(check_aggregate(partition, "seoul/", *seoul, *korea));
        collect(check_replica(partition, *korea, *tokyo));
        const Offset committed = committer_.acknowledged[partition];
        const Offset carried = observed_["tokyo"].commits.newest(partition);
        if (committed != Offset(0) && carried != committed) {
            all.push_back(
                {"group-offset",
                 std::string(kGroup) + " committed " + std::to_string(committed.value) + " of " +
                     partition.to_string() + ", the replica has " + std::to_string(carried.value)}
            );
        }
        promised_[partition] = tokyo->size();
        return all;
    }
    // Links need time after healing: what is still wrong at the end of it is a violation.
    bool converge() {
        const Instant limit = simulator_.now() + kHealedLimit;
        std::vector<Violation> last;
        do {
            last.clear();
            for (const TopicPartition& partition : all_partitions())
                std::ranges::move(check_partition(partition), std::back_inserter(last));
            if (last.empty()) return true;
            simulator_.run_for(2s);
        } while (simulator_.now() < limit);
        add(last);
        return false;
    }

    // The replica link's target becomes the writable side while its source goes on; tokyo may crash
    // in the middle of it.
    void promote() {
        const std::size_t before = writers_.size();
        add_writers("korea", "late");
        add_writers("tokyo", "w");
        const auto start = [this](std::size_t first, std::size_t count) {
            for (std::size_t i = first; i < first + count; ++i) writers_[i]->process->start();
        };
        start(before, kPartitions);
        simulator_.run_for(Duration(simulator_.rng().between(0, 500'000'000)));
        OperatorState promoted;
        start_client(
            "op-promote",
            operator_program(
                broker_at("tokyo"), kReplicaLinkName, {{0s, kafka::kLinkPromote}}, promoted
            )
        );
        if (options_.faults && simulator_.rng().chance(1, 2)) {
            simulator_.run_for(Duration(simulator_.rng().between(0, 20'000'000)));
            faults_.bounce("tokyo", 300ms);
        }
        simulator_.run_until([&promoted] { return promoted.done; }, simulator_.now() + 60s);
        if (promoted.done) result_.notes = "promoted";
        if (!promoted.done) {
            violation("no-progress", "the link cannot be promoted");
            clients_.clear();
            return;
        }
        start(before + kPartitions, kPartitions);
        simulator_.run_for(3s);
        finish_writers();
        simulator_.run_for(2s);
        for (const TopicPartition& partition : all_partitions()) check_promotion(partition);
        clients_.clear();
    }
    void check_promotion(const TopicPartition& partition) {
        const auto korea = read("korea", partition);
        const auto tokyo = read("tokyo", partition);
        if (!korea || !tokyo) {
            violation("unreadable", partition.to_string() + " after the promotion");
            return;
        }
        add(check_promoted(partition, *korea, promised_[partition], *tokyo, "tokyo/"));
        add(check_own("tokyo", partition, *tokyo));
        add(check_own("korea", partition, *korea));
    }

    ScenarioResult finish() {
        for (const auto& [cluster, seen] : observed_) {
            for (const Progress* figure : {&seen.high_watermarks, &seen.commits}) {
                for (const Violation& one : figure->violations())
                    violation(one.kind, cluster + ": " + one.detail);
            }
        }
        result_.crashes = faults_.crashes();
        take_trace(result_, simulator_);
        if (!result_.violations.empty()) {
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
    std::map<std::string, Observed> observed_;
    CommitterState committer_;
    OperatorState pause_over_;
    std::map<TopicPartition, std::size_t> promised_;  // records that the replica had converged to
    FaultInjector::Servers servers_;
    FaultInjector faults_;
    std::vector<std::unique_ptr<WriterState>> writers_;
    std::vector<std::unique_ptr<SimProcess>> clients_;
    Instant faults_end_;
    int readers_ = 0;
};

}  // namespace

ScenarioResult run_mirrored_clusters(std::uint64_t seed, ScenarioOptions options) {
    return Run(seed, options).run();
}

}  // namespace sealane::simulation
