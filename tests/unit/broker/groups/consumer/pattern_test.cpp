// Subscriptions by pattern, which the coordinator resolves.

#include "broker/coordinator/name_pattern.hpp"
#include "tests/unit/broker/groups/consumer/consumer_script.hpp"

namespace sealane::broker::groups {
namespace {

class Patterns : public ::testing::Test {
 protected:
    Patterns() {
        script.topics->set("orders-1", 2, 2);
        script.topics->set("orders-2", 3, 1);
    }
    ConsumerHeartbeatRequest joining(std::string member, std::string pattern) {
        ConsumerHeartbeatRequest request = script.joining(std::move(member));
        request.topics.reset();
        request.pattern = std::move(pattern);
        return request;
    }
    [[nodiscard]] std::size_t stored_patterns() const {
        std::size_t count = 0;
        for (const CoordinatorRecord& record : live_records(script.core)) {
            const auto* consumer = std::get_if<ConsumerRecord>(&record);
            if (consumer != nullptr && std::holds_alternative<PatternRecord>(*consumer)) ++count;
        }
        return count;
    }
    ConsumerScript script;
};

TEST(NamePattern, MatchesWholeNames) {
    const auto pattern = NamePattern::parse("SubscribedTopicRegex", "orders-[0-9]+");
    ASSERT_TRUE(pattern);
    EXPECT_TRUE(pattern->matches("orders-12"));
    EXPECT_FALSE(pattern->matches("my-orders-12"));
    EXPECT_FALSE(pattern->matches("orders-12-dead"));
}

TEST(NamePattern, SaysWhatIsWrong) {
    const auto pattern = NamePattern::parse("SubscribedTopicRegex", "orders-[");
    ASSERT_FALSE(pattern);
    EXPECT_EQ(pattern.error().code(), ErrorCode::kInvalidRegularExpression);
    EXPECT_NE(pattern.error().detail().find("orders-["), std::string::npos);
    EXPECT_FALSE(NamePattern::parse("SubscribedTopicRegex", std::string(kMostPatternBytes + 1, 'a'))
    );
    EXPECT_FALSE(NamePattern::parse("SubscribedTopicRegex", "(a)\\1"))
        << "no references: time stays linear";
}

TEST(NamePattern, HostilePatternsCostLittle) {
    const auto pattern = NamePattern::parse("SubscribedTopicRegex", "(a*)*(a*)*(a*)*b");
    ASSERT_TRUE(pattern);
    EXPECT_FALSE(pattern->matches(std::string(249, 'a')));
    EXPECT_FALSE(NamePattern::parse("SubscribedTopicRegex", "((a{1000}){1000}){1000}"));
}

TEST_F(Patterns, AMemberReadsWhatItsPatternMatches) {
    const auto reply = script.beat(joining("a", "orders-.*"));
    EXPECT_EQ(reply.error, ErrorCode::kNone);
    EXPECT_EQ(reply.assignment->size(), 3U);
    EXPECT_EQ(script.beat(joining("b", "orders-(")).error, ErrorCode::kInvalidRegularExpression);
}

TEST_F(Patterns, NamesAndPatternAddUp) {
    ConsumerHeartbeatRequest request = joining("a", "orders-1");
    request.topics = std::vector<std::string>{"t"};
    EXPECT_EQ(script.beat(std::move(request)).assignment->size(), 6U);
}

TEST_F(Patterns, TopicsThatComeAndGoAreNoticed) {
    (void)script.beat(joining("a", "orders-.*"));
    script.topics->set("orders-3", 4, 5);
    EXPECT_EQ(script.beat("a", 1).assignment->size(), 8U);
    script.topics->remove("orders-3");
    (void)script.beat("a", 2);
    script.settle();
    EXPECT_EQ(script.assigned("a").size(), 3U);
}

TEST_F(Patterns, TopicsThatTheMemberMayNotSeeAreNotRead) {
    script.topics->hidden = {"orders-1"};
    EXPECT_EQ(script.beat(joining("a", "orders-.*")).assignment, partitions_of(3, {0}));
    // Nothing tells of rights that change; after a while it is looked at again.
    script.topics->hidden.clear();
    EXPECT_FALSE(script.beat("a", 1).assignment);
    for (int i = 0; i < 121; ++i) {
        script.wait(5s);
        (void)script.beat_and_obey("a");
    }
    EXPECT_EQ(script.assigned("a").size(), 3U);
}

TEST_F(Patterns, APatternNobodyHasIsForgotten) {
    (void)script.beat(joining("a", "orders-.*"));
    (void)script.beat(joining("b", "orders-.*"));
    EXPECT_EQ(stored_patterns(), 1U);
    ConsumerHeartbeatRequest change = script.beating("a", 1);
    change.pattern = "";
    change.topics = std::vector<std::string>{"t"};
    (void)script.beat(std::move(change));
    EXPECT_EQ(stored_patterns(), 1U);
    (void)script.beat("b", kLeavingEpoch);
    EXPECT_EQ(stored_patterns(), 0U);
    script.settle();
    EXPECT_EQ(script.assigned("a").size(), 4U);
}

}  // namespace
}  // namespace sealane::broker::groups
