// Transactions through the handlers of one broker, in the versions that clients use.

#include "common/kafka/messages/api_versions.hpp"
#include "common/kafka/messages/fetch.hpp"
#include "common/kafka/messages/groups.hpp"
#include "common/kafka/messages/list_offsets.hpp"
#include "common/kafka/messages/offsets.hpp"
#include "common/kafka/messages/produce.hpp"
#include "common/kafka/messages/producers.hpp"
#include "common/kafka/messages/topics.hpp"
#include "common/kafka/messages/transaction_admin.hpp"
#include "common/kafka/messages/transactions.hpp"
#include "common/kafka/records/record_batch_builder.hpp"
#include "tests/unit/broker/api/groups/broker_in_memory.hpp"

namespace sealane::broker {
namespace {

struct Producer {
    ProducerId id;
    ProducerEpoch epoch;
    std::int32_t sequence = 0;
};

struct Seen {
    std::size_t bytes = 0;
    std::vector<std::pair<std::int64_t, std::int64_t>> aborted;  // producer id, first offset
    std::int64_t last_stable = -1;
    std::int64_t high_watermark = -1;
};

class TransactionApis : public BrokerInMemory {
 protected:
    TransactionApis() { make_topic("t", 2); }

    void make_topic(std::string name, std::int32_t partitions) {
        kafka::CreateTopicsRequest request;
        request.timeout_ms = 10'000;
        auto& topic = request.topics.emplace_back();
        topic.name = std::move(name);
        topic.num_partitions = partitions;
        topic.replication_factor = 1;
        EXPECT_EQ(ask(request, 5).topics.at(0).error_code, ErrorCode::kNone);
    }
    // Asks until the coordinator is there and ready.
    template <class Request, class Error>
    auto patiently(const Request& request, std::int16_t version, Error error_of) {
        auto response = ask(request, version);
        for (int i = 0; i < 100; ++i) {
            const ErrorCode error = error_of(response);
            const bool again = error == ErrorCode::kCoordinatorLoadInProgress ||
                               error == ErrorCode::kNotCoordinator ||
                               error == ErrorCode::kConcurrentTransactions;
            if (!again) break;
            simulator_.run_for(20ms);
            response = ask(request, version);
        }
        return response;
    }
    Producer init(std::string id = "id") {
        kafka::InitProducerIdRequest request;
        request.transactional_id = std::move(id);
        request.transaction_timeout_ms = 60'000;
        const auto answer = patiently(request, 4, [](const auto& made) { return made.error_code; });
        EXPECT_EQ(answer.error_code, ErrorCode::kNone);
        return {answer.producer_id, answer.producer_epoch};
    }
    ErrorCode add(const Producer& producer, std::int32_t partition = 0, std::string topic = "t") {
        kafka::AddPartitionsToTxnRequest request;
        request.v3_and_below_transactional_id = "id";
        request.v3_and_below_producer_id = producer.id;
        request.v3_and_below_producer_epoch = producer.epoch;
        request.v3_and_below_topics.push_back({std::move(topic), {PartitionId(partition)}});
        const auto error_of = [](const auto& answer) {
            return answer.results_by_topic_v3_and_below.at(0)
                .results_by_partition.at(0)
                .partition_error_code;
        };
        return error_of(patiently(request, 3, error_of));
    }
    ErrorCode produce(
        Producer& producer,
        std::int16_t version = 9,
        bool transactional = true,
        std::int32_t partition = 0
    ) {
        kafka::BatchOptions options;
        options.producer_id = producer.id;
        options.producer_epoch = producer.epoch;
        options.base_sequence = producer.sequence;
        options.transactional = transactional;
        kafka::RecordBatchBuilder builder(options);
        EXPECT_TRUE(builder.add(world_.wall(), std::nullopt, as_bytes("v")));
        kafka::ProduceRequest request;
        request.transactional_id = "id";
        request.acks = -1;
        request.timeout_ms = 10'000;
        auto& topic = request.topic_data.emplace_back();
        topic.name = "t";
        auto& data = topic.partition_data.emplace_back();
        data.index = PartitionId(partition);
        data.records = std::move(builder).build()->bytes();
        const auto answer = ask(request, version);
        const ErrorCode error = answer.responses.at(0).partition_responses.at(0).error_code;
        if (error == ErrorCode::kNone) ++producer.sequence;
        return error;
    }
    kafka::EndTxnResponse end(const Producer& producer, bool commit, std::int16_t version = 3) {
        kafka::EndTxnRequest request;
        request.transactional_id = "id";
        request.producer_id = producer.id;
        request.producer_epoch = producer.epoch;
        request.committed = commit;
        return ask(request, version);
    }
    Seen fetch(bool committed_only, std::int64_t from = 0) {
        kafka::FetchRequest request;
        request.max_wait_ms = 0;
        request.max_bytes = 1 << 20;
        request.isolation_level = committed_only ? 1 : 0;
        auto& topic = request.topics.emplace_back();
        topic.topic = "t";
        auto& partition = topic.partitions.emplace_back();
        partition.fetch_offset = Offset(from);
        partition.partition_max_bytes = 1 << 20;
        const auto answer = ask(request, 11);
        const auto& data = answer.responses.at(0).partitions.at(0);
        EXPECT_EQ(data.error_code, ErrorCode::kNone);
        Seen seen;
        seen.bytes = data.records->size();
        seen.last_stable = data.last_stable_offset.value;
        seen.high_watermark = data.high_watermark.value;
        if (data.aborted_transactions)
            for (const auto& aborted : *data.aborted_transactions)
                seen.aborted.emplace_back(aborted.producer_id.value, aborted.first_offset.value);
        return seen;
    }
    std::int64_t latest(bool committed_only) {
        kafka::ListOffsetsRequest request;
        request.replica_id = BrokerId(-1);
        request.isolation_level = committed_only ? 1 : 0;
        auto& topic = request.topics.emplace_back();
        topic.name = "t";
        auto& partition = topic.partitions.emplace_back();
        partition.timestamp = -1;
        return ask(request, 5).topics.at(0).partitions.at(0).offset.value;
    }
    void settle() { simulator_.run_for(1s); }
};

TEST_F(TransactionApis, CommittedRecordsAreSeenWhenTheyAreCommitted) {
    Producer me = init();
    EXPECT_EQ(produce(me), ErrorCode::kInvalidTxnState);  // not in the transaction
    EXPECT_EQ(add(me), ErrorCode::kNone);
    EXPECT_EQ(produce(me), ErrorCode::kNone);
    EXPECT_EQ(produce(me), ErrorCode::kNone);
    EXPECT_EQ(produce(me, 9, false), ErrorCode::kInvalidTxnState);
    EXPECT_GT(fetch(false).bytes, 0U);
    const Seen open = fetch(true);
    EXPECT_EQ(open.bytes, 0U);
    EXPECT_EQ(open.last_stable, 0);
    EXPECT_EQ(open.high_watermark, 2);
    EXPECT_EQ(latest(true), 0);
    EXPECT_EQ(latest(false), 2);
    EXPECT_EQ(end(me, true).error_code, ErrorCode::kNone);
    settle();
    const Seen committed = fetch(true);
    EXPECT_GT(committed.bytes, 0U);
    EXPECT_TRUE(committed.aborted.empty());
    EXPECT_EQ(committed.last_stable, 3);
    EXPECT_EQ(latest(true), 3);
}

TEST_F(TransactionApis, AbortedOnesAreNamedAlsoAfterARestart) {
    Producer me = init();
    EXPECT_EQ(add(me), ErrorCode::kNone);
    EXPECT_EQ(produce(me), ErrorCode::kNone);
    restart();
    EXPECT_EQ(fetch(true).last_stable, 0);
    EXPECT_EQ(produce(me), ErrorCode::kNone);
    const auto ended = patiently(
        [&] {
            kafka::EndTxnRequest request;
            request.transactional_id = "id";
            request.producer_id = me.id;
            request.producer_epoch = me.epoch;
            return request;
        }(),
        3,
        [](const auto& answer) { return answer.error_code; }
    );
    EXPECT_EQ(ended.error_code, ErrorCode::kNone);
    settle();
    const std::vector<std::pair<std::int64_t, std::int64_t>> expected{{me.id.value, 0}};
    EXPECT_EQ(fetch(true).aborted, expected);
    EXPECT_TRUE(fetch(false).aborted.empty());
    restart();
    EXPECT_EQ(fetch(true).aborted, expected);
    EXPECT_EQ(fetch(true).last_stable, 3);
}

TEST_F(TransactionApis, ASuccessorFencesTheZombie) {
    Producer zombie = init();
    EXPECT_EQ(add(zombie), ErrorCode::kNone);
    EXPECT_EQ(produce(zombie), ErrorCode::kNone);
    Producer successor = init();
    EXPECT_EQ(successor.id, zombie.id);
    EXPECT_GT(successor.epoch, zombie.epoch);
    EXPECT_EQ(produce(zombie), ErrorCode::kInvalidProducerEpoch);
    EXPECT_EQ(end(zombie, true).error_code, ErrorCode::kProducerFenced);
    EXPECT_EQ(end(zombie, true, 1).error_code, ErrorCode::kInvalidProducerEpoch);
    EXPECT_EQ(fetch(true).aborted.size(), 1U);
    EXPECT_EQ(add(successor), ErrorCode::kNone);
    EXPECT_EQ(produce(successor), ErrorCode::kNone);
    EXPECT_EQ(end(successor, true).error_code, ErrorCode::kNone);
}

TEST_F(TransactionApis, PartitionsJoinByWritingWithAnEpochForEachTransaction) {
    Producer me = init();
    for (int i = 0; i < 3; ++i) {
        ErrorCode error = produce(me, 12);
        for (int tries = 0; tries < 100 && error == ErrorCode::kConcurrentTransactions; ++tries) {
            simulator_.run_for(20ms);
            error = produce(me, 12);
        }
        EXPECT_EQ(error, ErrorCode::kNone);
        EXPECT_EQ(produce(me, 12), ErrorCode::kNone);
        const auto ended = end(me, i != 1, 5);
        EXPECT_EQ(ended.error_code, ErrorCode::kNone);
        EXPECT_EQ(ended.producer_id, me.id);
        EXPECT_EQ(ended.producer_epoch.value, me.epoch.value + 1);
        EXPECT_EQ(produce(me, 12), ErrorCode::kInvalidProducerEpoch) << "of the transaction before";
        me.epoch = ended.producer_epoch;
        me.sequence = 0;
    }
    settle();
    EXPECT_EQ(fetch(true).last_stable, 9);
    EXPECT_EQ(fetch(true).aborted.size(), 1U);
}

TEST_F(TransactionApis, OffsetsCountWhenTheTransactionIsCommitted) {
    Producer me = init();
    kafka::AddOffsetsToTxnRequest join;
    join.transactional_id = "id";
    join.producer_id = me.id;
    join.producer_epoch = me.epoch;
    join.group_id = "g";
    EXPECT_EQ(ask(join, 3).error_code, ErrorCode::kNone);
    kafka::TxnOffsetCommitRequest commit;
    commit.transactional_id = "id";
    commit.group_id = "g";
    commit.producer_id = me.id;
    commit.producer_epoch = me.epoch;
    auto& topic = commit.topics.emplace_back();
    topic.name = "t";
    topic.partitions.push_back({PartitionId(0), Offset(42), kNoLeaderEpoch, "note"});
    const auto error_of = [](const auto& answer) {
        return answer.topics.at(0).partitions.at(0).error_code;
    };
    EXPECT_EQ(error_of(patiently(commit, 3, error_of)), ErrorCode::kNone);
    const auto committed = [&](bool stable) {
        kafka::OffsetFetchRequest request;
        request.group_id = "g";
        request.require_stable = stable;
        request.topics.emplace().push_back({"t", {PartitionId(0)}});
        return ask(request, 7).topics.at(0).partitions.at(0);
    };
    EXPECT_EQ(committed(false).committed_offset, Offset(-1));
    EXPECT_EQ(committed(true).error_code, ErrorCode::kUnstableOffsetCommit);
    restart();
    const auto offset_error = [](const auto& answer) { return answer.error_code; };
    kafka::OffsetFetchRequest any;
    any.group_id = "g";
    any.topics.reset();
    EXPECT_EQ(patiently(any, 7, offset_error).error_code, ErrorCode::kNone);
    EXPECT_EQ(committed(true).error_code, ErrorCode::kUnstableOffsetCommit);
    kafka::EndTxnRequest request;
    request.transactional_id = "id";
    request.producer_id = me.id;
    request.producer_epoch = me.epoch;
    request.committed = true;
    EXPECT_EQ(patiently(request, 3, offset_error).error_code, ErrorCode::kNone);
    settle();
    EXPECT_EQ(committed(true).committed_offset, Offset(42));
    EXPECT_EQ(committed(true).metadata, "note");
    restart();
    EXPECT_EQ(patiently(any, 7, offset_error).error_code, ErrorCode::kNone);
    EXPECT_EQ(committed(true).committed_offset, Offset(42));
}

TEST_F(TransactionApis, ToolsSeeAndEndWhatHangs) {
    Producer me = init();
    EXPECT_EQ(add(me), ErrorCode::kNone);
    EXPECT_EQ(produce(me), ErrorCode::kNone);
    kafka::ListTransactionsRequest list;
    list.state_filters = {"Ongoing", "Nonsense"};
    const auto listed = ask(list, 0);
    ASSERT_EQ(listed.transaction_states.size(), 1U);
    EXPECT_EQ(listed.transaction_states[0].transactional_id, "id");
    EXPECT_EQ(listed.unknown_state_filters, std::vector<std::string>{"Nonsense"});
    list.transactional_id_pattern = "i.";
    EXPECT_EQ(ask(list, 2).transaction_states.size(), 1U);
    list.transactional_id_pattern = "i";
    EXPECT_TRUE(ask(list, 2).transaction_states.empty()) << "whole ids";
    list.transactional_id_pattern = "i[";
    EXPECT_EQ(ask(list, 2).error_code, ErrorCode::kInvalidRegularExpression);
    kafka::DescribeTransactionsRequest describe;
    describe.transactional_ids = {"id", "other"};
    const auto described = ask(describe, 0);
    EXPECT_EQ(described.transaction_states.at(0).transaction_state, "Ongoing");
    EXPECT_EQ(described.transaction_states.at(0).topics.at(0).topic, "t");
    EXPECT_EQ(described.transaction_states.at(1).error_code, ErrorCode::kTransactionalIdNotFound);
    kafka::DescribeProducersRequest producers;
    producers.topics.push_back({"t", {PartitionId(0)}});
    const auto active = ask(producers, 0).topics.at(0).partitions.at(0).active_producers;
    ASSERT_EQ(active.size(), 1U);
    EXPECT_EQ(active[0].current_txn_start_offset, Offset(0));
    kafka::WriteTxnMarkersRequest abort;
    auto& marker = abort.markers.emplace_back();
    marker.producer_id = me.id;
    marker.producer_epoch = me.epoch;
    marker.coordinator_epoch = active[0].coordinator_epoch;
    marker.topics.push_back({"t", {PartitionId(0)}});
    const auto aborted = ask(abort, 1);
    EXPECT_EQ(aborted.markers.at(0).topics.at(0).partitions.at(0).error_code, ErrorCode::kNone);
    EXPECT_EQ(fetch(true).last_stable, 2);
}

TEST_F(TransactionApis, ClientsLearnThatEachTransactionMayHaveAnEpoch) {
    kafka::ApiVersionsRequest request;
    request.client_software_name = "test";
    request.client_software_version = "1";
    const auto answer = ask(request, 4);
    ASSERT_EQ(answer.finalized_features.size(), 2U);
    EXPECT_EQ(answer.finalized_features[0].name, "group.version");
    EXPECT_EQ(answer.finalized_features[0].max_version_level, 1);
    EXPECT_EQ(answer.finalized_features[1].name, "transaction.version");
    EXPECT_EQ(answer.finalized_features[1].max_version_level, 2);
    EXPECT_TRUE(ask(request, 3).supported_features.empty());
}

TEST_F(TransactionApis, CoordinatorsAreFoundByTransactionalId) {
    kafka::FindCoordinatorRequest request;
    request.key_type = 1;
    request.coordinator_keys = {"id"};
    const auto answer = ask(request, 4);
    EXPECT_EQ(answer.coordinators.at(0).error_code, ErrorCode::kNone);
    EXPECT_EQ(answer.coordinators.at(0).node_id, BrokerId(7));
}

}  // namespace
}  // namespace sealane::broker
