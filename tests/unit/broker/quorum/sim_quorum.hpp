#pragma once
// A quorum of real shells in the simulated World: every node has a disk, a host, a metadata log,
// Peers, a Quorum and a small server that hands it the requests of the others.

#include "broker/log/file_cache.hpp"
#include "broker/log/tail_cache.hpp"
#include "broker/quorum/quorum.hpp"
#include "common/base/endian.hpp"
#include "common/kafka/messages/api_versions.hpp"
#include "common/kafka/messages/frame.hpp"
#include "common/kafka/records/batch_cursor.hpp"
#include "common/kafka/records/record_batch_builder.hpp"
#include "common/kafka/records/record_reader.hpp"
#include "tests/simulation/world/sim_world.hpp"

#include <gtest/gtest.h>

namespace sealane::broker::quorum {

inline constexpr std::uint16_t kQuorumPort = 9093;

// Serves what nodes ask each other, on one port of its host.
class QuorumServer {
 public:
    QuorumServer(runtime::World& world, std::string host, Quorum& quorum)
        : world_(world), host_(std::move(host)), quorum_(quorum), tasks_(world) {
        tasks_.on_stop([this] {
            if (listener_) listener_->close();
            for (const auto& stream : streams_) stream->close();
        });
    }
    void start() {
        tasks_.spawn([this] { return accept_loop(); });
    }
    [[nodiscard]] runtime::Task<void> stop() { co_await tasks_.stop_and_join(); }

 private:
    using Stream = std::shared_ptr<runtime::Stream>;
    [[nodiscard]] runtime::Task<void> accept_loop() {
        runtime::Endpoint at{.host = host_, .port = kQuorumPort, .unix_path = {}};
        auto listener = co_await world_.network().listen(at, std::nullopt);
        SEALANE_ASSERT(listener.has_value());
        listener_ = *std::move(listener);
        while (!tasks_.stopping()) {
            auto stream = co_await listener_->accept();
            if (!stream) break;
            Stream shared = *std::move(stream);
            streams_.push_back(shared);
            tasks_.spawn([this, shared] { return serve(shared); });
        }
    }
    [[nodiscard]] runtime::Task<void> serve(Stream stream) {
        for (;;) {
            std::array<std::byte, 4> size;
            if (!co_await runtime::read_exactly(*stream, size, Instant::never())) co_return;
            MutableBuffer frame(static_cast<std::size_t>(load_be<std::int32_t>(size.data())));
            if (!co_await runtime::read_exactly(*stream, frame.view(), Instant::never())) co_return;
            BufferSlice body = std::move(frame).freeze();
            const auto header = kafka::take_request_header(body);
            SEALANE_ASSERT(header.has_value());
            BufferChain answer = co_await handle(*header, body);
            if (!co_await stream->write(std::move(answer), Instant::never())) co_return;
        }
    }
    [[nodiscard]] runtime::Task<BufferChain> handle(kafka::RequestHeader header, BufferSlice body) {
        switch (static_cast<kafka::ApiKey>(header.request_api_key)) {
            case kafka::ApiKey::kApiVersions:
                co_return api_versions(header);
            case kafka::ApiKey::kVote:
                co_return framed(
                    header, co_await quorum_.vote(decoded<kafka::VoteRequest>(header, body))
                );
            case kafka::ApiKey::kBeginQuorumEpoch:
                co_return framed(
                    header,
                    co_await quorum_.begin_quorum_epoch(
                        decoded<kafka::BeginQuorumEpochRequest>(header, body)
                    )
                );
            case kafka::ApiKey::kEndQuorumEpoch:
                co_return framed(
                    header,
                    co_await quorum_.end_quorum_epoch(
                        decoded<kafka::EndQuorumEpochRequest>(header, body)
                    )
                );
            case kafka::ApiKey::kFetch:
                co_return framed(
                    header, co_await quorum_.fetch(decoded<kafka::FetchRequest>(header, body))
                );
            case kafka::ApiKey::kFetchSnapshot:
                co_return framed(
                    header,
                    co_await quorum_.fetch_snapshot(
                        decoded<kafka::FetchSnapshotRequest>(header, body)
                    )
                );
            default:
                break;
        }
        SEALANE_ASSERT(false);
    }
    template <class Request>
    [[nodiscard]] static Request decoded(const kafka::RequestHeader& header, BufferSlice body) {
        auto request = kafka::decode<Request>(std::move(body), header.request_api_version);
        SEALANE_ASSERT(request.has_value());
        return *std::move(request);
    }
    template <class Response>
    [[nodiscard]] static BufferChain framed(
        const kafka::RequestHeader& header, const Response& response
    ) {
        auto bytes =
            kafka::frame_response(response, header.request_api_version, header.correlation_id);
        SEALANE_ASSERT(bytes.has_value());
        return *std::move(bytes);
    }
    [[nodiscard]] static BufferChain api_versions(const kafka::RequestHeader& header) {
        kafka::ApiVersionsResponse response;
        for (const kafka::ApiInfo& api : kafka::kApis) {
            response.api_keys.push_back(
                {static_cast<std::int16_t>(api.key), api.first_version, api.last_version}
            );
        }
        return framed(header, response);
    }

