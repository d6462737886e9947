#pragma once
// A regular expression over topic names, in RE2's syntax as Kafka's server-side subscriptions. It
// matches whole names, in time linear in name and pattern.

#include "common/base/result.hpp"

#include <memory>
#include <string>

namespace sealane::broker::groups {

inline constexpr std::size_t kMostPatternBytes = 4096;

class TopicPattern {
 public:
    // kInvalidRegularExpression says what is wrong.
    [[nodiscard]] static Result<TopicPattern> parse(const std::string& text);
    [[nodiscard]] bool matches(const std::string& topic) const;

 private:
    struct Compiled;
    explicit TopicPattern(std::shared_ptr<const Compiled> compiled)
        : compiled_(std::move(compiled)) {}
    std::shared_ptr<const Compiled> compiled_;
};

}  // namespace sealane::broker::groups
