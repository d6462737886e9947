#pragma once
// One broken property: Jepsen's name for it where there is one (README.md lists all), and where.

#include <string>

namespace sealane::checker {

struct Violation {
    std::string kind;
    std::string detail;
};

}  // namespace sealane::checker
