#include "common/identity/principal_rules.hpp"

#include <gtest/gtest.h>

namespace sealane::identity {
namespace {

std::string mapped(std::string_view rules, std::string_view subject) {
    const auto parsed = PrincipalRules::parse(rules);
    if (!parsed) return "?" + parsed.error().to_string();
    return parsed->name(subject).value_or("");
}

TEST(PrincipalRules, WithoutRulesTheSubjectIsTheName) {
    EXPECT_EQ(mapped("", "CN=a,O=b"), "CN=a,O=b");
    EXPECT_EQ(mapped("DEFAULT", "CN=a,O=b"), "CN=a,O=b");
    EXPECT_EQ(PrincipalRules().principal("User:CN=a").value(), "User:CN=a");
}

TEST(PrincipalRules, TheFirstRuleThatFitsTheWholeSubjectWins) {
    // From KIP-371.
    constexpr std::string_view kRules =
        "RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/, "
        "RULE:^CN=(.*?),OU=(.*?),O=(.*?),L=(.*?),ST=(.*?),C=(.*?)$/$1@$2/L, "
        "RULE:^.*[Cc][Nn]=([a-zA-Z0-9.]*).*$/$1/U, DEFAULT";
    EXPECT_EQ(mapped(kRules, "CN=serviceuser,OU=ServiceUsers,O=Unknown"), "serviceuser");
    EXPECT_EQ(mapped(kRules, "CN=AdminUser,OU=Admin,O=x,L=y,ST=z,C=c"), "adminuser@admin");
    EXPECT_EQ(mapped(kRules, "O=x,CN=other"), "OTHER");
    EXPECT_EQ(mapped(kRules, "O=x"), "O=x");
    EXPECT_EQ(mapped("RULE:CN=a/b/", "CN=ab"), "") << "no part of the subject is enough";
    EXPECT_EQ(mapped("RULE:CN=(.*)\\/x/$1/", "CN=a/x"), "a");
}

TEST(PrincipalRules, ASubjectThatNoRuleFitsIsRefused) {
    const auto rules = PrincipalRules::parse("RULE:^CN=(.*?),.*$/$1/").value();
    const auto refused = rules.principal("User:O=x");
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code(), ErrorCode::kPermissionDenied);
    EXPECT_FALSE(PrincipalRules::parse("RULE:.*//").value().name("CN=a").has_value());
    EXPECT_FALSE(PrincipalRules().name(std::string(4000, 'x')).has_value());
}

TEST(PrincipalRules, NoPatternTakesExponentialTime) {
    const auto rules = PrincipalRules::parse("RULE:^((a*)*)*((a*)*)*((a*)*)*b$/x/");
    ASSERT_TRUE(rules);
    EXPECT_FALSE(rules->name(std::string(200, 'a')));
    EXPECT_FALSE(PrincipalRules::parse("RULE:^(a)\\1$/x/"));  // would need it
}

TEST(PrincipalRules, NumbersThatOverflowAreRefused) {
    EXPECT_FALSE(PrincipalRules::parse("RULE:^CN=a{11111111111111111111}$/x/"));
    EXPECT_FALSE(PrincipalRules::parse("RULE:^CN=a{1,11111111111111111111}$/x/"));
    EXPECT_FALSE(PrincipalRules::parse("RULE:^CN=(a)\\11111111111111111111$/x/"));
    EXPECT_TRUE(PrincipalRules::parse("RULE:^CN=1234567,O=(a{1,12})$/$1/"));
}

TEST(PrincipalRules, WrongRulesSayWhatIsWrong) {
    for (const char* rules :
         {"RULE:a/b", "RULE:a", "other", "DEFAULT,", "DEFAULT DEFAULT", "RULE:(/b/", "RULE:a/b/X"
         }) {
        const auto parsed = PrincipalRules::parse(rules);
        ASSERT_FALSE(parsed.has_value()) << rules;
        EXPECT_EQ(parsed.error().code(), ErrorCode::kBadConfig);
    }
}

}  // namespace
}  // namespace sealane::identity
