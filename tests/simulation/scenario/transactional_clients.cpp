#include "tests/simulation/scenario/transactional_clients.hpp"

#include "common/client/consumer.hpp"
#include "common/client/list_offsets.hpp"
#include "common/kafka/messages/groups.hpp"
#include "common/kafka/messages/offsets.hpp"
#include "common/kafka/messages/produce.hpp"
#include "common/kafka/messages/producers.hpp"
#include "common/kafka/messages/transactions.hpp"
#include "common/kafka/records/record_batch_builder.hpp"

namespace sealane::simulation {
namespace {

using runtime::Task;

constexpr std::int8_t kGroupKey = 0;
constexpr std::int8_t kTransactionKey = 1;
constexpr Duration kPause = 50ms;
constexpr Duration kTry = 5s;

// What the last request of a kind says about going on.
enum class Next { kDone, kAgain, kAbort, kFenced };

Next judge(ErrorCode error) {
    switch (error) {
        case ErrorCode::kNone:
            return Next::kDone;
        case ErrorCode::kInvalidProducerEpoch:
        case ErrorCode::kProducerFenced:
        case ErrorCode::kInvalidProducerIdMapping:
            return Next::kFenced;
        case ErrorCode::kOutOfOrderSequenceNumber:
        case ErrorCode::kInvalidTxnState:
        case ErrorCode::kTransactionAbortable:
            return Next::kAbort;
        default:
            return Next::kAgain;
    }
}

class TransactionalWriter final : public Program {
 public:
    TransactionalWriter(
        SimWorld& world,
        const TransactionalPlan& plan,
        std::string name,
        TransactionalRecording& recording,
        ClientControl& control
    )
        : world_(world),
          plan_(plan),
          name_(std::move(name)),
          recording_(recording),
          control_(control),
          cluster_(world, recording_client_options(recording.all.bootstrap)) {}

    Task<Status> run() override {
        while (!control_.stop) {
            if (!ready_) co_await initialize();
            if (ready_) co_await one_transaction();
            co_await world_.sleep(Duration(world_.rng().between(1'000'000, plan_.pace_max.count()))
            );
        }
        control_.finished = true;
        co_return Status{};
    }

 private:
    // To whoever coordinates the key now; connection troubles are the caller's to repeat.
    template <class Request>
    Task<Result<typename Request::Response>> ask_coordinator(
        std::int8_t type, std::string key, Request request, std::int16_t max_version
    ) {
        const Instant limit = world_.now() + kTry;
        auto& known = coordinators_[type];
        if (known == kNoBroker) {
            kafka::FindCoordinatorRequest find;
            find.key_type = type;
            find.coordinator_keys = {key};
            SEALANE_CO_TRY(const auto found, co_await cluster_.send_any(find, limit));
            const auto& place = found.coordinators.at(0);
            if (place.error_code != ErrorCode::kNone) co_return fail(place.error_code);
            coordinators_[type] = place.node_id;
            (void)co_await cluster_.refresh({plan_.topic}, limit);
        }
        const BrokerId node = coordinators_[type];
        auto open = co_await cluster_.connection(node, client::Lane::kGroup, limit);
        if (!open) {
            coordinators_[type] = kNoBroker;
            co_return fail(open.error());
        }
        auto answer = co_await (*open)->send(std::move(request), limit, max_version);
        if (!answer) coordinators_[type] = kNoBroker;
        co_return answer;
    }
    void look_again(std::int8_t type, ErrorCode error) {
        if (error == ErrorCode::kNotCoordinator || error == ErrorCode::kCoordinatorNotAvailable)
            coordinators_[type] = kNoBroker;
    }

    Task<void> initialize() {
        kafka::InitProducerIdRequest request;
        request.transactional_id = plan_.name;
        request.transaction_timeout_ms = plan_.timeout_ms;
        const auto answer =
            co_await ask_coordinator(kTransactionKey, plan_.name, request, INT16_MAX);
        if (!answer || answer->error_code != ErrorCode::kNone) {
            if (answer) look_again(kTransactionKey, answer->error_code);
            co_await world_.sleep(kPause);
            co_return;
        }
        producer_ = answer->producer_id;
        epoch_ = answer->producer_epoch;
        sequences_.clear();
        ready_ = true;
    }

