#pragma once
// One broker in the real World on a free port and a temporary directory, and a client that speaks
// raw frames to it.

#include "broker/api/services.hpp"
#include "broker/app/broker.hpp"
#include "common/base/endian.hpp"
#include "common/kafka/messages/headers.hpp"
#include "common/kafka/messages/produce.hpp"
#include "common/kafka/messages/topics.hpp"
#include "common/kafka/records/record_batch_builder.hpp"
#include "common/runtime_asio/asio_world.hpp"
#include "common/telemetry/memory_log.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

namespace sealane::broker {

using runtime::Task;

// One connection. Helpers report failures to GoogleTest and return defaults.
class RawClient {
 public:
    static Task<RawClient> connect(runtime::World& world, runtime::Endpoint to) {
        auto stream = co_await world.network().connect(to, std::nullopt, world.now() + 10s);
        EXPECT_TRUE(stream.has_value());
        co_return RawClient(world, *std::move(stream));
    }

    Task<void> send(std::string bytes) {
        (void)co_await stream_->write(BufferSlice::copy_of(bytes), world_->now() + 10s);
    }
    // The content of the next frame; nothing when the broker closed the connection.
    Task<std::optional<BufferSlice>> receive() {
        std::array<std::byte, 4> length{};
        const Instant deadline = world_->now() + 10s;
        auto read = co_await runtime::read_exactly(*stream_, length, deadline);
        if (!read) {
            EXPECT_NE(read.error().code(), ErrorCode::kDeadlineExceeded)
                << "neither answer nor end";
            co_return std::nullopt;
        }
        MutableBuffer content(static_cast<std::size_t>(load_be<std::int32_t>(length.data())));
        read = co_await runtime::read_exactly(*stream_, content.view(), deadline);
        EXPECT_TRUE(read.has_value());
        co_return std::move(content).freeze();
    }
    Task<bool> closed_by_broker() {
        auto frame = co_await receive();
        co_return !frame.has_value();
    }

    template <class Request>
    static std::string frame_of(
        const Request& request, std::int16_t version, std::int32_t correlation
    ) {
        kafka::RequestHeader header;
        header.request_api_key = Request::kSchema.number;
        header.request_api_version = version;
        header.correlation_id = correlation;
        header.client_id = "test";
        const bool flexible = Request::kSchema.flexible(version);
        std::string content(kafka::encode(header, flexible ? 2 : 1)->text());
        content += kafka::encode(request, version)->text();
        std::string frame(4, '\0');
        store_be<std::int32_t>(
            std::as_writable_bytes(std::span(frame)).data(),
            static_cast<std::int32_t>(content.size())
        );
        return frame + content;
    }
    template <class Request>
    Task<typename Request::Response> answer(std::int16_t version, std::int32_t correlation) {
        using Response = typename Request::Response;
        auto frame = co_await receive();
        EXPECT_TRUE(frame.has_value());
        if (!frame) co_return Response{};
        const bool flexible =
            Request::kSchema.flexible(version) &&
            Request::kSchema.number != static_cast<std::int16_t>(kafka::ApiKey::kApiVersions);
        auto header = kafka::decode_prefix<kafka::ResponseHeader>(*frame, flexible ? 1 : 0);
        EXPECT_TRUE(header.has_value());
        EXPECT_EQ(header->correlation_id, correlation);
        auto response = kafka::decode<Response>(*frame, version);
        EXPECT_TRUE(response.has_value()) << response.error().to_string();
        co_return response.value_or(Response{});
    }
    template <class Request>
    Task<typename Request::Response> call(Request request, std::int16_t version) {
        const std::int32_t correlation = next_++;
        co_await send(frame_of(request, version, correlation));
        co_return co_await answer<Request>(version, correlation);
    }
    void close() { stream_->close(); }

