// Groups on one broker of several: the metadata says that another one, which is only a name here,
// leads partitions of __consumer_offsets.

#include "broker/api/topic_creation.hpp"
#include "broker/groups/group_machine.hpp"
#include "broker/metadata/broker_decisions.hpp"
#include "common/kafka/messages/group_admin.hpp"
#include "common/kafka/messages/groups.hpp"
#include "common/kafka/messages/offsets.hpp"
#include "tests/unit/broker/api/groups/broker_in_memory.hpp"

namespace sealane::broker {
namespace {

using namespace kafka;

constexpr BrokerId kSelf{7};
constexpr BrokerId kOther{8};

class GroupsOfTwoBrokers : public BrokerInMemory {
 protected:
    GroupsOfTwoBrokers() {
        run([this]() -> runtime::Task<void> {
            NewTopic topic;
            topic.name = "t";
            EXPECT_TRUE(co_await ensure_topic(broker_->services(), topic));
        });
        EXPECT_EQ(find("g").error_code, ErrorCode::kNone);
        simulator_.run_for(100ms);
        register_other();
    }

    void change(MetadataStore::PositionedDecider decide) {
        run([&]() -> runtime::Task<void> {
            const Status done = co_await broker_->services().metadata.change(decide);
            EXPECT_TRUE(done) << (done ? "" : done.error().to_string());
        });
    }
    void register_other() {
        const ClusterPolicy policy = broker_->services().controller_duties.policy_from_file();
        change([&](const Image& image, Offset next) -> Result<Records> {
            BrokerRegistrationRequest request;
            request.broker_id = kOther;
            request.incarnation_id.bytes[3] = 1;
            request.listeners.push_back({"PLAINTEXT", "b", 9093, 0});
            request.rack = std::nullopt;
            request.features.push_back({"transaction.version", 0, 2});
            request.features.push_back({"group.version", 0, 1});
            Uuid directory;
            directory.bytes[3] = 9;
            request.log_dirs = {directory};
            SEALANE_TRY(
                auto decision,
                register_broker(image, policy, request, SessionState::kEnded, next.value)
            );
            return std::move(decision.records);
        });
        // One sign of life: it is unfenced, until its session ends.
        run([this]() -> runtime::Task<void> {
            Services& services = broker_->services();
            BrokerHeartbeatRequest request;
            request.broker_id = kOther;
            request.broker_epoch = services.metadata.image()->broker(kOther)->epoch;
            request.current_metadata_offset = services.metadata.end_offset();
            const auto answer = co_await services.controller_duties.heartbeat(request, 0);
            EXPECT_FALSE(answer.is_fenced);
        });
    }
    // Every partition of the offsets topic.
    void led_by(BrokerId leader) {
        change([&](const Image& image, Offset) -> Result<Records> {
            Records records;
            const auto topic = image.topic(groups::kOffsetsTopic);
            for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
                PartitionChangeRecord record;
                record.topic_id = topic->id;
                record.partition_id = PartitionId(static_cast<std::int32_t>(i));
                record.leader = leader;
                record.isr = std::vector{leader};
                record.replicas = leader == kSelf ? std::vector{kSelf} : std::vector{kSelf, kOther};
                records.push_back(record);
            }
            return records;
        });
        simulator_.run_for(50ms);
    }

    FindCoordinatorResponse find(std::string group) {
        FindCoordinatorRequest request;
        request.key = std::move(group);
        return ask(request, 3);
    }
    ErrorCode commit(std::int64_t offset) {
        OffsetCommitRequest request;
        request.group_id = "g";
        auto& topic = request.topics.emplace_back();
        topic.name = "t";
        auto& entry = topic.partitions.emplace_back();
        entry.committed_offset = Offset(offset);
        return ask(request, 8).topics.at(0).partitions.at(0).error_code;
    }
    OffsetFetchResponse fetch() {
        OffsetFetchRequest request;
        request.group_id = "g";
        request.topics->push_back({"t", {PartitionId(0)}});
        return ask(request, 7);
    }
    ErrorCode describe() {
        DescribeGroupsRequest request;
        request.groups = {"g"};
        return ask(request, 5).groups.at(0).error_code;
    }
};

TEST_F(GroupsOfTwoBrokers, TheLeaderOfTheGroupsPartitionIsNamed) {
    EXPECT_EQ(find("g").node_id, kSelf);
    led_by(kOther);
    const auto there = find("g");
    EXPECT_EQ(there.error_code, ErrorCode::kNone);
    EXPECT_EQ(there.node_id, kOther);
    EXPECT_EQ(there.host, "b");
    EXPECT_EQ(there.port, 9093);
}

TEST_F(GroupsOfTwoBrokers, ALeaderThatIsFencedIsNotNamed) {
    led_by(kOther);
    change([&](const Image& image, Offset) -> Result<Records> {
        return fence_broker(image, broker_->services().controller_duties.policy(image), kOther);
    });
    EXPECT_EQ(find("g").error_code, ErrorCode::kCoordinatorNotAvailable);
    EXPECT_EQ(find("g").node_id, kNoBroker);
}

TEST_F(GroupsOfTwoBrokers, TransactionalIdsAreCoordinatedByALeaderOfTheirOwnTopic) {
    FindCoordinatorRequest request;
    request.key = "transactional";
    request.key_type = 1;
    const auto found = ask(request, 3);
    EXPECT_EQ(found.error_code, ErrorCode::kNone);
    const auto topic = broker_->services().metadata.image()->topic("__transaction_state");
    ASSERT_NE(topic, nullptr);
    EXPECT_TRUE(std::ranges::any_of(topic->partitions, [&](const auto& partition) {
        return partition.leader == found.node_id;
    }));
}

TEST_F(GroupsOfTwoBrokers, GroupsLeaveWithTheirPartitionAndComeBackWithIt) {
    ASSERT_EQ(commit(5), ErrorCode::kNone);
    led_by(kOther);
    EXPECT_EQ(commit(6), ErrorCode::kNotCoordinator);
    EXPECT_EQ(fetch().error_code, ErrorCode::kNotCoordinator);
    EXPECT_EQ(describe(), ErrorCode::kNotCoordinator);
    EXPECT_TRUE(ask(ListGroupsRequest{}, 4).groups.empty());
    led_by(kSelf);
    const auto fetched = fetch();
    EXPECT_EQ(fetched.error_code, ErrorCode::kNone);
    EXPECT_EQ(fetched.topics.at(0).partitions.at(0).committed_offset, Offset(5));
    EXPECT_EQ(ask(ListGroupsRequest{}, 4).groups.size(), 1U);
    EXPECT_EQ(commit(6), ErrorCode::kNone);
}

TEST_F(GroupsOfTwoBrokers, AnotherLeaderEpochLoadsTheGroupsAgain) {
    ASSERT_EQ(commit(5), ErrorCode::kNone);
    led_by(kSelf);
    led_by(kSelf);
    EXPECT_EQ(fetch().topics.at(0).partitions.at(0).committed_offset, Offset(5));
    EXPECT_EQ(commit(6), ErrorCode::kNone);
}

TEST_F(GroupsOfTwoBrokers, OffsetsAreNotShownOutOfTouchWithTheController) {
    ASSERT_EQ(commit(5), ErrorCode::kNone);
    broker_->services().is_in_touch = [] { return false; };
    EXPECT_EQ(fetch().error_code, ErrorCode::kCoordinatorNotAvailable);
    EXPECT_EQ(describe(), ErrorCode::kCoordinatorNotAvailable);
}

}  // namespace
}  // namespace sealane::broker
