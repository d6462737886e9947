// What stops a partition, with its cause, while the others go on; and what the ledger lists.
#include "broker/api/services.hpp"
#include "tests/unit/mirror/app/link_bench.hpp"

namespace sealane::mirror {
namespace {

using runtime::Task;
using testing::LinkBench;

const TopicPartition kLog0{"log", PartitionId(0)};
const TopicPartition kOther{"other", PartitionId(0)};

// Two topics with some records, copied.
Task<void> two_topics(LinkBench& b) {
    co_await b.create("source", "log", 1);
    co_await b.create("source", "other", 1);
    EXPECT_TRUE(co_await b.produce("source", kLog0, "a", 10));
    EXPECT_TRUE(co_await b.produce("source", kOther, "o", 10));
    EXPECT_TRUE(co_await b.target_equals_source(kLog0, kLog0));
    EXPECT_TRUE(co_await b.target_equals_source(kOther, kOther));
}

// The topic "other" still flows.
Task<void> others_go_on(LinkBench& b) {
    EXPECT_TRUE(co_await b.produce("source", kOther, "more", 5));
    EXPECT_TRUE(co_await b.target_equals_source(kOther, kOther));
}

TEST(BadDay, ADeletedSourceTopicStopsThatTopic) {
    LinkBench bench(LinkKind::kAggregate);
    bench.run([](LinkBench& b) -> Task<void> {
        co_await two_topics(b);
        client::Admin admin(b.cluster("source"));
        EXPECT_TRUE(co_await admin.delete_topic("log", b.soon()));
        EXPECT_TRUE(co_await b.eventually([&b] {
            return b.cause_of("log", 0) == Cause::kTopicDeleted;
        }));
        EXPECT_EQ(b.status().verdict, Verdict::kBroken);
        co_await others_go_on(b);
        EXPECT_EQ((co_await b.read("target", kLog0)).size(), 10U);
    });
}

TEST(BadDay, ARecreatedSourceTopicIsAnotherTopic) {
    for (const LinkKind kind : {LinkKind::kAggregate, LinkKind::kReplica}) {
        LinkBench bench(kind);
        bench.run([](LinkBench& b) -> Task<void> {
            co_await two_topics(b);
            client::Admin admin(b.cluster("source"));
            EXPECT_TRUE(co_await admin.delete_topic("log", b.soon()));
            co_await b.create("source", "log", 1);
            EXPECT_TRUE(co_await b.produce("source", kLog0, "new", 20));
            EXPECT_TRUE(co_await b.eventually([&b] {
                return b.cause_of("log", 0) == Cause::kTopicRecreated;
            }));
            co_await others_go_on(b);
            EXPECT_EQ((co_await b.read("target", kLog0)).size(), 10U);
        });
    }
}

// Pauses the link, lets the source lose [10, 15) by retention, resumes.
Task<void> expire_ahead(LinkBench& b) {
    co_await two_topics(b);
    (void)co_await b.alter(kafka::kLinkPause);
    EXPECT_TRUE(co_await b.produce("source", kLog0, "gone", 5));
    EXPECT_TRUE(co_await b.produce("source", kLog0, "kept", 5));
    client::Admin admin(b.cluster("source"));
    const auto start = co_await admin.delete_records(kLog0, Offset(15), b.soon());
    EXPECT_TRUE(start);
    (void)co_await b.alter(kafka::kLinkResume);
}

TEST(BadDay, ExpiryAheadOfTheMirrorStopsThePartition) {
    LinkBench bench(LinkKind::kAggregate);
    bench.run([](LinkBench& b) -> Task<void> {
        co_await expire_ahead(b);
        EXPECT_TRUE(co_await b.eventually([&b] { return b.cause_of("log", 0) == Cause::kExpired; })
        );
        EXPECT_EQ(b.partition("log", 0).cause.from, Offset(10));
        EXPECT_EQ(b.partition("log", 0).cause.resume, Offset(15));
        co_await others_go_on(b);
        EXPECT_EQ((co_await b.read("target", kLog0)).size(), 10U);
        EXPECT_TRUE(b.gaps().empty());
    });
}

TEST(BadDay, WithTheLedgerPolicyTheGapIsListedAndCopyingGoesOn) {
    for (const LinkKind kind : {LinkKind::kAggregate, LinkKind::kReplica}) {
        LinkBench bench(kind, OnGap::kLedger);
        bench.run([kind](LinkBench& b) -> Task<void> {
            co_await expire_ahead(b);
            EXPECT_TRUE(co_await b.eventually([&b] {
                return b.partition("log", 0).position == Offset(20);
            }));
            const auto texts = co_await b.read("target", kLog0);
            EXPECT_EQ(texts.size(), 15U);
            if (!texts.empty()) EXPECT_EQ(texts.back(), "kept4");
            const auto gaps = b.gaps();
            EXPECT_EQ(gaps.size(), 1U);
            if (gaps.size() == 1) {
                EXPECT_EQ(gaps[0].from, Offset(10));
                EXPECT_EQ(gaps[0].to, Offset(15));
                EXPECT_EQ(gaps[0].cause, "EXPIRED_AHEAD");
            }
            if (kind == LinkKind::kReplica) co_return;
            kafka::MirrorRunsRequest request;
            request.topic_name = "log";
            const auto runs = co_await b.cluster("target").send_any(request, b.soon());
            EXPECT_TRUE(runs && !runs->runs.empty());
            if (!runs || runs->runs.empty()) co_return;
            int holes = 0;
            for (const auto& run : runs->runs) {
                if (run.hole_reason == kafka::kNoHole) continue;
                ++holes;
                EXPECT_EQ(run.hole_reason, kafka::kHoleInLedger);
                EXPECT_EQ(run.hole_base_offset, Offset(10));
                EXPECT_EQ(run.source_base_offset, Offset(15));
            }
            EXPECT_EQ(holes, 1);
        });
    }
}

TEST(BadDay, ATruncatedSourceStopsThePartition) {
    for (const LinkKind kind : {LinkKind::kAggregate, LinkKind::kReplica}) {
        LinkBench bench(kind);
        bench.run([](LinkBench& b) -> Task<void> {
            co_await two_topics(b);
            // The source's operator cuts the log: what the mirror has is not there any more.
            auto* source =
                dynamic_cast<testing::Running<broker::Broker>*>(b.broker("source").program());
            const auto partition = source->server.services().partitions.find(kLog0);
            (void)co_await b.alter(kafka::kLinkPause);
            co_await b.sleep(2s);
            EXPECT_TRUE(co_await partition->truncate_to(Offset(4)));
            (void)co_await b.alter(kafka::kLinkResume);
            EXPECT_TRUE(co_await b.eventually([&b] {
                return b.cause_of("log", 0) == Cause::kTruncated;
            }));
            co_await others_go_on(b);
            EXPECT_EQ((co_await b.read("target", kLog0)).size(), 10U);
        });
    }
}

TEST(BadDay, ARecordTooLargeForTheTargetStopsThePartition) {
    LinkBench bench(LinkKind::kAggregate);
    bench.run([](LinkBench& b) -> Task<void> {
        co_await b.create("target", "log", 1, {{"max.message.bytes", "2000"}});
        co_await two_topics(b);
        EXPECT_TRUE(co_await b.produce("source", kLog0, "big", 1, 5000));
        EXPECT_TRUE(co_await b.eventually([&b] { return b.cause_of("log", 0) == Cause::kTooLarge; })
        );
        EXPECT_EQ(b.partition("log", 0).cause.from, Offset(10));
        co_await others_go_on(b);
    });
}

TEST(BadDay, AnExistingTopicIsNotMadeAReplica) {
    LinkBench bench(LinkKind::kReplica);
    bench.run([](LinkBench& b) -> Task<void> {
        co_await b.create("target", "log", 1);
        co_await b.create("source", "log", 1);
        EXPECT_TRUE(co_await b.eventually([&b] {
            const auto topics = b.status().topics;
            return topics.size() == 1 && topics[0].cause.cause == Cause::kTargetRefused;
        }));
        EXPECT_TRUE(co_await b.produce("target", kLog0, "own", 1));
    });
}

TEST(BadDay, AnAppendOfAnOlderLinkEpochIsRefused) {
    LinkBench bench(LinkKind::kAggregate);
    bench.run([](LinkBench& b) -> Task<void> {
        co_await two_topics(b);
        (void)co_await b.alter(kafka::kLinkPause);
        kafka::MirrorAppendRequest request;
        request.link_name = "link";
        request.link_epoch = 0;
        const auto paused = co_await b.cluster("target").send_any(request, b.soon());
        EXPECT_TRUE(paused);
        if (paused) EXPECT_EQ(paused->error_code, ErrorCode::kPolicyViolation);
        (void)co_await b.alter(kafka::kLinkResume);
        const auto stale = co_await b.cluster("target").send_any(request, b.soon());
        EXPECT_TRUE(stale);
        if (stale) EXPECT_EQ(stale->error_code, ErrorCode::kFencedStateEpoch);
    });
}

}  // namespace
}  // namespace sealane::mirror