    runtime::World& world_;
    std::string host_;
    Quorum& quorum_;
    runtime::TaskGroup tasks_;
    std::unique_ptr<runtime::Listener> listener_;
    std::vector<Stream> streams_;
};

class SimQuorum {
 public:
    // Nodes 1..`nodes`, the first `voters` of them configured as voters.
    SimQuorum(std::uint64_t seed, int nodes, int voters)
        : simulator(seed, std::getenv("SEALANE_TRACE") != nullptr),
          network(simulator),
          voters_(voters) {
        for (int id = 1; id <= nodes; ++id) nodes_[id];
    }
    ~SimQuorum() {
        for (auto& [id, node] : nodes_) end(node);
    }

    void boot(int id) {
        Node& node = nodes_.at(id);
        SEALANE_ASSERT(!node.world);
        node.failed.reset();
        node.world = std::make_unique<simulation::SimWorld>(
            simulator, network, node.disk, host(id), host(id)
        );
        auto& world = *node.world;
        node.file_cache = std::make_unique<FileCache>(world.files(), 8);
        node.tail_cache = std::make_unique<TailCache>(1U << 20U, 1U << 16U);
        node.peers = std::make_unique<Peers>(world, PeerOptions{"node", std::nullopt});
        node.quorum = std::make_unique<Quorum>(world, config_of(id), *node.peers);
        node.server = std::make_unique<QuorumServer>(world, host(id), *node.quorum);
        node.group = std::make_unique<runtime::TaskGroup>(world);
        node.group->spawn([this, id] { return run(id); });
    }
    void boot_all() {
        for (auto& [id, node] : nodes_) {
            if (!node.world) boot(id);
        }
    }
    void crash(int id) {
        Node& node = nodes_.at(id);
        end(node);
        network.reset_host(host(id));
        node.disk.crash(simulator.rng());
    }
    // Stops in order; what was written stays.
    void stop(int id) {
        Node& node = nodes_.at(id);
        act(id, [&node]() -> runtime::Task<void> {
            co_await node.quorum->stop();
            co_await node.server->stop();
            co_await node.peers->stop();
            EXPECT_TRUE((co_await node.log->close()).has_value());
        });
        end(node);
        network.reset_host(host(id));
    }
    // Runs a coroutine of one node to its end.
    void act(int id, std::function<runtime::Task<void>()> body) {
        Node& node = nodes_.at(id);
        bool done = false;
        node.group->spawn([&]() -> runtime::Task<void> {
            co_await body();
            done = true;
        });
        EXPECT_TRUE(simulator.run_until([&] { return done; }, simulator.now() + 60s));
        simulator.settle();
    }
    bool wait(const std::function<bool()>& done, Duration limit = 10s) {
        return simulator.run_until(done, simulator.now() + limit);
    }

