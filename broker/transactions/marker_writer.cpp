#include "broker/transactions/marker_writer.hpp"

#include <algorithm>

namespace sealane::broker::transactions {

using runtime::Task;

namespace {
constexpr Duration kTry = 10s;          // one broker, which may hang
constexpr Duration kPauseFirst = 20ms;  // between tries, doubled up to
constexpr Duration kPauseMax = 1s;
constexpr Duration kLookAgain = 100ms;  // when what is prepared is not durable
}  // namespace

MarkerWriter::MarkerWriter(
    runtime::World& world, std::shared_ptr<Shard> shard, const MarkerPorts& ports
)
    : world_(world),
      shard_(std::move(shard)),
      ports_(ports),
      log_(world.log("transactions")),
      answered_(world.waits()),
      tasks_(world) {}

void MarkerWriter::start() {
    tasks_.on_stop([this] {
        shard_->changed().notify_all();
        ports_.changed->notify_all();
        answered_.notify_all();
        ports_.interrupt();
    });
    tasks_.spawn([this] { return watch(); });
}

Task<void> MarkerWriter::stop() {
    co_await tasks_.stop_and_join();
}

Task<void> MarkerWriter::watch() {
    while (!tasks_.stopping()) {
        if (!shard_->loaded()) {
            (void)co_await shard_->changed().wait_until(Instant::never());
            continue;
        }
        auto prepared =
            co_await shard_->read([](const TransactionCore& core) { return core.to_complete(); });
        if (tasks_.stopping()) co_return;
        if (!prepared) {
            (void)co_await shard_->changed().wait_until(world_.now() + kLookAgain);
            continue;
        }
        bool waits = false;
        for (Completion& completion : *prepared) {
            if (running_.contains(completion.id)) continue;
            waits = running_.size() >= kMaxRunning;
            if (waits) break;
            running_.insert(completion.id);
            tasks_.spawn([this, completion] { return complete(completion); });
        }
        // What was prepared while this looked has told the event before anybody waited for it.
        const bool again = !waits && shard_->loaded() && shard_->shows([this](const auto& core) {
            return std::ranges::any_of(core.to_complete(), [this](const Completion& one) {
                return !running_.contains(one.id);
            });
        });
        if (!again) (void)co_await shard_->changed().wait_until(Instant::never());
    }
}

Task<void> MarkerWriter::complete(Completion completion) {
    const bool written = co_await write_markers(completion);
    while (written && !tasks_.stopping()) {
        const auto reply =
            co_await shard_->submit(CompleteRequest{completion.id, completion.producer});
        if (tasks_.stopping()) break;
        // Also when it is complete already: the answer to an earlier try got lost.
        const bool done =
            reply && (std::get<CompleteReply>(*reply).error == ErrorCode::kNone ||
                      std::get<CompleteReply>(*reply).error == ErrorCode::kInvalidTxnState);
        if (done) break;
        (void)co_await shard_->changed().wait_until(world_.now() + kLookAgain);
    }
    running_.erase(completion.id);
    shard_->changed().notify_all();
}

// False: this coordinator stops, or another one has taken over.
Task<bool> MarkerWriter::write_markers(const Completion& completion) {
    const auto shared = std::make_shared<const Completion>(completion);
    const auto round = std::make_shared<Round>();
    round->left.insert(completion.partitions.begin(), completion.partitions.end());
    Duration pause = kPauseFirst;
    while (!tasks_.stopping()) {
        std::map<BrokerId, Partitions> by_leader;
        std::erase_if(round->left, [&](const TopicPartition& partition) {
            const auto leader = ports_.leader_of(partition);
            if (leader && *leader != kNoBroker) by_leader[*leader].insert(partition);
            return !leader.has_value();
        });
        if (round->left.empty()) co_return true;
        round->pending = by_leader.size();
        for (auto& [broker, partitions] : by_leader)
            tasks_.spawn([this, broker, shared, partitions, round] {
                return ask(broker, shared, partitions, round);
            });
        while (round->pending > 0 && !tasks_.stopping())
            (void)co_await answered_.wait_until(Instant::never());
        if (tasks_.stopping()) co_return false;
        if (round->left.empty()) co_return true;
        if (pause == kPauseMax) {
            log_.warning(
                "markers of a transaction wait for partitions",
                {{"transactional_id", completion.id},
                 {"partition", round->left.begin()->to_string()},
                 {"partitions", round->left.size()},
                 {"error", round->trouble.value_or(Error(ErrorCode::kLeaderNotAvailable))}}
            );
        }
        (void)co_await ports_.changed->wait_until(world_.now() + pause);
        pause = std::min(pause * 2, kPauseMax);
    }
    co_return false;
}

Task<void> MarkerWriter::ask(
    BrokerId broker, std::shared_ptr<const Completion> completion, Partitions asked, RoundPtr round
) {
    const auto answer =
        co_await ports_.send(broker, request_of(*completion, asked), world_.now() + kTry);
    if (!answer) {
        round->trouble = answer.error();
    } else {
        for (const auto& marker : answer->markers) {
            for (const auto& topic : marker.topics) {
                for (const auto& result : topic.partitions) {
                    const TopicPartition partition{topic.name, result.partition_index};
                    if (is_done(*completion, partition, result.error_code)) {
                        round->left.erase(partition);
                    } else {
                        round->trouble = Error(result.error_code);
                    }
                }
            }
        }
    }
    --round->pending;
    answered_.notify_all();
}

bool MarkerWriter::is_done(
    const Completion& completion, const TopicPartition& partition, ErrorCode answer
) const {
    if (answer == ErrorCode::kNone) return true;
    // The producer has gone on there, which it may only when this marker, or one that a later
    // coordinator wrote, has ended the transaction.
    const bool passed = answer == ErrorCode::kInvalidProducerEpoch ||
                        answer == ErrorCode::kTransactionCoordinatorFenced;
    if (passed) {
        log_.warning(
            "a marker came too late",
            {{"transactional_id", completion.id},
             {"partition", partition.to_string()},
             {"error", Error(answer)}}
        );
    }
    return passed;
}

kafka::WriteTxnMarkersRequest MarkerWriter::request_of(
    const Completion& completion, const Partitions& partitions
) const {
    kafka::WriteTxnMarkersRequest request;
    auto& marker = request.markers.emplace_back();
    marker.producer_id = completion.producer.id;
    marker.producer_epoch = completion.producer.epoch;
    marker.transaction_result = completion.commit;
    marker.coordinator_epoch = shard_->leadership().epoch.value;
    marker.transaction_version = completion.strict ? kEpochPerTransaction : 0;
    for (const TopicPartition& partition : partitions) {
        if (marker.topics.empty() || marker.topics.back().name != partition.topic)
            marker.topics.emplace_back().name = partition.topic;
        marker.topics.back().partition_indexes.push_back(partition.partition);
    }
    return request;
}

}  // namespace sealane::broker::transactions
