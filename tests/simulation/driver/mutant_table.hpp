#pragma once
// The registry of mutants (mutants.md has the mechanisms), and the command that lets the simulation
// hunt each of them.

#include "tests/simulation/driver/isolated_run.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace sealane::simulation {

struct Mutant {
    int number;
    std::string_view history;    // the historical bug
    std::string_view mechanism;  // what is broken here
    std::string_view place;      // file and function
    std::string_view scenario;   // that is expected to find it
    std::uint64_t seed;          // that found it last; 0: none yet
};
[[nodiscard]] std::span<const Mutant> mutants();
[[nodiscard]] const Mutant* find_mutant(int number);

struct HuntOptions {
    std::vector<int> numbers;  // empty: all
    int budget_seconds = 600;  // of processor time, for each
    int jobs = 1;
    // Begins with the seed that found it last, then goes on as always: any change of the programs
    // may move that seed.
    bool quick = false;
    ScenarioOptions scenario;
};
// Prints a table; 0 when every mutant was found.
[[nodiscard]] int hunt_mutants(const HuntOptions& options);

}  // namespace sealane::simulation
