#include "common/base/result.hpp"

namespace sealane {

std::string Error::to_string() const {
    std::string text(name_of(code_));
    if (!detail_.empty()) text.append(": ").append(detail_);
    return text;
}

Error Error::in(std::string_view context) const {
    std::string detail(context);
    if (!detail_.empty()) detail.append(": ").append(detail_);
    return Error(code_, std::move(detail));
}

}  // namespace sealane
