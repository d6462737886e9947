// The simulation as a program: seeds in, a line per seed out, exit 1 when a property was broken.

#include "tests/simulation/scenario/mirrored_clusters.hpp"

#include <gflags/gflags.h>

#include <chrono>
#include <cstdio>
#include <string>

DEFINE_uint64(seed, 0, "run this one seed and print its last lines");
DEFINE_string(seeds, "", "A-B: run these seeds");
DEFINE_double(minutes, 0, "run seeds from --first on for so many minutes");
DEFINE_uint64(first, 1, "with --minutes: the first seed");
DEFINE_bool(verbose, false, "print every line of the trace");
DEFINE_bool(no_faults, false, "nothing breaks: a run that fails so is no matter of faults");
DEFINE_bool(lying_disks, false, "disks lose what they said was synced: such runs must fail");
DEFINE_bool(twice, false, "run each seed twice and compare the hashes");

namespace {

using sealane::simulation::ScenarioResult;

struct Totals {
    std::uint64_t passed = 0;
    std::uint64_t failed = 0;
    double virtual_seconds = 0;
};

void print_result(const ScenarioResult& result, bool with_trace) {
    std::printf(
        "seed %llu: %s  hash %016llx  %.0f virtual s  %lld acknowledged  %d faults  %d crashes%s\n",
        static_cast<unsigned long long>(result.seed),
        result.violations.empty() ? "ok" : "FAILED",
        static_cast<unsigned long long>(result.hash),
        result.virtual_seconds,
        static_cast<long long>(result.acknowledged),
        result.faults,
        result.crashes,
        result.promoted ? "  promoted" : ""
    );
    if (result.violations.empty()) return;
    if (with_trace) {
        for (const std::string& line : result.last_lines) std::printf("    %s\n", line.c_str());
    }
    for (const auto& violation : result.violations) {
        std::printf("  %s: %s\n", violation.kind.c_str(), violation.detail.c_str());
    }
    std::printf(
        "  replay: tests/simulation/run --seed %llu\n", static_cast<unsigned long long>(result.seed)
    );
}

void run_seed(std::uint64_t seed, Totals& totals) {
    sealane::simulation::ScenarioOptions options;
    options.verbose = FLAGS_verbose;
    options.faults = !FLAGS_no_faults;
    options.lying_disks = FLAGS_lying_disks;
    ScenarioResult result = sealane::simulation::run_mirrored_clusters(seed, options);
    if (FLAGS_twice) {
        options.verbose = false;
        const auto again = sealane::simulation::run_mirrored_clusters(seed, options);
        totals.virtual_seconds += again.virtual_seconds;
        if (again.hash != result.hash) {
            result.violations.push_back(
                {"nondeterminism", "a second run of the seed had another trace hash"}
            );
        }
    }
    totals.virtual_seconds += result.virtual_seconds;
    ++(result.violations.empty() ? totals.passed : totals.failed);
    print_result(result, FLAGS_seed != 0);
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    gflags::SetUsageMessage("--seed N | --seeds A-B | --minutes M");
    gflags::ParseCommandLineFlags(&argc, &argv, true);
    const auto start = std::chrono::steady_clock::now();
    const auto elapsed = [start] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    Totals totals;
    unsigned long long first = 0;
    unsigned long long last = 0;
    if (FLAGS_seed != 0) {
        run_seed(FLAGS_seed, totals);
    } else if (std::sscanf(FLAGS_seeds.c_str(), "%llu-%llu", &first, &last) == 2 && first <= last) {
        for (unsigned long long seed = first; seed <= last; ++seed) run_seed(seed, totals);
    } else if (FLAGS_minutes > 0) {
        for (std::uint64_t seed = FLAGS_first; elapsed() < FLAGS_minutes * 60; ++seed)
            run_seed(seed, totals);
    } else {
        std::fprintf(stderr, "usage: tests/simulation/run --seed N | --seeds A-B | --minutes M\n");
        return 64;
    }
    std::printf(
        "%.1f simulated minutes in %.1f s: %.0f times real time\n",
        totals.virtual_seconds / 60,
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
