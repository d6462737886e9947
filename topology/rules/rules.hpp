#pragma once
// The verifier of topologies: each rule is one function with one id, one explanation and one way to
// mend. Pure: a topology in, findings out, in the order of the file.

#include "topology/model/topology.hpp"
#include "topology/rules/finding.hpp"

#include <span>

namespace sealane::topology {

// What a rule's function is given and where its findings go.
class Judgement {
 public:
    Judgement(const Topology& topology, std::string_view rule, Severity severity, Findings& out)
        : topology_(topology), rule_(rule), severity_(severity), out_(out) {}
    [[nodiscard]] const Topology& topology() const { return topology_; }
    void find(config::Mark mark, std::string where, std::string what, std::string mend) {
        out_.push_back(
            {std::string(rule_), severity_, mark, std::move(where), std::move(what), std::move(mend)
            }
        );
    }

 private:
    const Topology& topology_;
    std::string_view rule_;
    Severity severity_;
    Findings& out_;
};

struct Rule {
    std::string_view id;
    Severity severity;
    std::string_view title;        // "a link crosses domains without permission"
    std::string_view explanation;  // why it matters, in sentences
    std::string_view mend;         // what to do about it in general
    void (*judge)(Judgement& judgement);
};

// All rules in the order of their ids.
[[nodiscard]] std::span<const Rule> all_rules();
// Null when there is none.
[[nodiscard]] const Rule* find_rule(std::string_view id);

// Everything that the rules find, in file order. Names that do not resolve are reported once (by
// the rule for them) and otherwise ignored.
[[nodiscard]] Findings judge(const Topology& topology);

}  // namespace sealane::topology
