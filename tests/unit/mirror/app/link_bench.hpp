#pragma once
// A source cluster, a target cluster and one mirror with both halves of a link between them, in a
// simulated World, and a script that acts as clients and operator. Time is virtual: waiting costs
// nothing.

#include "broker/app/broker.hpp"
#include "common/client/admin.hpp"
#include "common/client/committed_offsets.hpp"
#include "common/client/consumer.hpp"
#include "common/client/producer.hpp"
#include "mirror/app/mirror.hpp"
#include "tests/simulation/scenario/sim_process.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace sealane::mirror::testing {

using runtime::Task;
using simulation::Program;
using simulation::SimProcess;
using simulation::SimWorld;

template <class Server>
class Running final : public Program {
 public:
    template <class Config>
    Running(SimWorld& world, Config config) : world_(world), server(world, std::move(config)) {}
    Task<Status> run() override {
        SEALANE_CO_CHECK(co_await server.start());
        co_await world_.sleep_until(Instant::never());
        co_return Status{};
    }

 private:
    SimWorld& world_;

 public:
    Server server;
};

class LinkBench {
 public:
    explicit LinkBench(LinkKind kind, OnGap on_gap = OnGap::kStop, std::uint64_t seed = 1)
        : simulator_(seed, false), network_(simulator_), mirror_config_(make_config(kind, on_gap)) {
        for (const std::string host : {"source", "target"}) {
            broker::BrokerConfig config;
            config.node_id = BrokerId(1);
            config.log_dir = "/data";
            config.listeners = {{"plain", at(host), at(host), std::nullopt}};
            config.mirror_principals = {"User:ANONYMOUS"};
            config.offsets_topic_partitions = 1;
            config.auto_create_topics = false;
            brokers_[host] =
                std::make_unique<SimProcess>(simulator_, network_, host, [config](SimWorld& world) {
                    return std::make_unique<Running<broker::Broker>>(world, config);
                });
            brokers_[host]->start();
        }
        mirror_ = std::make_unique<SimProcess>(simulator_, network_, "mirror", [this](SimWorld& w) {
            return std::make_unique<Running<Mirror>>(w, mirror_config_);
        });
        mirror_->start();
        simulator_.run_for(1s);
        for (const auto& [host, process] : brokers_)
            EXPECT_FALSE(process->failed()) << process->failed()->to_string();
    }

    SimProcess& broker(const std::string& host) { return *brokers_.at(host); }
    SimProcess& mirror() { return *mirror_; }
    MirrorConfig& mirror_config() { return mirror_config_; }

    // Runs `script` in a process of its own until it ends.
    void run(std::function<Task<void>(LinkBench&)> script) {
        bool done = false;
        Disk disk;
        SimWorld world(simulator_, network_, disk, "client", "client");
        world_ = &world;
        {
            client::ClusterClient source(world, options("source"));
            client::ClusterClient target(world, options("target"));
            clusters_ = {{"source", &source}, {"target", &target}};
            runtime::TaskGroup tasks(world);
            tasks.spawn([this, &script, &done, &source, &target]() -> Task<void> {
                co_await script(*this);
                co_await source.stop();
                co_await target.stop();
                done = true;
            });
            simulator_.run_until([&done] { return done; }, simulator_.now() + 600s);
            EXPECT_TRUE(done) << "the script hangs";
            world.drop_everything();
        }
        world_ = nullptr;
    }

