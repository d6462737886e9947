// Quotas over the wire: set, shown, held to.

#include "broker/api/security/request_quotas.hpp"
#include "common/kafka/messages/fetch.hpp"
#include "common/kafka/messages/quotas.hpp"
#include "tests/unit/broker/app/broker_fixture.hpp"

namespace sealane::broker {
namespace {

kafka::AlterClientQuotasRequest limit(
    std::string type, std::optional<std::string> name, std::string key, double value
) {
    kafka::AlterClientQuotasRequest request;
    auto& entry = request.entries.emplace_back();
    entry.entity.push_back({std::move(type), std::move(name)});
    entry.ops.push_back({std::move(key), value, false});
    return request;
}

Task<ErrorCode> set(RawClient& raw, kafka::AlterClientQuotasRequest request) {
    co_return (co_await raw.call(std::move(request), 1)).entries.at(0).error_code;
}

TEST_F(BrokerTest, ProducersAboveTheirQuotaAreToldAndMuted) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await make_topic(raw, "t");
        const std::string batch = batch_bytes(20, world_.wall());
        EXPECT_EQ(
            co_await set(raw, limit("client-id", "test", "producer_byte_rate", 50)),
            ErrorCode::kNone
        );
        kafka::ProduceResponse answer;
        for (int i = 0; i < 10 && answer.throttle_time_ms == 0; ++i) {
            answer = co_await raw.call(produce_request("t", batch), 9);
            EXPECT_EQ(only(answer).error_code, ErrorCode::kNone);
        }
        EXPECT_GT(answer.throttle_time_ms, 0);
        const Instant until = broker.services().quotas.muted_until(1);
        EXPECT_GT(until, world_.now());
        // Another client is not held up; without the quota nobody is.
        RawClient other = co_await client(broker);
        auto remove = limit("client-id", "test", "producer_byte_rate", 0);
        remove.entries.at(0).ops.at(0).remove = true;
        EXPECT_EQ(co_await set(other, remove), ErrorCode::kNone);
        EXPECT_EQ((co_await other.call(produce_request("t", batch), 9)).throttle_time_ms, 0);
    });
}

TEST_F(BrokerTest, ConsumersAboveTheirQuotaGetTheirRecordsLater) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await make_topic(raw, "t");
        (void)co_await raw.call(produce_request("t", batch_bytes(100, world_.wall())), 9);
        EXPECT_EQ(
            co_await set(raw, limit("user", std::nullopt, "consumer_byte_rate", 100)),
            ErrorCode::kNone
        );
        kafka::FetchRequest fetch;
        fetch.replica_id = kNoBroker;
        fetch.max_bytes = 1 << 20;
        auto& topic = fetch.topics.emplace_back();
        topic.topic = "t";
        topic.partitions.emplace_back().partition_max_bytes = 1 << 20;
        kafka::FetchResponse answer;
        RawClient reader = co_await client(broker);
        answer = co_await reader.call(fetch, 12);
        EXPECT_GT(answer.throttle_time_ms, 0);
        EXPECT_TRUE(answer.responses.empty());
        EXPECT_EQ(answer.error_code, ErrorCode::kNone);
    });
}

TEST_F(BrokerTest, QuotasAreCheckedKeptAndShown) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        EXPECT_EQ(
            co_await set(raw, limit("user", "u", "request_percentage", 12.5)), ErrorCode::kNone
        );
        for (const auto& wrong :
             {limit("user", "u", "producer_byte_rate", 0),
              limit("user", "u", "producer_byte_rate", 1.5),
              limit("user", "u", "connection_creation_rate", 5),
              limit("user", "u", "controller_mutation_rate", 5),
              limit("user", "", "producer_byte_rate", 5),
              limit("ip", "10.0.0.1", "producer_byte_rate", 5),
              limit("group", "g", "producer_byte_rate", 5)}) {
            EXPECT_EQ(co_await set(raw, wrong), ErrorCode::kInvalidRequest);
        }
        auto only_checked = limit("user", "v", "producer_byte_rate", 5);
        only_checked.validate_only = true;
        EXPECT_EQ(co_await set(raw, only_checked), ErrorCode::kNone);
        kafka::DescribeClientQuotasRequest all;
        const auto shown = co_await raw.call(all, 1);
        EXPECT_EQ(shown.entries->size(), 1U);
        EXPECT_EQ(shown.entries->at(0).entity.at(0).entity_name, "u");
        EXPECT_EQ(shown.entries->at(0).values.at(0).value, 12.5);
        all.components.push_back({"user", 1, std::nullopt});
        EXPECT_TRUE((co_await raw.call(all, 1)).entries->empty());
        all.components.at(0) = {"user", 0, "u"};
        all.strict = true;
        EXPECT_EQ((co_await raw.call(all, 1)).entries->size(), 1U);
        all.components.push_back({"user", 0, "u"});
        EXPECT_EQ((co_await raw.call(all, 1)).error_code, ErrorCode::kInvalidRequest);
    });
}

TEST_F(BrokerTest, AddressesThatConnectTooOftenAreRefused) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        EXPECT_EQ(
            co_await set(raw, limit("ip", std::nullopt, "connection_creation_rate", 1)),
            ErrorCode::kNone
        );
        bool refused = false;
        for (int i = 0; i < 15 && !refused; ++i) {
            RawClient next = co_await client(broker);
            if (broker.services().quotas.active() && i >= 10) {
                refused = co_await next.closed_by_broker();
            }
        }
        EXPECT_TRUE(refused);
    });
}

}  // namespace
}  // namespace sealane::broker
