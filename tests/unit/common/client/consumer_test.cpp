#include "common/client/consumer.hpp"

#include "common/kafka/messages/list_offsets.hpp"
#include "common/kafka/records/batch_cursor.hpp"
#include "common/kafka/records/record_batch_builder.hpp"
#include "tests/unit/common/client/simulated_client.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace sealane::client {
namespace {

using kafka::FetchRequest;
using kafka::FetchResponse;
using kafka::ListOffsetsRequest;
using kafka::ListOffsetsResponse;
using kafka::OffsetForLeaderEpochRequest;
using kafka::OffsetForLeaderEpochResponse;
using kafka::text_record;
using runtime::Task;

const TopicPartition kPartition{"t", PartitionId(0)};

// The log of the fake broker's partition, and what becomes of the next fetches.
struct FakeLog {
    std::vector<kafka::RecordBatch> batches;
    std::deque<std::pair<Conduct, ErrorCode>> fates;
    std::size_t batches_per_answer = 2;
    Offset start{0};
    int fetches = 0;
    std::map<LeaderEpoch, Offset> epoch_ends;

    [[nodiscard]] Offset end() const {
        return batches.empty() ? start : batches.back()->next_offset();
    }
    void append(int records, LeaderEpoch epoch = LeaderEpoch(1)) {
        kafka::BatchOptions options;
        options.base_offset = end();
        options.leader_epoch = epoch;
        kafka::RecordBatchBuilder builder(options);
        for (int i = 0; i < records; ++i)
            (void)builder.add(
                text_record("k", std::to_string(options.base_offset.value + i), WallTime{1})
            );
        batches.push_back(*std::move(builder).build());
        epoch_ends[epoch] = end();
    }
    [[nodiscard]] BufferSlice read(Offset from) const {
        BufferChain chain;
        std::size_t taken = 0;
        for (const kafka::RecordBatch& batch : batches) {
            if (batch->last_offset() < from || taken == batches_per_answer) continue;
            chain.append(batch.bytes());
            ++taken;
        }
        return chain.joined();
    }
};

FakeBroker::Reaction fetch(FakeLog& log, const FakeBroker::Request& request) {
    const std::int16_t version = request.header.request_api_version;
    const auto asked = kafka::decode<FetchRequest>(request.body, version);
    SEALANE_ASSERT(asked.has_value());
    ++log.fetches;
    auto [conduct, code] =
        log.fates.empty() ? std::pair(Conduct::kAnswer, ErrorCode::kNone) : log.fates.front();
    if (!log.fates.empty()) log.fates.pop_front();
    if (conduct != Conduct::kAnswer) return {conduct, {}};
    FetchResponse response;
    for (const auto& topic : asked->topics) {
        auto& answered = response.responses.emplace_back();
        answered.topic = topic.topic;
        answered.topic_id = topic.topic_id;
        const Offset from = topic.partitions.at(0).fetch_offset;
        auto& partition = answered.partitions.emplace_back();
        const bool inside = from >= log.start && from <= log.end();
        partition.error_code =
            code != ErrorCode::kNone || inside ? code : ErrorCode::kOffsetOutOfRange;
        partition.high_watermark = log.end();
        partition.records =
            partition.error_code == ErrorCode::kNone ? log.read(from) : BufferSlice();
    }
    return {
        Conduct::kAnswer, *kafka::frame_response(response, version, request.header.correlation_id)
    };
}

void serve(SimulatedCluster& cluster, FakeLog& log) {
    cluster.broker.handle(kafka::ApiKey::kFetch, [&log](const FakeBroker::Request& request) {
        return fetch(log, request);
    });
    cluster.broker.on<ListOffsetsRequest>([&log](const ListOffsetsRequest& request) {
        ListOffsetsResponse response;
        auto& topic = response.topics.emplace_back();
        topic.name = request.topics.at(0).name;
        auto& partition = topic.partitions.emplace_back();
        partition.offset =
            request.topics[0].partitions.at(0).timestamp == -2 ? log.start : log.end();
        return std::optional(response);
    });
    cluster.broker.on<OffsetForLeaderEpochRequest>([&log](const OffsetForLeaderEpochRequest& request
                                                   ) {
        OffsetForLeaderEpochResponse response;
        auto& topic = response.topics.emplace_back();
        topic.topic = request.topics.at(0).topic;
        auto& partition = topic.partitions.emplace_back();
        const LeaderEpoch asked = request.topics[0].partitions.at(0).leader_epoch;
        auto found = log.epoch_ends.upper_bound(asked);
        if (found == log.epoch_ends.begin()) return std::optional(response);
        --found;
        partition.leader_epoch = found->first;
        partition.end_offset = found->second;
        return std::optional(response);
    });
}

// Reads until `count` records came or a minute passed; checks that values are the offsets.
Task<std::size_t> read_some(SimulatedCluster& cluster, Consumer& consumer, std::size_t count) {
    std::size_t seen = 0;
    const Instant limit = cluster.soon();
    while (seen < count && cluster.world.now() < limit) {
        const auto records = co_await consumer.poll(limit);
        EXPECT_TRUE(records) << records.error().to_string();
        if (!records) break;
        for (const ConsumerRecord& record : *records)
            EXPECT_EQ(record.record.value->text(), std::to_string(record.record.offset.value));
        seen += records->size();
    }
    co_return seen;
}

TEST(Consumer, ReadsFromTheBeginningAndAhead) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        FakeLog log;
        for (int i = 0; i < 20; ++i) log.append(5);
        serve(cluster, log);
        Consumer consumer(cluster.client, {});
        consumer.assign(kPartition, StartAt::earliest());
        EXPECT_EQ(co_await read_some(cluster, consumer, 100), 100U);
        EXPECT_EQ(consumer.position(kPartition), Offset(100));
        EXPECT_EQ(consumer.lag(kPartition), 0);
        co_await consumer.stop();
    });
}

