// The group APIs in every version they are served in.

#include "broker/api/topic_creation.hpp"
#include "common/kafka/messages/group_admin.hpp"
#include "common/kafka/messages/groups.hpp"
#include "common/kafka/messages/offsets.hpp"
#include "tests/unit/broker/api/groups/broker_in_memory.hpp"

namespace sealane::broker {
namespace {

using namespace kafka;

class GroupApis : public BrokerInMemory {
 protected:
    GroupApis() {
        run([this]() -> runtime::Task<void> {
            NewTopic topic;
            topic.name = "t";
            topic.partitions = 2;
            const Status made = co_await ensure_topic(broker_->services(), topic);
            EXPECT_TRUE(made);
            FindCoordinatorRequest find;
            find.key = "g";
            (void)co_await asked(find, 0);
            co_await world_.sleep(100ms);
        });
        topic_id_ = broker_->services().metadata.image()->topic("t")->id;
    }

    OffsetCommitRequest commit_of(std::int16_t version, std::int64_t offset) {
        OffsetCommitRequest request;
        request.group_id = "g";
        auto& topic = request.topics.emplace_back();
        if (version < 10) topic.name = "t";
        if (version >= 10) topic.topic_id = topic_id_;
        for (int partition = 0; partition < 3; ++partition) {
            auto& entry = topic.partitions.emplace_back();
            entry.partition_index = PartitionId(partition);
            entry.committed_offset = Offset(offset);
            entry.committed_metadata = "note";
            if (version >= 6) entry.committed_leader_epoch = LeaderEpoch(2);
        }
        return request;
    }

    OffsetFetchResponse::OffsetFetchResponseGroup fetch(std::int16_t version, bool all) {
        OffsetFetchRequest request;
        if (version < 8) {
            request.group_id = "g";
            request.topics->push_back({"t", {PartitionId(0), PartitionId(1)}});
            if (all) request.topics.reset();
            const auto response = ask(request, version);
            OffsetFetchResponse::OffsetFetchResponseGroup group;
            group.error_code = response.error_code;
            for (const auto& topic : response.topics) {
                auto& to = group.topics.emplace_back();
                to.name = topic.name;
                for (const auto& p : topic.partitions)
                    to.partitions.push_back(
                        {p.partition_index,
                         p.committed_offset,
                         p.committed_leader_epoch,
                         p.metadata,
                         p.error_code}
                    );
            }
            return group;
        }
        auto& group = request.groups.emplace_back();
        group.group_id = "g";
        auto& topic = group.topics->emplace_back();
        if (version < 10) topic.name = "t";
        if (version >= 10) topic.topic_id = topic_id_;
        topic.partition_indexes = {PartitionId(0), PartitionId(1)};
        if (all) group.topics.reset();
        return ask(request, version).groups.at(0);
    }

