#pragma once
// A scripted broker in the simulated network, for tests of the client's shells: it serves one topic
// "t" with one partition led by itself, and each API can be given an answer of the test's choice.

#include "common/base/endian.hpp"
#include "common/kafka/codec/schema.hpp"
#include "common/kafka/messages/api_versions.hpp"
#include "common/kafka/messages/frame.hpp"
#include "common/kafka/messages/metadata.hpp"
#include "common/runtime/task_group.hpp"
#include "tests/simulation/world/sim_world.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace sealane::client {

inline constexpr std::uint16_t kFakePort = 9092;
inline constexpr BrokerId kFakeId{5};
inline const Uuid kFakeTopicId{{7, 7}};

// What the broker does with a request.
enum class Conduct { kAnswer, kKeepSilent, kHangUp };

class FakeBroker {
 public:
    struct Request {
        kafka::RequestHeader header;
        BufferSlice body;
    };
    struct Reaction {
        Conduct conduct = Conduct::kAnswer;
        BufferChain frame;  // kAnswer: size, header and body; empty: no answer at all
    };
    using Handler = std::function<Reaction(const Request&)>;

    explicit FakeBroker(runtime::World& world) : world_(world), tasks_(world) {
        serve_metadata();
        serve_api_versions();
    }

    void start() {
        tasks_.spawn([this] { return accept_loop(); });
    }
    [[nodiscard]] runtime::Task<void> stop() {
        tasks_.stop();
        if (listener_) listener_->close();
        for (const auto& stream : streams_) stream->close();
        co_await tasks_.join();
    }
    void hang_up_all() {
        for (const auto& stream : streams_) stream->close();
    }

    // `decide(request)` gives the answer, or nothing to keep silent.
    template <class Req, class Decide>
    void on(Decide decide) {
        handlers_[Req::kSchema.number] = [decide](const Request& request) -> Reaction {
            const std::int16_t version = request.header.request_api_version;
            auto decoded = kafka::decode<Req>(request.body, version);
            SEALANE_ASSERT(decoded.has_value());
            const std::optional<typename Req::Response> response = decide(*decoded);
            if (!response) return {Conduct::kKeepSilent, {}};
            auto framed = kafka::frame_response(*response, version, request.header.correlation_id);
            SEALANE_ASSERT(framed.has_value());
            return {Conduct::kAnswer, *std::move(framed)};
        };
    }
    void handle(kafka::ApiKey key, Handler handler) {
        handlers_[static_cast<std::int16_t>(key)] = std::move(handler);
    }
    // How often a request of this API came.
    [[nodiscard]] int count(kafka::ApiKey key) { return counts_[static_cast<std::int16_t>(key)]; }

    std::int16_t max_api_versions = 3;  // above: answers UNSUPPORTED_VERSION
    LeaderEpoch leader_epoch{1};
    BrokerId leader = kFakeId;

 private:
    void serve_metadata() {
        on<kafka::MetadataRequest>([this](const kafka::MetadataRequest& request) {
            kafka::MetadataResponse response;
            auto& broker = response.brokers.emplace_back();
            broker.node_id = kFakeId;
            broker.host = "broker";
            broker.port = kFakePort;
            response.cluster_id = "fake";
            response.controller_id = kFakeId;
            for (const auto& asked : request.topics.value()) {
                auto& topic = response.topics.emplace_back();
                topic.name = asked.name;
                topic.topic_id = kFakeTopicId;
                if (asked.name != "t") topic.error_code = ErrorCode::kUnknownTopicOrPartition;
                if (asked.name != "t") continue;
                auto& partition = topic.partitions.emplace_back();
                partition.leader_id = leader;
                partition.leader_epoch = leader_epoch;
            }
            return std::optional(response);
        });
    }
    void serve_api_versions() {
        handle(kafka::ApiKey::kApiVersions, [this](const Request& request) {
            const std::int16_t asked = request.header.request_api_version;
            kafka::ApiVersionsResponse response;
            const bool known = asked <= max_api_versions;
            if (!known) response.error_code = ErrorCode::kUnsupportedVersion;
            for (const kafka::ApiInfo& api : kafka::kApis)
                response.api_keys.push_back(
                    {static_cast<std::int16_t>(api.key), api.first_version, api.last_version}
                );
            const std::int16_t version = known ? asked : std::int16_t{0};
            return Reaction{
                Conduct::kAnswer,
                *kafka::frame_response(response, version, request.header.correlation_id)
            };
        });
    }

    [[nodiscard]] runtime::Task<void> accept_loop() {
        runtime::Endpoint at{.host = "broker", .port = kFakePort, .unix_path = {}};
        auto listener = co_await world_.network().listen(at, std::nullopt);
        SEALANE_ASSERT(listener.has_value());
        listener_ = *std::move(listener);
        while (!tasks_.stopping()) {
            auto stream = co_await listener_->accept();
            if (!stream) break;
            std::shared_ptr<runtime::Stream> shared = *std::move(stream);
            streams_.push_back(shared);
            tasks_.spawn([this, shared] { return serve(shared); });
        }
    }
    [[nodiscard]] runtime::Task<void> serve(std::shared_ptr<runtime::Stream> stream) {
        for (;;) {
            std::array<std::byte, 4> size;
            if (!co_await runtime::read_exactly(*stream, size, Instant::never())) co_return;
            MutableBuffer frame(static_cast<std::size_t>(load_be<std::int32_t>(size.data())));
            if (!co_await runtime::read_exactly(*stream, frame.view(), Instant::never())) co_return;
            BufferSlice body = std::move(frame).freeze();
            auto header = kafka::take_request_header(body);
            SEALANE_ASSERT(header.has_value());
            ++counts_[header->request_api_key];
            const auto handler = handlers_.find(header->request_api_key);
            SEALANE_ASSERT(handler != handlers_.end());
            Reaction reaction = handler->second({*header, body});
            if (reaction.conduct == Conduct::kHangUp) {
                stream->close();
                co_return;
            }
            if (reaction.frame.empty()) continue;
            if (!co_await stream->write(std::move(reaction.frame), Instant::never())) co_return;
        }
    }

    runtime::World& world_;
    runtime::TaskGroup tasks_;
    std::unique_ptr<runtime::Listener> listener_;
    std::vector<std::shared_ptr<runtime::Stream>> streams_;
    std::map<std::int16_t, Handler> handlers_;
    std::map<std::int16_t, int> counts_;
};

}  // namespace sealane::client