TEST(Consumer, TroubleOnTheWayLosesAndDoublesNothing) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        simulate(seed, [seed](SimulatedCluster& cluster) -> Task<void> {
            FakeLog log;
            Rng rng(seed);
            for (int i = 0; i < 50; ++i) log.append(static_cast<int>(rng.between(1, 5)));
            const std::array<ErrorCode, 4> errors{
                ErrorCode::kNotLeaderOrFollower,
                ErrorCode::kOffsetNotAvailable,
                ErrorCode::kUnknownTopicOrPartition,
                ErrorCode::kUnknownLeaderEpoch
            };
            for (int i = 0; i < 40; ++i) {
                if (rng.chance(1, 2)) log.fates.emplace_back(Conduct::kAnswer, ErrorCode::kNone);
                if (rng.chance(1, 4)) log.fates.emplace_back(Conduct::kHangUp, ErrorCode::kNone);
                if (rng.chance(1, 3))
                    log.fates.emplace_back(Conduct::kAnswer, errors[rng.below(4)]);
            }
            serve(cluster, log);
            Consumer consumer(cluster.client, {});
            consumer.assign(kPartition, StartAt::earliest());
            Offset next{0};
            while (next < log.end()) {
                const auto fetched = co_await consumer.poll_batches(cluster.soon());
                if (!fetched || !*fetched || (*fetched)->error) {
                    ADD_FAILURE() << "seed " << seed << " stuck at " << next.value;
                    break;
                }
                EXPECT_EQ((*fetched)->from, next);
                EXPECT_EQ((*fetched)->batches.front()->base_offset(), next);
                next = (*fetched)->next;
            }
            co_await consumer.stop();
        });
    }
}

TEST(Consumer, RefusedFetchesAreSpaced) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        FakeLog log;
        for (int i = 0; i < 10'000; ++i)
            log.fates.emplace_back(Conduct::kAnswer, ErrorCode::kNotLeaderOrFollower);
        serve(cluster, log);
        Consumer consumer(cluster.client, {});
        consumer.assign(kPartition, StartAt::at(Offset(0)));
        (void)co_await consumer.poll(cluster.world.now() + 10s);
        EXPECT_LT(log.fetches, 250);
        EXPECT_GT(log.fetches, 10);
        co_await consumer.stop();
    });
}

TEST(Consumer, LogCutBehindANewLeaderIsReportedBeforeAnythingElse) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        FakeLog log;
        log.append(5);
        log.append(5);
        serve(cluster, log);
        Consumer consumer(cluster.client, {});
        consumer.assign(kPartition, StartAt::earliest());
        EXPECT_EQ(co_await read_some(cluster, consumer, 10), 10U);
        // The new leader has only the first batch, and writes others.
        log.batches.pop_back();
        log.epoch_ends[LeaderEpoch(1)] = Offset(5);
        log.append(8, LeaderEpoch(2));
        cluster.broker.leader_epoch = LeaderEpoch(2);
        for (int i = 0; i < 3; ++i)
            log.fates.emplace_back(Conduct::kAnswer, ErrorCode::kFencedLeaderEpoch);
        const auto fetched = co_await consumer.poll_batches(cluster.soon());
        EXPECT_TRUE(fetched && *fetched && (*fetched)->error);
        EXPECT_EQ((*fetched)->error->code(), ErrorCode::kFencedLeaderEpoch);
        EXPECT_EQ((*fetched)->cut_at, Offset(5));
        EXPECT_EQ((*fetched)->cut_epoch, LeaderEpoch(1));
        consumer.assign(kPartition, StartAt::at(Offset(5), LeaderEpoch(1)));
        const auto again = co_await consumer.poll_batches(cluster.soon());
        EXPECT_EQ((*again)->next, Offset(13));
        co_await consumer.stop();
    });
}

