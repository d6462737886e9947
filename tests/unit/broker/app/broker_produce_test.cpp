// The data path over the wire: order, acks, idempotence, refusals, fetching.

#include "common/kafka/messages/fetch.hpp"
#include "common/kafka/messages/list_offsets.hpp"
#include "common/kafka/messages/metadata.hpp"
#include "common/kafka/messages/producers.hpp"
#include "tests/unit/broker/app/broker_fixture.hpp"

namespace sealane::broker {
namespace {

using kafka::FetchRequest;
using kafka::ListOffsetsRequest;
using kafka::MetadataRequest;
using kafka::ProduceRequest;

FetchRequest fetch_request(std::string topic, std::int64_t offset, std::int32_t wait_ms) {
    FetchRequest request;
    request.max_wait_ms = wait_ms;
    request.min_bytes = 1;
    request.max_bytes = 1 << 20;
    auto& data = request.topics.emplace_back();
    data.topic = std::move(topic);
    auto& partition = data.partitions.emplace_back();
    partition.fetch_offset = Offset(offset);
    partition.partition_max_bytes = 1 << 20;
    return request;
}

TEST_F(BrokerTest, PipelinedRequestsAreAnsweredInOrder) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await make_topic(raw, "t");
        // Waits for the disk, waits for data, answers at once: all in one write.
        const std::string batch = batch_bytes(2, world_.wall());
        std::string all;
        for (std::int32_t i = 0; i < 20; ++i) {
            const std::int32_t at = 100 + i * 4;
            all += RawClient::frame_of(produce_request("t", batch, -1), 9, at);
            all += RawClient::frame_of(produce_request("t", batch, 1), 7, at + 1);
            all += RawClient::frame_of(MetadataRequest{}, 9, at + 2);
            all += RawClient::frame_of(fetch_request("t", 1 << 20, 0), 11, at + 3);
        }
        co_await raw.send(all);
        for (std::int32_t i = 0; i < 20; ++i) {
            const std::int32_t at = 100 + i * 4;
            const auto first = co_await raw.answer<ProduceRequest>(9, at);
            EXPECT_EQ(only(first).error_code, ErrorCode::kNone);
            EXPECT_EQ(only(first).base_offset, Offset(i * 4));
            const auto second = co_await raw.answer<ProduceRequest>(7, at + 1);
            EXPECT_EQ(only(second).base_offset, Offset(i * 4 + 2));
            (void)co_await raw.answer<MetadataRequest>(9, at + 2);
            const auto fetched = co_await raw.answer<FetchRequest>(11, at + 3);
            EXPECT_EQ(
                fetched.responses.at(0).partitions.at(0).error_code, ErrorCode::kOffsetOutOfRange
            );
        }
    });
}

TEST_F(BrokerTest, RepeatedIdempotentBatchesGetTheirFirstOffset) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await make_topic(raw, "t");
        kafka::InitProducerIdRequest init;
        init.transactional_id = std::nullopt;
        init.transaction_timeout_ms = INT32_MAX;
        const auto id = co_await raw.call(init, 4);
        EXPECT_EQ(id.error_code, ErrorCode::kNone);
        EXPECT_EQ(id.producer_epoch, ProducerEpoch(0));
        Producing producer{id.producer_id, id.producer_epoch, 0};
        for (std::int32_t i = 0; i < 3; ++i) {
            producer.sequence = i * 5;
            const auto made =
                co_await raw.call(produce_request("t", batch_bytes(5, world_.wall(), producer)), 9);
            EXPECT_EQ(only(made).base_offset, Offset(i * 5));
        }
        producer.sequence = 5;
        const auto again =
            co_await raw.call(produce_request("t", batch_bytes(5, world_.wall(), producer)), 9);
        EXPECT_EQ(only(again).error_code, ErrorCode::kNone);
        EXPECT_EQ(only(again).base_offset, Offset(5));
        producer.sequence = 99;
        const auto gap =
            co_await raw.call(produce_request("t", batch_bytes(1, world_.wall(), producer)), 9);
        EXPECT_EQ(only(gap).error_code, ErrorCode::kOutOfOrderSequenceNumber);
        init.transactional_id = "";
        EXPECT_EQ((co_await raw.call(init, 4)).error_code, ErrorCode::kInvalidRequest);
    });
}

