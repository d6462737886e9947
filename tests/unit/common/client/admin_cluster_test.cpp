// ClusterAdmin against a scripted broker: what is asked, how errors of one partition and of the
// whole are told, and what happens when an API is not served or the broker asked is not the
// controller.

#include "common/client/admin_cluster.hpp"

#include "common/kafka/messages/configs.hpp"
#include "common/kafka/messages/metadata.hpp"
#include "common/kafka/messages/reassignments.hpp"
#include "tests/unit/common/client/simulated_client.hpp"

#include <gtest/gtest.h>

namespace sealane::client {
namespace {

using runtime::Task;

std::vector<BrokerId> ids(std::initializer_list<int> numbers) {
    std::vector<BrokerId> list;
    for (const int number : numbers) list.emplace_back(number);
    return list;
}

TEST(ClusterAdmin, AsksForFencedBrokers) {
    simulate(1, [](SimulatedCluster& cluster) -> Task<void> {
        cluster.broker.on<kafka::DescribeClusterRequest>(
            [](const kafka::DescribeClusterRequest& request) {
                EXPECT_TRUE(request.include_fenced_brokers);
                kafka::DescribeClusterResponse response;
                response.cluster_id = "fake";
                auto& broker = response.brokers.emplace_back();
                broker.broker_id = BrokerId(9);
                broker.is_fenced = true;
                return std::optional(response);
            }
        );
        const auto described = co_await ClusterAdmin(cluster.client).describe(cluster.soon());
        EXPECT_TRUE(described);
        if (described) EXPECT_TRUE(described->brokers.at(0).is_fenced);
    });
}

TEST(ClusterAdmin, ReadsAllPagesOfPartitionsInOrder) {
    simulate(2, [](SimulatedCluster& cluster) -> Task<void> {
        using Request = kafka::DescribeTopicPartitionsRequest;
        cluster.broker.on<Request>([](const Request& request) {
            kafka::DescribeTopicPartitionsResponse response;
            auto& topic = response.topics.emplace_back();
            topic.name = request.cursor ? "a" : "b";
            auto& partition = topic.partitions.emplace_back();
            partition.replica_nodes = ids({1, 2, 3});
            partition.isr_nodes = ids({1});
            partition.eligible_leader_replicas = ids({2});
            if (!request.cursor)
                response.next_cursor =
                    kafka::DescribeTopicPartitionsResponse::Cursor{"a", PartitionId(0)};
            return std::optional(response);
        });
        const auto all = co_await ClusterAdmin(cluster.client).partitions(cluster.soon());
        EXPECT_TRUE(all);
        if (!all) co_return;
        EXPECT_EQ(all->size(), 2U);
        EXPECT_EQ(all->at(0).partition.topic, "a");
        EXPECT_EQ(all->at(1).eligible, ids({2}));
    });
}

TEST(ClusterAdmin, TellsTheOutcomeOfEachPartition) {
    simulate(3, [](SimulatedCluster& cluster) -> Task<void> {
        using Request = kafka::AlterPartitionReassignmentsRequest;
        cluster.broker.on<Request>([](const Request& request) {
            EXPECT_EQ(request.topics.size(), 2U) << "partitions of one topic stand together";
            EXPECT_FALSE(request.topics[0].partitions[1].replicas) << "nothing cancels";
            kafka::AlterPartitionReassignmentsResponse response;
            for (const auto& asked : request.topics) {
                auto& topic = response.responses.emplace_back();
                topic.name = asked.name;
                for (const auto& one : asked.partitions) {
                    auto& partition = topic.partitions.emplace_back();
                    partition.partition_index = one.partition_index;
                    if (!one.replicas) partition.error_code = ErrorCode::kNoReassignmentInProgress;
                }
            }
            return std::optional(response);
        });
        const auto outcomes = co_await ClusterAdmin(cluster.client)
                                  .reassign(
                                      {{{"t", PartitionId(1)}, std::nullopt},
                                       {{"u", PartitionId(0)}, ids({1})},
                                       {{"t", PartitionId(0)}, ids({2, 1})}},
                                      cluster.soon()
                                  );
        EXPECT_TRUE(outcomes);
        if (!outcomes) co_return;
        EXPECT_EQ(outcomes->size(), 3U);
        EXPECT_EQ(outcomes->at(0).error, ErrorCode::kNone);
        EXPECT_EQ(outcomes->at(1).error, ErrorCode::kNoReassignmentInProgress);
    });
}

TEST(ClusterAdmin, LeavesOutPartitionsThatNeedNoElection) {
    simulate(4, [](SimulatedCluster& cluster) -> Task<void> {
        using Request = kafka::ElectLeadersRequest;
        cluster.broker.on<Request>([](const Request& request) {
            EXPECT_EQ(request.election_type, 1);
            EXPECT_FALSE(request.topic_partitions) << "nothing means all";
            kafka::ElectLeadersResponse response;
            auto& topic = response.replica_election_results.emplace_back();
            topic.topic = "t";
            topic.partition_result.emplace_back().error_code = ErrorCode::kElectionNotNeeded;
            topic.partition_result.emplace_back().partition_id = PartitionId(1);
            return std::optional(response);
        });
        const auto outcomes = co_await ClusterAdmin(cluster.client)
                                  .elect(ElectionType::kUnclean, std::nullopt, cluster.soon());
        EXPECT_TRUE(outcomes);
        if (!outcomes) co_return;
        EXPECT_EQ(outcomes->size(), 1U);
        EXPECT_EQ(outcomes->at(0).partition.partition, PartitionId(1));
    });
}

TEST(ClusterAdmin, AsksAgainWhileNobodyIsTheController) {
    simulate(5, [](SimulatedCluster& cluster) -> Task<void> {
        int asked = 0;
        cluster.broker.on<kafka::UnregisterBrokerRequest>(
            [&asked](const kafka::UnregisterBrokerRequest& request) {
                EXPECT_EQ(request.broker_id, BrokerId(4));
                kafka::UnregisterBrokerResponse response;
                if (++asked < 3) response.error_code = ErrorCode::kNotController;
                return std::optional(response);
            }
        );
        EXPECT_TRUE(
            co_await ClusterAdmin(cluster.client).unregister_broker(BrokerId(4), cluster.soon())
        );
        EXPECT_EQ(asked, 3);
    });
}

TEST(ClusterAdmin, PassesTheBrokersRefusalOn) {
    simulate(6, [](SimulatedCluster& cluster) -> Task<void> {
        cluster.broker.on<kafka::RemoveRaftVoterRequest>([](const kafka::RemoveRaftVoterRequest&) {
            kafka::RemoveRaftVoterResponse response;
            response.error_code = ErrorCode::kVoterNotFound;
            response.error_message = "no such disk";
            return std::optional(response);
        });
        const auto status =
            co_await ClusterAdmin(cluster.client).remove_voter(BrokerId(2), {}, cluster.soon());
        EXPECT_FALSE(status);
        if (status) co_return;
        EXPECT_EQ(status.error().code(), ErrorCode::kVoterNotFound);
        EXPECT_NE(status.error().detail().find("no such disk"), std::string::npos);
    });
}

TEST(ClusterAdmin, FindsTheQuorumInTheAnswer) {
    simulate(7, [](SimulatedCluster& cluster) -> Task<void> {
        using Request = kafka::DescribeQuorumRequest;
        cluster.broker.on<Request>([](const Request& request) {
            EXPECT_EQ(request.topics.at(0).topic_name, "__cluster_metadata");
            kafka::DescribeQuorumResponse response;
            auto& partition = response.topics.emplace_back().partitions.emplace_back();
            partition.leader_id = BrokerId(3);
            response.nodes.emplace_back().node_id = BrokerId(3);
            return std::optional(response);
        });
        const auto quorum = co_await ClusterAdmin(cluster.client).describe_quorum(cluster.soon());
        EXPECT_TRUE(quorum);
        if (!quorum) co_return;
        EXPECT_EQ(quorum->leader_id, BrokerId(3));
        EXPECT_EQ(quorum->nodes.size(), 1U);
    });
}

TEST(ClusterAdmin, ReadsOneConfigOfManyTopics) {
    simulate(8, [](SimulatedCluster& cluster) -> Task<void> {
        using Request = kafka::DescribeConfigsRequest;
        cluster.broker.on<Request>([](const Request& request) {
            kafka::DescribeConfigsResponse response;
            for (const auto& asked : request.resources) {
                auto& result = response.results.emplace_back();
                result.resource_name = asked.resource_name;
                if (asked.resource_name == "gone") {
                    result.error_code = ErrorCode::kUnknownTopicOrPartition;
                    continue;
                }
                auto& config = result.configs.emplace_back();
                config.name = asked.configuration_keys->at(0);
                config.value = "2";
            }
            return std::optional(response);
        });
        std::vector<std::string> topics{"gone"};
        for (int i = 0; i < 700; ++i) topics.push_back("t" + std::to_string(i));
        const auto values = co_await ClusterAdmin(cluster.client)
                                .topic_config(topics, "min.insync.replicas", cluster.soon());
        EXPECT_TRUE(values);
        if (!values) co_return;
        EXPECT_EQ(values->size(), 700U);
        EXPECT_EQ(values->at("t699"), "2");
        EXPECT_EQ(cluster.broker.count(kafka::ApiKey::kDescribeConfigs), 2);
    });
}

}  // namespace
}  // namespace sealane::client
