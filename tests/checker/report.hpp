#pragma once
// Report: violations of one check, the first few of each kind and how many more there were.

#include "tests/checker/violation.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace sealane::checker {

class Report {
 public:
    void add(std::string kind, std::string detail) {
        if (++counts_[kind] <= kKept) violations_.push_back({std::move(kind), std::move(detail)});
    }
    [[nodiscard]] bool empty() const { return violations_.empty(); }
    [[nodiscard]] std::vector<Violation> take() {
        for (const auto& [kind, count] : counts_) {
            if (count > kKept)
                violations_.push_back({kind, std::to_string(count - kKept) + " more of this kind"});
        }
        counts_.clear();
        return std::exchange(violations_, {});
    }

 private:
    static constexpr std::uint64_t kKept = 10;
    std::map<std::string, std::uint64_t> counts_;
    std::vector<Violation> violations_;
};

}  // namespace sealane::checker
