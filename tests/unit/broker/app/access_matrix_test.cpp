// Every API that is served denies who has no rights: a table of all of them. An API that is new
// here fails the test until it has a row, or is named as open.

#include "broker/api/registry.hpp"
#include "common/kafka/messages/acls.hpp"
#include "common/kafka/messages/api_versions.hpp"
#include "common/kafka/messages/brokers.hpp"
#include "common/kafka/messages/cluster.hpp"
#include "common/kafka/messages/configs.hpp"
#include "common/kafka/messages/consumer_groups.hpp"
#include "common/kafka/messages/fetch.hpp"
#include "common/kafka/messages/group_admin.hpp"
#include "common/kafka/messages/groups.hpp"
#include "common/kafka/messages/list_offsets.hpp"
#include "common/kafka/messages/metadata.hpp"
#include "common/kafka/messages/offsets.hpp"
#include "common/kafka/messages/producers.hpp"
#include "common/kafka/messages/quorum_admin.hpp"
#include "common/kafka/messages/quotas.hpp"
#include "common/kafka/messages/reassignments.hpp"
#include "common/kafka/messages/sasl.hpp"
#include "common/kafka/messages/transaction_admin.hpp"
#include "common/kafka/messages/transactions.hpp"
#include "common/kafka/messages/voters.hpp"
#include "tests/unit/broker/app/access_fixture.hpp"

#include <set>

namespace sealane::broker {
namespace {

constexpr ErrorCode kTopic = ErrorCode::kTopicAuthorizationFailed;
constexpr ErrorCode kGroup = ErrorCode::kGroupAuthorizationFailed;
constexpr ErrorCode kCluster = ErrorCode::kClusterAuthorizationFailed;
constexpr ErrorCode kTransaction = ErrorCode::kTransactionalIdAuthorizationFailed;

struct Row {
    std::int16_t key = 0;
    std::int16_t version = 0;
    std::string what;
    ErrorCode expected = ErrorCode::kNone;
    std::function<Task<ErrorCode>(RawClient&)> ask;
};

class Table {
 public:
    // `error` finds the code in the answer, `fill` makes the request name something.
    template <class Request, class Fill, class Find>
    void add(std::int16_t version, ErrorCode expected, Fill fill, Find find) {
        Request request;
        fill(request);
        rows_.push_back(Row{
            .key = Request::kSchema.number,
            .version = version,
            .what = std::string(Request::kSchema.name) + " v" + std::to_string(version),
            .expected = expected,
            .ask = [request, version, find](RawClient& raw) -> Task<ErrorCode> {
                const auto response = co_await raw.call(request, version);
                co_return find(response);
            },
        });
    }
    // Answers with one error for all.
    template <class Request, class Fill>
    void whole(std::int16_t version, ErrorCode expected, Fill fill) {
        add<Request>(version, expected, fill, [](const auto& response) {
            return response.error_code;
        });
    }
    template <class Request>
    void whole(std::int16_t version, ErrorCode expected) {
        whole<Request>(version, expected, [](auto&) {});
    }
    [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }

