#include "mirror/link/name_filter.hpp"

#include "common/config/scalar.hpp"

#include <algorithm>

namespace sealane::mirror {
namespace {

bool any_matches(const std::vector<std::string>& globs, std::string_view name) {
    return std::ranges::any_of(globs, [name](const std::string& glob) {
        return config::glob_matches(glob, name);
    });
}

}  // namespace

bool NameFilter::takes(std::string_view name) const {
    return any_matches(include_, name) && !any_matches(exclude_, name);
}

}  // namespace sealane::mirror
