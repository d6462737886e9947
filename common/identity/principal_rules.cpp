#include "common/identity/principal_rules.hpp"

#include <algorithm>
#include <optional>
#include <regex>
#include <vector>

namespace sealane::identity {

namespace {

enum class Case : std::uint8_t { kKeep, kLower, kUpper };

struct Rule {
    std::optional<std::regex> pattern;  // none: DEFAULT
    std::string replacement;
    Case letters = Case::kKeep;
};

constexpr std::size_t kMostPattern = 256;
constexpr std::size_t kMostRules = 32;
// Matching takes a stack frame a character.
constexpr std::size_t kMostSubject = 2048;
constexpr std::string_view kPrefix = "User:";

std::unexpected<Error> bad(std::string_view rule, std::string_view why) {
    return fail(
        ErrorCode::kBadConfig,
        "ssl.principal.mapping.rules: '" + std::string(rule) + "': " + std::string(why)
    );
}

// Counts of repetitions and numbers of groups. The library computes them without looking at their
// size.
bool has_long_number(std::string_view pattern) {
    constexpr std::size_t kMostDigits = 3;
    std::size_t digits = 0;
    bool counted = false;
    for (const char c : pattern) {
        const bool digit = c >= '0' && c <= '9';
        if (digit && counted && ++digits > kMostDigits) return true;
        if (digit) continue;
        counted = c == '{' || c == '\\' || (counted && c == ',');
        digits = 0;
    }
    return false;
}

// Up to the next slash that no backslash stands before; moves `text` behind it.
std::optional<std::string> take_part(std::string_view& text) {
    std::string part;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
            if (text[i + 1] != '/') part += '\\';
            part += text[++i];
        } else if (text[i] == '/') {
            text.remove_prefix(i + 1);
            return part;
        } else {
            part += text[i];
        }
    }
    return std::nullopt;
}

Result<Rule> parse_rule(std::string_view& text) {
    constexpr std::string_view kDefault = "DEFAULT";
    constexpr std::string_view kRule = "RULE:";
    const std::string_view whole = text;
    if (text.starts_with(kDefault)) {
        text.remove_prefix(kDefault.size());
        return Rule{};
    }
    if (!text.starts_with(kRule)) return bad(whole, "write DEFAULT or RULE:pattern/replacement/");
    text.remove_prefix(kRule.size());
    const auto pattern = take_part(text);
    const auto replacement = pattern ? take_part(text) : std::nullopt;
    if (!replacement) return bad(whole, "a rule is RULE:pattern/replacement/ with both slashes");
    if (pattern->size() > kMostPattern) return bad(whole, "a pattern has at most 256 characters");
    Rule rule;
    rule.replacement = *replacement;
    if (text.starts_with('L') || text.starts_with('U')) {
        rule.letters = text.front() == 'L' ? Case::kLower : Case::kUpper;
        text.remove_prefix(1);
    }
    if (has_long_number(*pattern)) {
        return bad(whole, "numbers in repetitions and references have at most three digits");
    }
    try {  // the one thing in the library that says so by throwing
        // Subjects come from whoever has a certificate: no pattern may take exponential time for
        // one. libstdc++'s extension for that knows no references to groups within a pattern.
        rule.pattern.emplace(*pattern, std::regex::ECMAScript | std::regex_constants::__polynomial);
    } catch (const std::regex_error& error) {
        return bad(whole, error.what());
    }
    return rule;
}

void skip_spaces(std::string_view& text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t' || text.front() == '\n')) {
        text.remove_prefix(1);
    }
}

char in_case(char c, Case letters) {
    if (letters == Case::kLower && c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
    if (letters == Case::kUpper && c >= 'a' && c <= 'z') return static_cast<char>(c - 'a' + 'A');
    return c;
}

}  // namespace

struct PrincipalRules::Rules {
    std::vector<Rule> all;
};

PrincipalRules::PrincipalRules() : rules_(std::make_shared<Rules>(Rules{{Rule{}}})) {}

Result<PrincipalRules> PrincipalRules::parse(std::string_view text) {
    auto rules = std::make_shared<Rules>();
    skip_spaces(text);
    while (!text.empty()) {
        SEALANE_TRY(Rule rule, parse_rule(text));
        rules->all.push_back(std::move(rule));
        if (rules->all.size() > kMostRules) return bad(text, "at most 32 rules");
        skip_spaces(text);
        if (text.empty()) break;
        if (text.front() != ',') return bad(text, "a comma is needed between rules");
        text.remove_prefix(1);
        skip_spaces(text);
        if (text.empty()) return bad(",", "a rule is needed after the comma");
    }
    PrincipalRules made;
    if (!rules->all.empty()) made.rules_ = std::move(rules);
    return made;
}

Result<std::string> PrincipalRules::name(std::string_view subject) const {
    const auto refused = [&](std::string_view why) {
        return fail(
            ErrorCode::kPermissionDenied,
            std::string(subject.substr(0, 256)) + ": " + std::string(why)
        );
    };
    if (subject.size() > kMostSubject) return refused("the subject has over 2048 bytes");
    const std::string whole(subject);
    for (const Rule& rule : rules_->all) {
        if (!rule.pattern) return whole;
        std::smatch match;
        if (!std::regex_match(whole, match, *rule.pattern)) continue;
        std::string name = match.format(rule.replacement);
        std::ranges::transform(name, name.begin(), [&rule](char c) {
            return in_case(c, rule.letters);
        });
        if (name.empty()) return refused("its mapping rule makes an empty name");
        return name;
    }
    return refused("no rule of ssl.principal.mapping.rules fits");
}

Result<std::string> PrincipalRules::principal(std::string_view peer_principal) const {
    SEALANE_TRY(std::string mapped, name(peer_principal.substr(kPrefix.size())));
    return std::string(kPrefix) + mapped;
}

}  // namespace sealane::identity
