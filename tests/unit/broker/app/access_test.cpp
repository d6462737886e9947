// Rights at work: what is allowed goes through, what is not seen is not told.

#include "broker/api/security/access.hpp"

#include "common/kafka/messages/cluster.hpp"
#include "common/kafka/messages/consumer_groups.hpp"
#include "common/kafka/messages/fetch.hpp"
#include "common/kafka/messages/group_admin.hpp"
#include "common/kafka/messages/groups.hpp"
#include "common/kafka/messages/metadata.hpp"
#include "common/kafka/messages/offsets.hpp"
#include "common/kafka/messages/producers.hpp"
#include "tests/unit/broker/app/access_fixture.hpp"

namespace sealane::broker {
namespace {

using identity::AclPermission;
using identity::PatternType;

std::string batch() {
    return batch_bytes(1, WallTime{1'700'000'000'000});
}

kafka::FetchRequest fetch_of(std::string topic) {
    kafka::FetchRequest request;
    request.replica_id = kNoBroker;
    request.max_bytes = 1 << 20;
    auto& one = request.topics.emplace_back();
    one.topic = std::move(topic);
    one.partitions.emplace_back().partition_max_bytes = 1 << 20;
    return request;
}

kafka::FindCoordinatorRequest coordinator_of(std::string group) {
    kafka::FindCoordinatorRequest request;
    request.coordinator_keys.push_back(std::move(group));
    return request;
}

TEST_F(AccessTest, RightsLetThroughWhatTheyName) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await topic_of_somebody(broker, raw, "orders.one");
        co_await topic_of_somebody(broker, raw, "payments");
        co_await permit(broker, Type::kTopic, "orders.", Op::kWrite, PatternType::kPrefixed);
        auto both = produce_request("orders.one", batch());
        both.topic_data.push_back(produce_request("payments", batch()).topic_data.at(0));
        const auto written = co_await raw.call(both, 9);
        EXPECT_EQ(written.responses.size(), 2U);
        EXPECT_EQ(only(written).error_code, ErrorCode::kNone);
        EXPECT_EQ(
            written.responses.at(1).partition_responses.at(0).error_code,
            ErrorCode::kTopicAuthorizationFailed
        );
        // Who may write to any topic may be idempotent.
        kafka::InitProducerIdRequest producer;
        producer.transactional_id.reset();
        EXPECT_EQ((co_await raw.call(producer, 4)).error_code, ErrorCode::kNone);
        // WRITE implies DESCRIBE: of all topics only this one is shown.
        kafka::MetadataRequest all;
        all.topics.reset();
        all.include_topic_authorized_operations = true;
        const auto seen = co_await raw.call(all, 12);
        EXPECT_EQ(seen.topics.size(), 1U);
        EXPECT_EQ(seen.topics.at(0).name, "orders.one");
        EXPECT_EQ(seen.topics.at(0).topic_authorized_operations, (1 << 4) | (1 << 8));
        const auto read = co_await raw.call(fetch_of("orders.one"), 12);
        EXPECT_EQ(
            read.responses.at(0).partitions.at(0).error_code, ErrorCode::kTopicAuthorizationFailed
        );
        co_await permit(
            broker,
            Type::kTopic,
            "orders.one",
            Op::kWrite,
            PatternType::kLiteral,
            AclPermission::kDeny
        );
        const auto denied = co_await raw.call(produce_request("orders.one", batch()), 9);
        EXPECT_EQ(only(denied).error_code, ErrorCode::kTopicAuthorizationFailed);
        EXPECT_GE(broker.services().access.denied(), 3U);
    });
    EXPECT_TRUE(sink_.count("denied") > 0);
}

TEST_F(AccessTest, AFetchSessionOutlivesNoRights) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await topic_of_somebody(broker, raw, "t");
        co_await permit(broker, Type::kTopic, "t", Op::kAll);
        (void)co_await raw.call(produce_request("t", batch()), 9);
        auto request = fetch_of("t");
        request.session_epoch = 0;
        const auto first = co_await raw.call(request, 12);
        EXPECT_EQ(first.responses.at(0).partitions.at(0).error_code, ErrorCode::kNone);
        EXPECT_NE(first.session_id, 0);
        co_await revoke_everything(broker);
        kafka::FetchRequest next;
        next.replica_id = kNoBroker;
        next.max_bytes = 1 << 20;
        next.session_id = first.session_id;
        next.session_epoch = 1;
        const auto second = co_await raw.call(next, 12);
        EXPECT_EQ(
            second.responses.at(0).partitions.at(0).error_code, ErrorCode::kTopicAuthorizationFailed
        );
        // Given back, the session goes on.
        co_await permit(broker, Type::kTopic, "t", Op::kRead);
        next.session_epoch = 2;
        const auto third = co_await raw.call(next, 12);
        EXPECT_EQ(third.responses.at(0).partitions.at(0).error_code, ErrorCode::kNone);
    });
}

