#include "common/client/connection.hpp"

#include "common/kafka/messages/groups.hpp"
#include "tests/unit/common/client/simulated_client.hpp"

#include <gtest/gtest.h>

namespace sealane::client {
namespace {

using kafka::HeartbeatRequest;
using kafka::HeartbeatResponse;
using runtime::Task;

HeartbeatRequest heartbeat(std::string group) {
    HeartbeatRequest request;
    request.group_id = std::move(group);
    return request;
}

// Answers with the length of the group's name as throttle time, so that answers can be told apart.
std::optional<HeartbeatResponse> echo(const HeartbeatRequest& request) {
    HeartbeatResponse response;
    response.throttle_time_ms = static_cast<std::int32_t>(request.group_id.size());
    return response;
}

TEST(Connection, PipelinesRequestsAndKeepsTheirOrder) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        cluster.broker.on<HeartbeatRequest>(echo);
        const auto open = co_await Connection::open(cluster.setup(), cluster.soon());
        EXPECT_TRUE(open);
        std::vector<Reply<HeartbeatResponse>> replies;
        for (std::size_t i = 0; i < 20; ++i)
            replies.push_back(*(*open)->start(heartbeat(std::string(i, 'g')), cluster.soon()));
        EXPECT_EQ((*open)->open_requests(), 20U);
        for (std::size_t i = 20; i-- > 0;)
            EXPECT_EQ((co_await replies[i].wait())->throttle_time_ms, static_cast<std::int32_t>(i));
        EXPECT_EQ((*open)->in_flight_bytes(), 0U);
        (*open)->close();
    });
}

TEST(Connection, FallsBackToTheOldestApiVersions) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        cluster.broker.max_api_versions = 0;
        const auto open = co_await Connection::open(cluster.setup(), cluster.soon());
        EXPECT_TRUE(open) << open.error().to_string();
        EXPECT_TRUE((*open)->apis().advertised(kafka::ApiKey::kFetch));
        EXPECT_EQ(cluster.broker.count(kafka::ApiKey::kApiVersions), 2);
        (*open)->close();
    });
}

TEST(Connection, LateAnswerEndsItAndFailsTheOthers) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        cluster.broker.on<HeartbeatRequest>([](const HeartbeatRequest&) {
            return std::optional<HeartbeatResponse>();
        });
        const auto open = co_await Connection::open(cluster.setup(), cluster.soon());
        auto first = *(*open)->start(heartbeat("a"), cluster.soon(1s));
        auto second = *(*open)->start(heartbeat("b"), cluster.soon(60s));
        const auto late = co_await first.wait();
        EXPECT_EQ(late.error().code(), ErrorCode::kDeadlineExceeded);
        EXPECT_NE(late.error().detail().find("Heartbeat to broker:9092"), std::string::npos);
        EXPECT_EQ((co_await second.wait()).error().code(), ErrorCode::kConnectionReset);
        EXPECT_FALSE((*open)->is_open());
        EXPECT_FALSE((*open)->start(heartbeat("c"), cluster.soon()));
    });
}

TEST(Connection, BrokerThatHangsUpIsAReset) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        cluster.broker.handle(kafka::ApiKey::kHeartbeat, [](const FakeBroker::Request&) {
            return FakeBroker::Reaction{Conduct::kHangUp, {}};
        });
        const auto open = co_await Connection::open(cluster.setup(), cluster.soon());
        const auto answer = co_await (*open)->send(heartbeat("a"), cluster.soon());
        EXPECT_EQ(answer.error().code(), ErrorCode::kConnectionReset);
    });
}

TEST(Connection, AnswerToAnotherRequestEndsIt) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        cluster.broker.handle(kafka::ApiKey::kHeartbeat, [](const FakeBroker::Request& request) {
            return FakeBroker::Reaction{
                Conduct::kAnswer,
                *kafka::frame_response(
                    HeartbeatResponse{},
                    request.header.request_api_version,
                    request.header.correlation_id + 1
                )
            };
        });
        const auto open = co_await Connection::open(cluster.setup(), cluster.soon());
        const auto answer = co_await (*open)->send(heartbeat("a"), cluster.soon());
        EXPECT_EQ(answer.error().code(), ErrorCode::kMalformed);
    });
}

TEST(Connection, AnswerThatDoesNotDecodeIsNamed) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        cluster.broker.handle(kafka::ApiKey::kHeartbeat, [](const FakeBroker::Request& request) {
            BufferChain frame = *kafka::frame_response(
                HeartbeatResponse{},
                request.header.request_api_version,
                request.header.correlation_id
            );
            MutableBuffer cut(frame.size() - 2);
            std::memcpy(cut.data(), frame.joined().data(), cut.size());
            store_be(cut.data(), static_cast<std::int32_t>(cut.size() - 4));
            return FakeBroker::Reaction{Conduct::kAnswer, std::move(cut).freeze()};
        });
        const auto open = co_await Connection::open(cluster.setup(), cluster.soon());
        const auto answer = co_await (*open)->send(heartbeat("a"), cluster.soon());
        EXPECT_FALSE(answer);
        EXPECT_NE(answer.error().detail().find("Heartbeat"), std::string::npos);
        (*open)->close();
    });
}

TEST(Connection, BoundsTheBytesInFlight) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        cluster.broker.on<HeartbeatRequest>(echo);
        ConnectionOptions options;
        options.in_flight_bytes = 500;
        const auto open = co_await Connection::open(cluster.setup(options), cluster.soon());
        int started = 0;
        std::vector<Reply<HeartbeatResponse>> replies;
        for (;;) {
            auto reply = (*open)->start(heartbeat(std::string(100, 'g')), cluster.soon());
            if (!reply) {
                EXPECT_EQ(reply.error().code(), ErrorCode::kBusy);
                break;
            }
            ++started;
            replies.push_back(*std::move(reply));
        }
        EXPECT_GT(started, 1);
        EXPECT_LE((*open)->in_flight_bytes(), 600U);
        // send() waits for room by itself; one larger request goes alone.
        const auto large =
            co_await (*open)->send(heartbeat(std::string(5000, 'g')), cluster.soon());
        EXPECT_EQ(large->throttle_time_ms, 5000);
        (*open)->close();
    });
}

TEST(Connection, RefusedConnectionNamesTheBroker) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        ConnectionSetup setup = cluster.setup();
        setup.broker.port = 1;
        const auto open = co_await Connection::open(std::move(setup), cluster.soon(5s));
        EXPECT_FALSE(open);
        EXPECT_NE(open.error().detail().find("broker:1"), std::string::npos);
    });
}

}  // namespace
}  // namespace sealane::client
