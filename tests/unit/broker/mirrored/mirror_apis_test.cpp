// The private APIs at a broker: they act at the leader, in one leadership, and a promotion is the
// controller's with the leaders.

#include "broker/metadata/topic_decisions.hpp"
#include "broker/mirrored/link_state.hpp"
#include "common/kafka/messages/topics.hpp"
#include "tests/unit/broker/api/groups/broker_in_memory.hpp"
#include "tests/unit/broker/mirrored/run_batches.hpp"

namespace sealane::broker {
namespace {

using namespace kafka;

constexpr BrokerId kSelf{7};

// A replica link "link" with topic "log" of two partitions.
class MirrorApis : public BrokerInMemory {
 protected:
    MirrorApis() {
        alter(kLinkUpsert);
        CreateTopicsRequest create;
        auto& topic = create.topics.emplace_back();
        topic.name = "log";
        topic.num_partitions = 2;
        topic.replication_factor = -1;
        AlterMirrorLinkRequest pin;
        pin.operation = kLinkPinTopics;
        pin.topics.push_back({"log", origin(0).topic_id, "log"});
        EXPECT_EQ(alter(pin).topics.at(0).error_code, ErrorCode::kNone);
        EXPECT_EQ(ask(create, 7).topics.at(0).error_code, ErrorCode::kNone);
    }

    static MirrorOrigin origin(std::int32_t partition) {
        return testing::origin_of("korea-id", partition);
    }
    AlterMirrorLinkResponse alter(AlterMirrorLinkRequest request) {
        request.link_name = "link";
        request.source_cluster_id = "korea-id";
        return ask(request, 0);
    }
    AlterMirrorLinkResponse alter(std::int8_t operation) {
        AlterMirrorLinkRequest request;
        request.operation = operation;
        return alter(request);
    }
    // Runs of one partition, in the link's present epoch.
    MirrorAppendResponse append(
        std::vector<MirrorAppendRequest::Run> runs, std::int32_t partition = 0
    ) {
        MirrorAppendRequest request;
        request.link_name = "link";
        request.link_epoch = link_epoch_;
        request.timeout_ms = 1000;
        auto& topic = request.topics.emplace_back();
        topic.name = "log";
        auto& one = topic.partitions.emplace_back();
        one.partition_index = PartitionId(partition);
        one.origin = origin(partition);
        one.runs = std::move(runs);
        return ask(request, 0);
    }
    static MirrorAppendResponse::Partition only(const MirrorAppendResponse& response) {
        EXPECT_EQ(response.error_code, ErrorCode::kNone) << response.error_message.value_or("");
        if (response.topics.empty()) return {};
        return response.topics.at(0).partitions.at(0);
    }
    // One run at `base`, of the source's epoch 9.
    static MirrorAppendRequest::Run first_run(std::int32_t count) {
        auto run = testing::run_of(Offset(0), {count}, LeaderEpoch(9));
        run.expected_source_offset = kNoOffset;
        return run;
    }
    // A transaction that the source has begun and not ended.
    static MirrorAppendRequest::Run open_transaction(std::int64_t base) {
        BatchOptions options;
        options.base_offset = Offset(base);
        options.leader_epoch = LeaderEpoch(9);
        options.transactional = true;
        options.producer_id = ProducerId(4000);
        options.producer_epoch = ProducerEpoch(0);
        options.base_sequence = 0;
        RecordBatchBuilder builder(options);
        EXPECT_TRUE(builder.add(WallTime{1000}, std::nullopt, as_bytes("open")));
        MirrorAppendRequest::Run run;
        run.expected_source_offset = run.source_base_offset = Offset(base);
        run.records = std::move(builder).build()->bytes();
        return run;
    }
    MirrorPositionsResponse::Partition position(std::int32_t partition) {
        MirrorPositionsRequest request;
        request.link_name = "link";
        request.topics.push_back({"log", {PartitionId(partition)}});
        return ask(request, 0).topics.at(0).partitions.at(0);
    }
    MirrorPromoteResponse promote_at_leader(std::int32_t epoch, std::int32_t timeout_ms = 500) {
        MirrorPromoteRequest request;
        request.link_name = "link";
        request.link_epoch = epoch;
        request.timeout_ms = timeout_ms;
        request.topics.push_back({"log", {PartitionId(0), PartitionId(1)}});
        return ask(request, 0);
    }
    void change(MetadataStore::Decider decide) {
        run([&]() -> runtime::Task<void> {
            const Status done = co_await broker_->services().metadata.change(decide);
            EXPECT_TRUE(done) << (done ? "" : done.error().to_string());
        });
    }
    // Another broker, which is only a name here, leads partition 0 from now on.
    void lose_partition() {
        change([](const Image& image) -> Result<Records> {
            PartitionChangeRecord record;
            record.topic_id = image.topic("log")->id;
            record.partition_id = PartitionId(0);
            record.leader = BrokerId(8);
            record.isr = std::vector{BrokerId(8)};
            record.replicas = std::vector{kSelf, BrokerId(8)};
            return Records{record};
        });
    }

