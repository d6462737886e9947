#pragma once
// A whole broker in the simulated World, asked through its handlers with encoded requests, so that
// every version's bytes are tried without a network.

#include "broker/api/registry.hpp"
#include "broker/api/services.hpp"
#include "broker/app/broker.hpp"
#include "tests/simulation/world/sim_world.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {

class BrokerInMemory : public ::testing::Test {
 protected:
    BrokerInMemory()
        : simulator_(1, false),
          network_(simulator_),
          world_(simulator_, network_, disk_, "a", "a") {
        start();
    }
    ~BrokerInMemory() override {
        run([this]() -> runtime::Task<void> { co_await broker_->stop(); });
        world_.drop_everything();
    }

    void start() {
        BrokerConfig config;
        config.node_id = BrokerId(7);
        config.log_dir = "/data";
        config.group_initial_rebalance_delay_ms = 0;
        config.offsets_topic_partitions = 2;
        config.listeners.push_back({"PLAINTEXT", {"a", 9092, ""}, std::nullopt, std::nullopt});
        broker_ = std::make_unique<Broker>(world_, config);
        run([this]() -> runtime::Task<void> {
            const Status started = co_await broker_->start();
            EXPECT_TRUE(started) << (started ? "" : started.error().to_string());
        });
    }
    void restart() {
        run([this]() -> runtime::Task<void> { co_await broker_->stop(); });
        broker_.reset();
        start();
    }

    // Runs a coroutine to its end.
    void run(std::function<runtime::Task<void>()> body) {
        bool done = false;
        runtime::TaskGroup group(world_);
        group.spawn([&]() -> runtime::Task<void> {
            co_await body();
            done = true;
        });
        ASSERT_TRUE(simulator_.run_until([&] { return done; }, simulator_.now() + 1h));
        simulator_.settle();
    }

    template <class Request>
    typename kafka::ApiTraits<Request>::Response ask(const Request& request, std::int16_t version) {
        using Response = typename kafka::ApiTraits<Request>::Response;
        Response response;
        run([&]() -> runtime::Task<void> { response = co_await asked<Request>(request, version); });
        return response;
    }

    template <class Request>
    runtime::Task<typename kafka::ApiTraits<Request>::Response> asked(
        Request request, std::int16_t version
    ) {
        using Response = typename kafka::ApiTraits<Request>::Response;
        const auto key = static_cast<std::int16_t>(kafka::ApiTraits<Request>::kKey);
        const ApiEntry* entry = broker_->services().registry.find(key);
        EXPECT_NE(entry, nullptr);
        EXPECT_LE(version, entry->versions.max);
        EXPECT_GE(version, entry->versions.min);
        RequestContext context;
        context.api_key = key;
        context.api_version = version;
        context.client_id = "tester";
        context.client_address = "10.0.0.1:1234";
        context.listener = "PLAINTEXT";
        const auto body = kafka::encode(request, version);
        EXPECT_TRUE(body) << (body ? "" : body.error().to_string());
        auto reply = co_await entry->handler(context, *body);
        auto form = std::move(reply).take();
        Result<BufferChain> bytes = fail(ErrorCode::kUnknownServerError);
        if (auto* now = std::get_if<BufferChain>(&form)) {
            bytes = std::move(*now);
        } else if (auto* later = std::get_if<RawReply::Later>(&form)) {
            const auto task = std::move(*later);
            bytes = co_await task();
        }
        EXPECT_TRUE(bytes);
        if (!bytes) co_return Response{};
        auto response = kafka::decode<Response>(bytes->joined(), version);
        EXPECT_TRUE(response) << (response ? "" : response.error().to_string());
        co_return response ? *std::move(response) : Response{};
    }

    [[nodiscard]] std::pair<std::int16_t, std::int16_t> versions(kafka::ApiKey key) {
        const auto& served =
            broker_->services().registry.find(static_cast<std::int16_t>(key))->versions;
        return {served.min, served.max};
    }

    simulation::Simulator simulator_;
    simulation::SimNetwork network_;
    simulation::Disk disk_;
    simulation::SimWorld world_;
    std::unique_ptr<Broker> broker_;
};

}  // namespace sealane::broker
