#pragma once
// A regular expression over names (topics of a subscription, transactional ids) in RE2's syntax, as
// in Kafka. It matches whole names, in time linear in name and pattern.

#include "common/base/result.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace sealane::broker {

inline constexpr std::size_t kMostPatternBytes = 4096;

class NamePattern {
 public:
    // `field`: whose pattern it is, for the error. kInvalidRegularExpression says what is wrong.
    [[nodiscard]] static Result<NamePattern> parse(std::string_view field, const std::string& text);
    [[nodiscard]] bool matches(const std::string& name) const;

 private:
    struct Compiled;
    explicit NamePattern(std::shared_ptr<const Compiled> compiled)
        : compiled_(std::move(compiled)) {}
    std::shared_ptr<const Compiled> compiled_;
};

}  // namespace sealane::broker
