#include "common/client/producer.hpp"

#include "common/kafka/messages/producers.hpp"
#include "common/kafka/records/record_reader.hpp"
#include "tests/unit/common/client/simulated_client.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace sealane::client {
namespace {

using kafka::InitProducerIdRequest;
using kafka::InitProducerIdResponse;
using kafka::ProduceRequest;
using kafka::ProduceResponse;
using kafka::text_record;
using runtime::Task;

// A partition that remembers what was appended, and meets each produce with the next fate.
struct FakeLog {
    enum class Fate { kAppend, kRefuse, kAppendAndHangUp, kHangUp };
    std::deque<std::pair<Fate, ErrorCode>> fates;
    std::vector<kafka::RecordBatch> appended;
    std::int64_t next_offset = 0;
    int requests = 0;

    std::int64_t append(const kafka::RecordBatch& batch) {
        for (const kafka::RecordBatch& before : appended) {
            const bool same = before->producer_epoch() == batch->producer_epoch() &&
                              before->base_sequence() == batch->base_sequence();
            if (same && batch->has_producer()) return before->base_offset().value;  // duplicate
        }
        appended.push_back(batch);
        const std::int64_t base = next_offset;
        next_offset += batch->record_count();
        return base;
    }
};

FakeBroker::Reaction react(FakeLog& log, const FakeBroker::Request& request) {
    const std::int16_t version = request.header.request_api_version;
    const auto produce = kafka::decode<ProduceRequest>(request.body, version);
    SEALANE_ASSERT(produce.has_value());
    ++log.requests;
    const auto [fate, code] =
        log.fates.empty() ? std::pair(FakeLog::Fate::kAppend, ErrorCode::kNone) : log.fates.front();
    if (!log.fates.empty()) log.fates.pop_front();
    if (fate == FakeLog::Fate::kHangUp) return {Conduct::kHangUp, {}};
    const auto& asked = produce->topic_data.at(0).partition_data.at(0);
    ProduceResponse response;
    auto& topic = response.responses.emplace_back();
    topic.topic_id = produce->topic_data[0].topic_id;
    topic.name = produce->topic_data[0].name;
    auto& partition = topic.partition_responses.emplace_back();
    partition.error_code = code;
    partition.base_offset = kNoOffset;
    if (fate != FakeLog::Fate::kRefuse)
        partition.base_offset = Offset(log.append(*kafka::RecordBatch::parse(*asked.records)));
    if (fate == FakeLog::Fate::kAppendAndHangUp) return {Conduct::kHangUp, {}};
    return {
        Conduct::kAnswer, *kafka::frame_response(response, version, request.header.correlation_id)
    };
}

void serve(SimulatedCluster& cluster, FakeLog& log) {
    cluster.broker.on<InitProducerIdRequest>([](const InitProducerIdRequest&) {
        InitProducerIdResponse response;
        response.producer_id = ProducerId(42);
        return std::optional(response);
    });
    cluster.broker.handle(kafka::ApiKey::kProduce, [&log](const FakeBroker::Request& request) {
        return react(log, request);
    });
}

Task<Result<Delivery>> send_one(SimulatedCluster& cluster, Producer& producer, std::string value) {
    co_return co_await producer.send("t", PartitionId(0), text_record("k", value), cluster.soon());
}

TEST(Producer, RetriesWithTheSameSequenceUntilItPasses) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        FakeLog log;
        using enum FakeLog::Fate;
        log.fates = {
            {kRefuse, ErrorCode::kNotLeaderOrFollower},
            {kRefuse, ErrorCode::kNotEnoughReplicas},
            {kHangUp, ErrorCode::kNone},
            {kRefuse, ErrorCode::kRequestTimedOut}
        };
        serve(cluster, log);
        Producer producer(cluster.client, {});
        const auto sent = co_await send_one(cluster, producer, "v");
        EXPECT_TRUE(sent) << sent.error().to_string();
        EXPECT_EQ(sent->offset, Offset(0));
        EXPECT_EQ(log.requests, 5);
        EXPECT_EQ(log.appended.size(), 1U);
        EXPECT_EQ(log.appended[0]->base_sequence(), 0);
        EXPECT_EQ(log.appended[0]->producer_id(), ProducerId(42));
        co_await producer.stop();
    });
}

TEST(Producer, LostAnswerDoublesNothing) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        FakeLog log;
        log.fates = {{FakeLog::Fate::kAppendAndHangUp, ErrorCode::kNone}};
        serve(cluster, log);
        Producer producer(cluster.client, {});
        for (std::int64_t i = 0; i < 3; ++i) {
            const auto sent = co_await send_one(cluster, producer, "v");
            EXPECT_TRUE(sent);
            EXPECT_EQ(sent->offset, Offset(i));
        }
        EXPECT_EQ(log.appended.size(), 3U);
        EXPECT_EQ(log.appended[2]->base_sequence(), 2);
        co_await producer.stop();
    });
}

