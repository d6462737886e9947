#pragma once
// Runs of scenarios in processes of their own, so that a failed assertion or an endless loop is the
// result of one seed and not the end of all, and two cores run two seeds.

#include "tests/simulation/scenario/scenario_result.hpp"

#include <cstdint>
#include <cstdio>
#include <optional>
#include <sys/types.h>

namespace sealane::simulation {

struct RunRequest {
    std::string scenario;  // "mirrored", "replicated", "outages" or "pair"
    std::uint64_t seed = 0;
    ScenarioOptions options;
    int mutant = 0;  // 0: none
    bool twice = false;
};

// What the run does, line by line, where its scenario has a plan.
[[nodiscard]] std::vector<std::string> describe(const RunRequest& request);
// In this process. With `twice`, a second run must have the same hash.
[[nodiscard]] ScenarioResult run_here(const RunRequest& request);

class IsolatedRun {
 public:
    explicit IsolatedRun(const RunRequest& request);
    IsolatedRun(const IsolatedRun&) = delete;
    IsolatedRun& operator=(const IsolatedRun&) = delete;
    // Kills it when nobody waited.
    ~IsolatedRun();
    // Blocks until it has ended; what ends without a result is a violation ("crashed", "hung").
    [[nodiscard]] ScenarioResult wait();
    [[nodiscard]] const RunRequest& request() const { return request_; }

 private:
    RunRequest request_;
    pid_t child_ = -1;
    int results_ = -1;
    std::FILE* errors_ = nullptr;  // the child's stderr, unless it is verbose
};

// Seconds of processor time that a run may take.
inline constexpr int kRunLimitSeconds = 180;

}  // namespace sealane::simulation
