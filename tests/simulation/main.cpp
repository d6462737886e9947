// The simulation as a program: seeds in, a line per seed out, exit 1 when a property was broken.
// The first seed that fails is shrunk.

#include "common/base/mutants.hpp"
#include "tests/simulation/driver/isolated_run.hpp"
#include "tests/simulation/driver/mutant_table.hpp"
#include "tests/simulation/driver/shrink.hpp"

#include <gflags/gflags.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <memory>
#include <string>

DEFINE_uint64(seed, 0, "run this one seed and print its last lines");
DEFINE_string(seeds, "", "A-B: run these seeds");
DEFINE_double(minutes, 0, "run seeds from --first on for so many minutes");
DEFINE_double(hours, 0, "the same in hours");
DEFINE_uint64(first, 1, "with --minutes and --hours: the first seed");
DEFINE_string(
    scenario,
    "all",
    "replicated, outages, transactional, mirrored, pair (two replicated clusters), or all in turn"
);
DEFINE_int32(jobs, 1, "so many runs at a time");
DEFINE_bool(verbose, false, "print every line of the trace");
DEFINE_bool(no_faults, false, "nothing breaks: a run that fails so is no matter of faults");
DEFINE_bool(lying_disks, false, "disks lose what they said was synced: such runs must fail");
DEFINE_bool(twice, false, "run each seed twice and compare the hashes");
DEFINE_int32(brokers, 0, "of a replicated cluster; 0: the seed decides");
DEFINE_string(without, "", "leave out parts of the plan, as shrinking prints them");
DEFINE_string(history, "", "replicated, --seed: write the clients' history there (sealane-check)");
DEFINE_int32(shrink_seconds, 120, "time to shrink the first failure; 0: do not");
DEFINE_bool(show_plan, false, "print what the seed does");
DEFINE_bool(here, false, "run in this process, for debuggers and sanitizers");
DEFINE_int32(
    mutant, 0, "plant this historical bug (only in the build of tests/simulation/mutants)"
);
DEFINE_bool(hunt, false, "let seeds hunt every planted mutant, or those of --mutants");
DEFINE_string(mutants, "", "with --hunt: their numbers, comma separated");
DEFINE_bool(quick, false, "with --hunt: first the seeds that found them last");
DEFINE_int32(budget, 600, "with --hunt: seconds of processor time for each mutant");

