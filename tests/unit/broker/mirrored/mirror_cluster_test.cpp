// A replica link's topic in a cluster of three brokers, each leading some of its partitions: what a
// promotion leaves behind, whoever fails while it goes on.

#include "broker/mirrored/link_state.hpp"
#include "broker/peers/peers.hpp"
#include "tests/unit/broker/app/cluster_fixture.hpp"
#include "tests/unit/broker/mirrored/run_batches.hpp"

#include <set>

namespace sealane::broker {
namespace {

using namespace kafka;
using runtime::Task;

constexpr std::int32_t kPartitions = 3;

class MirroredCluster : public BrokerCluster {
 protected:
    MirroredCluster() {
        make(3);
        for (const auto& node : nodes_) node->config.super_users = {"User:ANONYMOUS"};
        for (std::size_t i = 0; i < 3; ++i) start(i);
        for (std::size_t i = 0; i < 3; ++i) wait_serving(i);
        prepare();
    }
    ~MirroredCluster() override {
        run([this]() -> Task<void> { co_await peers_.stop(); });
    }

    void prepare() {
        AlterMirrorLinkRequest upsert;
        upsert.link_name = "link";
        upsert.source_cluster_id = "korea-id";
        AlterMirrorLinkRequest pin = upsert;
        pin.operation = kLinkPinTopics;
        pin.topics.push_back({"log", testing::origin_of("korea-id").topic_id, "log"});
        run([&]() -> Task<void> {
            EXPECT_EQ((co_await ask(bystander(), upsert)).error_code, ErrorCode::kNone);
            EXPECT_EQ((co_await ask(bystander(), pin)).error_code, ErrorCode::kNone);
            client::ClusterClient cluster(client_world_, client_options());
            client::Admin admin(cluster);
            client::NewTopic topic;
            topic.name = "log";
            topic.partitions = kPartitions;
            topic.replication = 3;
            EXPECT_TRUE(co_await admin.create_topic(topic, client_world_.now() + 20s));
            co_await cluster.stop();
        });
        std::set<std::size_t> leaders;
        for (std::int32_t p = 0; p < kPartitions; ++p) {
            EXPECT_TRUE(run_until([&] { return leader(p) < 3 && in_sync(p) == 3; }));
            leaders.insert(leader(p));
        }
        EXPECT_GT(leaders.size(), 1U);
    }
    template <class Request>
    Task<typename Request::Response> ask(std::size_t index, Request request) {
        auto answer = co_await try_ask(index, std::move(request));
        EXPECT_TRUE(answer) << (answer ? "" : answer.error().to_string());
        co_return answer ? *std::move(answer) : typename Request::Response{};
    }
    template <class Request>
    Task<Result<typename Request::Response>> try_ask(std::size_t index, Request request) {
        co_return co_await peers_.send_to(
            runtime::Endpoint{host(index), kPort, ""},
            PeerLane::kController,
            std::move(request),
            client_world_.now() + 30s
        );
    }
    PartitionPtr replica(std::size_t index, std::int32_t partition) {
        return serves(index) ? services(index).partitions.find("log", PartitionId(partition))
                             : nullptr;
    }
    std::size_t leader(std::int32_t partition) {
        for (std::size_t i = 0; i < nodes_.size(); ++i)
            if (const auto here = replica(i, partition); here && here->leads()) return i;
        return nodes_.size();
    }
    std::size_t in_sync(std::int32_t partition) {
        const std::size_t at = leader(partition);
        return at < 3 ? replica(at, partition)->leadership().isr().size() : 0;
    }
    // A node that is not the active controller.
    std::size_t bystander() { return controller() == 0 ? 1 : 0; }
    std::size_t running_bystander() {
        for (std::size_t i = 0; i < 3; ++i)
            if (serves(i) && i != controller()) return i;
        return 3;
    }
    std::int8_t link_state(std::size_t seen_from) {
        if (!serves(seen_from)) return kLinkAbsent;
        const LinkTable links = LinkTable::of(*services(seen_from).metadata.image());
        const LinkState* link = links.find("link");
        return link == nullptr ? kLinkAbsent : link->state;
    }