    Task<void> one_transaction() {
        const auto topic = co_await cluster_.topic(plan_.topic, world_.now() + kTry);
        if (!topic || topic->partitions.empty()) co_return;
        current_ = recording_.ledger.begin(plan_.name);
        joined_.clear();
        begun_ = world_.now();
        const bool commit = world_.rng().chance(3, 4);
        auto next = Next::kDone;
        for (auto left = world_.rng().between(1, 5); left > 0 && next == Next::kDone; --left) {
            const auto index = world_.rng().below(topic->partitions.size());
            next = co_await write(PartitionId(static_cast<std::int32_t>(index)));
        }
        if (next == Next::kDone && world_.rng().chance(1, 2)) next = co_await commit_offset();
        if (next == Next::kFenced) {
            ready_ = false;
            co_return;
        }
        co_await end(commit && next == Next::kDone);
        // As clients do: whatever is wrong with sequences is forgotten with a new epoch.
        if (next == Next::kAbort) ready_ = false;
    }

    // One record, again until it is there for certain or the transaction cannot go on.
    Task<Next> write(PartitionId index) {
        const TopicPartition to{plan_.topic, index};
        const std::string value = name_ + "#" + std::to_string(number_++);
        recording_.ledger.add(current_, value);
        recording_.all.history.send(world_.now(), name_, to, value);
        if (!plan_.epoch_per_transaction && !joined_.contains(to)) {
            const Next joined = co_await join(to);
            if (joined != Next::kDone) {
                recording_.all.history.fail(world_.now(), name_, to, value);
                co_return joined;
            }
            joined_.insert(to);
        }
        const BufferSlice batch = batch_of(to, value);
        while (!given_up()) {
            const auto [error, offset] = co_await produce(to, batch);
            const Next next = judge(error);
            if (next == Next::kAgain) {
                co_await world_.sleep(kPause);
                continue;
            }
            if (next == Next::kDone) {
                ++sequences_[to];
                recording_.all.history.ack(world_.now(), name_, to, value, offset);
            } else {
                complain(to, value, error);
            }
            co_return next;
        }
        co_return Next::kAbort;
    }
    // A transaction that is long past its time: somebody else will have ended it.
    [[nodiscard]] bool given_up() const {
        return world_.now() > begun_ + std::chrono::milliseconds(plan_.timeout_ms) * 2;
    }
    void complain(const TopicPartition& to, const std::string& value, ErrorCode error) {
        if (judge(error) != Next::kAbort) return;  // its time is over, or it was killed
        // Without an epoch for each a marker that comes late may be of this transaction.
        if (!plan_.epoch_per_transaction && error == ErrorCode::kInvalidTxnState) return;
        recording_.ledger.violations.push_back(
            {"failed-write", value + " to " + to.to_string() + ": " + Error(error).to_string()}
        );
    }

    Task<Next> join(TopicPartition to) {
        while (!given_up()) {
            kafka::AddPartitionsToTxnRequest request;
            request.v3_and_below_transactional_id = plan_.name;
            request.v3_and_below_producer_id = producer_;
            request.v3_and_below_producer_epoch = epoch_;
            request.v3_and_below_topics.push_back({to.topic, {to.partition}});
            const auto answer = co_await ask_coordinator(kTransactionKey, plan_.name, request, 3);
            if (answer) {
                const ErrorCode error = answer->results_by_topic_v3_and_below.at(0)
                                            .results_by_partition.at(0)
                                            .partition_error_code;
                look_again(kTransactionKey, error);
                if (judge(error) != Next::kAgain) co_return judge(error);
            }
            co_await world_.sleep(kPause);
        }
        co_return Next::kAbort;
    }

    BufferSlice batch_of(const TopicPartition& to, const std::string& value) {
        kafka::BatchOptions options;
        options.producer_id = producer_;
        options.producer_epoch = epoch_;
        options.base_sequence = sequences_[to];
        options.transactional = true;
        kafka::RecordBatchBuilder builder(options);
        const std::string pad(world_.rng().below(100), 'x');
        SEALANE_ASSERT(builder.add(world_.wall(), as_bytes(pad), as_bytes(value)));
        return std::move(builder).build()->bytes();
    }