    std::int32_t link_epoch_ = 0;
};

TEST_F(MirrorApis, OnlyTheLeaderAnswersForAPartition) {
    ASSERT_EQ(only(append({first_run(3)})).error_code, ErrorCode::kNone);
    EXPECT_EQ(position(0).log_end_offset, Offset(3));
    lose_partition();
    EXPECT_EQ(position(0).error_code, ErrorCode::kNotLeaderOrFollower);
    EXPECT_EQ(position(1).error_code, ErrorCode::kNone);
    EXPECT_EQ(position(2).error_code, ErrorCode::kUnknownTopicOrPartition);
    const auto refused = only(append({testing::run_of(Offset(3), {2}, LeaderEpoch(9))}));
    EXPECT_EQ(refused.error_code, ErrorCode::kNotLeaderOrFollower);
    EXPECT_EQ(refused.next_source_offset, kNoOffset);
    MirrorTranslateRequest translate;
    translate.topic_name = "log";
    EXPECT_EQ(ask(translate, 0).error_code, ErrorCode::kNotLeaderOrFollower);
    MirrorRunsRequest runs;
    runs.topic_name = "log";
    EXPECT_EQ(ask(runs, 0).error_code, ErrorCode::kNotLeaderOrFollower);
    PartitionDigestRequest digest;
    digest.topic_name = "log";
    EXPECT_EQ(ask(digest, 0).error_code, ErrorCode::kNotLeaderOrFollower);
}

TEST_F(MirrorApis, AMirrorThatIsAheadOfThisBrokersMetadataIsWaitedFor) {
    link_epoch_ = 2;  // paused and resumed, as another broker has told it
    std::optional<MirrorAppendResponse::Partition> answer;
    run([&]() -> runtime::Task<void> {
        runtime::TaskGroup both(world_);
        both.spawn([&]() -> runtime::Task<void> {
            MirrorAppendRequest request;
            request.link_name = "link";
            request.link_epoch = 2;
            request.timeout_ms = 1000;
            auto& topic = request.topics.emplace_back();
            topic.name = "log";
            auto& one = topic.partitions.emplace_back();
            one.origin = origin(0);
            one.runs = {first_run(3)};
            answer = only(co_await asked(std::move(request), 0));
        });
        both.spawn([&]() -> runtime::Task<void> {
            for (const std::int8_t operation : {kLinkPause, kLinkResume}) {
                AlterMirrorLinkRequest request;
                request.link_name = "link";
                request.operation = operation;
                (void)co_await asked(std::move(request), 0);
            }
        });
        co_await both.join();
    });
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->error_code, ErrorCode::kNone);
}

TEST_F(MirrorApis, APromotionOpensEveryPartitionAboveWhatWasMirrored) {
    ASSERT_EQ(only(append({first_run(3)})).error_code, ErrorCode::kNone);
    ASSERT_EQ(only(append({first_run(5)}, 1)).error_code, ErrorCode::kNone);
    const auto promoted = alter(kLinkPromote);
    EXPECT_EQ(promoted.error_code, ErrorCode::kNone) << promoted.error_message.value_or("");
    EXPECT_EQ(promoted.link_state, kLinkPromoted);
    ASSERT_EQ(promoted.promoted.size(), 2U);
    EXPECT_EQ(promoted.promoted[0].end_offset, Offset(3));
    EXPECT_EQ(promoted.promoted[1].end_offset, Offset(5));
    EXPECT_GT(promoted.promoted[0].leader_epoch, LeaderEpoch(9));
    EXPECT_GT(broker_->services().metadata.image()->next_producer_id(), 77);
    // The answer was lost, the client asks again.
    const auto again = alter(kLinkPromote);
    EXPECT_EQ(again.error_code, ErrorCode::kNone);
    EXPECT_EQ(again.promoted, promoted.promoted);
}

TEST_F(MirrorApis, WhatTheSourceHadNotEndedIsCutOff) {
    ASSERT_EQ(only(append({first_run(3)})).error_code, ErrorCode::kNone);
    ASSERT_EQ(only(append({open_transaction(3)})).error_code, ErrorCode::kNone);
    const auto promoted = alter(kLinkPromote);
    EXPECT_EQ(promoted.error_code, ErrorCode::kNone) << promoted.error_message.value_or("");
    ASSERT_EQ(promoted.promoted.size(), 2U);
    EXPECT_EQ(promoted.promoted[0].end_offset, Offset(3));
    const auto partition = broker_->services().partitions.find("log", PartitionId(0));
    EXPECT_EQ(partition->log_end(), Offset(3));
    EXPECT_TRUE(partition->leads());
}

TEST_F(MirrorApis, ALeaderOpensNothingForALinkThatIsNotPromoting) {
    ASSERT_EQ(only(append({first_run(3)})).error_code, ErrorCode::kNone);
    EXPECT_EQ(promote_at_leader(0).error_code, ErrorCode::kFencedStateEpoch);
    EXPECT_EQ(promote_at_leader(1).error_code, ErrorCode::kRequestTimedOut) << "not heard of yet";
    alter(kLinkPromote);
    // A controller that was slow: the topic is the clients' now.
    EXPECT_EQ(promote_at_leader(1).error_code, ErrorCode::kFencedStateEpoch);
}

TEST_F(MirrorApis, APromotionThatACrashInterruptedIsFinishedAtTheNextStart) {
    ASSERT_EQ(only(append({first_run(3)})).error_code, ErrorCode::kNone);
    change([](const Image& image) -> Result<Records> {
        AlterMirrorLinkRequest request;
        request.link_name = "link";
        request.operation = kLinkPromote;
        return decide_link(image, request).records;
    });
    EXPECT_EQ(
        LinkTable::of(*broker_->services().metadata.image()).find("link")->state, kLinkPromoting
    );
    restart();
    simulator_.run_for(2s);
    EXPECT_EQ(
        LinkTable::of(*broker_->services().metadata.image()).find("link")->state, kLinkPromoted
    );
    EXPECT_GT(
        broker_->services().metadata.image()->topic("log")->partitions[0].leader_epoch,
        LeaderEpoch(9)
    );
}

TEST_F(MirrorApis, APromotionWaitsForAPartitionWithoutALeaderAndGoesOn) {
    ASSERT_EQ(only(append({first_run(3)})).error_code, ErrorCode::kNone);
    const auto lead = [](BrokerId leader) {
        return [leader](const Image& image) -> Result<Records> {
            PartitionChangeRecord record;
            record.topic_id = image.topic("log")->id;
            record.partition_id = PartitionId(1);
            record.leader = leader;
            return Records{record};
        };
    };
    change(lead(kNoBroker));
    std::optional<AlterMirrorLinkResponse> promoted;
    run([&]() -> runtime::Task<void> {
        runtime::TaskGroup both(world_);
        both.spawn([&]() -> runtime::Task<void> {
            AlterMirrorLinkRequest request;
            request.link_name = "link";
            request.operation = kLinkPromote;
            promoted = co_await asked(std::move(request), 0);
        });
        both.spawn([&]() -> runtime::Task<void> {
            co_await world_.sleep(500ms);
            EXPECT_FALSE(promoted);
            const Status led =
                co_await broker_->services().metadata.change(MetadataStore::Decider(lead(kSelf)));
            EXPECT_TRUE(led);
        });
        co_await both.join();
    });
    ASSERT_TRUE(promoted);
    EXPECT_EQ(promoted->link_state, kLinkPromoted);
    EXPECT_EQ(promoted->promoted.size(), 2U);
}

}  // namespace
}  // namespace sealane::broker