    // Three records and, unless `whole`, a transaction that the source has not ended.
    void fill(std::int32_t partition, bool whole) {
        MirrorAppendRequest request;
        request.link_name = "link";
        request.timeout_ms = 10'000;
        auto& topic = request.topics.emplace_back();
        topic.name = "log";
        auto& one = topic.partitions.emplace_back();
        one.partition_index = PartitionId(partition);
        one.origin = testing::origin_of("korea-id", partition);
        one.runs = {testing::run_of(Offset(0), {3}, LeaderEpoch(9))};
        one.runs[0].expected_source_offset = kNoOffset;
        if (!whole) one.runs.push_back(open_transaction());
        run([&]() -> Task<void> {
            const auto answer = co_await ask(leader(partition), request);
            EXPECT_EQ(answer.error_code, ErrorCode::kNone) << answer.error_message.value_or("");
            EXPECT_EQ(answer.topics.at(0).partitions.at(0).error_code, ErrorCode::kNone);
        });
    }
    static MirrorAppendRequest::Run open_transaction() {
        BatchOptions options;
        options.base_offset = Offset(3);
        options.leader_epoch = LeaderEpoch(9);
        options.transactional = true;
        options.producer_id = ProducerId(4000);
        options.producer_epoch = ProducerEpoch(0);
        options.base_sequence = 0;
        RecordBatchBuilder builder(options);
        EXPECT_TRUE(builder.add(WallTime{1000}, std::nullopt, as_bytes("open")));
        MirrorAppendRequest::Run run;
        run.expected_source_offset = run.source_base_offset = Offset(3);
        run.records = std::move(builder).build()->bytes();
        return run;
    }
    void fill_all() {
        fill(0, false);
        fill(1, true);
        fill(2, false);
    }
    // Asks for the promotion without waiting for its answer.
    void begin_promotion_at(std::size_t index) {
        tasks_.spawn([this, index]() -> Task<void> {
            AlterMirrorLinkRequest promote;
            promote.link_name = "link";
            promote.operation = kLinkPromote;
            (void)co_await try_ask(index, promote);
        });
    }
    void expect_promoted_everywhere() {
        for (std::size_t i = 0; i < 3; ++i) {
            if (!serves(i)) continue;
            EXPECT_TRUE(run_until([&] { return link_state(i) == kLinkPromoted; })) << host(i);
        }
        for (std::int32_t p = 0; p < kPartitions; ++p) {
            EXPECT_TRUE(run_until([&] { return leader(p) < 3; }));
            // Every replica that may lead next has the log that was cut.
            const auto leading = replica(leader(p), p);
            for (const BrokerId id : leading->leadership().isr()) {
                const auto member = replica(index_of(id), p);
                if (member == nullptr) continue;
                EXPECT_EQ(member->log_end(), Offset(3)) << p << " at " << id.value;
            }
            EXPECT_GT(leading->leader_epoch(), LeaderEpoch(9));
        }
    }
    void expect_writable() {
        run([&]() -> Task<void> {
            client::ClusterClient cluster(client_world_, client_options());
            client::Producer producer(cluster, {.linger = 1ms});
            for (std::int32_t p = 0; p < kPartitions; ++p) {
                const auto sent = co_await producer.send(
                    "log",
                    PartitionId(p),
                    text_record("", "new", client_world_.wall()),
                    client_world_.now() + 60s
                );
                EXPECT_TRUE(sent) << (sent ? "" : sent.error().to_string());
            }
            co_await producer.stop();
            co_await cluster.stop();
        });
        for (std::int32_t p = 0; p < kPartitions; ++p) {
            for (std::size_t i = 0; i < 3; ++i) {
                if (!serves(i)) continue;
                EXPECT_TRUE(run_until([&] {
                    const auto here = replica(i, p);
                    return here != nullptr && here->log_end() == Offset(4);
                })) << p
                    << " at " << host(i);
            }
        }
    }

