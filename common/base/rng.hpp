#pragma once
// Portable pseudo-random numbers (splitmix64): the same seed gives the same numbers on every
// platform, unlike std's distributions. Not for secrets.

#include "common/base/assert.hpp"

#include <cstdint>

namespace sealane {

class Rng {
 public:
    explicit Rng(std::uint64_t seed) : state_(seed) {}

    [[nodiscard]] std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31U);
    }
    // Uniform in [0, bound), bound > 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound) {
        SEALANE_ASSERT(bound > 0);
        return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64U);
    }
    // Uniform in [low, high].
    [[nodiscard]] std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
    }
    // True with probability parts / whole.
    [[nodiscard]] bool chance(std::uint64_t parts, std::uint64_t whole) {
        return below(whole) < parts;
    }
    [[nodiscard]] Rng fork() { return Rng(next()); }

 private:
    std::uint64_t state_;
};

}  // namespace sealane