TEST_F(AccessTest, AWriteWithoutAnswerThatIsDeniedEndsTheConnection) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await topic_of_somebody(broker, raw, "t");
        co_await raw.send(RawClient::frame_of(produce_request("t", batch(), 0), 9, 1));
        EXPECT_TRUE(co_await raw.closed_by_broker());
    });
}

TEST_F(AccessTest, TopicsAreMadeByWhoMayCreateThem) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await permit(broker, Type::kTopic, "mine", Op::kDescribe);
        kafka::MetadataRequest asked;
        asked.topics->emplace_back().name = "mine";
        auto answer = co_await raw.call(asked, 9);
        EXPECT_EQ(answer.topics.at(0).error_code, ErrorCode::kTopicAuthorizationFailed);
        co_await permit(broker, Type::kTopic, "mine", Op::kCreate);
        answer = co_await raw.call(asked, 9);
        EXPECT_EQ(answer.topics.at(0).error_code, ErrorCode::kNone);
        // Its configuration is for those who may see it.
        kafka::CreateTopicsRequest create;
        auto& topic = create.topics.emplace_back();
        topic.name = "other";
        topic.num_partitions = 1;
        topic.replication_factor = 1;
        co_await permit(broker, Type::kTopic, "other", Op::kCreate);
        const auto made = co_await raw.call(create, 7);
        EXPECT_EQ(made.topics.at(0).error_code, ErrorCode::kNone);
        EXPECT_EQ(made.topics.at(0).topic_config_error_code, ErrorCode::kTopicAuthorizationFailed);
        EXPECT_EQ(made.topics.at(0).num_partitions, -1);
        EXPECT_FALSE(made.topics.at(0).configs.has_value());
    });
}

TEST_F(AccessTest, TheClusterTellsWhatOneMayDo) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        kafka::DescribeClusterRequest asked;
        asked.include_cluster_authorized_operations = true;
        EXPECT_EQ((co_await raw.call(asked, 1)).cluster_authorized_operations, 0);
        co_await permit_cluster(broker, Op::kAlter);
        EXPECT_EQ((co_await raw.call(asked, 1)).cluster_authorized_operations, (1 << 7) | (1 << 8));
    });
}

TEST_F(AccessTest, GroupsAndTheirTopicsAreFiltered) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await group_that_reads_one_of_two(broker, raw);
        kafka::OffsetCommitRequest commit;
        commit.group_id = "g";
        for (const char* name : {"a", "b"}) {
            auto& topic = commit.topics.emplace_back();
            topic.name = name;
            topic.partitions.emplace_back().committed_offset = Offset(7);
        }
        const auto coordinator = co_await raw.call(coordinator_of("g"), 4);
        EXPECT_EQ(coordinator.coordinators.at(0).error_code, ErrorCode::kNone);
        auto committed = co_await raw.call(commit, 8);
        while (committed.topics.at(0).partitions.at(0).error_code ==
               ErrorCode::kCoordinatorLoadInProgress) {
            committed = co_await raw.call(commit, 8);
        }
        EXPECT_EQ(committed.topics.at(0).name, "a");
        EXPECT_EQ(committed.topics.at(0).partitions.at(0).error_code, ErrorCode::kNone);
        EXPECT_EQ(
            committed.topics.at(1).partitions.at(0).error_code, ErrorCode::kTopicAuthorizationFailed
        );
        co_await revoke_everything(broker);
        co_await permit(broker, Type::kGroup, "g", Op::kDescribe);
        kafka::OffsetFetchRequest fetch;
        auto& group = fetch.groups.emplace_back();
        group.group_id = "g";
        group.topics.reset();
        EXPECT_TRUE((co_await raw.call(fetch, 8)).groups.at(0).topics.empty());
        co_await permit(broker, Type::kTopic, "a", Op::kDescribe);
        EXPECT_EQ((co_await raw.call(fetch, 8)).groups.at(0).topics.size(), 1U);
        EXPECT_EQ((co_await raw.call(kafka::ListGroupsRequest{}, 4)).groups.size(), 1U);
        co_await revoke_everything(broker);
        EXPECT_TRUE((co_await raw.call(kafka::ListGroupsRequest{}, 4)).groups.empty());
    });
}