TEST(Producer, RefusedBatchFailsAndTheNextOnesPassUnderANewEpoch) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        FakeLog log;
        log.fates = {{FakeLog::Fate::kRefuse, ErrorCode::kInvalidRecord}};
        serve(cluster, log);
        Producer producer(cluster.client, {});
        const auto refused = co_await send_one(cluster, producer, "v");
        EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidRecord);
        const auto passed = co_await send_one(cluster, producer, "w");
        EXPECT_TRUE(passed);
        EXPECT_EQ(log.appended.at(0)->producer_epoch(), ProducerEpoch(1));
        EXPECT_EQ(log.appended.at(0)->base_sequence(), 0);
        const Status flushed = co_await producer.flush(cluster.soon());
        EXPECT_EQ(flushed.error().code(), ErrorCode::kInvalidRecord);
        EXPECT_TRUE(co_await producer.flush(cluster.soon()));
        co_await producer.stop();
    });
}

TEST(Producer, GivesUpWhenTheDeliveryTimeIsOver) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        FakeLog log;
        for (int i = 0; i < 1000; ++i)
            log.fates.emplace_back(FakeLog::Fate::kRefuse, ErrorCode::kNotEnoughReplicas);
        serve(cluster, log);
        ProducerOptions options;
        options.delivery_timeout = 10s;
        Producer producer(cluster.client, options);
        const Instant start = cluster.world.now();
        const auto sent = co_await send_one(cluster, producer, "v");
        EXPECT_FALSE(sent);
        EXPECT_LT(cluster.world.now() - start, Duration(15s));
        EXPECT_EQ(producer.buffered_bytes(), 0U);
        co_await producer.stop();
    });
}

TEST(Producer, BatchesWhatLingersTogether) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        FakeLog log;
        serve(cluster, log);
        Producer producer(cluster.client, {});
        for (int i = 0; i < 50; ++i)
            EXPECT_TRUE(co_await producer.enqueue(
                "t", PartitionId(0), text_record("k", "v"), cluster.soon()
            ));
        EXPECT_TRUE(co_await producer.flush(cluster.soon()));
        EXPECT_EQ(log.appended.size(), 1U);
        EXPECT_EQ(log.next_offset, 50);
        co_await producer.stop();
    });
}

TEST(Producer, FullBufferMakesSendersWait) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        FakeLog log;
        serve(cluster, log);
        ProducerOptions options;
        options.buffer_bytes = 5000;
        options.batch_bytes = 1000;
        Producer producer(cluster.client, options);
        for (int i = 0; i < 200; ++i) {
            EXPECT_TRUE(co_await producer.enqueue(
                "t", PartitionId(0), text_record("k", std::string(200, 'v')), cluster.soon()
            ));
            EXPECT_LE(producer.buffered_bytes(), 5000U);
        }
        EXPECT_TRUE(co_await producer.flush(cluster.soon()));
        EXPECT_EQ(log.next_offset, 200);
        co_await producer.stop();
    });
}

TEST(Producer, StopFailsWhatIsNotDelivered) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        FakeLog log;
        serve(cluster, log);
        cluster.broker.handle(kafka::ApiKey::kProduce, [](const FakeBroker::Request&) {
            return FakeBroker::Reaction{Conduct::kKeepSilent, {}};
        });
        Producer producer(cluster.client, {});
        auto pending =
            co_await producer.enqueue("t", PartitionId(0), text_record("k", "v"), cluster.soon());
        co_await cluster.world.sleep(1s);
        const Instant start = cluster.world.now();
        co_await producer.stop();
        EXPECT_LT(cluster.world.now() - start, Duration(1s));
        EXPECT_TRUE((co_await pending->wait()).error().is_stopped());
    });
}

TEST(Producer, OrderHoldsUnderRandomTrouble) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        simulate(seed, [seed](SimulatedCluster& cluster) -> Task<void> {
            FakeLog log;
            Rng rng(seed);
            const std::array<ErrorCode, 3> errors{
                ErrorCode::kNotLeaderOrFollower,
                ErrorCode::kRequestTimedOut,
                ErrorCode::kNotEnoughReplicas
            };
            for (int i = 0; i < 60; ++i) {
                const auto fate = static_cast<FakeLog::Fate>(rng.below(4));
                const bool refuse = fate == FakeLog::Fate::kRefuse;
                log.fates.emplace_back(fate, refuse ? errors[rng.below(3)] : ErrorCode::kNone);
            }
            serve(cluster, log);
            ProducerOptions options;
            options.batch_bytes = 300;
            Producer producer(cluster.client, options);
            for (int i = 0; i < 200; ++i) {
                EXPECT_TRUE(co_await producer.enqueue(
                    "t", PartitionId(0), text_record("k", std::to_string(i)), cluster.soon()
                ));
            }
            EXPECT_TRUE(co_await producer.flush(cluster.soon(120s)));
            int next = 0;
            for (const kafka::RecordBatch& batch : log.appended) {
                for (const kafka::Record& record : *kafka::read_records(batch))
                    EXPECT_EQ(record.value->text(), std::to_string(next++)) << seed;
            }
            EXPECT_EQ(next, 200);
            co_await producer.stop();
        });
    }
}

}  // namespace
}  // namespace sealane::client
