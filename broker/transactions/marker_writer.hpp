#pragma once
// MarkerWriter: completes the prepared transactions of one shard. It has their markers written by
// the leaders of all their partitions, again and again until each has answered, and then has the
// shard complete them. A transaction whose coordinator moves is completed by the next one.
//
// What it sees of the shard is durable (CoordinatorShard::read), so no marker is written for a
// decision that another coordinator may not know.

#include "broker/coordinator/coordinator_shard.hpp"
#include "broker/transactions/transaction_machine.hpp"
#include "common/kafka/messages/transaction_admin.hpp"

#include <functional>
#include <memory>

namespace sealane::broker::transactions {

struct MarkerPorts {
    // Who leads a partition; kNoBroker: nobody now. Nothing: it was deleted.
    std::function<std::optional<BrokerId>(const TopicPartition&)> leader_of;
    // One try at one broker, this node among them.
    std::function<runtime::Task<Result<kafka::WriteTxnMarkersResponse>>(
        BrokerId, kafka::WriteTxnMarkersRequest, Instant deadline
    )>
        send;
    // Told when leaders may have changed. Outlives everything.
    runtime::Event* changed = nullptr;
    // Breaks off what is being sent: a writer stops.
    std::function<void()> interrupt;
};

class MarkerWriter {
 public:
    using Shard = CoordinatorShard<TransactionMachine>;
    // `ports` outlive this.
    MarkerWriter(runtime::World& world, std::shared_ptr<Shard> shard, const MarkerPorts& ports);
    void start();
    [[nodiscard]] runtime::Task<void> stop();
    [[nodiscard]] const Shard& shard() const { return *shard_; }
    [[nodiscard]] std::size_t running() const { return running_.size(); }
    void begin_stop() { tasks_.stop(); }

 private:
    // Transactions completed at the same time; others wait for their turn.
    static constexpr std::size_t kMaxRunning = 1000;
    using Partitions = std::set<TopicPartition>;
    struct Round {
        std::size_t pending = 0;
        Partitions left;
        std::optional<Error> trouble;
    };
    using RoundPtr = std::shared_ptr<Round>;

    [[nodiscard]] runtime::Task<void> watch();
    [[nodiscard]] runtime::Task<void> complete(Completion completion);
    [[nodiscard]] runtime::Task<bool> write_markers(const Completion& completion);
    [[nodiscard]] runtime::Task<void> ask(
        BrokerId broker,
        std::shared_ptr<const Completion> completion,
        Partitions asked,
        RoundPtr round
    );
    [[nodiscard]] kafka::WriteTxnMarkersRequest request_of(
        const Completion& completion, const Partitions& partitions
    ) const;
    // Whether the partition needs no more markers of this coordinator.
    [[nodiscard]] bool is_done(
        const Completion& completion, const TopicPartition& partition, ErrorCode answer
    ) const;

    runtime::World& world_;
    std::shared_ptr<Shard> shard_;
    const MarkerPorts& ports_;
    runtime::Log log_;
    std::set<std::string> running_;
    runtime::Event answered_;
    runtime::TaskGroup tasks_;
};

}  // namespace sealane::broker::transactions
