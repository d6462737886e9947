#include "mirror/link/name_filter.hpp"

#include "mirror/link/topic_keeper.hpp"

#include <gtest/gtest.h>

namespace sealane::mirror {
namespace {

TEST(NameFilter, TakesWhatIsIncludedAndNotExcluded) {
    const NameFilter filter({"app.*", "audit"}, {"*.internal"});
    EXPECT_TRUE(filter.takes("app.log"));
    EXPECT_TRUE(filter.takes("audit"));
    EXPECT_FALSE(filter.takes("audits"));
    EXPECT_FALSE(filter.takes("app.x.internal"));
    EXPECT_FALSE(NameFilter({}, {}).takes("anything"));
    EXPECT_TRUE(NameFilter({}, {}).takes_nothing());
}

TEST(CarriedConfigs, ReplicasAlsoGetTheCleanupPolicy) {
    const std::vector<Topics::Config> source{
        {"retention.ms", "5"}, {"cleanup.policy", "compact"}, {"min.insync.replicas", "2"}
    };
    const std::vector<Topics::Config> aggregate{{"retention.ms", "5"}};
    const std::vector<Topics::Config> replica{{"cleanup.policy", "compact"}, {"retention.ms", "5"}};
    EXPECT_EQ(carried_configs(LinkKind::kAggregate, source), aggregate);
    EXPECT_EQ(carried_configs(LinkKind::kReplica, source), replica);
}

}  // namespace
}  // namespace sealane::mirror