    // For scripts.
    client::ClusterClient& cluster(const std::string& host) { return *clusters_.at(host); }
    [[nodiscard]] Instant soon() const { return world_->now() + 30s; }
    Task<void> sleep(Duration span) { co_await world_->sleep(span); }
    // False when it does not become true within a minute.
    Task<bool> eventually(std::function<bool()> condition) {
        for (int i = 0; i < 600; ++i) {
            if (condition()) co_return true;
            co_await world_->sleep(100ms);
        }
        co_return false;
    }
    Task<void> create(
        std::string host,
        std::string topic,
        std::int32_t partitions,
        std::map<std::string, std::string> configs = {}
    ) {
        client::Admin admin(cluster(host));
        const Status made =
            co_await admin.create_topic({topic, partitions, 1, std::move(configs)}, soon());
        EXPECT_TRUE(made) << made.error().to_string();
    }
    // Texts "<tag>0", "<tag>1", ...
    Task<Status> produce(
        std::string host, TopicPartition to, std::string tag, int count, std::size_t padding = 0
    ) {
        client::Producer producer(cluster(host), {.linger = 0ms, .delivery_timeout = 20s});
        Status done{};
        for (int i = 0; i < count && done; ++i) {
            const std::string text = tag + std::to_string(i) + std::string(padding, '.');
            const auto sent = co_await producer.send(
                to.topic,
                to.partition,
                kafka::text_record(std::nullopt, text, WallTime{1'000'000}),
                soon()
            );
            if (!sent) done = fail(sent.error());
        }
        co_await producer.stop();
        co_return done;
    }
    Task<std::vector<std::string>> read(std::string host, TopicPartition from) {
        std::vector<std::string> texts;
        const auto end =
            co_await client::list_offset(cluster(host), from, client::StartAt::latest(), soon());
        client::ConsumerOptions consumer_options;
        consumer_options.max_wait = 20ms;
        client::Consumer consumer(cluster(host), consumer_options);
        consumer.assign(from, client::StartAt::earliest());
        for (int i = 0; end && i < 200; ++i) {
            if (consumer.position(from).value_or(Offset(0)) >= end->offset) break;
            const auto records = co_await consumer.poll(world_->now() + 100ms);
            if (!records) break;
            for (const auto& record : *records) texts.emplace_back(record.record.value->text());
        }
        co_await consumer.stop();
        co_return texts;
    }
    // Reads the target again and again until it holds what the source holds.
    Task<bool> target_equals_source(TopicPartition source, TopicPartition target) {
        for (int i = 0; i < 100; ++i) {
            const auto wanted = co_await read("source", source);
            const auto got = co_await read("target", target);
            if (wanted == got) co_return true;
            co_await world_->sleep(200ms);
        }
        co_return false;
    }
    Task<kafka::AlterMirrorLinkResponse> alter(std::int8_t operation) {
        kafka::AlterMirrorLinkRequest request;
        request.link_name = "link";
        request.operation = operation;
        const auto answer = co_await cluster("target").send_any(request, soon());
        EXPECT_TRUE(answer);
        co_return answer ? *answer : kafka::AlterMirrorLinkResponse{};
    }

    // The mirror as it says it stands; empty while it is down.
    [[nodiscard]] LinkStatus status() {
        auto* running = dynamic_cast<Running<Mirror>*>(mirror_->program());
        if (running == nullptr) return {};
        for (const LinkStatus& link : running->server.status().links)
            if (link.role == "producer") return link;
        return {};
    }
    [[nodiscard]] PartitionStatus partition(const std::string& topic, std::int32_t index) {
        for (const PartitionStatus& one : status().partitions)
            if (one.source_topic == topic && one.partition == PartitionId(index)) return one;
        return {};
    }
    [[nodiscard]] Cause cause_of(const std::string& topic, std::int32_t index) {
        return partition(topic, index).cause.cause;
    }
    [[nodiscard]] std::vector<GapEntry> gaps() {
        auto* running = dynamic_cast<Running<Mirror>*>(mirror_->program());
        return running == nullptr ? std::vector<GapEntry>{} : running->server.gaps();
    }
    // From a script: not inside a coroutine, so by way of the simulator's queue.
    void crash_soon(SimProcess& process, Duration after, Duration down) {
        simulator_.schedule(simulator_.now() + after, [&process] {
            if (process.running()) process.crash();
        });
        simulator_.schedule(simulator_.now() + after + down, [&process] {
            if (!process.running()) process.start();
        });
    }
    Rng& rng() { return simulator_.rng(); }

 private:
    using Disk = simulation::Disk;
    static runtime::Endpoint at(const std::string& host) { return {host, 9092, ""}; }
    static client::ClientOptions options(const std::string& host) {
        client::ClientOptions made;
        made.bootstrap = {at(host)};
        return made;
    }
    static MirrorConfig make_config(LinkKind kind, OnGap on_gap) {
        MirrorConfig config;
        config.domain = "here";
        config.data_dir = "/ledger";
        config.topic_interval = 500ms;
        config.group_interval = 500ms;
        for (const std::string host : {"source", "target"})
            config.clusters.push_back({host, {at(host)}, std::nullopt});
        for (const HalfRole role : {HalfRole::kConsumer, HalfRole::kProducer}) {
            HalfConfig half;
            half.link = "link";
            half.role = role;
            half.cluster = role == HalfRole::kConsumer ? "source" : "target";
            half.socket.unix_path = "/run/link.sock";
            half.kind = kind;
            half.on_gap = on_gap;
            half.topics_include = {"*"};
            half.topics_exclude = {"__*"};
            half.groups_include = {"*"};
            config.halves.push_back(half);
        }
        return config;
    }

    simulation::Simulator simulator_;
    simulation::SimNetwork network_;
    MirrorConfig mirror_config_;
    std::map<std::string, std::unique_ptr<SimProcess>> brokers_;
    std::unique_ptr<SimProcess> mirror_;
    SimWorld* world_ = nullptr;
    std::map<std::string, client::ClusterClient*> clusters_;
};

}  // namespace sealane::mirror::testing
