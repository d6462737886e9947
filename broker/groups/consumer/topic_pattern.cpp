#include "broker/groups/consumer/topic_pattern.hpp"

#include <re2/re2.h>

namespace sealane::broker::groups {
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

struct TopicPattern::Compiled {
    explicit Compiled(const std::string& text) : expression(text, options()) {}
    RE2 expression;
};

Result<TopicPattern> TopicPattern::parse(const std::string& text) {
    if (text.size() > kMostPatternBytes)
        return fail(
            ErrorCode::kInvalidRegularExpression,
            "SubscribedTopicRegex has over " + std::to_string(kMostPatternBytes) + " bytes"
        );
    auto compiled = std::make_shared<const Compiled>(text);
    if (!compiled->expression.ok())
        return fail(
            ErrorCode::kInvalidRegularExpression,
            "SubscribedTopicRegex '" + text +
                "' is not a valid regular expression: " + compiled->expression.error()
        );
    return TopicPattern(std::move(compiled));
}

bool TopicPattern::matches(const std::string& topic) const {
    return RE2::FullMatch(topic, compiled_->expression);
}

}  // namespace sealane::broker::groups
