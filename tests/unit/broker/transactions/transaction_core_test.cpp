#include "broker/transactions/transaction_machine.hpp"
#include "broker/transactions/transaction_record.hpp"

#include <gtest/gtest.h>

namespace sealane::broker::transactions {
namespace {

const TopicPartition kFirst{"t", PartitionId(0)};
const TopicPartition kSecond{"u", PartitionId(3)};

// Plays requests and time as the shell would: every step is appended and applied.
class Script {
 public:
    template <class R>
    R ask(Request request) {
        Effects effects;
        core.handle({now, wall}, ++ticket_, std::move(request), effects);
        if (fail_append && TransactionMachine::writes(effects)) {
            Effects instead;
            core.append_failed({now, wall}, std::move(effects), *fail_append, instead);
            effects = std::move(instead);
        }
        perform(effects);
        EXPECT_EQ(effects.answers.size(), 1U);
        return std::get<R>(effects.answers.at(0).reply);
    }
    InitReply init(std::optional<TransactionalProducer> expected = {}) {
        InitRequest request{"id", 60'000, expected, std::nullopt};
        InitReply reply = ask<InitReply>(request);
        if (!reply.needs_id) return reply;
        request.fresh = ProducerId(next_id_++);
        return ask<InitReply>(request);
    }
    ErrorCode add(TransactionalProducer producer, TopicPartition partition = kFirst) {
        return ask<AddReply>(AddRequest{"id", producer, {partition}, false, version}).error;
    }
    AddReply verify(TransactionalProducer producer, TopicPartition partition = kFirst) {
        return ask<AddReply>(AddRequest{"id", producer, {partition}, true, version});
    }
    EndReply end(TransactionalProducer producer, bool commit = true) {
        EndRequest request{"id", producer, commit, version, std::nullopt};
        EndReply reply = ask<EndReply>(request);
        if (!reply.needs_id) return reply;
        request.fresh = ProducerId(next_id_++);
        return ask<EndReply>(request);
    }
    // Markers are written.
    Completion complete() {
        const auto all = core.to_complete();
        EXPECT_EQ(all.size(), 1U);
        if (all.empty()) return {};
        const auto reply = ask<CompleteReply>(CompleteRequest{all[0].id, all[0].producer});
        EXPECT_EQ(reply.error, ErrorCode::kNone);
        return all[0];
    }
    void wait(Duration time) {
        now = now + time;
        wall.ms += to_ms(time);
        Effects effects;
        core.tick({now, wall}, effects);
        perform(effects);
    }
    void perform(const Effects& effects) {
        TransactionMachine::apply(effects, core);
        for (const auto& record : effects.records) log.push_back(record);
    }
    // Another coordinator takes over.
    void restart() {
        core = TransactionCore(TransactionConfig{});
        for (const auto& record : log) {
            const auto encoded = encode_record(record);
            const auto decoded = decode_record(encoded->key, encoded->value);
            ASSERT_TRUE(decoded && *decoded);
            core.apply(**decoded);
        }
        core.begin({now, wall});
    }
    [[nodiscard]] const Transaction& state() const { return core.all().at("id"); }

    TransactionCore core{TransactionConfig{}};
    std::vector<TransactionRecord> log;
    std::optional<ErrorCode> fail_append;
    std::int16_t version = 0;
    Instant now{1'000'000'000};
    WallTime wall{1'700'000'000'000};
    std::int64_t next_id_ = 100;

 private:
    Ticket ticket_ = 0;
};

TEST(TransactionCore, CommitsAcrossACoordinatorChange) {
    Script script;
    const auto me = script.init().producer;
    EXPECT_EQ(me, (TransactionalProducer{ProducerId(100), ProducerEpoch(0)}));
    EXPECT_EQ(script.add(me), ErrorCode::kNone);
    EXPECT_EQ(script.add(me, kSecond), ErrorCode::kNone);
    EXPECT_EQ(script.verify(me).partitions.at(0), ErrorCode::kNone);
    EXPECT_EQ(
        script.verify(me, {"x", PartitionId(0)}).partitions.at(0), ErrorCode::kTransactionAbortable
    );
    EXPECT_EQ(script.end(me).error, ErrorCode::kNone);
    EXPECT_EQ(script.end(me).error, ErrorCode::kConcurrentTransactions);
    EXPECT_EQ(script.add(me), ErrorCode::kConcurrentTransactions);
    EXPECT_EQ(script.verify(me).error, ErrorCode::kConcurrentTransactions);
    script.restart();
    const Completion completion = script.complete();
    EXPECT_TRUE(completion.commit);
    EXPECT_FALSE(completion.strict);
    EXPECT_EQ(completion.producer, me);
    EXPECT_EQ(completion.partitions, (std::vector{kFirst, kSecond}));
    EXPECT_EQ(script.end(me).error, ErrorCode::kNone);  // its answer got lost
    EXPECT_EQ(script.end(me, false).error, ErrorCode::kInvalidTxnState);
    EXPECT_EQ(script.verify(me).partitions.at(0), ErrorCode::kTransactionAbortable);
    EXPECT_EQ(script.add(me), ErrorCode::kNone);
    EXPECT_EQ(script.state().partitions.size(), 1U);
}

TEST(TransactionCore, ASuccessorFencesAndAbortsWhatIsOpen) {
    Script script;
    const auto old = script.init().producer;
    EXPECT_EQ(script.add(old), ErrorCode::kNone);
    EXPECT_EQ(script.init().error, ErrorCode::kConcurrentTransactions);
    EXPECT_EQ(script.end(old).error, ErrorCode::kProducerFenced);
    EXPECT_EQ(script.add(old), ErrorCode::kProducerFenced);
    EXPECT_EQ(script.init().error, ErrorCode::kConcurrentTransactions);
    const Completion completion = script.complete();
    EXPECT_FALSE(completion.commit);
    EXPECT_EQ(completion.producer.epoch, ProducerEpoch(1));
    const auto successor = script.init().producer;
    EXPECT_EQ(successor.epoch, ProducerEpoch(2));
    EXPECT_EQ(script.init(old).error, ErrorCode::kProducerFenced);
    EXPECT_EQ(script.add(successor), ErrorCode::kNone);
    // A zombie asks for an id: its successor's transaction goes on.
    EXPECT_EQ(script.init(old).error, ErrorCode::kProducerFenced);
    EXPECT_EQ(script.state().status, TransactionStatus::kOngoing);
}

TEST(TransactionCore, AProducerKeepsItsIdAfterAnError) {
    Script script;
    const auto me = script.init().producer;
    const auto next = script.init(me).producer;
    EXPECT_EQ(next, (TransactionalProducer{me.id, ProducerEpoch(1)}));
    EXPECT_EQ(script.init(me).producer, next);  // its answer got lost
    script.init();
    EXPECT_EQ(script.init(me).error, ErrorCode::kProducerFenced);
    EXPECT_EQ(script.init(next).error, ErrorCode::kProducerFenced);
}

TEST(TransactionCore, UsedUpEpochsGiveANewId) {
    Script script;
    auto me = script.init().producer;
    while (me.epoch.value < TransactionCore::kLastEpoch) me = script.init(me).producer;
    const auto fresh = script.init(me);
    EXPECT_EQ(fresh.error, ErrorCode::kNone);
    EXPECT_EQ(fresh.producer, (TransactionalProducer{ProducerId(101), ProducerEpoch(0)}));
    EXPECT_EQ(script.init(me).producer, fresh.producer);  // its answer got lost
    EXPECT_EQ(script.add(me), ErrorCode::kInvalidProducerIdMapping);
}

TEST(TransactionCore, TimeoutsAbortAndFence) {
    Script script;
    const auto me = script.init().producer;
    EXPECT_EQ(script.add(me), ErrorCode::kNone);
    script.wait(59s);
    EXPECT_EQ(script.add(me, kSecond), ErrorCode::kNone);  // no more time for that
    EXPECT_EQ(script.state().status, TransactionStatus::kOngoing);
    script.restart();
    script.wait(1s);
    EXPECT_EQ(script.state().status, TransactionStatus::kPrepareAbort);
    EXPECT_EQ(script.complete().partitions.size(), 2U);
    EXPECT_EQ(script.end(me).error, ErrorCode::kProducerFenced);
    EXPECT_EQ(script.core.next_wake(), Instant::never());
}

TEST(TransactionCore, WhatCannotBeWrittenHasNotHappened) {
    Script script;
    const auto me = script.init().producer;
    script.fail_append = ErrorCode::kCoordinatorNotAvailable;
    EXPECT_EQ(script.add(me), ErrorCode::kCoordinatorNotAvailable);
    EXPECT_EQ(script.core.next_wake(), Instant::never());
    script.fail_append.reset();
    EXPECT_EQ(script.add(me), ErrorCode::kNone);
    script.fail_append = ErrorCode::kCoordinatorNotAvailable;
    EXPECT_EQ(script.end(me).error, ErrorCode::kCoordinatorNotAvailable);
    script.fail_append.reset();
    EXPECT_EQ(script.state().status, TransactionStatus::kOngoing);
    EXPECT_NE(script.core.next_wake(), Instant::never());
    EXPECT_EQ(script.end(me).error, ErrorCode::kNone);
}

TEST(TransactionCore, BadRequestsAreRefused) {
    Script script;
    InitRequest request{"id", 0, std::nullopt, std::nullopt};
    EXPECT_EQ(script.ask<InitReply>(request).error, ErrorCode::kInvalidTransactionTimeout);
    request.timeout_ms = 900'001;
    EXPECT_EQ(script.ask<InitReply>(request).error, ErrorCode::kInvalidTransactionTimeout);
    const TransactionalProducer nobody{ProducerId(5), ProducerEpoch(0)};
    EXPECT_EQ(script.add(nobody), ErrorCode::kInvalidProducerIdMapping);
    EXPECT_EQ(script.end(nobody).error, ErrorCode::kInvalidProducerIdMapping);
    const auto me = script.init().producer;
    EXPECT_EQ(script.end(me).error, ErrorCode::kInvalidTxnState);
    EXPECT_EQ(script.end(me, false).error, ErrorCode::kInvalidTxnState);
    EXPECT_EQ(script.add(nobody), ErrorCode::kInvalidProducerIdMapping);
}

TEST(TransactionCore, UnusedIdsAreForgottenOpenOnesAreNot) {
    Script script;
    const auto me = script.init().producer;
    const auto exists = [](const std::string&) { return true; };
    const WallTime later{script.wall.ms + TransactionConfig{}.id_expiration_ms + 1};
    EXPECT_EQ(script.add(me), ErrorCode::kNone);
    Effects none;
    script.core.expire(later, exists, 10, none);
    EXPECT_TRUE(none.records.empty());
    script.end(me);
    script.complete();
    Effects tombstone;
    script.core.expire(later, exists, 10, tombstone);
    ASSERT_EQ(tombstone.records.size(), 1U);
    script.perform(tombstone);
    EXPECT_TRUE(script.core.all().empty());
    EXPECT_EQ(script.core.live_bytes(), 0U);
}

// transaction.version 2: an epoch for each transaction.
class EpochPerTransaction : public ::testing::Test {
 protected:
    EpochPerTransaction() { script.version = kEpochPerTransaction; }
    Script script;
};

TEST_F(EpochPerTransaction, EndsGiveTheNextEpoch) {
    const auto me = script.init().producer;
    EXPECT_EQ(script.add(me), ErrorCode::kNone);
    const auto next = script.end(me).producer;
    EXPECT_EQ(next, (TransactionalProducer{me.id, ProducerEpoch(1)}));
    EXPECT_EQ(script.end(me).error, ErrorCode::kConcurrentTransactions);
    EXPECT_EQ(script.end(me, false).error, ErrorCode::kInvalidTxnState);
    EXPECT_EQ(script.end(next).error, ErrorCode::kProducerFenced);
    const Completion completion = script.complete();
    EXPECT_TRUE(completion.strict);
    EXPECT_EQ(completion.producer, next);
    EXPECT_EQ(script.end(me).producer, next);  // its answer got lost
    EXPECT_EQ(script.add(me), ErrorCode::kProducerFenced);
    EXPECT_EQ(script.add(next), ErrorCode::kNone);
    EXPECT_EQ(script.end(me).error, ErrorCode::kProducerFenced);
}

TEST_F(EpochPerTransaction, AnAbortOfNothingStillGivesANewEpoch) {
    const auto me = script.init().producer;
    EXPECT_EQ(script.end(me).error, ErrorCode::kInvalidTxnState);
    const auto next = script.end(me, false).producer;
    EXPECT_EQ(next.epoch, ProducerEpoch(1));
    EXPECT_TRUE(script.complete().partitions.empty());
    EXPECT_EQ(script.end(me, false).producer, next);
    EXPECT_EQ(script.end(next, false).producer.epoch, ProducerEpoch(2));
}

TEST_F(EpochPerTransaction, TheLastEpochGoesOnWithANewId) {
    auto me = script.init().producer;
    while (me.epoch.value < TransactionCore::kLastEpoch) me = script.init(me).producer;
    EXPECT_EQ(script.add(me), ErrorCode::kNone);
    const TransactionalProducer fresh{ProducerId(101), ProducerEpoch(0)};
    EXPECT_EQ(script.end(me).producer, fresh);
    script.restart();
    const Completion completion = script.complete();
    EXPECT_EQ(completion.producer, (TransactionalProducer{me.id, ProducerEpoch(INT16_MAX)}));
    EXPECT_EQ(script.end(me).producer, fresh);  // its answer got lost
    EXPECT_EQ(script.add(fresh), ErrorCode::kNone);
}

TEST(TransactionRecord, IsKafkas) {
    const auto tombstone = encode_record({"txn-1", std::nullopt});
    const std::string key("\0\0\0\5txn-1", 9);
    EXPECT_TRUE(std::ranges::equal(tombstone->key.view(), as_bytes(key)));
    EXPECT_FALSE(tombstone->value);
    Transaction transaction;
    transaction.status = TransactionStatus::kPrepareAbort;
    transaction.producer = ProducerId(7);
    transaction.epoch = ProducerEpoch(3);
    transaction.next = ProducerId(9);
    transaction.timeout_ms = 1000;
    transaction.partitions = {kFirst, {"t", PartitionId(1)}, kSecond};
    transaction.updated = WallTime{5};
    transaction.started = WallTime{4};
    transaction.client_version = 2;
    const TransactionRecord record{"txn-1", transaction};
    const auto encoded = encode_record(record);
    const auto decoded = decode_record(encoded->key, encoded->value);
    ASSERT_TRUE(decoded && *decoded);
    EXPECT_EQ(**decoded, record);
    for (std::size_t size = 0; size < encoded->value->size(); ++size)
        EXPECT_FALSE(decode_record(encoded->key, encoded->value->slice(0, size))) << size;
}

}  // namespace
}  // namespace sealane::broker::transactions
