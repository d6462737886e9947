#include "tests/simulation/driver/mutant_table.hpp"

#include "common/base/mutants.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <sys/resource.h>

namespace sealane::simulation {
namespace {

// Numbers are those of reliability.md A.3 where it has one; 40 and up are others of the kind.
constexpr Mutant kMutants[] = {
    {1,
     "KAFKA-1647",
     "a new leader forgets the high watermark it knew as a follower, and tells clients so",
     "broker/replication/partition.cpp: lead",
     "outages",
     2},
    {2,
     "KAFKA-2143",
     "a follower whose log does not fit starts over at the leader's log start",
     "broker/replication/partition_follower.cpp: on_answer",
     "outages",
     4},
    {3,
     "KAFKA-2477",
     "a leader calls a follower's fetch above the high watermark out of range",
     "broker/replication/partition_replicas.cpp: on_replica_fetch",
     "replicated",
     1},
    {4,
     "KAFKA-1211 (KIP-101)",
     "a follower truncates to its high watermark, not by epoch",
     "broker/replication/partition.cpp: follow",
     "replicated",
     2},
    {5,
     "KAFKA-6361 (KIP-279)",
     "an unknown epoch is answered with the next one's start only",
     "broker/log/epoch_cache.cpp: EpochCache::end_of",
     "outages",
     263},
    {7,
     "KAFKA-7415",
     "the epoch's start is not persisted when a leader begins",
     "broker/log/log_states.cpp: start_epoch",
     "outages",
     2},
    {8,
     "KAFKA-3968",
     "nothing syncs the directory of a log",
     "broker/log/log_sync.cpp: sync_pass",
     "mirrored",
     22},
    {9,
     "KAFKA-10471",
     "the clean-stop note survives the next start, and is believed",
     "broker/log/log_directory_open.cpp: read_checkpoint",
     "outages",
     21},
    {10,
     "KAFKA-10101",
     "the recovery point runs ahead of what is synced",
     "broker/log/log_sync.cpp: recovery_point",
     "outages",
     2},
    {11,
     "KAFKA-12460",
     "a quorum follower that diverges truncates below its high watermark",
     "broker/quorum/raft_follower.cpp: diverge",
     "outages",
     3},
    {13,
     "KAFKA-15046",
     "the leader-epoch checkpoint is written without a sync, and an empty one is believed",
     "common/runtime/files.cpp: write_file_atomically",
     "outages",
     2},
    {16,
     "KAFKA-8069",
     "committed offsets expire when a coordinator has loaded them",
     "broker/groups/coordinator_offsets.cpp: expire",
     "replicated",
     28},
    {17,
     "redpanda #3039 (as KAFKA-9144)",
     "replicas do not learn producers' sequences",
     "broker/transactions/producer_state.cpp: ProducerState::apply",
     "replicated",
     3},
    {19,
     "KAFKA-2942",
     "a mirror's group offset is carried before its data is there",
     "mirror/offsets/group_sync.cpp: decide",
     "mirrored",
     4},
    {20,
     "KIP-903 (KAFKA-14139)",
     "a broker with an emptied disk stays in its in-sync sets",
     "broker/metadata/broker_decisions.cpp: register_broker",
     "outages",
     3},
    {21,
     "KIP-966 (KAFKA-15332)",
     "the high watermark advances below min.insync.replicas",
     "broker/replication/partition_leader.cpp: high_watermark",
     "outages",
     5},
    {26,
     "redpanda 9ff1818",
     "the vote is forgotten when a candidate steps down",
     "broker/quorum/raft_election.cpp: leave_role",
     "outages",
     113},
    {27,
     "redpanda #9711",
     "a truncation does not take the recovery point back",
     "broker/log/log_cut.cpp: truncate_to",
     "outages",
     48},
    {40,
     "Kafka 0.8 (Jepsen 2013)",
     "acks=all is accepted below min.insync.replicas",
     "broker/replication/partition_leader.cpp: under_min_isr",
     "outages",
     8},
    {41,
     "fsyncgate (ATC'20)",
     "a failed sync counts as one that succeeded",
     "broker/log/log_sync.cpp: sync_pass",
     "mirrored",
     3},
    {43,
     "redpanda #3003",
     "a follower's position counts before it has synced",
     "broker/replication/replica_fetcher.cpp: ready",
     "outages",
     39},
    {44,
     "KAFKA-8 (acks)",
     "acks=all is answered before the high watermark passes",
     "broker/api/produce.cpp: must_wait",
     "replicated",
     2},
    {45,
     "etcd 3.5 (2022)",
     "votes are answered before they are durable",
     "common/runtime/files.cpp: write_file_atomically",
     "replicated",
     2},
    {46,
     "Kafka unclean election",
     "a leader is elected out of all replicas, not the in-sync ones",
     "broker/metadata/partition_change.cpp: choose_leader_with_loss",
     "outages",
     3},
    {48,
     "KAFKA-9807 (no transactions)",
     "consumers are served above the high watermark",
     "broker/replication/partition.cpp: read",
     "replicated",
     2},
};

std::vector<Mutant> chosen(const HuntOptions& options) {
    std::vector<Mutant> all;
    for (const Mutant& mutant : kMutants) {
        const bool named =
            std::ranges::find(options.numbers, mutant.number) != options.numbers.end();
        if (named || options.numbers.empty()) all.push_back(mutant);
    }
    return all;
}

struct Catch {
    bool found = false;
    std::string kind;
    std::uint64_t seed = 0;
    std::uint64_t seeds = 0;
    double seconds = 0;  // of processor time
    double simulated_seconds = 0;
};

// Processor time of all runs so far: a busy machine gives no mutant less of a hunt.
double processor_seconds() {
    rusage used{};
    (void)::getrusage(RUSAGE_CHILDREN, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// A seed that breaks something without the mutant as well says nothing about it.
bool fails_anyway(RunRequest request) {
    request.mutant = 0;
    return !IsolatedRun(request).wait().violations.empty();
}

// Seeds from 1 on (quick: before them the one that is known) until one fails because of the mutant.
Catch hunt(const Mutant& mutant, const HuntOptions& options) {
    const double start = processor_seconds();
    const auto elapsed = [start] { return processor_seconds() - start; };
    Catch result;
    std::deque<std::unique_ptr<IsolatedRun>> running;
    const bool knows = options.quick && mutant.seed != 0;
    std::uint64_t next = knows ? 0 : 1;
    while (true) {
        const bool more = elapsed() < options.budget_seconds;
        while (more && running.size() < static_cast<std::size_t>(options.jobs)) {
            const std::uint64_t seed = next == 0 ? mutant.seed : next;
            ++next;
            RunRequest request{std::string(mutant.scenario), seed, options.scenario};
            request.mutant = mutant.number;
            running.push_back(std::make_unique<IsolatedRun>(request));
        }
        if (running.empty()) break;
        const ScenarioResult run = running.front()->wait();
        const RunRequest request = running.front()->request();
        running.pop_front();
        ++result.seeds;
        result.simulated_seconds += run.virtual_seconds;
        if (run.violations.empty() || fails_anyway(request)) continue;
        result.found = true;
        result.kind = run.violations.front().kind;
        result.seed = run.seed;
        break;
    }
    result.seconds = elapsed();
    return result;
}

}  // namespace

std::span<const Mutant> mutants() {
    return kMutants;
}

const Mutant* find_mutant(int number) {
    const auto* const found = std::ranges::find(kMutants, number, &Mutant::number);
    return found == std::end(kMutants) ? nullptr : found;
}

int hunt_mutants(const HuntOptions& options) {
    if (!kMutantsBuilt) {
        std::fprintf(stderr, "this build has no mutants: use tests/simulation/mutants\n");
        return 64;
    }
    std::printf(
        "%3s  %-30s  %-10s  %-22s  %6s  %6s  %8s  %8s\n",
        "id",
        "historical bug",
        "scenario",
        "found by",
        "seed",
        "seeds",
        "cpu s",
        "sim. h"
    );
    int missed = 0;
    for (const Mutant& mutant : chosen(options)) {
        const Catch result = hunt(mutant, options);
        std::printf(
            "%3d  %-30s  %-10s  %-22s  %6llu  %6llu  %8.1f  %8.2f\n",
            mutant.number,
            std::string(mutant.history).c_str(),
            std::string(mutant.scenario).c_str(),
            result.found ? result.kind.c_str() : "NOT FOUND",
            static_cast<unsigned long long>(result.seed),
            static_cast<unsigned long long>(result.seeds),
            result.seconds,
            result.simulated_seconds / 3600
        );
        std::fflush(stdout);
        if (!result.found) ++missed;
    }
    std::printf("%d not found, of %zu\n", missed, chosen(options).size());
    return missed == 0 ? 0 : 1;
}

}  // namespace sealane::simulation
