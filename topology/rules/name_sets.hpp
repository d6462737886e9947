#pragma once
// Exact questions about sets of names given by globs: do two links carry a topic in common, may a
// link carry a topic that no crossing allows. The answer is an example name, the shortest there is,
// so that a finding can show it. (Globs are regular, so the sets are recognised by one automaton;
// the search walks it breadth first.)

#include "topology/model/topology.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sealane::topology {

// Names that some include pattern matches and no exclude pattern does.
struct NameSet {
    std::vector<std::string> include;
    std::vector<std::string> exclude;
    [[nodiscard]] static NameSet of(const Selection& selection);
    [[nodiscard]] static NameSet just(std::string name) { return {{std::move(name)}, {}}; }
};

// The shortest legal topic name (the first of them in byte order) that is in all of `in` and in
// none of `out`; nothing when there is none. Patterns longer than 255 characters count as matching
// nothing. The walk is bounded; when the bound is met (it takes dozens of patterns with many stars)
// it answers with a name built from the first include, which errs on the side of a finding.
[[nodiscard]] std::optional<std::string> find_name(
    const std::vector<NameSet>& in, const std::vector<NameSet>& out = {}
);

// The names that `set` has at the target of a link that writes `target_topic` ("{topic}" is the
// source's name). Exact.
[[nodiscard]] NameSet renamed(const NameSet& set, const std::string& target_topic);

// The topics of a link by their names at the source and at the target; its groups at the target.
[[nodiscard]] NameSet source_topics(const Link& link);
[[nodiscard]] NameSet target_topics(const Link& link);
[[nodiscard]] NameSet target_groups(const Link& link);

}  // namespace sealane::topology
