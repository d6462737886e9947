// Links as they should run: copying, following, offsets, pause, promotion, restarts.
#include "tests/unit/mirror/app/link_bench.hpp"

namespace sealane::mirror {
namespace {

using runtime::Task;
using testing::LinkBench;

const TopicPartition kLog0{"log", PartitionId(0)};
const TopicPartition kLog1{"log", PartitionId(1)};

TEST(Link, AnAggregateHoldsExactlyWhatTheSourceHolds) {
    LinkBench bench(LinkKind::kAggregate);
    bench.run([](LinkBench& b) -> Task<void> {
        co_await b.create("source", "log", 2);
        EXPECT_TRUE(co_await b.produce("source", kLog0, "a", 30));
        EXPECT_TRUE(co_await b.produce("source", kLog1, "b", 30));
        EXPECT_TRUE(co_await b.target_equals_source(kLog0, kLog0));
        EXPECT_TRUE(co_await b.target_equals_source(kLog1, kLog1));
        EXPECT_TRUE(co_await b.eventually([&b] { return b.status().verdict == Verdict::kOk; }));
        EXPECT_EQ(b.status().lag_records, 0);
        EXPECT_EQ(b.status().copied_records, 60);
    });
}

TEST(Link, AReplicaHasTheSameBatchesAtTheSameOffsets) {
    LinkBench bench(LinkKind::kReplica);
    bench.run([](LinkBench& b) -> Task<void> {
        co_await b.create("source", "log", 1);
        EXPECT_TRUE(co_await b.produce("source", kLog0, "a", 30));
        EXPECT_TRUE(co_await b.target_equals_source(kLog0, kLog0));
        kafka::PartitionDigestRequest request;
        request.topic_name = "log";
        request.end_offset = Offset(30);
        const auto source = co_await b.cluster("source").send_any(request, b.soon());
        const auto target = co_await b.cluster("target").send_any(request, b.soon());
        EXPECT_TRUE(source && target);
        if (!source || !target) co_return;
        EXPECT_EQ(source->batch_count, 30);
        EXPECT_EQ(source->digest, target->digest);
        EXPECT_EQ(source->next_offset, target->next_offset);
    });
}

TEST(Link, AReplicaIsClosedToProducersUntilPromoted) {
    LinkBench bench(LinkKind::kReplica);
    bench.run([](LinkBench& b) -> Task<void> {
        co_await b.create("source", "log", 1);
        EXPECT_TRUE(co_await b.produce("source", kLog0, "a", 5));
        EXPECT_TRUE(co_await b.target_equals_source(kLog0, kLog0));
        const Status refused = co_await b.produce("target", kLog0, "x", 1);
        EXPECT_FALSE(refused);
        if (!refused) EXPECT_EQ(refused.error().code(), ErrorCode::kPolicyViolation);
        const auto promoted = co_await b.alter(kafka::kLinkPromote);
        EXPECT_EQ(promoted.link_state, kafka::kLinkPromoted);
        EXPECT_EQ(promoted.promoted.size(), 1U);
        if (promoted.promoted.size() == 1) {
            EXPECT_EQ(promoted.promoted[0].end_offset, Offset(5));
            EXPECT_GT(promoted.promoted[0].leader_epoch, LeaderEpoch(0));
        }
        EXPECT_TRUE(co_await b.produce("target", kLog0, "x", 3));
        EXPECT_TRUE(co_await b.produce("source", kLog0, "late", 3));
        co_await b.sleep(5s);
        const auto texts = co_await b.read("target", kLog0);
        EXPECT_EQ(texts.size(), 8U);
        EXPECT_EQ(b.status().verdict, Verdict::kPromoted);
    });
}

TEST(Link, FollowsNewTopicsPartitionsAndConfigs) {
    LinkBench bench(LinkKind::kReplica);
    bench.run([](LinkBench& b) -> Task<void> {
        co_await b.create("source", "log", 1, {{"retention.ms", "1000000"}});
        EXPECT_TRUE(co_await b.produce("source", kLog0, "a", 3));
        EXPECT_TRUE(co_await b.target_equals_source(kLog0, kLog0));
        client::Admin source(b.cluster("source"));
        EXPECT_TRUE(co_await source.create_partitions("log", 2, b.soon()));
        EXPECT_TRUE(co_await b.produce("source", kLog1, "b", 3));
        EXPECT_TRUE(co_await b.target_equals_source(kLog1, kLog1));
        co_await b.create("source", "later", 1);
        EXPECT_TRUE(co_await b.produce("source", {"later", PartitionId(0)}, "c", 3));
        EXPECT_TRUE(
            co_await b.target_equals_source({"later", PartitionId(0)}, {"later", PartitionId(0)})
        );
        client::ConfigResource resource;
        resource.name = "log";
        client::Admin target(b.cluster("target"));
        const auto carried = co_await target.describe_configs(resource, b.soon());
        EXPECT_TRUE(carried);
        if (carried) EXPECT_EQ(carried->at("retention.ms").value, "1000000");
        std::vector<client::ConfigChange> changes;
        changes.push_back({"retention.ms", client::ConfigChange::Operation::kSet, "2000000"});
        EXPECT_TRUE(co_await source.alter_configs(resource, changes, b.soon()));
        co_await b.sleep(8s);
        const auto again = co_await target.describe_configs(resource, b.soon());
        EXPECT_TRUE(again);
        if (again) EXPECT_EQ(again->at("retention.ms").value, "2000000");
    });
}

TEST(Link, CarriesGroupOffsetsExactlyThroughTheMap) {
    LinkBench bench(LinkKind::kAggregate);
    bench.run([](LinkBench& b) -> Task<void> {
        co_await b.create("source", "log", 1);
        // The target has records of its own, so that offsets differ.
        co_await b.create("target", "log", 1);
        EXPECT_TRUE(co_await b.produce("target", kLog0, "own", 7));
        EXPECT_TRUE(co_await b.produce("source", kLog0, "a", 10));
        EXPECT_TRUE(co_await b.eventually([&b] { return b.status().copied_records == 10; }));
        std::map<TopicPartition, client::CommittedOffset> commit;
        commit[kLog0] = {Offset(4), kNoLeaderEpoch, "note"};
        EXPECT_TRUE(co_await client::commit_offsets(b.cluster("source"), "g", commit, {}, b.soon())
        );
        EXPECT_TRUE(co_await b.eventually([&b] {
            const auto groups = b.status().groups;
            return groups.size() == 1 && groups[0].offsets == 1;
        }));
        const auto there =
            co_await client::fetch_committed(b.cluster("target"), "g", std::nullopt, b.soon());
        EXPECT_TRUE(there && there->contains(kLog0));
        if (!there || !there->contains(kLog0)) co_return;
        // A consumer that goes on there reads "a4" next.
        client::Consumer consumer(b.cluster("target"), {});
        consumer.assign(kLog0, client::StartAt::at(there->at(kLog0).offset));
        const auto records = co_await consumer.poll(b.soon());
        EXPECT_TRUE(records && !records->empty());
        if (records && !records->empty()) EXPECT_EQ(records->front().record.value->text(), "a4");
        co_await consumer.stop();
    });
}

TEST(Link, APausedLinkWritesNothingAndGoesOnAfterwards) {
    LinkBench bench(LinkKind::kAggregate);
    bench.run([](LinkBench& b) -> Task<void> {
        co_await b.create("source", "log", 1);
        EXPECT_TRUE(co_await b.produce("source", kLog0, "a", 3));
        EXPECT_TRUE(co_await b.target_equals_source(kLog0, kLog0));
        EXPECT_EQ((co_await b.alter(kafka::kLinkPause)).link_epoch, 1);
        EXPECT_TRUE(co_await b.produce("source", kLog0, "b", 3));
        co_await b.sleep(5s);
        EXPECT_EQ((co_await b.read("target", kLog0)).size(), 3U);
        EXPECT_EQ(b.status().verdict, Verdict::kPaused);
        EXPECT_EQ((co_await b.alter(kafka::kLinkResume)).link_epoch, 2);
        EXPECT_TRUE(co_await b.target_equals_source(kLog0, kLog0));
    });
}

// kill -9 of every process at random moments, unsynced data lost: nothing lost, nothing doubled.
TEST(Link, NothingIsLostOrDoubledWhenProcessesAreKilled) {
    for (const LinkKind kind : {LinkKind::kAggregate, LinkKind::kReplica}) {
        for (std::uint64_t seed = 1; seed <= 6; ++seed) {
            SCOPED_TRACE(std::string(name_of(kind)) + ", seed " + std::to_string(seed));
            LinkBench bench(kind, OnGap::kStop, seed);
            bench.run([](LinkBench& b) -> Task<void> {
                co_await b.create("source", "log", 1);
                for (int i = 0; i < 6; ++i) {
                    testing::SimProcess* victims[] = {
                        &b.mirror(), &b.broker("target"), &b.broker("source")
                    };
                    b.crash_soon(
                        *victims[b.rng().below(3)], Duration(b.rng().between(0, 400'000'000)), 200ms
                    );
                    const Status sent =
                        co_await b.produce("source", kLog0, "r" + std::to_string(i) + ".", 20);
                    EXPECT_TRUE(sent) << sent.error().to_string();
                    co_await b.sleep(700ms);
                }
                EXPECT_TRUE(co_await b.target_equals_source(kLog0, kLog0));
                EXPECT_EQ((co_await b.read("target", kLog0)).size(), 120U);
                const PartitionStatus one = b.partition("log", 0);
                EXPECT_EQ(one.verdict, Verdict::kOk)
                    << name_of(one.cause.cause) << " " << one.cause.detail << one.trouble;
            });
        }
    }
}

}  // namespace
}  // namespace sealane::mirror
