// Access control: which entries decide, and how (Kafka's StandardAuthorizer).

#include "common/identity/acl_table.hpp"

#include <gtest/gtest.h>

namespace sealane::identity {
namespace {

using enum AclOperation;
using enum AclAnswer;

AclEntry entry(
    std::string name,
    AclOperation operation,
    AclPermission permission = AclPermission::kAllow,
    PatternType pattern = PatternType::kLiteral,
    std::string principal = "User:alice",
    std::string host = "*"
) {
    return {
        .resource_type = ResourceType::kTopic,
        .resource_name = std::move(name),
        .pattern_type = pattern,
        .principal = std::move(principal),
        .host = std::move(host),
        .operation = operation,
        .permission = permission,
    };
}

class AclTableTest : public testing::Test {
 protected:
    Uuid add(const AclEntry& one) {
        Uuid id;
        id.bytes[15] = ++next_;
        table_.add(id, one);
        return id;
    }
    AclAnswer ask(
        AclOperation operation,
        std::string_view name = "orders",
        std::string_view principal = "User:alice",
        std::string_view host = "10.0.0.1"
    ) const {
        return table_.ask({principal, host, operation, ResourceType::kTopic, name});
    }
    bool some(AclOperation operation, std::string_view principal = "User:alice") const {
        return table_.allows_some({principal, "10.0.0.1", operation, ResourceType::kTopic, {}});
    }
    AclTable table_;
    std::uint8_t next_ = 0;
};

TEST_F(AclTableTest, AResourceThatNobodyNamesIsForTheDefaultToDecide) {
    EXPECT_EQ(ask(kRead), kNobodyNamed);
    add(entry("payments", kRead));
    EXPECT_EQ(ask(kRead), kNobodyNamed);
    add(entry("orders", kRead, AclPermission::kAllow, PatternType::kLiteral, "User:bob"));
    EXPECT_EQ(ask(kRead), kDenied);
}

TEST_F(AclTableTest, LiteralPrefixedAndWildcardPatternsApply) {
    add(entry("orders", kRead));
    EXPECT_EQ(ask(kRead), kAllowed);
    EXPECT_EQ(ask(kRead, "orders2"), kNobodyNamed);
    add(entry("pay", kWrite, AclPermission::kAllow, PatternType::kPrefixed));
    EXPECT_EQ(ask(kWrite, "pay"), kAllowed);
    EXPECT_EQ(ask(kWrite, "payments"), kAllowed);
    EXPECT_EQ(ask(kWrite, "pa"), kNobodyNamed);
    add(entry("*", kDelete));
    EXPECT_EQ(ask(kDelete, "anything"), kAllowed);
    // A prefix may be "*" too: it means names that begin so, not everything.
    add(entry("*", kAlter, AclPermission::kAllow, PatternType::kPrefixed));
    EXPECT_EQ(ask(kAlter, "x"), kDenied);
}

TEST_F(AclTableTest, ADenialWinsWhateverAllows) {
    add(entry("*", kAll));
    add(entry("ord", kWrite, AclPermission::kDeny, PatternType::kPrefixed));
    EXPECT_EQ(ask(kRead), kAllowed);
    EXPECT_EQ(ask(kWrite), kDenied);
    EXPECT_EQ(ask(kWrite, "payments"), kAllowed);
    add(entry("orders", kAll, AclPermission::kDeny));
    EXPECT_EQ(ask(kRead), kDenied);
}

TEST_F(AclTableTest, PrincipalsAndHostsMustFit) {
    add(entry("orders", kRead, AclPermission::kAllow, PatternType::kLiteral, "User:*", "10.0.0.1"));
    EXPECT_EQ(ask(kRead, "orders", "User:bob"), kAllowed);
    EXPECT_EQ(ask(kRead, "orders", "User:bob", "10.0.0.2"), kDenied);
    add(entry("orders", kRead, AclPermission::kDeny, PatternType::kLiteral, "User:mallory"));
    EXPECT_EQ(ask(kRead, "orders", "User:mallory"), kDenied);
}

TEST_F(AclTableTest, SomeOperationsImplyOthers) {
    for (const AclOperation granted : {kRead, kWrite, kDelete, kAlter}) {
        AclTable table;
        table.add(Uuid{}, entry("orders", granted));
        const auto asked = [&table](AclOperation operation) {
            return table.ask({"User:alice", "h", operation, ResourceType::kTopic, "orders"});
        };
        EXPECT_EQ(asked(kDescribe), kAllowed);
        EXPECT_EQ(asked(kDescribeConfigs), kDenied);
    }
    add(entry("orders", kAlterConfigs));
    EXPECT_EQ(ask(kDescribeConfigs), kAllowed);
    EXPECT_EQ(ask(kDescribe), kDenied);
    // A denial implies nothing: who may not read may still be told that it is there.
    add(entry("orders", kRead, AclPermission::kDeny));
    add(entry("orders", kDescribe));
    EXPECT_EQ(ask(kDescribe), kAllowed);
}

TEST_F(AclTableTest, SomeResourceIsFoundUnlessDenialsCoverIt) {
    EXPECT_FALSE(some(kWrite));
    const Uuid literal = add(entry("orders", kWrite));
    EXPECT_TRUE(some(kWrite));
    EXPECT_FALSE(some(kWrite, "User:bob"));
    add(entry("ord", kWrite, AclPermission::kDeny, PatternType::kPrefixed));
    EXPECT_FALSE(some(kWrite));
    add(entry("o", kWrite, AclPermission::kAllow, PatternType::kPrefixed));
    EXPECT_TRUE(some(kWrite));
    add(entry("*", kWrite, AclPermission::kDeny));
    EXPECT_FALSE(some(kWrite));
    EXPECT_TRUE(table_.remove(literal));
}

TEST_F(AclTableTest, WhatIsRemovedDecidesNothing) {
    const Uuid id = add(entry("ord", kRead, AclPermission::kAllow, PatternType::kPrefixed));
    EXPECT_EQ(ask(kRead), kAllowed);
    EXPECT_TRUE(table_.find(entry("ord", kRead, AclPermission::kAllow, PatternType::kPrefixed)));
    EXPECT_TRUE(table_.remove(id));
    EXPECT_FALSE(table_.remove(id));
    EXPECT_EQ(ask(kRead), kNobodyNamed);
    EXPECT_TRUE(table_.entries().empty());
}

TEST(AclFilter, MatchesAsKafkaDescribesIt) {
    const AclEntry literal = entry("orders", kRead);
    const AclEntry prefix = entry("ord", kRead, AclPermission::kAllow, PatternType::kPrefixed);
    const AclEntry all = entry("*", kRead);
    AclFilter filter;
    EXPECT_TRUE(filter.matches(literal) && filter.matches(prefix) && filter.matches(all));
    filter.resource_name = "orders";
    EXPECT_TRUE(filter.matches(literal));
    EXPECT_FALSE(filter.matches(prefix) || filter.matches(all));
    filter.pattern_type = PatternType::kMatch;
    EXPECT_TRUE(filter.matches(literal) && filter.matches(prefix) && filter.matches(all));
    filter.resource_name = "payments";
    EXPECT_FALSE(filter.matches(literal) || filter.matches(prefix));
    EXPECT_TRUE(filter.matches(all));
    filter = {};
    filter.principal = "User:bob";
    EXPECT_FALSE(filter.matches(literal));
    filter.principal = "User:alice";
    filter.operation = kWrite;
    EXPECT_FALSE(filter.matches(literal));
    filter.operation = kAny;
    filter.permission = AclPermission::kDeny;
    EXPECT_FALSE(filter.matches(literal));
    filter.pattern_type = PatternType{9};
    EXPECT_FALSE(check(filter).has_value());
}

TEST(AclEntry, NonsenseIsRefused) {
    EXPECT_TRUE(check(entry("orders", kRead)).has_value());
    EXPECT_FALSE(check(entry("", kRead)).has_value());
    EXPECT_FALSE(check(entry("orders", kAny)).has_value());
    EXPECT_FALSE(check(entry("orders", AclOperation{77})).has_value());
    EXPECT_FALSE(check(entry("orders", kRead, AclPermission::kAny)).has_value());
    const auto by = [](std::string principal, std::string host) {
        return check(entry(
            "orders",
            kRead,
            AclPermission::kAllow,
            PatternType::kLiteral,
            std::move(principal),
            std::move(host)
        ));
    };
    EXPECT_FALSE(by("alice", "*").has_value());
    EXPECT_FALSE(by("User:", "*").has_value());
    EXPECT_FALSE(by("User:alice", "").has_value());
    AclEntry cluster = entry("other", kAlter);
    cluster.resource_type = ResourceType::kCluster;
    EXPECT_FALSE(check(cluster).has_value());
    cluster.resource_name = kClusterName;
    EXPECT_TRUE(check(cluster).has_value());
    AclEntry match = entry("orders", kRead);
    match.pattern_type = PatternType::kMatch;
    EXPECT_FALSE(check(match).has_value());
}

}  // namespace
}  // namespace sealane::identity
