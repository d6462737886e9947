// Plans: the same seed draws the same, and what is left out leaves the rest as it was.

#include "tests/simulation/scenario/replicated_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace sealane::simulation {
namespace {

ReplicatedPlan draw(std::uint64_t seed) {
    return draw_replicated_plan(seed, plan_start(), {});
}

TEST(ReplicatedPlan, TheSameSeedDrawsTheSame) {
    EXPECT_EQ(draw(7).describe(), draw(7).describe());
    EXPECT_NE(draw(7).describe(), draw(8).describe());
}

TEST(ReplicatedPlan, IsAValidCluster) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const ReplicatedPlan plan = draw(seed);
        int voters = 0;
        int brokers = 0;
        for (const NodePlan& node : plan.nodes) {
            const auto valid = broker::validate(node.config);
            EXPECT_TRUE(valid) << seed << ": " << (valid ? "" : valid.error().to_string());
            voters += node.config.cluster.has(broker::NodeRole::kController) ? 1 : 0;
            brokers += node.serves ? 1 : 0;
        }
        EXPECT_TRUE(voters == 1 || voters == 3 || voters == 5 || voters == brokers) << voters;
        EXPECT_GE(brokers, 3);
        EXPECT_EQ(plan.replication, 3);
    }
}

// Swarm: some seeds break nothing, some have one kind of fault only, every kind comes up.
TEST(ReplicatedPlan, SeedsDiffer) {
    int without_faults = 0;
    int one_kind = 0;
    std::set<FaultKind> seen;
    std::set<ActionKind> actions;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        const ReplicatedPlan plan = draw(seed);
        without_faults += plan.faults.empty() ? 1 : 0;
        one_kind += plan.kinds.size() == 1 ? 1 : 0;
        for (const Fault& fault : plan.faults) seen.insert(fault.kind);
        for (const ActionPlan& action : plan.actions) actions.insert(action.kind);
    }
    EXPECT_NEAR(without_faults, 100, 40);
    EXPECT_GT(one_kind, 60);
    EXPECT_EQ(seen.size(), 17U);
    EXPECT_EQ(actions.size(), 7U);
}

// Outages are not what other scenarios have, and all of them come up.
TEST(ReplicatedPlan, OutagesHaveEverySequence) {
    std::set<FaultKind> seen;
    PlanOptions options;
    options.outages = true;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        const ReplicatedPlan plan = draw_replicated_plan(seed, plan_start(), options);
        EXPECT_FALSE(plan.kinds.empty());
        for (const Fault& fault : plan.faults) {
            seen.insert(fault.kind);
            if (fault.kind == FaultKind::kAssassin) EXPECT_NE(fault.victim, Victim::kHost);
        }
    }
    for (const FaultKind kind : outage_kinds()) EXPECT_TRUE(seen.contains(kind)) << name_of(kind);
}

// A server that holds an office is worth more faults than its share, and the drawing says so
// without knowing who that will be.
TEST(ReplicatedPlan, AThirdOfWhatSilencesAServerIsForOfficeHolders) {
    int silencing = 0;
    int controllers = 0;
    int leaders = 0;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        for (const Fault& fault : draw(seed).faults) {
            const std::string name(name_of(fault.kind));
            const bool silences = name == "crash" || name == "pause" || name.starts_with("isolate");
            silencing += silences ? 1 : 0;
            controllers += fault.victim == Victim::kController ? 1 : 0;
            leaders += fault.victim == Victim::kLeader ? 1 : 0;
            EXPECT_TRUE(silences || fault.victim == Victim::kHost) << name;
            EXPECT_FALSE(fault.host.empty());
        }
    }
    EXPECT_NEAR(controllers + leaders, silencing / 3, silencing / 12);
    EXPECT_NEAR(controllers, leaders, silencing / 12);
}

TEST(Omissions, RoundTripAsText) {
    const std::string text = "kind:crash,fault:1,fault:12,client:w-t0-1,action:0";
    const auto parsed = Omissions::parse(text);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->to_string(), text);
    EXPECT_TRUE(Omissions::parse("")->empty());
    EXPECT_FALSE(Omissions::parse("kind:nonsense"));
    EXPECT_FALSE(Omissions::parse("fault:x"));
    EXPECT_FALSE(Omissions::parse("everything"));
}

TEST(Omissions, LeaveTheRestAndItsNumbersAsTheyWere) {
    ReplicatedPlan plan;
    std::uint64_t seed = 1;
    while (plan.faults.size() < 8 || plan.actions.empty()) plan = draw(seed++);
    const auto before = plan.describe();
    const std::string client = plan.writers.front().name;
    plan.omit(*Omissions::parse("fault:2,fault:5,client:" + client));
    const auto after = plan.describe();
    EXPECT_EQ(after.size(), before.size() - 3);
    for (const std::string& line : after)
        EXPECT_NE(std::ranges::find(before, line), before.end()) << line;
    const auto is_named = [](const std::string& name) {
        return [name](const std::string& line) { return line.starts_with(name + " "); };
    };
    EXPECT_TRUE(std::ranges::none_of(after, is_named("fault:2")));
    EXPECT_TRUE(std::ranges::any_of(after, is_named("fault:6")));
}

}  // namespace
}  // namespace sealane::simulation