 private:
    RawClient(runtime::World& world, std::unique_ptr<runtime::Stream> stream)
        : world_(&world), stream_(std::move(stream)) {}
    runtime::World* world_;
    std::unique_ptr<runtime::Stream> stream_;
    std::int32_t next_ = 1;
};

class BrokerTest : public testing::Test {
 protected:
    BrokerTest() {
        std::string pattern = testing::TempDir() + "sealane_broker_XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
        config_.node_id = BrokerId(1);
        config_.log_dir = directory_ + "/data";
        ListenerConfig listener;
        listener.name = "plain";
        listener.address.host = "127.0.0.1";
        config_.listeners.push_back(listener);
    }
    ~BrokerTest() override { std::filesystem::remove_all(directory_); }

    // Runs `body` against a started broker and stops it.
    void with_broker(std::function<Task<void>(Broker&)> body) {
        run([this, body]() -> Task<void> {
            Broker broker(world_, config_);
            const Status started = co_await broker.start();
            EXPECT_TRUE(started.has_value()) << started.error().to_string();
            if (started) co_await body(broker);
            co_await broker.stop();
        });
    }
    void run(std::function<Task<void>()> body) {
        const int code = world_.run([&body](asio_runtime::StopSignal&) -> Task<int> {
            co_await body();
            co_return 7;
        });
        EXPECT_EQ(code, 7);
    }
    Task<RawClient> client(Broker& broker) {
        return RawClient::connect(world_, broker.endpoint("plain"));
    }
    static Task<void> make_topic(
        RawClient& client,
        std::string name,
        std::int32_t partitions = 1,
        ConfigOverrides configs = {}
    ) {
        kafka::CreateTopicsRequest request;
        auto& topic = request.topics.emplace_back();
        topic.name = std::move(name);
        topic.num_partitions = partitions;
        topic.replication_factor = 1;
        for (const auto& [key, value] : configs) {
            auto& config = topic.configs.emplace_back();
            config.name = key;
            config.value = value;
        }
        const auto response = co_await client.call(std::move(request), 7);
        EXPECT_EQ(response.topics.at(0).error_code, ErrorCode::kNone)
            << response.topics.at(0).error_message.value_or("");
    }

    telemetry::MemoryLogSink sink_;
    asio_runtime::AsioWorld world_{sink_};
    std::string directory_;
    BrokerConfig config_;
};

// One batch of `count` records; `producer` as (id, epoch, first sequence).
struct Producing {
    ProducerId id = kNoProducerId;
    ProducerEpoch epoch = kNoProducerEpoch;
    std::int32_t sequence = kafka::kNoSequence;
};
inline std::string batch_bytes(std::int32_t count, WallTime at, Producing producer = {}) {
    kafka::BatchOptions options;
    options.producer_id = producer.id;
    options.producer_epoch = producer.epoch;
    options.base_sequence = producer.sequence;
    kafka::RecordBatchBuilder builder(options);
    for (std::int32_t i = 0; i < count; ++i) {
        (void)builder.add(at, as_bytes("k"), as_bytes("value"));
    }
    const auto batch = std::move(builder).build();
    return std::string(batch->bytes().text());
}

inline kafka::ProduceRequest produce_request(
    std::string topic, std::string_view batch, std::int16_t acks = -1, std::int32_t partition = 0
) {
    kafka::ProduceRequest request;
    request.acks = acks;
    request.timeout_ms = 10'000;
    auto& data = request.topic_data.emplace_back();
    data.name = std::move(topic);
    auto& one = data.partition_data.emplace_back();
    one.index = PartitionId(partition);
    one.records = BufferSlice::copy_of(batch);
    return request;
}

inline const kafka::ProduceResponse::PartitionProduceResponse& only(
    const kafka::ProduceResponse& response
) {
    static const kafka::ProduceResponse::PartitionProduceResponse kNone;
    if (response.responses.empty()) return kNone;
    return response.responses.front().partition_responses.front();
}

}  // namespace sealane::broker
