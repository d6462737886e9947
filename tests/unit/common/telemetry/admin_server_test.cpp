// The admin server over the simulated network, as a scraper and an impolite peer see it.

#include "common/telemetry/admin_server.hpp"

#include "tests/simulation/world/sim_world.hpp"

#include <gtest/gtest.h>

namespace sealane::telemetry {
namespace {

using runtime::Task;

struct Figures final : runtime::MetricSource {
    void collect(runtime::MetricSink& sink) const override { sink.gauge("x", "X.", 42); }
};

class AdminServerTest : public testing::Test {
 protected:
    AdminServerTest() {
        registry_.add(figures_);
        options_.address.host = "server";
        options_.connections_max = 3;
    }
    ~AdminServerTest() override {
        run([this]() -> Task<void> { co_await server_->stop(); });
        tasks_.stop();
        simulator_.run_for(1s);
    }
    AdminServer& start() {
        server_ = std::make_unique<AdminServer>(server_world_, registry_, options_);
        run([this]() -> Task<void> {
            auto at = co_await server_->start();
            EXPECT_TRUE(at);
            if (at) address_ = *at;
        });
        return *server_;
    }
    // Runs one coroutine to its end in virtual time.
    void run(std::function<Task<void>()> body) {
        bool done = false;
        tasks_.spawn([&done, body = std::move(body)]() -> Task<void> {
            co_await body();
            done = true;
        });
        EXPECT_TRUE(simulator_.run_until([&] { return done; }, simulator_.now() + 1h));
    }
    HttpResponse get(const std::string& target) {
        HttpResponse response;
        run([&]() -> Task<void> {
            auto got = co_await http_get(
                client_world_.network(), address_, target, client_world_.now() + 10s
            );
            EXPECT_TRUE(got) << (got ? "" : got.error().to_string());
            if (got) response = *got;
        });
        return response;
    }
    // Everything the server says to `sent` until it closes.
    std::string talk(const std::string& sent) {
        std::string heard;
        run([&]() -> Task<void> {
            auto stream = co_await client_world_.network().connect(
                address_, std::nullopt, client_world_.now() + 10s
            );
            EXPECT_TRUE(stream);
            if (!stream) co_return;
            if (!sent.empty()) {
                EXPECT_TRUE(
                    co_await (*stream)->write(BufferSlice::copy_of(sent), client_world_.now() + 10s)
                );
            }
            MutableBuffer block(4096);
            while (true) {
                const auto count =
                    co_await (*stream)->read_some(block.view(), client_world_.now() + 10min);
                if (!count) break;
                heard += as_text(block.view()).substr(0, *count);
            }
        });
        return heard;
    }

    simulation::Simulator simulator_{1, false};
    simulation::SimNetwork network_{simulator_};
    simulation::Disk disk_;
    simulation::SimWorld server_world_{simulator_, network_, disk_, "server", "server"};
    simulation::SimWorld client_world_{simulator_, network_, disk_, "client", "client"};
    runtime::TaskGroup tasks_{client_world_};
    Figures figures_;
    MetricRegistry registry_;
    AdminOptions options_;
    runtime::Endpoint address_;
    std::unique_ptr<AdminServer> server_;
};

TEST_F(AdminServerTest, ServesMetrics) {
    start();
    const HttpResponse response = get("/metrics");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, MetricRegistry::kContentType);
    EXPECT_NE(response.body.find("x 42\n"), std::string::npos);
}

TEST_F(AdminServerTest, HealthAndReadinessNameWhatFails) {
    AdminServer& server = start();
    Status disk;
    Status recovered = fail(ErrorCode::kBusy, "12 logs to go");
    server.add_liveness_check("disk", [&] { return disk; });
    server.add_readiness_check("recovery", [&] { return recovered; });
    EXPECT_EQ(get("/healthz").status, 200);
    EXPECT_EQ(get("/healthz").body, "ok\ndisk: ok\n");
    const HttpResponse waiting = get("/readyz");
    EXPECT_EQ(waiting.status, 503);
    EXPECT_NE(waiting.body.find("12 logs to go"), std::string::npos);
    recovered = {};
    EXPECT_EQ(get("/readyz").status, 200);
    disk = fail(ErrorCode::kIo, "sync failed");
    EXPECT_EQ(get("/healthz").status, 503);
    EXPECT_EQ(get("/readyz").status, 503);
}

TEST_F(AdminServerTest, ServesPagesByPathAndListsThem) {
    AdminServer& server = start();
    server.handle("/links", [](const HttpRequest& request) {
        return json_response("{\"name\":\"" + request.parameter("name") + "\"}");
    });
    const HttpResponse page = get("/links?name=a-b");
    EXPECT_EQ(page.content_type, "application/json");
    EXPECT_EQ(page.body, "{\"name\":\"a-b\"}");
    EXPECT_EQ(get("/nowhere").status, 404);
    EXPECT_NE(get("/").body.find("/links\n"), std::string::npos);
}

TEST_F(AdminServerTest, AnswersPipelinedRequestsInOrderOnOneConnection) {
    start();
    const std::string heard = talk(
        "GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n"
        "HEAD /metrics HTTP/1.1\r\nHost: h\r\n\r\n"
        "GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    );
    const auto first = heard.find("404 Not Found");
    const auto second = heard.find("200 OK", first);
    ASSERT_NE(first, std::string::npos) << heard;
    ASSERT_NE(second, std::string::npos) << heard;
    EXPECT_EQ(heard.find("x 42"), std::string::npos);
    EXPECT_TRUE(heard.ends_with("\r\n\r\nok\n"));
}

TEST_F(AdminServerTest, AnswersNonsenseOnceAndCloses) {
    start();
    EXPECT_TRUE(talk("POST / HTTP/1.1\r\nHost: h\r\n\r\n").starts_with("HTTP/1.1 405"));
    EXPECT_TRUE(talk(std::string(20'000, 'x')).starts_with("HTTP/1.1 431"));
    EXPECT_TRUE(talk(std::string("\x00\x00\x00\x12junk\r\n\r\n", 12)).starts_with("HTTP/1.1 400"));
    EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(AdminServerTest, ClosesSlowAndIdlePeers) {
    start();
    Instant before = simulator_.now();
    EXPECT_EQ(talk("GET / HT"), "");
    EXPECT_LE(simulator_.now() - before, 11s);
    before = simulator_.now();
    EXPECT_EQ(talk(""), "");
    EXPECT_LE(simulator_.now() - before, 61s);
}

TEST_F(AdminServerTest, RefusesMoreConnectionsThanAllowed) {
    start();
    std::vector<std::unique_ptr<runtime::Stream>> held;
    run([&]() -> Task<void> {
        for (int i = 0; i < 3; ++i) {
            auto stream = co_await client_world_.network().connect(
                address_, std::nullopt, client_world_.now() + 10s
            );
            if (stream) held.push_back(*std::move(stream));
        }
    });
    simulator_.run_for(100ms);
    EXPECT_EQ(talk("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), "");
    for (auto& stream : held) stream->close();
    simulator_.run_for(1s);
    EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(AdminServerTest, SaysWhenItsAddressIsTaken) {
    start();
    AdminOptions same;
    same.address = address_;
    AdminServer second(server_world_, registry_, same);
    run([&]() -> Task<void> {
        const auto at = co_await second.start();
        EXPECT_FALSE(at);
        if (!at) EXPECT_EQ(at.error().code(), ErrorCode::kAddressInUse);
        co_await second.stop();
    });
}

}  // namespace
}  // namespace sealane::telemetry