    Uuid topic_id_;
};

TEST_F(GroupApis, FindCoordinatorNamesThisNodeInEveryVersion) {
    for (std::int16_t version = 0; version <= 6; ++version) {
        FindCoordinatorRequest request;
        if (version < 4) request.key = "g";
        if (version >= 4) request.coordinator_keys = {"g", "other"};
        const auto response = ask(request, version);
        EXPECT_EQ(response.error_code, ErrorCode::kNone);
        if (version < 4) {
            EXPECT_EQ(response.node_id.value, 7);
            EXPECT_EQ(response.port, 9092);
            continue;
        }
        ASSERT_EQ(response.coordinators.size(), 2U);
        EXPECT_EQ(response.coordinators[1].key, "other");
        EXPECT_EQ(response.coordinators[1].host, "a");
    }
    FindCoordinatorRequest share;
    share.key_type = 2;
    share.coordinator_keys = {"x"};
    const auto refused = ask(share, 6).coordinators.at(0);
    EXPECT_EQ(refused.error_code, ErrorCode::kInvalidRequest);
    EXPECT_EQ(refused.node_id, kNoBroker);
}

TEST_F(GroupApis, OffsetsTravelThroughEveryVersion) {
    const auto [first, last] = versions(ApiKey::kOffsetCommit);
    for (std::int16_t version = first; version <= last; ++version) {
        const auto committed = ask(commit_of(version, 100 + version), version);
        ASSERT_EQ(committed.topics.size(), 1U);
        const auto& partitions = committed.topics[0].partitions;
        ASSERT_EQ(partitions.size(), 3U);
        EXPECT_EQ(partitions[0].error_code, ErrorCode::kNone) << version;
        EXPECT_EQ(partitions[1].error_code, ErrorCode::kNone);
        EXPECT_EQ(partitions[2].error_code, ErrorCode::kUnknownTopicOrPartition);
        for (const bool all : {false, true}) {
            if (all && version < 2) continue;
            const auto group = fetch(version, all);
            EXPECT_EQ(group.error_code, ErrorCode::kNone);
            ASSERT_EQ(group.topics.size(), 1U) << version;
            EXPECT_EQ(group.topics[0].topic_id, version >= 10 ? topic_id_ : Uuid{});
            ASSERT_EQ(group.topics[0].partitions.size(), 2U);
            const auto& found = group.topics[0].partitions[1];
            EXPECT_EQ(found.committed_offset.value, 100 + version);
            EXPECT_EQ(found.metadata, "note");
            if (version >= 6) EXPECT_EQ(found.committed_leader_epoch.value, 2);
        }
    }
}

TEST_F(GroupApis, NothingCommittedIsMinusOneWithoutAnError) {
    for (std::int16_t version = 1; version <= 10; ++version) {
        const auto group = fetch(version, false);
        const auto& found = group.topics.at(0).partitions.at(0);
        EXPECT_EQ(found.error_code, ErrorCode::kNone);
        EXPECT_EQ(found.committed_offset, kNoOffset);
        EXPECT_EQ(found.metadata, "");
    }
}

TEST_F(GroupApis, UnknownTopicsByNameAndById) {
    OffsetCommitRequest by_name = commit_of(9, 1);
    by_name.topics[0].name = "nothing";
    EXPECT_EQ(
        ask(by_name, 9).topics[0].partitions[0].error_code, ErrorCode::kUnknownTopicOrPartition
    );
    OffsetCommitRequest by_id = commit_of(10, 1);
    by_id.topics[0].topic_id.bytes[3] ^= 1U;
    EXPECT_EQ(ask(by_id, 10).topics[0].partitions[0].error_code, ErrorCode::kUnknownTopicId);
}

TEST_F(GroupApis, AMemberLivesInEveryVersion) {
    for (std::int16_t version = 0; version <= 9; ++version) {
        JoinGroupRequest join;
        join.group_id = "group" + std::to_string(version);
        join.session_timeout_ms = 10'000;
        if (version >= 1) join.rebalance_timeout_ms = 10'000;
        join.protocol_type = "consumer";
        join.protocols.push_back({"range", BufferSlice::copy_of("subscription")});
        auto joined = ask(join, version);
        if (version >= 4) {
            EXPECT_EQ(joined.error_code, ErrorCode::kMemberIdRequired);
            join.member_id = joined.member_id;
            joined = ask(join, version);
        }
        ASSERT_EQ(joined.error_code, ErrorCode::kNone) << version;
        EXPECT_EQ(joined.generation_id.value, 1);
        EXPECT_EQ(joined.leader, joined.member_id);
        EXPECT_EQ(joined.protocol_name, "range");
        EXPECT_TRUE(joined.member_id.starts_with("tester-"));
        ASSERT_EQ(joined.members.size(), 1U);

        SyncGroupRequest sync;
        sync.group_id = join.group_id;
        sync.generation_id = joined.generation_id;
        sync.member_id = joined.member_id;
        sync.assignments.push_back({joined.member_id, BufferSlice::copy_of("mine")});
        const auto synced = ask(sync, std::min<std::int16_t>(version, 5));
        EXPECT_EQ(synced.error_code, ErrorCode::kNone);
        EXPECT_EQ(synced.assignment.text(), "mine");

        HeartbeatRequest beat;
        beat.group_id = join.group_id;
        beat.generation_id = joined.generation_id;
        beat.member_id = joined.member_id;
        EXPECT_EQ(ask(beat, std::min<std::int16_t>(version, 4)).error_code, ErrorCode::kNone);

        DescribeGroupsRequest describe;
        describe.groups = {join.group_id};
        const auto shown = ask(describe, std::min<std::int16_t>(version, 6)).groups.at(0);
        EXPECT_EQ(shown.group_state, "Stable");
        EXPECT_EQ(shown.members.at(0).client_host, "/10.0.0.1");
        EXPECT_EQ(shown.members.at(0).member_assignment.text(), "mine");

        LeaveGroupRequest leave;
        leave.group_id = join.group_id;
        const auto leave_version = std::min<std::int16_t>(version, 5);
        if (leave_version < 3) leave.member_id = joined.member_id;
        if (leave_version >= 3) leave.members.push_back({joined.member_id, {}, {}});
        EXPECT_EQ(ask(leave, leave_version).error_code, ErrorCode::kNone);
        if (leave_version < 3)
            EXPECT_EQ(ask(leave, leave_version).error_code, ErrorCode::kUnknownMemberId);
        else
            EXPECT_EQ(
                ask(leave, leave_version).members.at(0).error_code, ErrorCode::kUnknownMemberId
            );
    }
}

TEST_F(GroupApis, JoinErrorsHaveTheShapeOfTheirVersion) {
    for (std::int16_t version = 0; version <= 9; ++version) {
        JoinGroupRequest join;
        join.group_id = "x";
        join.session_timeout_ms = 1;
        const auto refused = ask(join, version);
        EXPECT_EQ(refused.error_code, ErrorCode::kInvalidSessionTimeout);
        EXPECT_EQ(refused.generation_id.value, -1);
        EXPECT_EQ(refused.protocol_name.has_value(), version < 7);
    }
}

TEST_F(GroupApis, GroupsAreListedFilteredAndDeleted) {
    ask(commit_of(2, 5), 2);
    for (std::int16_t version = 0; version <= 5; ++version) {
        ListGroupsRequest all;
        const auto listed = ask(all, version).groups;
        ASSERT_EQ(listed.size(), 1U);
        EXPECT_EQ(listed[0].group_id, "g");
        EXPECT_EQ(listed[0].protocol_type, "");
        if (version < 4) continue;
        EXPECT_EQ(listed[0].group_state, "Empty");
        all.states_filter = {"empty"};
        EXPECT_EQ(ask(all, version).groups.size(), 1U);
        all.states_filter = {"Stable"};
        EXPECT_TRUE(ask(all, version).groups.empty());
    }
    DescribeGroupsRequest describe;
    describe.groups = {"nobody"};
    EXPECT_EQ(ask(describe, 5).groups[0].group_state, "Dead");
    EXPECT_EQ(ask(describe, 5).groups[0].error_code, ErrorCode::kNone);
    EXPECT_EQ(ask(describe, 6).groups[0].error_code, ErrorCode::kGroupIdNotFound);

    OffsetDeleteRequest offsets;
    offsets.group_id = "g";
    offsets.topics.push_back({"t", {{PartitionId(0)}}});
    offsets.topics.push_back({"nothing", {{PartitionId(0)}}});
    const auto removed = ask(offsets, 0);
    EXPECT_EQ(removed.error_code, ErrorCode::kNone);
    EXPECT_EQ(removed.topics.at(0).partitions.at(0).error_code, ErrorCode::kNone);
    EXPECT_EQ(
        removed.topics.at(1).partitions.at(0).error_code, ErrorCode::kUnknownTopicOrPartition
    );
    EXPECT_EQ(fetch(2, false).topics[0].partitions[0].committed_offset, kNoOffset);
    EXPECT_EQ(fetch(2, false).topics[0].partitions[1].committed_offset.value, 5);

    DeleteGroupsRequest remove;
    remove.groups_names = {"g", "nobody"};
    const auto results = ask(remove, 2).results;
    EXPECT_EQ(results.at(0).error_code, ErrorCode::kNone);
    EXPECT_EQ(results.at(1).error_code, ErrorCode::kGroupIdNotFound);
    EXPECT_TRUE(ask(ListGroupsRequest{}, 0).groups.empty());
}

}  // namespace
}  // namespace sealane::broker
