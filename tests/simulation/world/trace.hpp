#pragma once
// The trace of a simulated run: every event folded into one hash, so that two runs of the same
// seed can be compared, and the last lines kept for people when something fails.

#include "common/base/time.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

namespace sealane::simulation {

class Trace {
 public:
    explicit Trace(bool verbose) : verbose_(verbose) {}
    // Folds one event into the hash.
    void event(Instant now, std::string_view what, std::string_view who, std::uint64_t detail) {
        fold(static_cast<std::uint64_t>(now.ns));
        fold(what);
        fold(who);
        fold(detail);
        ++events_;
    }
    // A line for people; folded as well.
    void line(Instant now, std::string_view who, std::string text);
    // Told of every line. Changes nothing.
    std::function<void(std::string_view who, std::string_view text)> on_line;

    [[nodiscard]] std::uint64_t hash() const { return hash_; }
    [[nodiscard]] std::uint64_t events() const { return events_; }
    [[nodiscard]] const std::deque<std::string>& last_lines() const { return lines_; }

 private:
    static constexpr std::size_t kKeptLines = 400;
    void fold(std::uint64_t number) {
        hash_ = (hash_ ^ number) * 0x9e3779b97f4a7c15ULL;
        hash_ ^= hash_ >> 32U;
    }
    void fold(std::string_view text) {
        std::uint64_t sum = text.size();
        for (const char c : text) sum = sum * 1099511628211ULL + static_cast<unsigned char>(c);
        fold(sum);
    }

    bool verbose_;
    std::uint64_t hash_ = 0x5ea1a4e5ULL;
    std::uint64_t events_ = 0;
    std::deque<std::string> lines_;
};

}  // namespace sealane::simulation
