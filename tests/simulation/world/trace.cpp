#include "tests/simulation/world/trace.hpp"

#include <cstdio>

namespace sealane::simulation {

void Trace::line(Instant now, std::string_view who, std::string text) {
    event(now, "line", who, 0);
    fold(text);
    if (on_line) on_line(who, text);
    char stamp[32];
    std::snprintf(stamp, sizeof stamp, "%10.6f ", static_cast<double>(now.ns) / 1e9);
    std::string whole = std::string(stamp).append(who).append(" ").append(text);
    if (verbose_) std::fprintf(stderr, "%s\n", whole.c_str());
    lines_.push_back(std::move(whole));
    if (lines_.size() > kKeptLines) lines_.pop_front();
}

}  // namespace sealane::simulation
