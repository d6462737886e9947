#pragma once
// The transaction coordinator of one __transaction_state partition, as a decider (KIP-98, KIP-360,
// KIP-588, KIP-890; formats: transactions). Driven like the group coordinator's core, by
// CoordinatorShard: handle() or tick(), then the records are appended and applied, then the next.
//
//   Empty --add--> Ongoing --end--> PrepareCommit/Abort --markers written--> CompleteCommit/Abort
//     ^______________________________init, add__________________________________|
//
// A  A transaction that is prepared ends that way, whoever coordinates it: markers are sent only
//    once its record is durable, and again by every later coordinator until it is complete.
// B  While it is prepared everybody waits (CONCURRENT_TRANSACTIONS), so that no record of the next
//    transaction comes before a marker of this one.
// C  Whoever initializes a transactional id gets a higher epoch (or a new producer id) than
//    everybody before.

#include "broker/transactions/transaction_types.hpp"

#include <functional>
#include <map>
#include <set>

namespace sealane::broker::transactions {

class TransactionCore {
 public:
    explicit TransactionCore(TransactionConfig config) : config_(config) {}

    // Replay: apply() every record of the log, then begin() once.
    void apply(const TransactionRecord& record);
    void begin(ShardClock clock);

    void handle(ShardClock clock, Ticket ticket, Request request, Effects& out);
    // Aborts transactions past their timeout. Call it no later than next_wake().
    void tick(ShardClock clock, Effects& out);
    [[nodiscard]] Instant next_wake() const;
    // The append of `failed.records` failed with `error` (a wire code).
    void append_failed(ShardClock clock, Effects failed, ErrorCode error, Effects& out);
    // Tombstones for ids that nobody has used for long; at most `limit`.
    void expire(
        WallTime wall,
        const std::function<bool(const std::string&)>& topic_exists,
        std::size_t limit,
        Effects& out
    ) const;

    // Transactions that are prepared: their markers are to be written.
    [[nodiscard]] std::vector<Completion> to_complete() const;
    [[nodiscard]] const std::map<std::string, Transaction>& all() const { return transactions_; }
    [[nodiscard]] std::vector<TransactionRecord> snapshot() const;
    [[nodiscard]] std::uint64_t live_bytes() const { return live_bytes_; }

    // Epochs end here: the next one would be a marker's last resort.
    static constexpr std::int16_t kLastEpoch = INT16_MAX - 1;

 private:
    struct Step {
        ShardClock clock;
        Effects& out;
    };
    void on_request(Step step, Ticket ticket, InitRequest request);
    void on_request(Step step, Ticket ticket, AddRequest request);
    void on_request(Step step, Ticket ticket, EndRequest request);
    void on_request(Step step, Ticket ticket, CompleteRequest request);
    [[nodiscard]] InitReply init(Step step, const InitRequest& request);
    [[nodiscard]] InitReply init_again(Step step, const InitRequest& request, Transaction next);
    [[nodiscard]] AddReply add(Step step, const AddRequest& request);
    [[nodiscard]] EndReply end(Step step, const EndRequest& request);
    [[nodiscard]] EndReply prepare(Step step, const EndRequest& request, Transaction next);
    void fence(Step step, const std::string& id, Transaction next);
    [[nodiscard]] const Transaction* find(const std::string& id) const;
    void put(Step step, const std::string& id, Transaction next);
    void set_deadline(const std::string& id, Instant at);
    void forget_deadline(const std::string& id);

    TransactionConfig config_;
    std::map<std::string, Transaction> transactions_;
    std::set<std::string> ending_;              // ids of prepared ones
    std::map<std::string, Instant> deadlines_;  // of ongoing ones
    std::set<std::pair<Instant, std::string>> wakes_;
    std::uint64_t live_bytes_ = 0;
};

}  // namespace sealane::broker::transactions
