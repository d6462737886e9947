#pragma once
// NameFilter: which topics or groups a link carries: some include glob matches and no exclude glob
// does. Globs know `*` and `?`.

#include <string>
#include <string_view>
#include <vector>

namespace sealane::mirror {

class NameFilter {
 public:
    NameFilter(std::vector<std::string> include, std::vector<std::string> exclude)
        : include_(std::move(include)), exclude_(std::move(exclude)) {}
    [[nodiscard]] bool takes(std::string_view name) const;
    [[nodiscard]] bool takes_nothing() const { return include_.empty(); }

 private:
    std::vector<std::string> include_;
    std::vector<std::string> exclude_;
};

}  // namespace sealane::mirror
