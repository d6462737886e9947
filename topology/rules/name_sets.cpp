#include "topology/rules/name_sets.hpp"

#include <algorithm>
#include <bitset>
#include <deque>
#include <set>

namespace sealane::topology {

namespace {

constexpr std::size_t kPatternMax = 255;
constexpr std::size_t kNameMax = 249;  // Kafka's bound on topic names
constexpr std::size_t kStatesMax = 20'000;
constexpr std::string_view kTopicPlace = "{topic}";

using Positions = std::bitset<kPatternMax + 1>;

// One glob as an automaton: bit i means that its first i characters can have matched.
class Glob {
 public:
    explicit Glob(std::string pattern) : pattern_(std::move(pattern)) {}
    [[nodiscard]] Positions start() const {
        Positions at;
        if (pattern_.size() > kPatternMax) return at;
        at.set(0);
        return over_stars(at);
    }
    [[nodiscard]] Positions step(const Positions& at, char c) const {
        Positions next;
        for (std::size_t i = 0; i < std::min(pattern_.size(), kPatternMax); ++i) {
            if (!at.test(i)) continue;
            if (pattern_[i] == '*') {
                next.set(i);
            } else if (pattern_[i] == '?' || pattern_[i] == c) {
                next.set(i + 1);
            }
        }
        return over_stars(next);
    }
    [[nodiscard]] bool accepts(const Positions& at) const {
        return pattern_.size() <= kPatternMax && at.test(pattern_.size());
    }

 private:
    // A star may stand for nothing.
    [[nodiscard]] Positions over_stars(Positions at) const {
        for (std::size_t i = 0; i < std::min(pattern_.size(), kPatternMax); ++i) {
            if (at.test(i) && pattern_[i] == '*') at.set(i + 1);
        }
        return at;
    }
    std::string pattern_;
};

// All globs of a question, run side by side.
class Machine {
 public:
    using State = std::vector<Positions>;

    Machine(const std::vector<NameSet>& in, const std::vector<NameSet>& out) : inside_(in.size()) {
        for (const std::vector<NameSet>* sets : {&in, &out}) {
            for (const NameSet& set : *sets) {
                spans_.push_back({globs_.size(), set.include.size(), set.exclude.size()});
                for (const std::string& pattern : set.include) globs_.emplace_back(pattern);
                for (const std::string& pattern : set.exclude) globs_.emplace_back(pattern);
            }
        }
    }
    [[nodiscard]] State start() const {
        State state;
        for (const Glob& glob : globs_) state.push_back(glob.start());
        return state;
    }
    [[nodiscard]] State step(const State& state, char c) const {
        State next(state.size());
        for (std::size_t i = 0; i < globs_.size(); ++i) next[i] = globs_[i].step(state[i], c);
        return next;
    }
    [[nodiscard]] bool accepts(const State& state) const {
        for (std::size_t i = 0; i < spans_.size(); ++i) {
            if (holds(state, spans_[i]) != (i < inside_)) return false;
        }
        return true;
    }
    // False when no longer name can be in all the sets that it must be in.
    [[nodiscard]] bool alive(const State& state) const {
        for (std::size_t i = 0; i < inside_; ++i) {
            bool any = false;
            for (std::size_t k = 0; k < spans_[i].includes; ++k)
                any = any || state[spans_[i].first + k].any();
            if (!any) return false;
        }
        return true;
    }

 private:
    struct Span {
        std::size_t first;
        std::size_t includes;
        std::size_t excludes;
    };
    [[nodiscard]] bool holds(const State& state, const Span& span) const {
        bool included = false;
        for (std::size_t k = 0; k < span.includes + span.excludes; ++k) {
            if (!globs_[span.first + k].accepts(state[span.first + k])) continue;
            if (k >= span.includes) return false;
            included = true;
        }
        return included;
    }
    std::size_t inside_;
    std::vector<Glob> globs_;
    std::vector<Span> spans_;
};

std::string key_of(const Machine::State& state) {
    std::string key;
    for (const Positions& positions : state) key += positions.to_string();
    return key;
}

// The characters that patterns name, and one that none does: more would tell nothing new.
std::string alphabet_of(const std::vector<NameSet>& in, const std::vector<NameSet>& out) {
    std::set<char> named;
    for (const std::vector<NameSet>* sets : {&in, &out}) {
        for (const NameSet& set : *sets) {
            for (const std::vector<std::string>* patterns : {&set.include, &set.exclude}) {
                for (const std::string& pattern : *patterns)
                    named.insert(pattern.begin(), pattern.end());
            }
        }
    }
    named.erase('*');
    named.erase('?');
    for (const char c :
         std::string_view("xyzabcdefghijklmnopqrstuvw0123456789-_.XYZABCDEFGHIJKLMNOPQ"
                          "RSTUVW")) {
        if (named.contains(c)) continue;
        named.insert(c);
        break;
    }
    return {named.begin(), named.end()};
}

// Used when a question is too large to answer: something that looks like the pattern.
std::string name_like(const NameSet& set) {
    std::string name = set.include.empty() ? "x" : set.include.front();
    std::ranges::replace(name, '*', 'x');
    std::ranges::replace(name, '?', 'x');
    return name;
}

}  // namespace

NameSet NameSet::of(const Selection& selection) {
    NameSet set;
    for (const Text& pattern : selection.include) set.include.push_back(pattern.value);
    for (const Text& pattern : selection.exclude) set.exclude.push_back(pattern.value);
    return set;
}

std::optional<std::string> find_name(
    const std::vector<NameSet>& in, const std::vector<NameSet>& out
) {
    const Machine machine(in, out);
    const std::string alphabet = alphabet_of(in, out);
    struct Reached {
        Machine::State state;
        std::string name;
    };
    std::deque<Reached> frontier;
    std::set<std::string> seen;
    frontier.push_back({machine.start(), {}});
    while (!frontier.empty()) {
        const Reached reached = std::move(frontier.front());
        frontier.pop_front();
        const bool legal = !reached.name.empty() && reached.name != "." && reached.name != "..";
        if (legal && machine.accepts(reached.state)) return reached.name;
        if (reached.name.size() >= kNameMax || !machine.alive(reached.state)) continue;
        if (seen.size() > kStatesMax) return name_like(in.empty() ? NameSet{} : in.front());
        for (const char c : alphabet) {
            Machine::State next = machine.step(reached.state, c);
            // "." and ".." are no names, so states reached by short names are not merged.
            const std::string key =
                key_of(next) + (reached.name.size() < 2 ? reached.name + c : std::string());
            if (seen.insert(key).second) frontier.push_back({std::move(next), reached.name + c});
        }
    }
    return std::nullopt;
}

NameSet renamed(const NameSet& set, const std::string& target_topic) {
    const auto place = target_topic.find(kTopicPlace);
    if (place == std::string::npos) return NameSet::just(target_topic);
    const std::string before = target_topic.substr(0, place);
    const std::string after = target_topic.substr(place + kTopicPlace.size());
    NameSet target;
    for (const std::string& pattern : set.include)
        target.include.push_back(before + pattern + after);
    for (const std::string& pattern : set.exclude)
        target.exclude.push_back(before + pattern + after);
    return target;
}

NameSet source_topics(const Link& link) {
    return NameSet::of(link.topics);
}

NameSet target_topics(const Link& link) {
    return renamed(source_topics(link), link.target_topic);
}

NameSet target_groups(const Link& link) {
    return renamed(NameSet::of(link.groups), link.group_prefix + std::string(kTopicPlace));
}

}  // namespace sealane::topology
