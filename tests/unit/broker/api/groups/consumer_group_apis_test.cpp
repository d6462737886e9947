// Groups of the consumer protocol (KIP-848) through the wire's structs.

#include "broker/api/topic_creation.hpp"
#include "common/kafka/messages/consumer_groups.hpp"
#include "common/kafka/messages/group_admin.hpp"
#include "common/kafka/messages/groups.hpp"
#include "common/kafka/messages/offsets.hpp"
#include "tests/unit/broker/api/groups/broker_in_memory.hpp"

namespace sealane::broker {
namespace {

using namespace kafka;

class ConsumerGroupApis : public BrokerInMemory {
 protected:
    ConsumerGroupApis() {
        make_topic("t", 4);
        run([this]() -> runtime::Task<void> {
            FindCoordinatorRequest find;
            find.key = "g";
            (void)co_await asked(find, 0);
            co_await world_.sleep(100ms);
        });
    }
    void make_topic(std::string name, std::int32_t partitions) {
        run([&]() -> runtime::Task<void> {
            NewTopic topic;
            topic.name = name;
            topic.partitions = partitions;
            EXPECT_TRUE(co_await ensure_topic(broker_->services(), topic));
        });
    }
    static ConsumerGroupHeartbeatRequest joining(std::string member) {
        ConsumerGroupHeartbeatRequest request;
        request.group_id = "g";
        request.member_id = std::move(member);
        request.rebalance_timeout_ms = 60'000;
        request.subscribed_topic_names = std::vector<std::string>{"t"};
        request.topic_partitions.emplace();
        return request;
    }
    ConsumerGroupHeartbeatResponse beat(std::string member, std::int32_t epoch) {
        ConsumerGroupHeartbeatRequest request;
        request.group_id = "g";
        request.member_id = std::move(member);
        request.member_epoch = epoch;
        return ask(request, 1);
    }
    ConsumerGroupDescribeResponse::DescribedGroup describe(std::string group = "g") {
        ConsumerGroupDescribeRequest request;
        request.group_ids = {std::move(group)};
        request.include_authorized_operations = true;
        return ask(request, 1).groups.at(0);
    }
    ErrorCode commit(std::int16_t version, std::string member, std::int32_t epoch) {
        OffsetCommitRequest request;
        request.group_id = "g";
        request.member_id = std::move(member);
        request.generation_id_or_member_epoch = GroupGeneration(epoch);
        auto& topic = request.topics.emplace_back();
        if (version < 10) topic.name = "t";
        if (version >= 10) topic.topic_id = broker_->services().metadata.image()->topic("t")->id;
        topic.partitions.emplace_back().committed_offset = Offset(9);
        return ask(request, version).topics.at(0).partitions.at(0).error_code;
    }
    OffsetFetchResponse::OffsetFetchResponseGroup fetch(
        std::optional<std::string> member, std::int32_t epoch
    ) {
        OffsetFetchRequest request;
        auto& group = request.groups.emplace_back();
        group.group_id = "g";
        group.member_id = std::move(member);
        group.member_epoch = epoch;
        group.topics.emplace().push_back({"t", Uuid{}, {PartitionId(0)}});
        return ask(request, 9).groups.at(0);
    }
};

TEST_F(ConsumerGroupApis, AMemberJoinsAndIsDescribed) {
    const auto joined = ask(joining("m"), 1);
    EXPECT_EQ(joined.error_code, ErrorCode::kNone);
    EXPECT_EQ(joined.member_epoch, 1);
    EXPECT_EQ(joined.heartbeat_interval_ms, 5'000);
    ASSERT_TRUE(joined.assignment);
    ASSERT_EQ(joined.assignment->topic_partitions.size(), 1U);
    EXPECT_EQ(joined.assignment->topic_partitions[0].partitions.size(), 4U);
    EXPECT_FALSE(beat("m", 1).assignment);

    const auto group = describe();
    EXPECT_EQ(group.error_code, ErrorCode::kNone);
    EXPECT_EQ(group.group_state, "Stable");
    EXPECT_EQ(group.group_epoch, 1);
    EXPECT_EQ(group.assignment_epoch, 1);
    EXPECT_EQ(group.assignor_name, "uniform");
    EXPECT_EQ(group.authorized_operations, (1 << 3) | (1 << 6) | (1 << 8));
    ASSERT_EQ(group.members.size(), 1U);
    const auto& member = group.members[0];
    EXPECT_EQ(member.member_id, "m");
    EXPECT_EQ(member.client_id, "tester");
    EXPECT_EQ(member.client_host, "/10.0.0.1");
    EXPECT_EQ(member.member_type, 1);
    EXPECT_EQ(member.assignment.topic_partitions.at(0).topic_name, "t");
    EXPECT_EQ(member.assignment, member.target_assignment);
}

TEST_F(ConsumerGroupApis, VersionZeroNamesTheMember) {
    const auto joined = ask(joining(""), 0);
    EXPECT_EQ(joined.error_code, ErrorCode::kNone);
    EXPECT_EQ(joined.member_id.value_or("").size(), 36U);
    EXPECT_EQ(ask(joining(""), 1).error_code, ErrorCode::kInvalidRequest);
    ConsumerGroupDescribeRequest request;
    request.group_ids = {"g"};
    EXPECT_EQ(ask(request, 0).groups.at(0).members.size(), 1U);
}

TEST_F(ConsumerGroupApis, RefusalsHaveATextForTheUser) {
    ConsumerGroupHeartbeatRequest request = joining("m");
    request.server_assignor = "best";
    const auto refused = ask(request, 1);
    EXPECT_EQ(refused.error_code, ErrorCode::kUnsupportedAssignor);
    EXPECT_NE(refused.error_message.value_or("").find("uniform, range"), std::string::npos);
    EXPECT_EQ(beat("m", 3).error_code, ErrorCode::kGroupIdNotFound);
}

TEST_F(ConsumerGroupApis, PatternsSeeTopicsButNotInternalOnes) {
    make_topic("u", 1);
    ConsumerGroupHeartbeatRequest request = joining("m");
    request.subscribed_topic_names.reset();
    request.subscribed_topic_regex = ".*";
    const auto joined = ask(request, 1);
    ASSERT_TRUE(joined.assignment);
    EXPECT_EQ(joined.assignment->topic_partitions.size(), 2U);
    EXPECT_EQ(describe().members.at(0).subscribed_topic_regex, ".*");
    request.member_id = "n";
    request.subscribed_topic_regex = "(";
    const auto refused = ask(request, 1);
    EXPECT_EQ(refused.error_code, ErrorCode::kInvalidRegularExpression);
    EXPECT_TRUE(refused.error_message);
}

TEST_F(ConsumerGroupApis, NewTopicsAndPartitionsArriveWithTheNextHeartbeat) {
    ConsumerGroupHeartbeatRequest request = joining("m");
    request.subscribed_topic_names = std::vector<std::string>{"later"};
    EXPECT_TRUE(ask(request, 1).assignment->topic_partitions.empty());
    make_topic("later", 3);
    const auto told = beat("m", 1);
    ASSERT_TRUE(told.assignment);
    EXPECT_EQ(told.assignment->topic_partitions.at(0).partitions.size(), 3U);
}

TEST_F(ConsumerGroupApis, OffsetsAreForMembersInTheirEpoch) {
    (void)ask(joining("m"), 1);
    for (const std::int16_t version : std::initializer_list<std::int16_t>{9, 10}) {
        EXPECT_EQ(commit(version, "m", 1), ErrorCode::kNone);
        EXPECT_EQ(commit(version, "m", 2), ErrorCode::kStaleMemberEpoch);
        EXPECT_EQ(commit(version, "x", 1), ErrorCode::kUnknownMemberId);
    }
    EXPECT_EQ(commit(8, "m", 1), ErrorCode::kUnsupportedVersion);
    EXPECT_EQ(fetch("m", 1).topics.at(0).partitions.at(0).committed_offset.value, 9);
    EXPECT_EQ(fetch(std::nullopt, -1).topics.at(0).partitions.at(0).committed_offset.value, 9);
    EXPECT_EQ(fetch("m", 2).error_code, ErrorCode::kStaleMemberEpoch);
    EXPECT_EQ(fetch("x", 1).error_code, ErrorCode::kUnknownMemberId);
}

TEST_F(ConsumerGroupApis, GroupsAreListedByTypeAndState) {
    (void)ask(joining("m"), 1);
    const auto list = [this](std::vector<std::string> types, std::vector<std::string> states) {
        ListGroupsRequest request;
        request.types_filter = std::move(types);
        request.states_filter = std::move(states);
        return ask(request, 5).groups;
    };
    ASSERT_EQ(list({}, {}).size(), 1U);
    EXPECT_EQ(list({}, {})[0].group_type, "consumer");
    EXPECT_EQ(list({"Consumer"}, {"stable"}).size(), 1U);
    EXPECT_TRUE(list({"classic"}, {}).empty());
    EXPECT_TRUE(list({}, {"Empty"}).empty());
}

TEST_F(ConsumerGroupApis, TheOtherKindOfDescriptionDoesNotFindIt) {
    (void)ask(joining("m"), 1);
    DescribeGroupsRequest request;
    request.groups = {"g"};
    EXPECT_EQ(ask(request, 5).groups.at(0).group_state, "Dead");
    EXPECT_EQ(ask(request, 6).groups.at(0).error_code, ErrorCode::kGroupIdNotFound);
    EXPECT_EQ(describe("other").error_code, ErrorCode::kGroupIdNotFound);
    EXPECT_EQ(describe("").error_code, ErrorCode::kInvalidGroupId);
}

TEST_F(ConsumerGroupApis, ARestartForgetsNothing) {
    (void)ask(joining("m"), 1);
    (void)ask(joining("n"), 1);
    EXPECT_EQ(commit(9, "m", 1), ErrorCode::kNone);
    const auto before = describe();
    restart();
    run([this]() -> runtime::Task<void> { co_await world_.sleep(500ms); });
    EXPECT_EQ(describe(), before);
    EXPECT_EQ(beat("n", 2).error_code, ErrorCode::kNone);
    run([this]() -> runtime::Task<void> { co_await world_.sleep(46s); });
    EXPECT_EQ(describe().group_state, "Empty");
    DeleteGroupsRequest remove;
    remove.groups_names = {"g"};
    EXPECT_EQ(ask(remove, 2).results.at(0).error_code, ErrorCode::kNone);
    EXPECT_EQ(describe().error_code, ErrorCode::kGroupIdNotFound);
}

TEST_F(ConsumerGroupApis, AreServedInBothVersions) {
    EXPECT_EQ(versions(ApiKey::kConsumerGroupHeartbeat).second, 1);
    EXPECT_EQ(versions(ApiKey::kConsumerGroupDescribe).second, 1);
}

}  // namespace
}  // namespace sealane::broker
