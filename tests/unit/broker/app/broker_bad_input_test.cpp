// Bytes that no client of good will sends: each closes its connection, the broker lives.

#include "common/base/rng.hpp"
#include "common/kafka/messages/api_versions.hpp"
#include "common/kafka/messages/metadata.hpp"
#include "tests/unit/broker/app/broker_fixture.hpp"

namespace sealane::broker {
namespace {

using kafka::ApiVersionsRequest;
using kafka::MetadataRequest;

Task<void> expect_alive(RawClient client) {
    MetadataRequest request;
    request.topics = std::nullopt;
    const auto response = co_await client.call(request, 9);
    EXPECT_EQ(response.brokers.size(), 1U);
}

TEST_F(BrokerTest, GarbageClosesTheConnectionAndTheBrokerLives) {
    with_broker([this](Broker& broker) -> Task<void> {
        const std::string good = RawClient::frame_of(MetadataRequest{}, 9, 1);
        std::string negative_count = RawClient::frame_of(MetadataRequest{}, 1, 1);
        negative_count.replace(negative_count.size() - 4, 4, "\x80\0\0\0", 4);
        std::string huge_count = RawClient::frame_of(MetadataRequest{}, 1, 1);
        huge_count.replace(huge_count.size() - 4, 4, "\x7f\xff\xff\xff", 4);
        for (const std::string& bytes :
             {std::string("\xff\xff\xff\xff and more", 13),
              std::string("\x7f\xff\xff\xff", 4),
              std::string("GET / HTTP/1.1\r\n\r\n"),
              std::string("\x16\x03\x01\x02\0\1\0", 7),
              std::string("\0\0\0\x08\x7f\x7f\0\0\0\0\0\1", 12),      // unknown API
              std::string("\0\0\0\x0a\0\0\0\1\0\0\0\1\xff\xff", 14),  // Produce 1 is not served
              std::string("\0\0\0\x0a\0\3\0\1\0\0\0\1\x7f\xff", 14),  // a client id beyond the end
              negative_count,
              huge_count,
              good + std::string("\0\0\0\1\1", 5)}) {
            RawClient client = co_await RawClient::connect(world_, broker.endpoint("plain"));
            co_await client.send(bytes);
            if (bytes.starts_with(good)) (void)co_await client.receive();
            EXPECT_TRUE(co_await client.closed_by_broker());
        }
        co_await expect_alive(co_await client(broker));
    });
    EXPECT_GE(sink_.count("connection closed: not a request"), 4U);
    EXPECT_EQ(sink_.count("connection closed: unknown API"), 1U);
    EXPECT_EQ(sink_.count("connection closed: unsupported version"), 1U);
    EXPECT_EQ(sink_.count_at_least(runtime::LogLevel::kWarning), 0U);
}

TEST_F(BrokerTest, RandomBytesNeverKillTheBroker) {
    with_broker([this](Broker& broker) -> Task<void> {
        Rng rng(42);
        for (int round = 0; round < 300; ++round) {
            RawClient client = co_await RawClient::connect(world_, broker.endpoint("plain"));
            std::string bytes = RawClient::frame_of(MetadataRequest{}, 9, 1);
            // Legal length and API key, random rest.
            bytes.resize(12 + rng.below(200));
            for (std::size_t i = 8; i < bytes.size(); ++i) bytes[i] = static_cast<char>(rng.next());
            store_be<std::int32_t>(
                std::as_writable_bytes(std::span(bytes)).data(),
                static_cast<std::int32_t>(bytes.size() - 4)
            );
            bytes[5] = static_cast<char>(rng.below(70));
            bytes[6] = 0;
            bytes[7] = static_cast<char>(rng.below(14));
            co_await client.send(bytes);
            client.close();
        }
        co_await expect_alive(co_await client(broker));
    });
}

TEST_F(BrokerTest, EveryCutOfARequestIsSurvived) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient setup = co_await client(broker);
        co_await make_topic(setup, "t");
        const std::string whole =
            RawClient::frame_of(produce_request("t", batch_bytes(3, world_.wall())), 9, 5);
        for (std::size_t size = 1; size < whole.size(); size += 3) {
            // The stream ends inside the frame, and a shorter frame says it is whole.
            RawClient cut = co_await client(broker);
            co_await cut.send(whole.substr(0, size));
            cut.close();
            if (size <= 12) continue;
            std::string shortened = whole.substr(0, size);
            store_be<std::int32_t>(
                std::as_writable_bytes(std::span(shortened)).data(),
                static_cast<std::int32_t>(size - 4)
            );
            RawClient wrong = co_await client(broker);
            co_await wrong.send(shortened);
            EXPECT_TRUE(co_await wrong.closed_by_broker()) << size;
        }
        co_await expect_alive(co_await client(broker));
    });
}