TEST_F(AccessTest, MembersReadOnlyTopicsThatTheyMayDescribe) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await group_that_reads_one_of_two(broker, raw);
        (void)co_await raw.call(coordinator_of("g"), 4);
        kafka::ConsumerGroupHeartbeatRequest join;
        join.group_id = "g";
        join.member_id = "m";
        join.rebalance_timeout_ms = 60'000;
        join.topic_partitions.emplace();
        join.subscribed_topic_names = std::vector<std::string>{"a", "b"};
        const auto refused = co_await raw.call(join, 1);
        EXPECT_EQ(refused.error_code, ErrorCode::kTopicAuthorizationFailed);
        // A pattern stands for what the member may see.
        join.subscribed_topic_names.reset();
        join.subscribed_topic_regex = ".*";
        auto joined = co_await raw.call(join, 1);
        while (joined.error_code == ErrorCode::kCoordinatorLoadInProgress)
            joined = co_await raw.call(join, 1);
        EXPECT_EQ(joined.error_code, ErrorCode::kNone);
        EXPECT_EQ(joined.assignment->topic_partitions.size(), 1U);

        kafka::ConsumerGroupDescribeRequest describe;
        describe.group_ids = {"g"};
        describe.include_authorized_operations = true;
        const auto shown = co_await raw.call(describe, 1);
        EXPECT_EQ(shown.groups.at(0).members.size(), 1U);
        EXPECT_EQ(shown.groups.at(0).authorized_operations, (1 << 3) | (1 << 8));
        co_await revoke_everything(broker);
        co_await permit(broker, Type::kGroup, "g", Op::kDescribe);
        const auto hidden = co_await raw.call(describe, 1);
        EXPECT_EQ(hidden.groups.at(0).error_code, ErrorCode::kTopicAuthorizationFailed);
        EXPECT_TRUE(hidden.groups.at(0).members.empty());
    });
}

TEST_F(AccessTest, TheDefaultMayBeOpen) {
    config_.authorizer.allow_without_acl = true;
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await make_topic(raw, "t");
        EXPECT_EQ(
            only(co_await raw.call(produce_request("t", batch()), 9)).error_code, ErrorCode::kNone
        );
        co_await permit(
            broker, Type::kTopic, "t", Op::kWrite, PatternType::kLiteral, AclPermission::kDeny
        );
        EXPECT_EQ(
            only(co_await raw.call(produce_request("t", batch()), 9)).error_code,
            ErrorCode::kTopicAuthorizationFailed
        );
    });
}

TEST_F(AccessTest, WithoutAnAuthorizerAclsAreNotKept) {
    config_.authorizer.enabled = false;
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        kafka::CreateAclsRequest create;
        create.creations.emplace_back();
        const auto refused = co_await raw.call(create, 3);
        EXPECT_EQ(refused.results.at(0).error_code, ErrorCode::kSecurityDisabled);
        const auto described = co_await raw.call(kafka::DescribeAclsRequest{}, 3);
        EXPECT_EQ(described.error_code, ErrorCode::kSecurityDisabled);
    });
}

TEST_F(AccessTest, AclsAreMadeShownAndRemovedOverTheWireAndOutliveARestart) {
    kafka::CreateAclsRequest create;
    auto& one = create.creations.emplace_back();
    one = {2, "orders", 3, "User:alice", "*", 3, 3};
    create.creations.push_back(one);
    create.creations.push_back({2, "", 3, "User:alice", "*", 3, 3});
    kafka::DescribeAclsRequest everything;
    everything.resource_type_filter = everything.operation = everything.permission_type = 1;
    everything.pattern_type_filter = 1;
    everything.resource_name_filter.reset();
    everything.principal_filter = "User:alice";
    everything.host_filter.reset();
    with_broker([&](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await permit_cluster(broker, Op::kAlter);
        const auto made = co_await raw.call(create, 3);
        EXPECT_EQ(made.results.at(0).error_code, ErrorCode::kNone);
        EXPECT_EQ(made.results.at(1).error_code, ErrorCode::kNone);
        EXPECT_EQ(made.results.at(2).error_code, ErrorCode::kInvalidRequest);
        EXPECT_EQ((co_await raw.call(everything, 3)).resources.size(), 1U);
    });
    with_broker([&](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        EXPECT_EQ((co_await raw.call(everything, 3)).resources.at(0).acls.size(), 1U);
        kafka::DeleteAclsRequest remove;
        auto& filter = remove.filters.emplace_back();
        filter.resource_type_filter = 2;
        filter.resource_name_filter = "orders";
        filter.pattern_type_filter = 3;
        filter.principal_filter.reset();
        filter.host_filter.reset();
        filter.operation = filter.permission_type = 1;
        const auto removed = co_await raw.call(remove, 3);
        EXPECT_EQ(removed.filter_results.at(0).matching_acls.size(), 1U);
        EXPECT_TRUE((co_await raw.call(everything, 3)).resources.empty());
    });
}

}  // namespace
}  // namespace sealane::broker