TEST_F(BrokerTest, BadBatchesAreRefusedAndNotStored) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await make_topic(raw, "t", 1, {{"max.message.bytes", "200"}});
        std::string corrupt = batch_bytes(2, world_.wall());
        corrupt.back() = static_cast<char>(corrupt.back() ^ 1);
        std::string old_magic = batch_bytes(2, world_.wall());
        old_magic[16] = 1;
        const std::string one = batch_bytes(1, world_.wall());
        const std::string future = batch_bytes(1, WallTime{world_.wall().ms + 7'200'000});
        const std::vector<std::pair<std::string, ErrorCode>> cases{
            {corrupt, ErrorCode::kCorruptMessage},
            {old_magic, ErrorCode::kInvalidRecord},
            {one + one, ErrorCode::kInvalidRecord},
            {"", ErrorCode::kInvalidRecord},
            {batch_bytes(50, world_.wall()), ErrorCode::kMessageTooLarge},
            {future, ErrorCode::kInvalidTimestamp},
        };
        for (const auto& [bytes, code] : cases) {
            const auto made = co_await raw.call(produce_request("t", bytes), 9);
            EXPECT_EQ(only(made).error_code, code) << name_of(only(made).error_code);
            EXPECT_EQ(only(made).base_offset, kNoOffset);
        }
        const auto acks = co_await raw.call(produce_request("t", one, 2), 9);
        EXPECT_EQ(only(acks).error_code, ErrorCode::kInvalidRequiredAcks);
        const auto unknown = co_await raw.call(produce_request("no", one), 9);
        EXPECT_EQ(only(unknown).error_code, ErrorCode::kUnknownTopicOrPartition);
        const auto good = co_await raw.call(produce_request("t", one), 9);
        EXPECT_EQ(only(good).base_offset, Offset(0));
    });
}

TEST_F(BrokerTest, AcksZeroIsSilentUntilItFails) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await make_topic(raw, "t");
        const std::string one = batch_bytes(1, world_.wall());
        co_await raw.send(RawClient::frame_of(produce_request("t", one, 0), 9, 1));
        co_await raw.send(RawClient::frame_of(produce_request("t", one, 1), 9, 2));
        const auto made = co_await raw.answer<ProduceRequest>(9, 2);
        EXPECT_EQ(only(made).base_offset, Offset(1));
        co_await raw.send(RawClient::frame_of(produce_request("no", one, 0), 9, 3));
        EXPECT_TRUE(co_await raw.closed_by_broker());
    });
}

TEST_F(BrokerTest, AFetchWaitsForData) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient reader = co_await client(broker);
        RawClient writer = co_await client(broker);
        co_await make_topic(writer, "t");
        co_await reader.send(RawClient::frame_of(fetch_request("t", 0, 9'000), 12, 1));
        const std::string batch = batch_bytes(3, world_.wall());
        (void)co_await writer.call(produce_request("t", batch), 9);
        const Instant asked = world_.now();
        const auto got = co_await reader.answer<FetchRequest>(12, 1);
        EXPECT_LT(world_.now() - asked, Duration(5s));
        const auto& data = got.responses.at(0).partitions.at(0);
        EXPECT_EQ(data.high_watermark, Offset(3));
        EXPECT_EQ(data.records->size(), batch.size());
        EXPECT_EQ(data.records->from(16), BufferSlice::copy_of(batch.substr(16)));
        // Nothing new: an empty answer when the time is over, never null.
        const auto empty = co_await reader.call(fetch_request("t", 3, 20), 12);
        const auto& nothing = empty.responses.at(0).partitions.at(0);
        EXPECT_EQ(nothing.error_code, ErrorCode::kNone);
        EXPECT_TRUE(nothing.records.has_value() && nothing.records->empty());
    });
}

TEST_F(BrokerTest, SpecialTimestampsAndEpochsAreAnswered) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await make_topic(raw, "t");
        const WallTime now = world_.wall();
        for (std::int64_t i = 0; i < 4; ++i) {
            const WallTime at{now.ms + (i == 2 ? 1000 : i)};
            (void)co_await raw.call(produce_request("t", batch_bytes(2, at)), 9);
        }
        const std::vector<std::tuple<std::int64_t, std::int64_t, std::int64_t>> cases{
            {-1, 8, -1},
            {-2, 0, -1},
            {-3, 4, now.ms + 1000},
            {-4, 0, -1},
            {-5, -1, -1},
            {now.ms + 1, 2, now.ms + 1},
            {now.ms + 5000, -1, -1},
        };
        for (const auto& [asked, offset, timestamp] : cases) {
            ListOffsetsRequest request;
            request.replica_id = BrokerId(-1);
            auto& topic = request.topics.emplace_back();
            topic.name = "t";
            topic.partitions.emplace_back().timestamp = asked;
            const auto response = co_await raw.call(request, 9);
            const auto& answer = response.topics.at(0).partitions.at(0);
            EXPECT_EQ(answer.error_code, ErrorCode::kNone) << asked;
            EXPECT_EQ(answer.offset, Offset(offset)) << asked;
            EXPECT_EQ(answer.timestamp, timestamp) << asked;
        }
        kafka::OffsetForLeaderEpochRequest epochs;
        epochs.replica_id = BrokerId(-1);
        auto& topic = epochs.topics.emplace_back();
        topic.topic = "t";
        topic.partitions.emplace_back().leader_epoch = LeaderEpoch(0);
        const auto ends = co_await raw.call(epochs, 3);
        EXPECT_EQ(ends.topics.at(0).partitions.at(0).leader_epoch, LeaderEpoch(0));
        EXPECT_EQ(ends.topics.at(0).partitions.at(0).end_offset, Offset(8));
    });
}

}  // namespace
}  // namespace sealane::broker