    Task<std::pair<ErrorCode, Offset>> produce(TopicPartition to, BufferSlice batch) {
        constexpr auto kAgain = ErrorCode::kNetworkException;
        const Instant limit = world_.now() + kTry;
        const auto leader = co_await cluster_.leader(to, limit);
        if (!leader) co_return std::pair(kAgain, kNoOffset);
        const auto topic = co_await cluster_.topic(to.topic, limit);
        if (!topic) co_return std::pair(kAgain, kNoOffset);
        kafka::ProduceRequest request;
        request.transactional_id = plan_.name;
        request.acks = -1;
        request.timeout_ms = 3'000;
        auto& data = request.topic_data.emplace_back();
        data.name = to.topic;
        data.topic_id = topic->id;
        auto& partition = data.partition_data.emplace_back();
        partition.index = to.partition;
        partition.records = std::move(batch);
        auto open = co_await cluster_.connection(leader->broker, client::Lane::kProduce, limit);
        if (!open) {
            cluster_.leader_changed(to);
            co_return std::pair(kAgain, kNoOffset);
        }
        const std::int16_t version = plan_.epoch_per_transaction ? 12 : 11;
        const auto answer = co_await (*open)->send(std::move(request), limit, version);
        if (!answer) {
            cluster_.leader_changed(to);
            co_return std::pair(kAgain, kNoOffset);
        }
        const auto& result = answer->responses.at(0).partition_responses.at(0);
        if (judge(result.error_code) == Next::kAgain) cluster_.leader_changed(to);
        co_return std::pair(result.error_code, result.base_offset);
    }

    Task<Next> commit_offset() {
        const std::string group = "g-" + plan_.name;
        const std::int64_t offset = ++recording_.last_offset;
        if (!plan_.epoch_per_transaction) {
            const Next joined = co_await join_offsets(group);
            if (joined != Next::kDone) co_return joined;
        }
        recording_.ledger.add_offset(current_, offset);
        while (!given_up()) {
            kafka::TxnOffsetCommitRequest request;
            request.transactional_id = plan_.name;
            request.group_id = group;
            request.producer_id = producer_;
            request.producer_epoch = epoch_;
            auto& topic = request.topics.emplace_back();
            topic.name = plan_.topic;
            topic.partitions.push_back({PartitionId(0), Offset(offset), kNoLeaderEpoch, ""});
            const std::int16_t version = plan_.epoch_per_transaction ? 5 : 4;
            const auto answer = co_await ask_coordinator(kGroupKey, group, request, version);
            if (answer) {
                const ErrorCode error = answer->topics.at(0).partitions.at(0).error_code;
                look_again(kGroupKey, error);
                if (judge(error) != Next::kAgain) co_return judge(error);
            }
            co_await world_.sleep(kPause);
        }
        co_return Next::kAbort;
    }
    Task<Next> join_offsets(std::string group) {
        while (!given_up()) {
            kafka::AddOffsetsToTxnRequest request;
            request.transactional_id = plan_.name;
            request.producer_id = producer_;
            request.producer_epoch = epoch_;
            request.group_id = group;
            const auto answer =
                co_await ask_coordinator(kTransactionKey, plan_.name, request, INT16_MAX);
            if (answer) {
                look_again(kTransactionKey, answer->error_code);
                if (judge(answer->error_code) != Next::kAgain) co_return judge(answer->error_code);
            }
            co_await world_.sleep(kPause);
        }
        co_return Next::kAbort;
    }

