#include "tests/simulation/driver/shrink.hpp"

#include "tests/simulation/scenario/replicated_plan.hpp"

#include <algorithm>
#include <chrono>
#include <set>

namespace sealane::simulation {
namespace {

// What a plan's lines name: "fault:3 12.5 s FAULT crash b1 ...", "writer:w-t0-0", "action:1 ...".
struct Parts {
    std::set<std::string> kinds;
    std::vector<std::size_t> faults;
    std::vector<std::string> clients;
    std::vector<std::size_t> actions;
};

std::string word_after(const std::string& line, std::size_t at) {
    return line.substr(at, line.find(' ', at) - at);
}

Parts parts_of(const std::vector<std::string>& plan) {
    Parts parts;
    for (const std::string& line : plan) {
        const auto colon = line.find(':');
        const std::string what = line.substr(0, colon);
        if (what == "writer" || what == "reader")
            parts.clients.push_back(word_after(line, colon + 1));
        if (what == "action") parts.actions.push_back(std::stoul(word_after(line, colon + 1)));
        if (what != "fault") continue;
        parts.faults.push_back(std::stoul(word_after(line, colon + 1)));
        constexpr std::string_view kMark = " FAULT ";
        parts.kinds.insert(word_after(line, line.find(kMark) + kMark.size()));
    }
    return parts;
}

class Shrinking {
 public:
    Shrinking(const RunRequest& request, const ScenarioResult& failed, int seconds)
        : best_{request, failed},
          limit_(std::chrono::steady_clock::now() + std::chrono::seconds(seconds)) {
        best_.request.twice = false;
        best_.request.options.verbose = false;
        for (const auto& one : failed.violations) wanted_.insert(one.kind);
        omitted_ = Omissions::parse(request.options.without).value_or(Omissions{});
    }

    Shrunk run() {
        // What crashed left no plan behind: one look at it first.
        if (best_.result.plan.empty()) best_.result.plan = describe(best_.request);
        for (const std::string& kind : parts_of(best_.result.plan).kinds) {
            attempt([&kind](Omissions& more) { more.kinds.insert(kind); });
        }
        drop_faults();
        for (const std::string& client : parts_of(best_.result.plan).clients) {
            attempt([&client](Omissions& more) { more.clients.insert(client); });
        }
        for (const std::size_t action : parts_of(best_.result.plan).actions) {
            attempt([action](Omissions& more) { more.actions.insert(action); });
        }
        drop_faults();
        return std::move(best_);
    }

 private:
    // Delta debugging: halves first, then smaller pieces.
    void drop_faults() {
        for (std::size_t size = parts_of(best_.result.plan).faults.size(); size > 0; size /= 2) {
            const auto faults = parts_of(best_.result.plan).faults;
            for (std::size_t from = 0; from < faults.size(); from += size) {
                const std::size_t to = std::min(from + size, faults.size());
                attempt([&](Omissions& more) {
                    for (std::size_t i = from; i < to; ++i) more.faults.insert(faults[i]);
                });
            }
        }
    }
    template <class Change>
    void attempt(Change change) {
        if (std::chrono::steady_clock::now() > limit_) return;
        Omissions more = omitted_;
        change(more);
        RunRequest smaller = best_.request;
        smaller.options.without = more.to_string();
        ScenarioResult result = IsolatedRun(smaller).wait();
        ++best_.runs;
        const bool same = std::ranges::any_of(result.violations, [this](const auto& one) {
            return wanted_.contains(one.kind);
        });
        if (!same) return;
        omitted_ = more;
        if (result.plan.empty()) result.plan = describe(smaller);
        best_.request = smaller;
        best_.result = std::move(result);
    }
    Shrunk best_;
    std::chrono::steady_clock::time_point limit_;
    std::set<std::string> wanted_;
    Omissions omitted_;
};

}  // namespace

Shrunk shrink(const RunRequest& request, const ScenarioResult& failed, int seconds) {
    return Shrinking(request, failed, seconds).run();
}

}  // namespace sealane::simulation