    [[nodiscard]] bool up(int id) const {
        return nodes_.at(id).world != nullptr && nodes_.at(id).opened;
    }
    [[nodiscard]] bool running(int id) const { return nodes_.at(id).world != nullptr; }
    [[nodiscard]] Quorum& quorum(int id) { return *nodes_.at(id).quorum; }
    [[nodiscard]] PartitionLog& log(int id) { return *nodes_.at(id).log; }
    [[nodiscard]] simulation::Disk& disk(int id) { return nodes_.at(id).disk; }
    [[nodiscard]] runtime::World& world(int id) { return *nodes_.at(id).world; }
    [[nodiscard]] const std::optional<Error>& failed(int id) { return nodes_.at(id).failed; }
    // The node that leads and whom a majority can follow; 0: none.
    [[nodiscard]] int leader() {
        int found = 0;
        for (auto& [id, node] : nodes_) {
            if (!up(id) || !node.quorum->is_leader()) continue;
            if (found == 0 || node.quorum->epoch() > quorum(found).epoch()) found = id;
        }
        return found;
    }
    // Waits for a leader that has committed something of its own.
    int settled_leader(Duration limit = 10s) {
        const bool found = wait(
            [&] {
                const int id = leader();
                return id != 0 && quorum(id).high_watermark() > quorum(id).epoch_start();
            },
            limit
        );
        return found ? leader() : 0;
    }
    // Appends a record at the leader, and waits until every live node has it committed.
    bool commit(std::string_view text, Duration limit = 10s) {
        const int by = settled_leader(limit);
        if (by == 0) return false;
        Result<Offset> end = fail(ErrorCode::kBusy);
        act(by, [&]() -> runtime::Task<void> {
            Quorum& at = quorum(by);
            end = co_await at.append(batch(text), at.epoch());
        });
        if (!end) return false;
        return wait(
            [&] {
                for (auto& [id, node] : nodes_) {
                    if (!running(id) || failed(id)) continue;
                    if (!up(id) || node.quorum->high_watermark() < *end) return false;
                }
                return true;
            },
            limit
        );
    }
    // Appends at whoever leads now; true when that node says it is committed.
    bool try_commit(std::string_view text) {
        const int by = leader();
        if (by == 0) return false;
        const LeaderEpoch epoch = quorum(by).epoch();
        Result<Offset> end = fail(ErrorCode::kBusy);
        act(by,
            [&]() -> runtime::Task<void> { end = co_await quorum(by).append(batch(text), epoch); });
        if (!end) return false;
        const auto leads = [&] { return quorum(by).is_leader() && quorum(by).epoch() == epoch; };
        (void)wait([&] { return quorum(by).high_watermark() >= *end || !leads(); }, 1s);
        return leads() && quorum(by).high_watermark() >= *end;
    }
    [[nodiscard]] static BufferSlice batch(std::string_view text) {
        kafka::RecordBatchBuilder builder({});
        SEALANE_ASSERT(builder.add(WallTime{1}, std::nullopt, as_bytes(text)));
        auto built = std::move(builder).build();
        SEALANE_ASSERT(built.has_value());
        return BufferSlice::copy_of(built->bytes().view());
    }
    // The values of all committed records of a node, those of its snapshot first.
    std::vector<std::string> values(int id) {
        std::vector<std::string> values;
        act(id, [&]() -> runtime::Task<void> {
            std::vector<BufferSlice> parts;
            Offset next = log(id).log_start_offset();
            if (const auto snapshot = quorum(id).latest_snapshot()) {
                const auto content = co_await quorum(id).read_snapshot(*snapshot);
                EXPECT_TRUE(content.has_value());
                parts = *content;
                next = snapshot->end;
            }
            while (next < quorum(id).high_watermark()) {
                const auto read =
                    co_await log(id).read({next, 1U << 20U, quorum(id).high_watermark()});
                EXPECT_TRUE(read.has_value());
                parts.push_back(read->records.joined());
                next = read->next_offset;
            }
            for (const BufferSlice& part : parts) {
                for (const auto& each : *kafka::split_batches(part, kafka::Truncation::kIsError)) {
                    if (each->is_control()) continue;
                    for (const auto& record : *kafka::read_records(each)) {
                        values.emplace_back(record.value->text());
                    }
                }
            }
        });
        return values;
    }
    [[nodiscard]] static std::string host(int id) { return "node" + std::to_string(id); }
    [[nodiscard]] static Uuid directory_of(int id) {
        Uuid uuid;
        uuid.bytes[15] = static_cast<std::uint8_t>(id);
        return uuid;
    }
    static constexpr const char* kDirectory = "/data/__cluster_metadata-0";

    simulation::Simulator simulator;
    simulation::SimNetwork network;
    std::int32_t snapshot_chunk_bytes = 64;

 private:
    struct Node {
        simulation::Disk disk;
        std::unique_ptr<simulation::SimWorld> world;
        std::unique_ptr<FileCache> file_cache;
        std::unique_ptr<TailCache> tail_cache;
        std::unique_ptr<PartitionLog> log;
        std::unique_ptr<Peers> peers;
        std::unique_ptr<Quorum> quorum;
        std::unique_ptr<QuorumServer> server;
        std::unique_ptr<runtime::TaskGroup> group;
        std::optional<Error> failed;
        bool opened = false;
    };

    [[nodiscard]] QuorumConfig config_of(int id) const {
        QuorumConfig config;
        config.node = BrokerId(id);
        config.directory_id = directory_of(id);
        config.cluster_id = "c";
        config.snapshot_chunk_bytes = snapshot_chunk_bytes;
        for (int voter = 1; voter <= voters_; ++voter) {
            config.voters.push_back(
                {BrokerId(voter), {.host = host(voter), .port = kQuorumPort, .unix_path = {}}, {}}
            );
        }
        return config;
    }
    [[nodiscard]] runtime::Task<void> run(int id) {
        Node& node = nodes_.at(id);
        LogOpening opening;
        opening.directory = kDirectory;
        opening.topic_partition = {"__cluster_metadata", PartitionId(0)};
        opening.topic_id.bytes[15] = 1;
        opening.config.retention_ms = -1;
        auto opened =
            co_await PartitionLog::open({*node.world, *node.file_cache, *node.tail_cache}, opening);
        if (!opened) {
            node.failed = opened.error();
            co_return;
        }
        node.log = *std::move(opened);
        const auto ready = co_await node.quorum->open(*node.log, node.log->directory());
        if (!ready) {
            node.failed = ready.error();
            co_return;
        }
        node.quorum->set_endpoint({.host = host(id), .port = kQuorumPort, .unix_path = {}});
        node.server->start();
        node.quorum->start();
        node.opened = true;
    }
    static void end(Node& node) {
        if (!node.world) return;
        node.world->drop_everything();
        node.group.reset();
        node.server.reset();
        node.quorum.reset();
        node.peers.reset();
        node.log.reset();
        node.tail_cache.reset();
        node.file_cache.reset();
        node.world.reset();
        node.opened = false;
    }

    int voters_;
    std::map<int, Node> nodes_;
};

}  // namespace sealane::broker::quorum
