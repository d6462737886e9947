#include "broker/coordinator/name_pattern.hpp"

#include <re2/re2.h>

namespace sealane::broker {
namespace {

// What one pattern may use when it is compiled and while it matches.
constexpr std::int64_t kMostMemory = 1 << 20;

RE2::Options options() {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kMostMemory);
    options.set_never_capture(true);
    return options;
}

}  // namespace

struct NamePattern::Compiled {
    explicit Compiled(const std::string& text) : expression(text, options()) {}
    RE2 expression;
};

Result<NamePattern> NamePattern::parse(std::string_view field, const std::string& text) {
    if (text.size() > kMostPatternBytes)
        return fail(
            ErrorCode::kInvalidRegularExpression,
            std::string(field) + " has over " + std::to_string(kMostPatternBytes) + " bytes"
        );
    auto compiled = std::make_shared<const Compiled>(text);
    if (!compiled->expression.ok())
        return fail(
            ErrorCode::kInvalidRegularExpression,
            std::string(field) + " '" + text +
                "' is not a valid regular expression: " + compiled->expression.error()
        );
    return NamePattern(std::move(compiled));
}

bool NamePattern::matches(const std::string& name) const {
    return RE2::FullMatch(name, compiled_->expression);
}

}  // namespace sealane::broker
