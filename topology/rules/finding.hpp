#pragma once
// What a rule says about a topology: which rule, how bad, where in the file, what is wrong there,
// and how to mend it.

#include "topology/model/topology.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sealane::topology {

// error: must not run. warning: may run, somebody should know.
enum class Severity : std::uint8_t { kError, kWarning };

struct Finding {
    std::string rule;  // "T004"
    Severity severity = Severity::kError;
    Mark mark;
    std::string where;  // "link seoul->korea"
    std::string what;
    std::string mend;
    friend bool operator==(const Finding&, const Finding&) = default;
};

using Findings = std::vector<Finding>;

// "file:line:column: error[T004]: link seoul->korea: what; mend".
[[nodiscard]] std::string to_string(const Finding& finding, const std::string& file);
[[nodiscard]] bool has_errors(const Findings& findings);

}  // namespace sealane::topology