namespace {

using namespace sealane::simulation;

struct Totals {
    std::uint64_t passed = 0;
    std::uint64_t failed = 0;
    double virtual_seconds = 0;
};

RunRequest request_for(std::uint64_t seed) {
    RunRequest request;
    request.seed = seed;
    request.scenario = FLAGS_scenario;
    if (FLAGS_scenario == "all") {
        constexpr const char* kTurns[] = {"replicated", "mirrored", "outages", "pair"};
        request.scenario = kTurns[seed % 4];
    }
    request.options.verbose = FLAGS_verbose;
    request.options.faults = !FLAGS_no_faults;
    request.options.lying_disks = FLAGS_lying_disks;
    request.options.brokers = FLAGS_brokers;
    request.options.without = FLAGS_without;
    request.options.history = FLAGS_history;
    request.mutant = FLAGS_mutant;
    request.twice = FLAGS_twice;
    return request;
}

std::string replay_flags(const RunRequest& request) {
    std::string flags =
        "--scenario " + request.scenario + " --seed " + std::to_string(request.seed);
    if (request.options.brokers != 0 && request.scenario != "mirrored")
        flags += " --brokers " + std::to_string(request.options.brokers);
    if (!request.options.faults) flags += " --no_faults";
    if (request.options.lying_disks) flags += " --lying_disks";
    if (!request.options.without.empty()) flags += " --without " + request.options.without;
    if (request.mutant != 0) flags += " --mutant " + std::to_string(request.mutant);
    return flags;
}

void print_violations(const RunRequest& request, const ScenarioResult& result) {
    for (const auto& violation : result.violations) {
        std::printf("  %s: %s\n", violation.kind.c_str(), violation.detail.c_str());
    }
    std::printf("  replay: tests/simulation/run %s\n", replay_flags(request).c_str());
}

void print_result(const RunRequest& request, const ScenarioResult& result) {
    std::printf(
        "seed %llu: %s  hash %016llx  %.0f virtual s  %lld acknowledged  %d faults  %d "
        "crashes%s%s\n",
        static_cast<unsigned long long>(result.seed),
        result.violations.empty() ? "ok" : "FAILED",
        static_cast<unsigned long long>(result.hash),
        result.virtual_seconds,
        static_cast<long long>(result.acknowledged),
        result.faults,
        result.crashes,
        result.notes.empty() ? "" : "  ",
        result.notes.c_str()
    );
    if (FLAGS_show_plan) {
        for (const std::string& line : result.plan) std::printf("    %s\n", line.c_str());
    }
    if (result.violations.empty()) return;
    if (FLAGS_seed != 0) {
        for (const std::string& line : result.last_lines) std::printf("    %s\n", line.c_str());
    }
    print_violations(request, result);
}

void shrink_and_print(const RunRequest& request, const ScenarioResult& failed) {
    if (FLAGS_shrink_seconds <= 0 || request.scenario == "mirrored") return;
    const Shrunk smallest = shrink(request, failed, FLAGS_shrink_seconds);
    std::printf("  shrunk in %d runs to:\n", smallest.runs);
    for (const std::string& line : smallest.result.plan) std::printf("    %s\n", line.c_str());
    print_violations(smallest.request, smallest.result);
}

void take(const RunRequest& request, const ScenarioResult& result, Totals& totals) {
    totals.virtual_seconds += result.virtual_seconds;
    ++(result.violations.empty() ? totals.passed : totals.failed);
    print_result(request, result);
    if (!result.violations.empty() && totals.failed == 1) shrink_and_print(request, result);
    std::fflush(stdout);
}

// Runs seeds while `more(seed)`, results in their order.
template <class More>
void run_seeds(std::uint64_t seed, More more, Totals& totals) {
    if (FLAGS_here) {
        for (; more(seed); ++seed) take(request_for(seed), run_here(request_for(seed)), totals);
        return;
    }
    std::deque<std::unique_ptr<IsolatedRun>> running;
    while (true) {
        while (running.size() < static_cast<std::size_t>(FLAGS_jobs) && more(seed))
            running.push_back(std::make_unique<IsolatedRun>(request_for(seed++)));
        if (running.empty()) return;
        const ScenarioResult result = running.front()->wait();
        take(running.front()->request(), result, totals);
        running.pop_front();
    }
}

int hunt() {
    HuntOptions options;
    options.budget_seconds = FLAGS_budget;
    options.jobs = FLAGS_jobs;
    options.quick = FLAGS_quick;
    options.scenario.brokers = FLAGS_brokers;
    const char* at = FLAGS_mutants.c_str();
    for (int number = 0, used = 0; std::sscanf(at, "%d%n", &number, &used) == 1;) {
        options.numbers.push_back(number);
        at += used;
        if (*at == ',') ++at;
    }
    return hunt_mutants(options);
}

int usage() {
    std::fprintf(
        stderr,
        "usage: tests/simulation/run "
        "[--scenario replicated|outages|transactional|mirrored|pair|all] "
        "--seed N | --seeds A-B | --minutes M | --hours H\n"
    );
    return 64;
}

}  // namespace

int main(int argc, char** argv) {
    gflags::SetUsageMessage("--seed N | --seeds A-B | --minutes M | --hours H");
    gflags::ParseCommandLineFlags(&argc, &argv, true);
    constexpr std::string_view kScenarios[] = {
        "all", "mirrored", "outages", "pair", "replicated", "transactional"
    };
    if (std::ranges::find(kScenarios, FLAGS_scenario) == std::end(kScenarios)) return usage();
    if (FLAGS_mutant != 0 && !sealane::kMutantsBuilt) {
        std::fprintf(stderr, "--mutant: this build has none; tests/simulation/mutants makes one\n");
        return 64;
    }
    if (FLAGS_hunt) return hunt();
    const auto start = std::chrono::steady_clock::now();
    const auto elapsed = [start] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    Totals totals;
    unsigned long long first = 0;
    unsigned long long last = 0;
    const double limit = FLAGS_minutes * 60 + FLAGS_hours * 3600;
    if (FLAGS_seed != 0) {
        run_seeds(FLAGS_seed, [](std::uint64_t seed) { return seed == FLAGS_seed; }, totals);
    } else if (std::sscanf(FLAGS_seeds.c_str(), "%llu-%llu", &first, &last) == 2 && first <= last) {
        run_seeds(first, [last](std::uint64_t seed) { return seed <= last; }, totals);
    } else if (limit > 0) {
        run_seeds(FLAGS_first, [&](std::uint64_t) { return elapsed() < limit; }, totals);
    } else {
        return usage();
    }
    std::printf(
        "%.2f simulated hours in %.1f s: %.0f simulated hours per hour\n",
        totals.virtual_seconds / 3600,
        elapsed(),
        totals.virtual_seconds / elapsed()
    );
    std::printf(
        "%llu passed, %llu failed\n",
        static_cast<unsigned long long>(totals.passed),
        static_cast<unsigned long long>(totals.failed)
    );
    return totals.failed == 0 ? 0 : 1;
}