TEST(Consumer, NewLeaderWithTheSameLogIsFollowedSilently) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        FakeLog log;
        log.append(5);
        serve(cluster, log);
        Consumer consumer(cluster.client, {});
        consumer.assign(kPartition, StartAt::earliest());
        EXPECT_EQ(co_await read_some(cluster, consumer, 5), 5U);
        cluster.broker.leader_epoch = LeaderEpoch(2);
        log.append(5, LeaderEpoch(2));
        log.fates.emplace_back(Conduct::kAnswer, ErrorCode::kFencedLeaderEpoch);
        EXPECT_EQ(co_await read_some(cluster, consumer, 5), 5U);
        EXPECT_GT(cluster.broker.count(kafka::ApiKey::kOffsetForLeaderEpoch), 0);
        co_await consumer.stop();
    });
}

TEST(Consumer, DamageInTheLogIsToldAtOnceAndNotAskedForAgain) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        FakeLog log;
        log.append(5);
        for (int i = 0; i < 1'000; ++i)
            log.fates.emplace_back(Conduct::kAnswer, ErrorCode::kCorruptMessage);
        serve(cluster, log);
        Consumer consumer(cluster.client, {});
        consumer.assign(kPartition, StartAt::at(Offset(2)));
        const auto fetched = co_await consumer.poll_batches(cluster.world.now() + 10s);
        EXPECT_TRUE(fetched && *fetched && (*fetched)->error);
        EXPECT_EQ((*fetched)->error->code(), ErrorCode::kCorruptMessage);
        EXPECT_EQ((*fetched)->from, Offset(2));
        (void)co_await consumer.poll_batches(cluster.world.now() + 10s);
        EXPECT_EQ(log.fetches, 1);
        co_await consumer.stop();
    });
}

TEST(Consumer, PositionThatIsGoneStopsUntilSought) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        FakeLog log;
        log.start = Offset(100);
        log.append(5);
        serve(cluster, log);
        Consumer consumer(cluster.client, {});
        consumer.assign(kPartition, StartAt::at(Offset(3)));
        const auto fetched = co_await consumer.poll_batches(cluster.soon());
        EXPECT_EQ((*fetched)->error->code(), ErrorCode::kOffsetOutOfRange);
        EXPECT_EQ((*fetched)->from, Offset(3));
        const int fetches = log.fetches;
        const auto nothing = co_await consumer.poll_batches(cluster.world.now() + 10s);
        EXPECT_FALSE(nothing->has_value());
        EXPECT_EQ(log.fetches, fetches);
        consumer.assign(kPartition, StartAt::earliest());
        EXPECT_EQ(co_await read_some(cluster, consumer, 5), 5U);
        co_await consumer.stop();
    });
}

TEST(Consumer, TopicThatStaysUnknownFailsAfterAWhile) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        FakeLog log;
        serve(cluster, log);
        Consumer consumer(cluster.client, {});
        consumer.assign({"missing", PartitionId(0)}, StartAt::earliest());
        const auto fetched = co_await consumer.poll_batches(cluster.soon());
        EXPECT_EQ((*fetched)->error->code(), ErrorCode::kUnknownTopicOrPartition);
        co_await consumer.stop();
    });
}

TEST(Consumer, FetchesNoFurtherAheadThanTheBuffer) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        FakeLog log;
        for (int i = 0; i < 200; ++i) log.append(10);
        serve(cluster, log);
        ConsumerOptions options;
        options.buffer_bytes = 3000;
        Consumer consumer(cluster.client, options);
        consumer.assign(kPartition, StartAt::earliest());
        co_await cluster.world.sleep(10s);
        EXPECT_GE(consumer.buffered_bytes(), 3000U);
        EXPECT_LT(consumer.buffered_bytes(), 4000U);
        EXPECT_EQ(co_await read_some(cluster, consumer, 2000), 2000U);
        co_await consumer.stop();
    });
}

TEST(Consumer, SeekingDropsWhatWasFetchedAhead) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        FakeLog log;
        for (int i = 0; i < 20; ++i) log.append(5);
        serve(cluster, log);
        Consumer consumer(cluster.client, {});
        consumer.assign(kPartition, StartAt::earliest());
        (void)co_await consumer.poll(cluster.soon());
        consumer.assign(kPartition, StartAt::at(Offset(50)));
        const auto records = co_await consumer.poll(cluster.soon());
        EXPECT_EQ(records->front().record.offset, Offset(50));
        consumer.unassign(kPartition);
        const auto nothing = co_await consumer.poll(cluster.world.now() + 5s);
        EXPECT_TRUE(nothing->empty());
        EXPECT_EQ(consumer.buffered_bytes(), 0U);
        co_await consumer.stop();
    });
}

}  // namespace
}  // namespace sealane::client
