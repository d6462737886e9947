#pragma once
// Mutants: historical bugs of other systems, planted on purpose, so that the tests can be tested
// (tests/simulation/mutants). A site asks SEALANE_MUTANT(number); outside the build with
// -DSEALANE_MUTANTS=ON that is the constant false, and nothing of it is left in the programs. The
// numbers are those of tests/simulation/mutants.md.

namespace sealane {

#if defined(SEALANE_MUTANTS)
inline constexpr bool kMutantsBuilt = true;
inline int chosen_mutant = 0;  // one per process, set before anything runs
inline void choose_mutant(int number) {
    chosen_mutant = number;
}
#define SEALANE_MUTANT(number) (::sealane::chosen_mutant == (number))
#else
inline constexpr bool kMutantsBuilt = false;
inline void choose_mutant(int) {}
#define SEALANE_MUTANT(number) false
#endif

}  // namespace sealane