    Task<void> end(bool commit) {
        TransactionLedger& ledger = recording_.ledger;
        bool doubtful = false;  // an earlier try may have got through
        while (true) {
            kafka::EndTxnRequest request;
            request.transactional_id = plan_.name;
            request.producer_id = producer_;
            request.producer_epoch = epoch_;
            request.committed = commit;
            if (commit) ledger.end(current_, TransactionOutcome::kUnknown);
            const std::int16_t version = plan_.epoch_per_transaction ? 5 : 4;
            const auto answer =
                co_await ask_coordinator(kTransactionKey, plan_.name, request, version);
            const ErrorCode error = answer ? answer->error_code : ErrorCode::kNetworkException;
            look_again(kTransactionKey, error);
            const Next next = judge(error);
            if (next == Next::kAgain) {
                doubtful = true;
                co_await world_.sleep(kPause);
                continue;
            }
            if (next == Next::kDone) {
                if (commit) ledger.end(current_, TransactionOutcome::kCommitted);
                if (plan_.epoch_per_transaction) {
                    producer_ = answer->producer_id;
                    epoch_ = answer->producer_epoch;
                    sequences_.clear();
                }
                co_return;
            }
            if (commit && !doubtful) ledger.end(current_, TransactionOutcome::kNotCommitted);
            ready_ = false;
            co_return;
        }
    }

    SimWorld& world_;
    const TransactionalPlan& plan_;
    std::string name_;
    TransactionalRecording& recording_;
    ClientControl& control_;
    client::ClusterClient cluster_;
    std::map<std::int8_t, BrokerId> coordinators_{
        {kGroupKey, kNoBroker}, {kTransactionKey, kNoBroker}
    };
    bool ready_ = false;
    ProducerId producer_;
    ProducerEpoch epoch_;
    std::map<TopicPartition, std::int32_t> sequences_;
    std::set<TopicPartition> joined_;
    std::size_t current_ = 0;
    Instant begun_;
    std::int64_t number_ = 0;
};

client::ConsumerOptions committed_options() {
    client::ConsumerOptions options;
    options.isolation = client::Isolation::kReadCommitted;
    options.max_wait = 300ms;
    options.out_of_range = client::OutOfRange::kEarliest;
    return options;
}

class CommittedReader final : public Program {
 public:
    CommittedReader(
        SimWorld& world,
        std::string topic,
        TransactionalRecording& recording,
        ClientControl& control
    )
        : world_(world),
          topic_(std::move(topic)),
          recording_(recording),
          control_(control),
          cluster_(world, recording_client_options(recording.all.bootstrap)),
          consumer_(cluster_, committed_options()) {}

    Task<Status> run() override {
        while (!control_.stop) {
            const auto topic = co_await cluster_.topic(topic_, world_.now() + kTry);
            if (!topic) continue;
            for (std::size_t i = 0; i < topic->partitions.size(); ++i)
                consumer_.assign(
                    {topic_, PartitionId(static_cast<std::int32_t>(i))}, client::StartAt::earliest()
                );
            const Instant again = world_.now() + 20s;
            while (!control_.stop && world_.now() < again) {
                const auto records = co_await consumer_.poll(world_.now() + 1s);
                if (!records) {
                    co_await world_.sleep(kPause);
                    continue;
                }
                for (const auto& one : *records)
                    if (one.record.value)
                        recording_.ledger.seen(
                            "committed reader", std::string(one.record.value->text())
                        );
            }
        }
        control_.finished = true;
        co_return Status{};
    }

 private:
    SimWorld& world_;
    std::string topic_;
    TransactionalRecording& recording_;
    ClientControl& control_;
    client::ClusterClient cluster_;
    client::Consumer consumer_;
};

class LastCommittedReader final : public Program {
 public:
    LastCommittedReader(
        SimWorld& world,
        std::vector<TransactionalPlan> writers,
        TransactionalRecording& recording,
        ClientControl& control
    )
        : world_(world),
          writers_(std::move(writers)),
          recording_(recording),
          control_(control),
          cluster_(world, recording_client_options(recording.all.bootstrap)),
          consumer_(cluster_, committed_options()) {}

    Task<Status> run() override {
        std::set<std::string> topics;
        for (const TransactionalPlan& writer : writers_) topics.insert(writer.topic);
        for (const std::string& name : topics) {
            const auto topic = co_await cluster_.topic(name, world_.now() + 60s);
            if (!topic) {
                complain("unreadable", name + ": " + topic.error().to_string());
                continue;
            }
            for (std::size_t i = 0; i < topic->partitions.size(); ++i)
                co_await read({name, PartitionId(static_cast<std::int32_t>(i))});
        }
        for (const TransactionalPlan& writer : writers_) co_await look_at_offset(writer);
        control_.finished = true;
        co_return Status{};
    }

