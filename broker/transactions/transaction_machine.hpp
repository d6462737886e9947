#pragma once
// What makes CoordinatorShard a coordinator of transactions over __transaction_state.

#include "broker/transactions/transaction_core.hpp"
#include "common/kafka/records/record_batch.hpp"

#include <memory>

namespace sealane::broker::transactions {

inline constexpr std::string_view kTransactionsTopic = "__transaction_state";

struct TransactionMachine {
    using Core = TransactionCore;
    using Config = TransactionConfig;
    using Request = transactions::Request;
    using Reply = transactions::Reply;
    using Effects = transactions::Effects;
    static constexpr std::string_view kName = "transactions";
    // "It is in the transaction" is an answer that somebody may write upon.
    static constexpr bool kAnswersAreReads = true;

    [[nodiscard]] static ShardLimits limits(const TransactionConfig& config);
    [[nodiscard]] static std::unique_ptr<Core> make(const TransactionConfig& config);
    static void begin(Core& core, ShardClock clock) { core.begin(clock); }
    [[nodiscard]] static std::size_t size(const Core& core) { return core.all().size(); }
    [[nodiscard]] static Status replay(const kafka::RecordBatch& batch, Core& core);
    [[nodiscard]] static bool writes(const Effects& effects) { return !effects.records.empty(); }
    [[nodiscard]] static Result<ShardAppend> encode(const Effects& effects, WallTime wall);
    static void apply(const Effects& effects, Core& core);
    [[nodiscard]] static std::vector<Effects> snapshot(const Core& core, std::size_t bytes);
    [[nodiscard]] static bool is_soft(const Reply& /*reply*/) { return false; }
};

}  // namespace sealane::broker::transactions