TEST_F(BrokerTest, AnUnknownApiVersionsVersionIsAnsweredInVersionZero) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await raw.send(std::string("\0\0\0\x0e\0\x12\0\x63\0\0\0\7\0\4demo", 18));
        const auto frame = co_await raw.receive();
        EXPECT_TRUE(frame.has_value());
        EXPECT_EQ(frame->text(), std::string("\0\0\0\7\0\x23\0\0\0\1\0\x12\0\0\0\5", 16));
        ApiVersionsRequest request;
        request.client_software_name = "test";
        request.client_software_version = "1";
        const auto response = co_await raw.call(request, 4);
        EXPECT_EQ(response.error_code, ErrorCode::kNone);
        EXPECT_EQ(response.api_keys.at(0).api_key, 0);
        EXPECT_EQ(response.api_keys.at(0).min_version, 0);
        EXPECT_EQ(response.api_keys.at(0).max_version, 13);
        EXPECT_LT(response.api_keys.back().api_key, 1000);
        request.client_software_name = "-bad-";
        const auto refused = co_await raw.call(request, 3);
        EXPECT_EQ(refused.error_code, ErrorCode::kInvalidRequest);
    });
}

TEST_F(BrokerTest, WhoDripsIsClosedLongBeforeWhoIsSlow) {
    config_.limits.frame_start = 200ms;
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient quick = co_await client(broker);
        RawClient drip = co_await RawClient::connect(world_, broker.endpoint("plain"));
        RawClient announcing = co_await RawClient::connect(world_, broker.endpoint("plain"));
        RawClient slow = co_await RawClient::connect(world_, broker.endpoint("plain"));
        const std::string large =
            RawClient::frame_of(produce_request("t", std::string(20'000, 'x')), 9, 1);
        co_await drip.send(large.substr(0, 1));
        co_await announcing.send(std::string("\0\x10\0\0", 4));
        co_await slow.send(large.substr(0, 10'000));
        EXPECT_TRUE(co_await drip.closed_by_broker());
        EXPECT_TRUE(co_await announcing.closed_by_broker());
        // It has shown that it means it, and gets an answer when the rest is there.
        co_await slow.send(large.substr(10'000));
        EXPECT_TRUE((co_await slow.receive()).has_value());
        co_await expect_alive(std::move(quick));
    });
    EXPECT_EQ(sink_.count("connection closed: its request did not arrive in time"), 2U);
}

TEST_F(BrokerTest, AConnectionThatWasQuietIsServedAsBefore) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        for (int i = 0; i < 3; ++i) {
            MetadataRequest request;
            EXPECT_EQ((co_await raw.call(request, 9)).brokers.size(), 1U);
            co_await world_.sleep(700ms);  // longer than the broker calls busy
        }
    });
}

TEST_F(BrokerTest, PrivateApisAreForListedPrincipalsOnly) {
    const auto highest_key = [this]() {
        auto highest = std::make_shared<std::int16_t>(0);
        with_broker([this, highest](Broker& broker) -> Task<void> {
            RawClient raw = co_await client(broker);
            *highest = (co_await raw.call(ApiVersionsRequest{}, 0)).api_keys.back().api_key;
        });
        return *highest;
    };
    EXPECT_LT(highest_key(), 1000);
    config_.mirror_principals = {"User:ANONYMOUS"};
    EXPECT_GE(highest_key(), 1000);
}

// Some clients take the highest version that both know, which here would be one for brokers.
TEST_F(BrokerTest, VersionsForBrokersAreShownToBrokersOnly) {
    const auto shown = [this]() {
        auto highest = std::make_shared<std::int16_t>(std::int16_t{-1});
        with_broker([this, highest](Broker& broker) -> Task<void> {
            RawClient raw = co_await client(broker);
            for (const auto& api : (co_await raw.call(ApiVersionsRequest{}, 0)).api_keys) {
                if (kafka::ApiKey{api.api_key} == kafka::ApiKey::kAddPartitionsToTxn)
                    *highest = api.max_version;
            }
        });
        return *highest;
    };
    EXPECT_EQ(shown(), 3);
    config_.cluster.broker_principals = {"User:ANONYMOUS"};
    EXPECT_EQ(shown(), 5);
}

}  // namespace
}  // namespace sealane::broker