 private:
    void complain(std::string kind, std::string detail) {
        recording_.ledger.violations.push_back({std::move(kind), std::move(detail)});
    }
    // Everything committed has to be readable: no transaction stands in the way for ever.
    Task<void> read(TopicPartition partition) {
        const Instant limit = world_.now() + 90s;
        const auto end =
            co_await client::list_offset(cluster_, partition, client::StartAt::latest(), limit);
        if (!end) {
            complain("unreadable", partition.to_string() + ": " + end.error().to_string());
            co_return;
        }
        consumer_.assign(partition, client::StartAt::at(Offset(0)));
        while (consumer_.position(partition).value_or(Offset(0)) < end->offset) {
            if (world_.now() > limit) {
                const auto at = consumer_.position(partition).value_or(Offset(0));
                complain(
                    "hanging-transaction",
                    partition.to_string() + " is stable up to " + std::to_string(at.value) +
                        " only, of " + std::to_string(end->offset.value)
                );
                break;
            }
            const auto records = co_await consumer_.poll(world_.now() + 1s);
            if (!records) continue;
            for (const auto& one : *records)
                if (one.record.value)
                    recording_.ledger.seen_at_last(std::string(one.record.value->text()));
        }
        consumer_.unassign(partition);
    }
    Task<void> look_at_offset(const TransactionalPlan& writer) {
        const std::string group = "g-" + writer.name;
        const Instant limit = world_.now() + 90s;
        while (world_.now() < limit) {
            kafka::OffsetFetchRequest request;
            request.require_stable = true;
            auto& asked = request.groups.emplace_back();
            asked.group_id = group;
            auto& topic = asked.topics.emplace().emplace_back();
            topic.name = writer.topic;
            topic.partition_indexes = {PartitionId(0)};
            const auto node = co_await cluster_.coordinator(group, world_.now() + kTry);
            if (node) {
                auto open =
                    co_await cluster_.connection(*node, client::Lane::kGroup, world_.now() + kTry);
                if (open) {
                    const auto answer = co_await (*open)->send(request, world_.now() + kTry, 9);
                    if (answer && answer->groups.at(0).error_code == ErrorCode::kNone) {
                        const auto& found = answer->groups[0].topics.at(0).partitions.at(0);
                        if (found.error_code == ErrorCode::kNone) {
                            recording_.ledger.offset_at_last(
                                writer.name, found.committed_offset.value
                            );
                            co_return;
                        }
                    }
                }
            }
            cluster_.forget_coordinator(group);
            co_await world_.sleep(200ms);
        }
        complain("hanging-transaction", "the offset of " + group + " does not become stable");
    }

    SimWorld& world_;
    std::vector<TransactionalPlan> writers_;
    TransactionalRecording& recording_;
    ClientControl& control_;
    client::ClusterClient cluster_;
    client::Consumer consumer_;
};

}  // namespace

SimProcess::Factory transactional_writer(
    const TransactionalPlan& plan, TransactionalRecording& recording, ClientControl& control
) {
    return [&, start = 0](SimWorld& world) mutable {
        return std::make_unique<TransactionalWriter>(
            world, plan, plan.name + "." + std::to_string(++start), recording, control
        );
    };
}

SimProcess::Factory committed_reader(
    std::string topic, TransactionalRecording& recording, ClientControl& control
) {
    return [&recording, &control, topic](SimWorld& world) {
        return std::make_unique<CommittedReader>(world, topic, recording, control);
    };
}

SimProcess::Factory last_committed_reader(
    std::vector<TransactionalPlan> writers,
    TransactionalRecording& recording,
    ClientControl& control
) {
    return [&recording, &control, writers](SimWorld& world) {
        return std::make_unique<LastCommittedReader>(world, writers, recording, control);
    };
}

}  // namespace sealane::simulation