    Peers peers_{client_world_, {.client_id = "test", .tls = std::nullopt}};
    runtime::TaskGroup tasks_{client_world_};
};

TEST_F(MirroredCluster, APromotionOpensThePartitionsOfAllLeaders) {
    fill_all();
    AlterMirrorLinkRequest promote;
    promote.link_name = "link";
    promote.operation = kLinkPromote;
    run([&]() -> Task<void> {
        const auto answer = co_await ask(bystander(), promote);
        EXPECT_EQ(answer.error_code, ErrorCode::kNone) << answer.error_message.value_or("");
        EXPECT_EQ(answer.link_state, kLinkPromoted);
        EXPECT_EQ(answer.promoted.size(), 3U);
        for (const auto& partition : answer.promoted) EXPECT_EQ(partition.end_offset, Offset(3));
    });
    expect_promoted_everywhere();
    expect_writable();
}

TEST_F(MirroredCluster, APromotionGoesOnUnderTheNextController) {
    fill_all();
    const std::size_t first = controller();
    begin_promotion_at(bystander());
    ASSERT_TRUE(run_until([&] { return link_state(first) == kLinkPromoting; }));
    kill(first);
    ASSERT_TRUE(run_until([&] { return controller() < 3; }));
    EXPECT_TRUE(run_until([&] { return link_state(controller()) == kLinkPromoted; }));
    expect_promoted_everywhere();
    expect_writable();
}

TEST_F(MirroredCluster, APromotionGoesOnWhenALeaderDies) {
    fill_all();
    std::int32_t victim = 0;
    while (victim < kPartitions && leader(victim) == controller()) ++victim;
    ASSERT_LT(victim, kPartitions);
    const std::size_t dying = leader(victim);
    begin_promotion_at(controller());
    simulator_.run_for(2ms);
    kill(dying);
    EXPECT_TRUE(run_until([&] { return link_state(controller()) == kLinkPromoted; }));
    expect_promoted_everywhere();
    expect_writable();
    start(dying);
    wait_serving(dying);
    for (std::int32_t p = 0; p < kPartitions; ++p)
        EXPECT_TRUE(run_until([&] {
            const auto here = replica(dying, p);
            return here != nullptr && here->log_end() == Offset(4);
        })) << p;
}

TEST_F(MirroredCluster, WhatWasConfirmedStaysWhenTheLeaderDiesAndTheNextOneGoesOn) {
    fill(0, true);
    const std::size_t dying = leader(0);
    kill(dying);
    ASSERT_TRUE(run_until([&] { return leader(0) < 3; }));
    MirrorPositionsRequest positions;
    positions.link_name = "link";
    positions.topics.push_back({"log", {PartitionId(0)}});
    MirrorAppendRequest more;
    more.link_name = "link";
    more.timeout_ms = 10'000;
    auto& topic = more.topics.emplace_back();
    topic.name = "log";
    auto& one = topic.partitions.emplace_back();
    one.origin = testing::origin_of("korea-id");
    one.runs = {testing::run_of(Offset(3), {2}, LeaderEpoch(9))};
    run([&]() -> Task<void> {
        const auto at = co_await ask(leader(0), positions);
        EXPECT_EQ(at.topics.at(0).partitions.at(0).log_end_offset, Offset(3));
        const auto appended = co_await ask(leader(0), more);
        EXPECT_EQ(appended.topics.at(0).partitions.at(0).error_code, ErrorCode::kNone);
        EXPECT_EQ(appended.topics.at(0).partitions.at(0).next_source_offset, Offset(5));
    });
}

}  // namespace
}  // namespace sealane::broker