 private:
    std::vector<Row> rows_;
};

const PartitionId kFirst{0};

void add_data(Table& table) {
    for (const auto version : std::vector<std::int16_t>{3, 9, 12}) {
        table.add<kafka::ProduceRequest>(
            version,
            kTopic,
            [](auto& r) {
                r = produce_request("secret", batch_bytes(1, WallTime{1'700'000'000'000}));
            },
            [](const auto& a) { return only(a).error_code; }
        );
    }
    table.add<kafka::ProduceRequest>(
        9,
        kTransaction,
        [](auto& r) {
            r = produce_request("secret", batch_bytes(1, WallTime{1'700'000'000'000}));
            r.transactional_id = "tx";
        },
        [](const auto& a) { return only(a).error_code; }
    );
    for (const auto version : std::vector<std::int16_t>{4, 12}) {
        table.add<kafka::FetchRequest>(
            version,
            kTopic,
            [](auto& r) {
                r.replica_id = kNoBroker;
                auto& topic = r.topics.emplace_back();
                topic.topic = "secret";
                topic.partitions.emplace_back().partition_max_bytes = 1000;
            },
            [](const auto& a) { return a.responses.at(0).partitions.at(0).error_code; }
        );
    }
    table.whole<kafka::FetchRequest>(12, kCluster, [](auto& r) { r.replica_id = BrokerId(1); });
    table.add<kafka::ListOffsetsRequest>(
        7,
        kTopic,
        [](auto& r) {
            r.replica_id = kNoBroker;
            auto& topic = r.topics.emplace_back();
            topic.name = "secret";
            topic.partitions.emplace_back().timestamp = -1;
        },
        [](const auto& a) { return a.topics.at(0).partitions.at(0).error_code; }
    );
    table.add<kafka::OffsetForLeaderEpochRequest>(
        4,
        kTopic,
        [](auto& r) {
            auto& topic = r.topics.emplace_back();
            topic.topic = "secret";
            topic.partitions.emplace_back();
        },
        [](const auto& a) { return a.topics.at(0).partitions.at(0).error_code; }
    );
    table.add<kafka::DeleteRecordsRequest>(
        2,
        kTopic,
        [](auto& r) {
            auto& topic = r.topics.emplace_back();
            topic.name = "secret";
            topic.partitions.emplace_back();
        },
        [](const auto& a) { return a.topics.at(0).partitions.at(0).error_code; }
    );
    table.add<kafka::DescribeProducersRequest>(
        0,
        kTopic,
        [](auto& r) {
            auto& topic = r.topics.emplace_back();
            topic.name = "secret";
            topic.partition_indexes = {kFirst};
        },
        [](const auto& a) { return a.topics.at(0).partitions.at(0).error_code; }
    );
}

void add_topics(Table& table) {
    const auto first_topic = [](const auto& a) { return a.topics.at(0).error_code; };
    for (const auto version : std::vector<std::int16_t>{0, 1, 8, 12}) {
        table.add<kafka::MetadataRequest>(
            version, kTopic, [](auto& r) { r.topics->emplace_back().name = "secret"; }, first_topic
        );
    }
    // One that is not there looks the same, and is not made.
    table.add<kafka::MetadataRequest>(
        9, kTopic, [](auto& r) { r.topics->emplace_back().name = "unknown"; }, first_topic
    );
    table.add<kafka::DescribeTopicPartitionsRequest>(
        0, kTopic, [](auto& r) { r.topics.emplace_back().name = "secret"; }, first_topic
    );
    table.add<kafka::CreateTopicsRequest>(
        7,
        kTopic,
        [](auto& r) {
            auto& topic = r.topics.emplace_back();
            topic.name = "fresh";
            topic.num_partitions = 1;
            topic.replication_factor = 1;
        },
        first_topic
    );
    const auto first_response = [](const auto& a) { return a.responses.at(0).error_code; };
    table.add<kafka::DeleteTopicsRequest>(
        6, kTopic, [](auto& r) { r.topics.emplace_back().name = "secret"; }, first_response
    );
    table.add<kafka::DeleteTopicsRequest>(
        4, kTopic, [](auto& r) { r.topic_names.emplace_back("unknown"); }, first_response
    );
    table.add<kafka::CreatePartitionsRequest>(
        3,
        kTopic,
        [](auto& r) {
            auto& topic = r.topics.emplace_back();
            topic.name = "secret";
            topic.count = 3;
            topic.assignments.reset();
        },
        [](const auto& a) { return a.results.at(0).error_code; }
    );
    for (const auto& [type, code] :
         {std::pair{std::int8_t{2}, kTopic}, std::pair{std::int8_t{4}, kCluster}}) {
        const auto name = [type](auto& r) {
            auto& resource = r.resources.emplace_back();
            resource.resource_type = type;
            resource.resource_name = type == 2 ? "secret" : "1";
        };
        table.add<kafka::DescribeConfigsRequest>(4, code, name, [](const auto& a) {
            return a.results.at(0).error_code;
        });
        table.add<kafka::AlterConfigsRequest>(2, code, name, first_response);
        table.add<kafka::IncrementalAlterConfigsRequest>(1, code, name, first_response);
    }
    table.whole<kafka::ListConfigResourcesRequest>(1, kCluster);
}

void add_groups(Table& table) {
    const auto in_group = [](auto& r) { r.group_id = "g"; };
    table.whole<kafka::JoinGroupRequest>(9, kGroup, in_group);
    table.whole<kafka::SyncGroupRequest>(5, kGroup, in_group);
    table.whole<kafka::HeartbeatRequest>(4, kGroup, in_group);
    table.whole<kafka::LeaveGroupRequest>(5, kGroup, in_group);
    table.whole<kafka::ConsumerGroupHeartbeatRequest>(1, kGroup, in_group);
    table.whole<kafka::FindCoordinatorRequest>(3, kGroup, [](auto& r) { r.key = "g"; });
    const auto coordinator = [](const auto& a) { return a.coordinators.at(0).error_code; };
    table.add<kafka::FindCoordinatorRequest>(
        6, kGroup, [](auto& r) { r.coordinator_keys = {"g"}; }, coordinator
    );
    table.add<kafka::FindCoordinatorRequest>(
        6,
        kTransaction,
        [](auto& r) {
            r.coordinator_keys = {"tx"};
            r.key_type = 1;
        },
        coordinator
    );
    const auto first_group = [](const auto& a) { return a.groups.at(0).error_code; };
    table.add<kafka::DescribeGroupsRequest>(
        6, kGroup, [](auto& r) { r.groups = {"g"}; }, first_group
    );
    table.add<kafka::ConsumerGroupDescribeRequest>(
        1, kGroup, [](auto& r) { r.group_ids = {"g"}; }, first_group
    );
    table.add<kafka::DeleteGroupsRequest>(
        2,
        kGroup,
        [](auto& r) { r.groups_names = {"g"}; },
        [](const auto& a) { return a.results.at(0).error_code; }
    );
    table.add<kafka::OffsetCommitRequest>(
        9,
        kGroup,
        [](auto& r) {
            r.group_id = "g";
            auto& topic = r.topics.emplace_back();
            topic.name = "secret";
            topic.partitions.emplace_back();
        },
        [](const auto& a) { return a.topics.at(0).partitions.at(0).error_code; }
    );
    table.whole<kafka::OffsetFetchRequest>(7, kGroup, in_group);
    table.add<kafka::OffsetFetchRequest>(
        8, kGroup, [](auto& r) { r.groups.emplace_back().group_id = "g"; }, first_group
    );
    table.whole<kafka::OffsetDeleteRequest>(0, kGroup, in_group);
}

void add_producers(Table& table) {
    table.whole<kafka::InitProducerIdRequest>(5, kCluster, [](auto& r) {
        r.transactional_id.reset();
    });
    const auto in_transaction = [](auto& r) { r.transactional_id = "tx"; };
    table.whole<kafka::InitProducerIdRequest>(5, kTransaction, in_transaction);
    table.whole<kafka::AddOffsetsToTxnRequest>(4, kTransaction, in_transaction);
    table.whole<kafka::EndTxnRequest>(4, kTransaction, in_transaction);
    table.whole<kafka::AddPartitionsToTxnRequest>(4, kCluster);
    table.add<kafka::AddPartitionsToTxnRequest>(
        3,
        kTransaction,
        [](auto& r) {
            r.v3_and_below_transactional_id = "tx";
            auto& topic = r.v3_and_below_topics.emplace_back();
            topic.name = "secret";
            topic.partitions = {kFirst};
        },
        [](const auto& a) {
            return a.results_by_topic_v3_and_below.at(0)
                .results_by_partition.at(0)
                .partition_error_code;
        }
    );
    table.add<kafka::TxnOffsetCommitRequest>(
        3,
        kTransaction,
        [](auto& r) {
            r.transactional_id = "tx";
            r.group_id = "g";
            auto& topic = r.topics.emplace_back();
            topic.name = "secret";
            topic.partitions.emplace_back();
        },
        [](const auto& a) { return a.topics.at(0).partitions.at(0).error_code; }
    );
    table.add<kafka::DescribeTransactionsRequest>(
        0,
        kTransaction,
        [](auto& r) { r.transactional_ids = {"tx"}; },
        [](const auto& a) { return a.transaction_states.at(0).error_code; }
    );
    table.add<kafka::WriteTxnMarkersRequest>(
        1,
        kCluster,
        [](auto& r) {
            auto& marker = r.markers.emplace_back();
            auto& topic = marker.topics.emplace_back();
            topic.name = "secret";
            topic.partition_indexes = {kFirst};
        },
        [](const auto& a) { return a.markers.at(0).topics.at(0).partitions.at(0).error_code; }
    );
}

void add_cluster(Table& table) {
    table.whole<kafka::DescribeAclsRequest>(3, kCluster, [](auto& r) {
        r.resource_type_filter = r.operation = r.permission_type = r.pattern_type_filter = 1;
    });
    table.add<kafka::CreateAclsRequest>(
        3,
        kCluster,
        [](auto& r) { r.creations.emplace_back(); },
        [](const auto& a) { return a.results.at(0).error_code; }
    );
    table.add<kafka::DeleteAclsRequest>(
        3,
        kCluster,
        [](auto& r) { r.filters.emplace_back(); },
        [](const auto& a) { return a.filter_results.at(0).error_code; }
    );
    table.whole<kafka::DescribeUserScramCredentialsRequest>(0, kCluster);
    table.add<kafka::AlterUserScramCredentialsRequest>(
        0,
        kCluster,
        [](auto& r) { r.deletions.push_back({"alice", 1}); },
        [](const auto& a) { return a.results.at(0).error_code; }
    );
    table.whole<kafka::DescribeClientQuotasRequest>(1, kCluster);
    table.add<kafka::AlterClientQuotasRequest>(
        1,
        kCluster,
        [](auto& r) { r.entries.emplace_back(); },
        [](const auto& a) { return a.entries.at(0).error_code; }
    );
    table.whole<kafka::DescribeLogDirsRequest>(4, kCluster);
    table.whole<kafka::DescribeQuorumRequest>(2, kCluster);
    table.whole<kafka::ElectLeadersRequest>(2, kCluster);
    table.whole<kafka::AlterPartitionReassignmentsRequest>(0, kCluster);
    table.whole<kafka::ListPartitionReassignmentsRequest>(0, kCluster);
    table.whole<kafka::UnregisterBrokerRequest>(0, kCluster);
    table.whole<kafka::UpdateFeaturesRequest>(1, kCluster);
    table.whole<kafka::AddRaftVoterRequest>(0, kCluster);
    table.whole<kafka::RemoveRaftVoterRequest>(0, kCluster);
    table.whole<kafka::UpdateRaftVoterRequest>(0, kCluster);
}

// Nothing is needed for them, or they answer with what may be seen: other tests look at those.
const std::set<kafka::ApiKey> kOpen{
    kafka::ApiKey::kApiVersions,
    kafka::ApiKey::kSaslHandshake,
    kafka::ApiKey::kSaslAuthenticate,
    kafka::ApiKey::kDescribeCluster,
    kafka::ApiKey::kListGroups,
    kafka::ApiKey::kListTransactions,
};

TEST_F(AccessTest, EveryApiDeniesWhoHasNoRights) {
    Table table;
    add_data(table);
    add_topics(table);
    add_groups(table);
    add_producers(table);
    add_cluster(table);
    with_broker([&](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await topic_of_somebody(broker, raw, "secret");
        const auto& served = broker.services().registry.entries();
        std::set<std::int16_t> covered;
        for (const Row& row : table.rows()) {
            const auto found = served.find(row.key);
            if (found == served.end() || found->second.is_cluster) continue;  // nobody may ask
            const ServedVersions& versions = found->second.versions;
            if (row.version < versions.min || row.version > versions.max) continue;
            covered.insert(row.key);
            const ErrorCode code = co_await row.ask(raw);
            EXPECT_EQ(code, row.expected) << row.what << ": " << name_of(code);
        }
        for (const auto& [key, entry] : served) {
            if (entry.is_cluster || entry.is_private) continue;
            EXPECT_TRUE(entry.has_rule) << "API " << key << " has no access rule";
            const bool open = kOpen.contains(kafka::ApiKey{key});
            EXPECT_TRUE(open || covered.contains(key)) << "API " << key << " has no row";
        }
        EXPECT_EQ(broker.services().metadata.image()->topic("unknown"), nullptr);
        EXPECT_EQ(broker.services().metadata.image()->topic("fresh"), nullptr);
        EXPECT_NE(broker.services().metadata.image()->topic("secret"), nullptr);
    });
    EXPECT_GT(table.rows().size(), 60U);
}

// What only nodes of the cluster, mirrors and super users may use closes the connection.
TEST_F(AccessTest, ApisOfTheClusterStayClosed) {
    with_broker([this](Broker& broker) -> Task<void> {
        for (const auto& [key, entry] : broker.services().registry.entries()) {
            if (!entry.is_cluster && !entry.is_private) continue;
            EXPECT_FALSE(entry.allows(false, false)) << key;
        }
        RawClient raw = co_await client(broker);
        co_await raw.send(RawClient::frame_of(kafka::BrokerHeartbeatRequest{}, 1, 1));
        EXPECT_TRUE(co_await raw.closed_by_broker());
    });
}

}  // namespace
}  // namespace sealane::broker
