#include "broker/api/producer_ids.hpp"

#include "tests/simulation/world/sim_world.hpp"

#include <gtest/gtest.h>

#include <set>

namespace sealane::broker {
namespace {

using runtime::Task;

// A controller that gives blocks of ten, takes 10 ms for it, and fails on demand.
class ProducerIdBlocks : public ::testing::Test {
 protected:
    ProducerIdBlocks()
        : simulator_(1, false),
          network_(simulator_),
          world_(simulator_, network_, disk_, "a", "a"),
          tasks_(world_),
          ids_(world_, tasks_, [this] { return allocate(); }) {}
    ~ProducerIdBlocks() override {
        run([this]() -> Task<void> { co_await tasks_.stop_and_join(); });
    }

    Task<Result<kafka::AllocateProducerIdsResponse>> allocate() {
        ++asked_;
        ++asking_;
        EXPECT_EQ(asking_, 1) << "one request at a time";
        co_await world_.sleep(10ms);
        --asking_;
        if (unreachable_) co_return fail(ErrorCode::kDeadlineExceeded, "no controller");
        kafka::AllocateProducerIdsResponse answer;
        answer.error_code = refusal_;
        if (refusal_ != ErrorCode::kNone) co_return answer;
        answer.producer_id_start = ProducerId(next_);
        answer.producer_id_len = block_;
        next_ += block_;
        co_return answer;
    }
    void run(std::function<Task<void>()> body) {
        bool done = false;
        runtime::TaskGroup group(world_);
        group.spawn([&]() -> Task<void> {
            co_await body();
            done = true;
        });
        ASSERT_TRUE(simulator_.run_until([&] { return done; }, simulator_.now() + 1h));
        simulator_.settle();
    }
    // The id, or the error.
    Result<ProducerId> next() {
        Result<ProducerId> id = fail(ErrorCode::kUnknownServerError);
        run([&]() -> Task<void> { id = co_await ids_.next(); });
        return id;
    }

    simulation::Simulator simulator_;
    simulation::SimNetwork network_;
    simulation::Disk disk_;
    simulation::SimWorld world_;
    runtime::TaskGroup tasks_;
    std::int32_t block_ = 10;
    std::int64_t next_ = 1000;
    int asked_ = 0;
    int asking_ = 0;
    bool unreachable_ = false;
    ErrorCode refusal_ = ErrorCode::kNone;
    ProducerIds ids_;
};

TEST_F(ProducerIdBlocks, NoIdIsGivenTwice) {
    std::set<std::int64_t> seen;
    for (int i = 0; i < 35; ++i) {
        const auto id = next();
        ASSERT_TRUE(id);
        EXPECT_TRUE(seen.insert(id->value).second);
    }
    EXPECT_EQ(*seen.begin(), 1000);
    EXPECT_LT(*seen.rbegin(), next_);
}

TEST_F(ProducerIdBlocks, ManyAtOnceShareOneRequest) {
    block_ = 1000;
    std::set<std::int64_t> seen;
    run([&]() -> Task<void> {
        runtime::TaskGroup many(world_);
        for (int i = 0; i < 100; ++i) {
            many.spawn([&]() -> Task<void> {
                const auto id = co_await ids_.next();
                EXPECT_TRUE(id);
                if (id) seen.insert(id->value);
            });
        }
        co_await many.join();
    });
    EXPECT_EQ(seen.size(), 100U);
    EXPECT_EQ(asked_, 1);
}

TEST_F(ProducerIdBlocks, TheNextBlockIsThereBeforeTheLastIsUsedUp) {
    block_ = 1000;
    ASSERT_TRUE(next());
    for (int i = 0; i < 900; ++i) ASSERT_TRUE(next());
    simulator_.run_for(1s);
    EXPECT_EQ(asked_, 2);
    const Instant before = simulator_.now();
    for (int i = 0; i < 500; ++i) ASSERT_TRUE(next());
    EXPECT_EQ(simulator_.now(), before) << "nobody waited for the second block";
}

TEST_F(ProducerIdBlocks, EverybodyHearsWhyThereIsNoBlockAndTheNextCallAsksAgain) {
    unreachable_ = true;
    int failures = 0;
    run([&]() -> Task<void> {
        runtime::TaskGroup many(world_);
        for (int i = 0; i < 5; ++i) {
            many.spawn([&]() -> Task<void> {
                const auto id = co_await ids_.next();
                if (!id && id.error().code() == ErrorCode::kDeadlineExceeded) ++failures;
            });
        }
        co_await many.join();
    });
    EXPECT_EQ(failures, 5);
    EXPECT_EQ(asked_, 1);
    unreachable_ = false;
    EXPECT_TRUE(next());
}

TEST_F(ProducerIdBlocks, ARefusalIsAnError) {
    refusal_ = ErrorCode::kStaleBrokerEpoch;
    const auto id = next();
    ASSERT_FALSE(id);
    EXPECT_EQ(id.error().code(), ErrorCode::kStaleBrokerEpoch);
}

TEST_F(ProducerIdBlocks, AfterStopNothingIsAsked) {
    run([this]() -> Task<void> { co_await tasks_.stop_and_join(); });
    const auto id = next();
    ASSERT_FALSE(id);
    EXPECT_TRUE(id.error().is_stopped());
    EXPECT_EQ(asked_, 0);
}

}  // namespace
}  // namespace sealane::broker
