#include "broker/metadata/broker_sessions.hpp"

#include "tests/unit/broker/metadata/cluster_image.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

using Step = BrokerSessions::Step;

// The controller's part: does what a heartbeat asks for, at the end of a log of 100.
class Sessions : public ClusterImage {
 public:
    Sessions() { add_brokers(1, 3); }

    BrokerSessions::Outcome beat(
        std::int32_t id, std::int64_t metadata_offset = 100, bool fence = false, bool stop = false
    ) {
        kafka::BrokerHeartbeatRequest request;
        request.broker_id = BrokerId(id);
        const BrokerState* broker = image.broker(request.broker_id);
        request.broker_epoch = broker == nullptr ? 0 : broker->epoch;
        request.current_metadata_offset = Offset(metadata_offset);
        request.want_fence = fence;
        request.want_shut_down = stop;
        auto outcome = sessions.on_heartbeat(now, image, request, log_end);
        if (outcome.step == Step::kUnfence) unfence(id);
        if (outcome.step == Step::kFence) this->fence(id);
        if (outcome.step == Step::kStartShutdown) {
            apply(start_controlled_shutdown(image, policy, BrokerId(id)));
            log_end = log_end + 1;
        }
        return outcome;
    }
    void beat_all() {
        for (const std::int32_t id : {1, 2, 3}) (void)beat(id);
    }
    BrokerSessions sessions{{}};
    Instant now{1'000'000'000};
    Offset log_end{100};
};

TEST(BrokerSessions, UnknownAndStaleBrokersAreToldSo) {
    Sessions cluster;
    EXPECT_EQ(cluster.beat(9).response.error_code, ErrorCode::kBrokerIdNotRegistered);
    kafka::BrokerHeartbeatRequest stale;
    stale.broker_id = BrokerId(1);
    stale.broker_epoch = 99;
    const auto outcome =
        cluster.sessions.on_heartbeat(cluster.now, cluster.image, stale, cluster.log_end);
    EXPECT_EQ(outcome.response.error_code, ErrorCode::kStaleBrokerEpoch);
    EXPECT_FALSE(cluster.sessions.is_alive(cluster.now, BrokerId(1)));
}

TEST(BrokerSessions, ABrokerIsUnfencedWhenItKnowsItsOwnRegistration) {
    Sessions cluster;
    cluster.register_broker(cluster.start_of(4));
    const BrokerEpoch epoch = cluster.image.broker(BrokerId(4))->epoch;
    auto outcome = cluster.beat(4, epoch);
    EXPECT_EQ(outcome.step, Step::kNone);
    EXPECT_FALSE(outcome.response.is_caught_up);
    EXPECT_TRUE(outcome.response.is_fenced);
    outcome = cluster.beat(4, epoch + 1, true);
    EXPECT_EQ(outcome.step, Step::kNone);  // it does not want to
    outcome = cluster.beat(4, epoch + 1);
    EXPECT_EQ(outcome.step, Step::kUnfence);
    EXPECT_TRUE(outcome.response.is_caught_up);
    EXPECT_FALSE(outcome.response.is_fenced);
    EXPECT_EQ(cluster.beat(4, epoch + 1).step, Step::kNone);
}

TEST(BrokerSessions, ABrokerMayAskToBeFenced) {
    Sessions cluster;
    const auto outcome = cluster.beat(1, 100, true);
    EXPECT_EQ(outcome.step, Step::kFence);
    EXPECT_TRUE(outcome.response.is_fenced);
    EXPECT_FALSE(outcome.response.should_shut_down);
}

TEST(BrokerSessions, SilentBrokersExpire) {
    Sessions cluster;
    cluster.sessions.activate(cluster.now, cluster.image);
    EXPECT_EQ(cluster.sessions.wake_at(cluster.image), cluster.now + 3s);
    cluster.now = cluster.now + 2s;
    (void)cluster.beat(1);
    (void)cluster.beat(3);
    cluster.now = cluster.now + 1s;
    EXPECT_EQ(cluster.sessions.expired(cluster.now, cluster.image), ids({2}));
    EXPECT_FALSE(cluster.sessions.is_alive(cluster.now, BrokerId(2)));
    cluster.fence(2);
    EXPECT_TRUE(cluster.sessions.expired(cluster.now, cluster.image).empty());
    EXPECT_EQ(cluster.sessions.wake_at(cluster.image), cluster.now + 2s);
}

TEST(BrokerSessions, ANewControllerGivesEverybodyAWholeSession) {
    Sessions cluster;
    cluster.beat_all();
    cluster.now = cluster.now + 10s;
    EXPECT_EQ(cluster.sessions.expired(cluster.now, cluster.image).size(), 3U);
    cluster.sessions.activate(cluster.now, cluster.image);
    EXPECT_TRUE(cluster.sessions.expired(cluster.now, cluster.image).empty());
    EXPECT_EQ(cluster.sessions.expired(cluster.now + 3s, cluster.image).size(), 3U);
}

TEST(BrokerSessions, ABrokenConnectionShortensTheSession) {
    Sessions cluster;
    cluster.beat_all();
    cluster.sessions.on_disconnected(cluster.now, BrokerId(2));
    cluster.sessions.on_disconnected(cluster.now, BrokerId(8));
    EXPECT_EQ(cluster.sessions.wake_at(cluster.image), cluster.now + 1s);
    EXPECT_EQ(cluster.sessions.expired(cluster.now + 1s, cluster.image), ids({2}));
    (void)cluster.beat(2);  // it came back
    EXPECT_TRUE(cluster.sessions.expired(cluster.now + 1s, cluster.image).empty());
    // It never gets longer by breaking.
    cluster.now = cluster.now + 2500ms;
    cluster.sessions.on_disconnected(cluster.now, BrokerId(1));
    EXPECT_EQ(cluster.sessions.expired(cluster.now + 500ms, cluster.image), ids({1, 2, 3}));
}

TEST(BrokerSessions, AProcessThatIsGoneLosesItsSessionAtOnce) {
    Sessions cluster;
    cluster.beat_all();
    cluster.sessions.on_gone(cluster.now, BrokerId(2));  // its connection stands: it is there
    EXPECT_TRUE(cluster.sessions.is_alive(cluster.now, BrokerId(2)));
    cluster.sessions.on_disconnected(cluster.now, BrokerId(2));
    EXPECT_TRUE(cluster.sessions.is_disconnected(BrokerId(2)));
    cluster.sessions.on_gone(cluster.now, BrokerId(2));
    EXPECT_EQ(cluster.sessions.expired(cluster.now, cluster.image), ids({2}));
    // The answer of a probe that comes too late does not end what began anew.
    (void)cluster.beat(2);
    cluster.sessions.on_gone(cluster.now, BrokerId(2));
    EXPECT_TRUE(cluster.sessions.expired(cluster.now, cluster.image).empty());
}

TEST(BrokerSessions, TheSuccessorOfADeadProcessNeedNotWaitForItsSession) {
    Sessions cluster;
    const auto is_free = [&cluster](const kafka::BrokerRegistrationRequest& request) {
        return cluster.sessions.is_free(cluster.now, cluster.image, request);
    };
    const auto successor = cluster.start_of(1);
    auto elsewhere = successor;
    elsewhere.log_dirs.front().bytes[0] ^= 0xFF;
    // Without a new controller it was heard of, and counts as alive.
    cluster.beat_all();
    EXPECT_FALSE(is_free(successor));
    cluster.sessions.activate(cluster.now, cluster.image);
    EXPECT_TRUE(is_free(successor));
    EXPECT_FALSE(is_free(elsewhere));  // another machine with the same number
    // Nobody is fenced sooner for it.
    EXPECT_TRUE(cluster.sessions.expired(cluster.now, cluster.image).empty());
    (void)cluster.beat(1);
    EXPECT_FALSE(is_free(successor));
    cluster.now = cluster.now + 4s;
    EXPECT_TRUE(is_free(elsewhere));
}

TEST(BrokerSessions, AStopWaitsUntilTheOthersKnowTheNewLeaders) {
    Sessions cluster;
    cluster.create("t", {ids({1, 2, 3})});
    cluster.beat_all();
    auto outcome = cluster.beat(1, 100, false, true);
    EXPECT_EQ(outcome.step, Step::kStartShutdown);
    EXPECT_FALSE(outcome.response.should_shut_down);
    EXPECT_FALSE(cluster.beat(1, 101, false, true).response.should_shut_down);
    (void)cluster.beat(2, 101);
    EXPECT_FALSE(cluster.beat(1, 101, false, true).response.should_shut_down);
    cluster.log_end = Offset(500);  // later records do not matter
    (void)cluster.beat(3, 101);
    outcome = cluster.beat(1, 101, false, true);
    EXPECT_TRUE(outcome.response.should_shut_down);
    EXPECT_EQ(outcome.step, Step::kFence);
    EXPECT_TRUE(outcome.response.is_fenced);
    // Its next process may register at once.
    EXPECT_FALSE(cluster.sessions.is_alive(cluster.now, BrokerId(1)));
    EXPECT_TRUE(cluster.beat(1, 101, false, true).response.should_shut_down);
}

TEST(BrokerSessions, AStopDoesNotWaitForTheDead) {
    Sessions cluster;
    cluster.beat_all();
    cluster.now = cluster.now + 3s;
    (void)cluster.beat(1, 100, false, true);
    EXPECT_TRUE(cluster.beat(1, 100, false, true).response.should_shut_down);
}

TEST(BrokerSessions, AStopThatWantsNoHandoverIsGrantedAtOnce) {
    Sessions cluster;
    const auto outcome = cluster.beat(1, 100, true, true);
    EXPECT_EQ(outcome.step, Step::kFence);
    EXPECT_TRUE(outcome.response.should_shut_down);
}

TEST(BrokerSessions, AnUnregisteredBrokerHasNoSession) {
    Sessions cluster;
    cluster.beat_all();
    cluster.sessions.on_unregistered(BrokerId(1));
    EXPECT_FALSE(cluster.sessions.is_alive(cluster.now, BrokerId(1)));
    EXPECT_EQ(cluster.sessions.metadata_offset(BrokerId(1)), Offset(0));
    EXPECT_EQ(cluster.sessions.metadata_offset(BrokerId(2)), Offset(100));
}

}  // namespace
}  // namespace sealane::broker
