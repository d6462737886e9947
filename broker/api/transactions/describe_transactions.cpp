// DescribeTransactions and ListTransactions (KIP-664): what this node coordinates.

#include "broker/api/transactions/transaction_handlers.hpp"
#include "broker/coordinator/name_pattern.hpp"
#include "common/kafka/messages/transaction_admin.hpp"

#include <array>

namespace sealane::broker {
namespace {

using kafka::DescribeTransactionsRequest;
using kafka::DescribeTransactionsResponse;
using kafka::ListTransactionsRequest;
using kafka::ListTransactionsResponse;
using runtime::Task;
using transactions::Transaction;
using transactions::TransactionStatus;

// Dead and PrepareEpochFence are never seen here.
constexpr std::array<std::string_view, 8> kStates{
    "Empty",
    "Ongoing",
    "PrepareCommit",
    "PrepareAbort",
    "CompleteCommit",
    "CompleteAbort",
    "Dead",
    "PrepareEpochFence"
};

DescribeTransactionsResponse::TransactionState shown(
    std::string id, const Transaction& transaction
) {
    DescribeTransactionsResponse::TransactionState state;
    state.transactional_id = std::move(id);
    state.transaction_state = name_of(transaction.status);
    state.transaction_timeout_ms = transaction.timeout_ms;
    state.transaction_start_time_ms = transaction.started.ms;
    state.producer_id = transaction.producer;
    state.producer_epoch = transaction.epoch;
    for (const TopicPartition& partition : transaction.partitions) {
        if (state.topics.empty() || state.topics.back().topic != partition.topic)
            state.topics.emplace_back().topic = partition.topic;
        state.topics.back().partitions.push_back(partition.partition);
    }
    return state;
}

Task<Reply<DescribeTransactionsResponse>> describe(
    TransactionServicesPtr services, DescribeTransactionsRequest wire
) {
    DescribeTransactionsResponse response;
    for (std::string& id : wire.transactional_ids) {
        const auto found = co_await services->coordinator.describe(id);
        if (found && *found) {
            response.transaction_states.push_back(shown(std::move(id), **found));
            continue;
        }
        auto& state = response.transaction_states.emplace_back();
        state.transactional_id = std::move(id);
        state.producer_id = kNoProducerId;
        state.error_code = found ? ErrorCode::kTransactionalIdNotFound : wire_code(found.error());
    }
    co_return response;
}

bool is_wanted(const ListTransactionsRequest& wire, const Transaction& transaction, WallTime now) {
    const auto& states = wire.state_filters;
    const auto& producers = wire.producer_id_filters;
    const std::string state(name_of(transaction.status));
    if (!states.empty() && std::ranges::find(states, state) == states.end()) return false;
    const auto producer = std::ranges::find(producers, transaction.producer);
    if (!producers.empty() && producer == producers.end()) return false;
    if (wire.duration_filter < 0) return true;
    return transaction.started.ms >= 0 && now.ms - transaction.started.ms > wire.duration_filter;
}

Task<Reply<ListTransactionsResponse>> list(
    TransactionServicesPtr services, ListTransactionsRequest wire
) {
    ListTransactionsResponse response;
    for (const std::string& state : wire.state_filters)
        if (std::ranges::find(kStates, state) == kStates.end())
            response.unknown_state_filters.push_back(state);
    std::optional<NamePattern> pattern;
    if (wire.transactional_id_pattern && !wire.transactional_id_pattern->empty()) {
        auto parsed = NamePattern::parse("TransactionalIdPattern", *wire.transactional_id_pattern);
        if (!parsed) {
            response.error_code = wire_code(parsed.error());
            co_return response;
        }
        pattern = *std::move(parsed);
    }
    const auto all = co_await services->coordinator.list();
    if (!all) {
        response.error_code = wire_code(all.error());
        co_return response;
    }
    const WallTime now = services->broker.world.wall();
    for (const auto& [id, transaction] : *all) {
        if (!is_wanted(wire, transaction, now) || (pattern && !pattern->matches(id))) continue;
        response.transaction_states.push_back(
            {id, transaction.producer, std::string(name_of(transaction.status))}
        );
    }
    co_return response;
}

}  // namespace

void add_describe_transactions(ApiRegistry& registry, TransactionServicesPtr services) {
    registry.add<DescribeTransactionsRequest>(
        {0, 0},
        [services](
            RequestContext /*context*/, DescribeTransactionsRequest request
        ) -> Task<Reply<DescribeTransactionsResponse>> {
            return describe(services, std::move(request));
        }
    );
}

void add_list_transactions(ApiRegistry& registry, TransactionServicesPtr services) {
    registry.add<ListTransactionsRequest>(
        {0, 2},
        [services](
            RequestContext /*context*/, ListTransactionsRequest request
        ) -> Task<Reply<ListTransactionsResponse>> { return list(services, std::move(request)); }
    );
}

}  // namespace sealane::broker
