// KIP-890: the leader of a partition asks the coordinator whether a transaction goes on there.

#include "broker/api/local_call.hpp"
#include "broker/api/transactions/transaction_handlers.hpp"
#include "broker/coordinator/key_partition.hpp"
#include "broker/peers/peers.hpp"
#include "common/kafka/messages/transactions.hpp"

#include <algorithm>

namespace sealane::broker {
namespace {

using kafka::AddPartitionsToTxnRequest;
using kafka::AddPartitionsToTxnResponse;
using runtime::Task;

// The transaction before is being completed: it takes a moment, and asking again is cheaper here
// than at the client (add.partitions.to.txn.retry.backoff.ms and .max.ms).
constexpr Duration kBackoff = 20ms;
constexpr Duration kBackoffMax = 100ms;

AddPartitionsToTxnRequest request_of(const TransactionQuestion& question) {
    AddPartitionsToTxnRequest request;
    auto& asked = request.transactions.emplace_back();
    asked.transactional_id = question.transactional_id;
    asked.producer_id = question.producer.id;
    asked.producer_epoch = question.producer.epoch;
    asked.verify_only = !question.adds;
    for (const TopicPartition& partition : question.partitions) {
        if (asked.topics.empty() || asked.topics.back().name != partition.topic)
            asked.topics.emplace_back().name = partition.topic;
        asked.topics.back().partitions.push_back(partition.partition);
    }
    return request;
}

struct Coordinator {
    BrokerId node = kNoBroker;
    LeaderEpoch epoch = kNoLeaderEpoch;
};

Coordinator coordinator_of(const Services& broker, std::string_view id) {
    const auto topic = broker.metadata.image()->topic(transactions::kTransactionsTopic);
    if (topic == nullptr) return {};
    const auto count = static_cast<std::int32_t>(topic->partitions.size());
    const PartitionId partition = partition_of_key(id, count);
    const PartitionState& state = topic->partitions[static_cast<std::size_t>(partition.value)];
    return {state.leader, state.leader_epoch};
}

Task<Result<AddPartitionsToTxnResponse>> send(
    TransactionServicesPtr services,
    BrokerId node,
    AddPartitionsToTxnRequest request,
    Instant deadline
) {
    Services& broker = services->broker;
    if (node == kNoBroker) co_return fail(ErrorCode::kCoordinatorNotAvailable);
    const BrokerId self = broker.config.node_id;
    if (node == self) {
        const LocalCaller caller{broker.registry, self, broker.world.now()};
        co_return co_await local_call(caller, std::move(request));
    }
    co_return co_await broker.peers.send(
        node, PeerLane::kTransactions, std::move(request), deadline
    );
}

bool is_coordinators(ErrorCode error) {
    return error == ErrorCode::kNotCoordinator || error == ErrorCode::kCoordinatorNotAvailable ||
           error == ErrorCode::kCoordinatorLoadInProgress;
}

// In the order of the question, which is that of the answer.
std::vector<ErrorCode> errors_of(
    const Result<AddPartitionsToTxnResponse>& answer, std::size_t count
) {
    std::vector<ErrorCode> errors;
    if (answer && answer->results_by_transaction.size() == 1) {
        for (const auto& topic : answer->results_by_transaction.front().topic_results)
            for (const auto& partition : topic.results_by_partition)
                errors.push_back(partition.partition_error_code);
    }
    if (errors.size() != count) return std::vector(count, ErrorCode::kNetworkException);
    for (ErrorCode& error : errors)
        if (is_coordinators(error)) error = ErrorCode::kNetworkException;
    return errors;
}

}  // namespace

Task<TransactionAnswer> ask_coordinator(
    TransactionServicesPtr services, TransactionQuestion question
) {
    runtime::World& world = services->broker.world;
    const Instant patience = world.now() + kBackoffMax;
    for (;;) {
        const auto to = coordinator_of(services->broker, question.transactional_id);
        const auto answer =
            co_await send(services, to.node, request_of(question), question.deadline);
        auto errors = errors_of(answer, question.partitions.size());
        const bool concurrent =
            std::ranges::find(errors, ErrorCode::kConcurrentTransactions) != errors.end();
        const bool again = question.adds && concurrent && world.now() + kBackoff <= patience &&
                           !services->broker.tasks.stopping();
        if (!again) co_return TransactionAnswer{std::move(errors), to.epoch.value};
        co_await world.sleep(kBackoff);
    }
}

}  // namespace sealane::broker
