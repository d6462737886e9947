#include "common/client/producer.hpp"

#include "common/base/text.hpp"
#include "common/kafka/messages/producers.hpp"

#include <algorithm>

namespace sealane::client {
namespace {

using runtime::Task;

// Kafka remembers five batches per producer and partition; one is in flight, so any number of
// requests would be safe. It bounds memory and keeps small batches together.
constexpr int kRequestsPerBroker = 5;
// Topics are named by id from version 13 on.
constexpr std::int16_t kLastByName = 12;

AccumulatorOptions accumulator_options(const ProducerOptions& options) {
    return {
        .idempotent = options.idempotent,
        .codec = options.codec,
        .compression_level = options.compression_level,
        .batch_bytes = options.batch_bytes,
        .buffer_bytes = options.buffer_bytes,
        .linger = options.linger,
        .delivery_timeout = options.delivery_timeout,
    };
}

// The broker that answered no longer leads the partition, or the topic is another one.
bool means_leader_moved(ErrorCode code) {
    switch (code) {
        case ErrorCode::kNotLeaderOrFollower:
        case ErrorCode::kLeaderNotAvailable:
        case ErrorCode::kUnknownTopicOrPartition:
        case ErrorCode::kUnknownTopicId:
        case ErrorCode::kInconsistentTopicId:
        case ErrorCode::kFencedLeaderEpoch:
        case ErrorCode::kKafkaStorageError:
            return true;
        default:
            return false;
    }
}

}  // namespace

Task<Result<Delivery>> PendingDelivery::wait(Instant deadline) {
    if (!outcome_->done()) {
        auto done = std::make_shared<runtime::Event>(*waits_);
        outcome_->when_done([done] { done->notify_all(); });
        while (!outcome_->done()) {
            if (!co_await done->wait_until(deadline) && !outcome_->done())
                co_return fail(ErrorCode::kDeadlineExceeded, "delivery not confirmed yet");
        }
    }
    const auto& result = outcome_->result();
    if (!result) co_return fail(result.error());
    const Offset offset =
        result->base_offset == kNoOffset ? kNoOffset : result->base_offset + index_;
    co_return Delivery{result->partition, offset, result->append_time};
}

Producer::Producer(ClusterClient& cluster, ProducerOptions options)
    : cluster_(cluster),
      options_(options),
      log_(cluster.world().log("producer")),
      tasks_(cluster.world()),
      lane_(cluster.own_lane(Lane::kProduce)),
      accumulator_(accumulator_options(options)),
      work_(cluster.world().waits()),
      room_(cluster.world().waits()) {
    SEALANE_ASSERT(!options.idempotent || options.acks == -1);
}

Task<void> Producer::stop() {
    tasks_.stop();
    accumulator_.fail_all(Error::stopped());
    kick();
    room_.notify_all();
    cluster_.close_lane(lane_);
    co_await tasks_.join();
}

void Producer::kick() {
    kicked_ = true;
    work_.notify_all();
}

Task<Result<PendingDelivery>> Producer::enqueue(
    std::string topic, std::optional<PartitionId> partition, kafka::Record record, Instant deadline
) {
    if (record.timestamp.ms < 0) record.timestamp = cluster_.world().wall();
    for (;;) {
        if (tasks_.stopping()) co_return fail(Error::stopped());
        const TopicInfo* info = cluster_.metadata().topic(topic);
        if (info == nullptr || info->partitions.empty()) {
            SEALANE_CO_TRY(const TopicInfo asked, co_await cluster_.topic(topic, deadline));
            if (asked.partitions.empty())
                co_return fail(ErrorCode::kLeaderNotAvailable, concat(topic, " has no partitions"));
            continue;
        }
        const TopicPartition to{topic, partition ? *partition : pick_partition(*info, record)};
        if (cluster_.metadata().partition(to) == nullptr)
            co_return fail(ErrorCode::kUnknownTopicOrPartition, to.to_string());
        auto appended = accumulator_.append(to, record, cluster_.world().now());
        if (appended) {
            if (appended->batch_closed) sticky_.batch_closed(topic);
            if (!running_) tasks_.spawn([this] { return run(); });
            running_ = true;
            if (appended->changes_plan) kick();
            co_return PendingDelivery(
                cluster_.world().waits(), std::move(appended->outcome), appended->index
            );
        }
        if (appended.error().code() != ErrorCode::kBusy) co_return fail(appended.error());
        if (!co_await room_.wait_until(deadline)) co_return fail(appended.error());
    }
}

Task<Result<Delivery>> Producer::send(
    std::string topic, std::optional<PartitionId> partition, kafka::Record record, Instant deadline
) {
    SEALANE_CO_TRY(
        PendingDelivery pending,
        co_await enqueue(std::move(topic), partition, std::move(record), deadline)
    );
    co_return co_await pending.wait(deadline);
}

Task<Status> Producer::flush(Instant deadline) {
    accumulator_.flush();
    kick();
    while (!accumulator_.empty()) {
        accumulator_.flush();
        if (!co_await room_.wait_until(deadline))
            co_return fail(
                ErrorCode::kDeadlineExceeded,
                concat(accumulator_.buffered_bytes(), " bytes are not delivered yet")
            );
    }
    if (!first_failure_) co_return Status();
    const Error failure = *std::exchange(first_failure_, std::nullopt);
    co_return fail(failure);
}

PartitionId Producer::pick_partition(const TopicInfo& topic, const kafka::Record& record) {
    const auto count = static_cast<std::int32_t>(topic.partitions.size());
    if (record.key) return partition_for_key(record.key->view(), count);
    const auto current = sticky_.current(topic.name);
    if (current && cluster_.metadata().leader({topic.name, *current})) return *current;
    std::vector<PartitionId> available;
    for (const PartitionInfo& partition : topic.partitions) {
        if (partition.leader.value >= 0) available.push_back(partition.id);
    }
    if (available.empty()) {
        for (const PartitionInfo& partition : topic.partitions) available.push_back(partition.id);
    }
    return sticky_.choose(topic.name, available, cluster_.world().rng());
}

Task<void> Producer::run() {
    while (!tasks_.stopping()) {
        kicked_ = false;
        const std::size_t before = accumulator_.buffered_bytes();
        accumulator_.expire(cluster_.world().now());
        if (accumulator_.buffered_bytes() != before) room_.notify_all();
        const bool anything = !accumulator_.ready(cluster_.world().now()).empty();
        if (anything && accumulator_.needs_producer_id()) {
            const Status got = co_await ensure_producer_id();
            if (!got) {
                if (!first_failure_) first_failure_ = got.error();
                accumulator_.fail_all(got.error());
                room_.notify_all();
            }
            continue;
        }
        dispatch();
        if (kicked_) continue;
        (void)co_await work_.wait_until(accumulator_.next_deadline(cluster_.world().now()));
    }
}

Task<Status> Producer::ensure_producer_id() {
    Backoff backoff = cluster_.retry_backoff();
    const Instant deadline = cluster_.world().now() + options_.delivery_timeout;
    for (;;) {
        kafka::InitProducerIdRequest request;
        request.transactional_id = std::nullopt;
        request.transaction_timeout_ms = INT32_MAX;
        const Instant limit = cluster_.world().now() + cluster_.options().request_timeout;
        auto answer = co_await cluster_.send_any(std::move(request), limit);
        if (answer && answer->error_code == ErrorCode::kNone) {
            accumulator_.set_producer(answer->producer_id, answer->producer_epoch);
            co_return Status();
        }
        Error error = answer ? Error(answer->error_code) : std::move(answer).error();
        const Duration delay = backoff.next(cluster_.world().rng());
        const bool late = cluster_.world().now() + delay >= deadline;
        if (!is_retriable(error.code()) || late) co_return fail(error.in("producer id"));
        if (!co_await tasks_.sleep(delay)) co_return fail(Error::stopped());
    }
}

void Producer::dispatch() {
    for (const auto& [broker, partitions] : ready_by_leader()) {
        std::vector<TopicPartition> left = partitions;
        while (!left.empty() && in_flight_[broker] < kRequestsPerBroker) {
            std::vector<ReadyBatch> batches = take_for_request(left);
            if (batches.empty()) break;
            std::erase_if(left, [&batches](const TopicPartition& partition) {
                return std::ranges::find(batches, partition, &ReadyBatch::partition) !=
                       batches.end();
            });
            ++in_flight_[broker];
            tasks_.spawn([this, to = broker, out = std::move(batches)] {
                return produce_to(to, out);
            });
        }
    }
}

std::map<BrokerId, std::vector<TopicPartition>> Producer::ready_by_leader() {
    std::map<BrokerId, std::vector<TopicPartition>> by_leader;
    std::set<std::string> unknown;
    for (TopicPartition& partition : accumulator_.ready(cluster_.world().now())) {
        if (const auto leader = cluster_.metadata().leader(partition))
            by_leader[leader->broker].push_back(std::move(partition));
        else
            unknown.insert(partition.topic);
    }
    if (!unknown.empty() && !looking_up_) {
        looking_up_ = true;
        tasks_.spawn([this, unknown] { return look_up(unknown); });
    }
    return by_leader;
}

Task<void> Producer::look_up(std::set<std::string> topics) {
    const Instant limit = cluster_.world().now() + cluster_.options().request_timeout;
    const Status asked = co_await cluster_.refresh(std::move(topics), limit);
    if (!asked) log_.debug("cannot look up leaders", {{"error", asked.error()}});
    (void)co_await tasks_.sleep(cluster_.options().retry_backoff_first);
    looking_up_ = false;
    kick();
}

std::vector<ReadyBatch> Producer::take_for_request(const std::vector<TopicPartition>& partitions) {
    std::vector<ReadyBatch> batches;
    std::size_t bytes = 0;
    for (const TopicPartition& partition : partitions) {
        if (bytes >= options_.request_bytes) break;
        auto batch = accumulator_.take(partition);
        if (!batch) continue;
        bytes += batch->batch.size();
        batches.push_back(*std::move(batch));
    }
    return batches;
}

Task<void> Producer::produce_to(BrokerId broker, std::vector<ReadyBatch> batches) {
    const auto answer = co_await exchange(broker, batches);
    settle(batches, answer);
    --in_flight_[broker];
    room_.notify_all();
    kick();
}

Task<Result<kafka::ProduceResponse>> Producer::exchange(
    BrokerId broker, const std::vector<ReadyBatch>& batches
) {
    const Duration timeout = cluster_.options().request_timeout;
    const Instant deadline = cluster_.world().now() + timeout;
    kafka::ProduceRequest request;
    request.acks = options_.acks;
    request.timeout_ms = static_cast<std::int32_t>(to_ms(timeout));
    std::int16_t cap = INT16_MAX;
    for (const ReadyBatch& batch : batches) {
        const std::string& topic = batch.partition.topic;
        if (request.topic_data.empty() || request.topic_data.back().name != topic) {
            auto& data = request.topic_data.emplace_back();
            data.name = topic;
            const TopicInfo* info = cluster_.metadata().topic(topic);
            if (info != nullptr) data.topic_id = info->id;
            if (data.topic_id.is_zero()) cap = kLastByName;
        }
        auto& data = request.topic_data.back().partition_data.emplace_back();
        data.index = batch.partition.partition;
        data.records = batch.batch.bytes();
    }
    SEALANE_CO_TRY(const auto connection, co_await cluster_.connection(broker, lane_, deadline));
    if (options_.acks != 0) co_return co_await connection->send(std::move(request), deadline, cap);
    SEALANE_CO_CHECK(connection->send_unanswered(request, cap));
    for (const ReadyBatch& batch : batches) accumulator_.delivered(batch, kNoOffset, {});
    co_return kafka::ProduceResponse{};
}

void Producer::settle(
    const std::vector<ReadyBatch>& batches, const Result<kafka::ProduceResponse>& answer
) {
    for (const ReadyBatch& batch : batches) {
        if (!answer) {
            // The broker may be gone: ask who leads now.
            if (!answer.error().is_stopped()) cluster_.leader_changed(batch.partition);
            retry_or_fail(batch, answer.error());
            continue;
        }
        const TopicInfo* info = cluster_.metadata().topic(batch.partition.topic);
        bool found = options_.acks == 0;
        for (const auto& topic : answer->responses) {
            const bool by_id = topic.name.empty() && info != nullptr && topic.topic_id == info->id;
            if (topic.name != batch.partition.topic && !by_id) continue;
            for (const auto& partition : topic.partition_responses) {
                if (partition.index != batch.partition.partition) continue;
                settle_one(batch, partition);
                found = true;
            }
        }
        if (!found)
            retry_or_fail(batch, Error(ErrorCode::kNetworkException, "no answer for a partition"));
    }
}

void Producer::settle_one(
    const ReadyBatch& batch, const kafka::ProduceResponse::PartitionProduceResponse& answer
) {
    switch (answer.error_code) {
        case ErrorCode::kNone:
            return accumulator_.delivered(
                batch, answer.base_offset, WallTime{answer.log_append_time_ms}
            );
        case ErrorCode::kDuplicateSequenceNumber:
            // Written by an earlier attempt; the offset is not known any more.
            return accumulator_.delivered(batch, kNoOffset, {});
        default:
            break;
    }
    if (means_leader_moved(answer.error_code))
        cluster_.leader_changed(
            batch.partition, answer.current_leader.leader_id, answer.current_leader.leader_epoch
        );
    retry_or_fail(
        batch,
        Error(
            answer.error_code,
            concat(
                "produce to ",
                batch.partition.to_string(),
                answer.error_message ? concat(": ", *answer.error_message) : ""
            )
        )
    );
}

void Producer::retry_or_fail(const ReadyBatch& batch, const Error& error) {
    const Instant now = cluster_.world().now();
    const bool again = is_retriable(error.code()) || means_leader_moved(error.code());
    if (again && now < batch.deadline && !tasks_.stopping()) {
        const auto& options = cluster_.options();
        const auto doublings = std::min(batch.attempts - 1, 10);
        const Duration delay =
            std::min(options.retry_backoff_longest, options.retry_backoff_first * (1 << doublings));
        log_.debug("will retry", {{"partition", batch.partition.to_string()}, {"error", error}});
        return accumulator_.retry(batch, now + delay);
    }
    if (!first_failure_) first_failure_ = error;
    accumulator_.failed(batch, error);
}

}  // namespace sealane::client
