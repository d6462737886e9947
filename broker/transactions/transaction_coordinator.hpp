#pragma once
// The broker's transaction coordinator: a shard for every partition of __transaction_state that
// this node leads, a MarkerWriter for each, and producer ids for those that need one. API handlers
// in broker/api call it.
//
// Errors of the Result are the coordinator's own (COORDINATOR_LOAD_IN_PROGRESS,
// COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR); errors of the protocol are in the replies.

#include "broker/coordinator/shard_set.hpp"
#include "broker/transactions/marker_writer.hpp"
#include "common/runtime/metrics.hpp"

namespace sealane::broker::transactions {

struct CoordinatorPorts {
    MarkerPorts markers;
    std::function<runtime::Task<Result<ProducerId>>()> fresh_id;
};

class TransactionCoordinator final : public runtime::MetricSource {
 public:
    // `topic` must outlive this.
    TransactionCoordinator(
        runtime::World& world,
        TransactionConfig config,
        CoordinatorTopic& topic,
        CoordinatorPorts ports
    );
    ~TransactionCoordinator() override;
    void start();
    [[nodiscard]] runtime::Task<void> stop();

    [[nodiscard]] runtime::Task<Result<InitReply>> init(InitRequest request);
    [[nodiscard]] runtime::Task<Result<AddReply>> add(AddRequest request);
    [[nodiscard]] runtime::Task<Result<EndReply>> end(EndRequest request);

    // Nothing: unknown id.
    [[nodiscard]] runtime::Task<Result<std::optional<Transaction>>> describe(std::string id);
    // Those coordinated here.
    using Listed = std::vector<std::pair<std::string, Transaction>>;
    [[nodiscard]] runtime::Task<Result<Listed>> list();

    [[nodiscard]] runtime::Task<Status> ensure_ready() { return shards_.ensure_ready(); }
    // Whose leader coordinates the id. After ensure_ready().
    [[nodiscard]] PartitionId partition_of(std::string_view id) const {
        return shards_.partition_of(id);
    }

    void collect(runtime::MetricSink& sink) const override;

 private:
    using Shards = ShardSet<TransactionMachine>;
    template <class R, class Q>
    [[nodiscard]] runtime::Task<Result<R>> ask_with_id(Q request);
    [[nodiscard]] runtime::Task<void> follow();

    runtime::World& world_;
    CoordinatorPorts ports_;
    Shards shards_;
    std::vector<std::unique_ptr<MarkerWriter>> writers_;
    runtime::TaskGroup tasks_;
};

}  // namespace sealane::broker::transactions
