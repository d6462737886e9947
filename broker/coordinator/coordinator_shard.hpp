#pragma once
// Runs one decider (the Core of a Machine) over one partition of a coordinator's topic in one
// leadership of this node: a single task takes requests from a queue, steps the core, appends its
// records and parks the replies until they are durable. It also rewrites the log when it is mostly
// garbage.
//
//   start() --> loading --> loaded --> stopped (resign(): for good; the next leadership has its
//   own)
//                  ^-----------/  the log failed: what it holds is read again
//
// A Machine is a class of types and static functions; GroupMachine (broker/groups) and
// TransactionMachine (broker/transactions) are the two:
//
//   Core, Config, Request, Reply        the decider and what it is asked and answers
//   Effects                             answers ({ticket, reply}) and what to write
//   size(core)                          keys it has, for log lines
//   kName                               of what is kept, for log lines
//   limits(config)                      ShardLimits
//   make(config), begin(core, clock)    a core that knows nothing; it has been replayed
//   replay(batch, core)                 a batch of the log into the core
//   writes(effects)                     whether there is anything to append
//   encode(effects, wall)               Result<ShardAppend>: as one batch
//   apply(effects, core)                it has been appended
//   snapshot(core, bytes)               everything live, as effects of about so many bytes each
//   is_soft(reply)                      shows nothing that has to be durable first
//   kAnswersAreReads                    answers of requests that wrote nothing are given only while
//                                       this node knows that nobody else leads
//
// File coordinator_shard_steps.hpp has the functions; who has a Machine instantiates it once.

#include "broker/coordinator/coordinator_log.hpp"
#include "broker/coordinator/shard_types.hpp"
#include "common/kafka/records/record_batch.hpp"
#include "common/runtime/task_group.hpp"
#include "common/runtime/world.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace sealane::broker {

template <class Machine>
class CoordinatorShard {
 public:
    using Core = typename Machine::Core;
    using Config = typename Machine::Config;
    using Request = typename Machine::Request;
    using Reply = typename Machine::Reply;
    using Effects = typename Machine::Effects;
    using Answers = decltype(Effects::answers);
    using Answer = typename Answers::value_type;
    struct Place {
        PartitionId partition;
        Leadership leadership;
    };
    // `topic` must outlive this.
    CoordinatorShard(runtime::World& world, Config config, Place place, CoordinatorTopic& topic);

    // Starts loading. Until it is loaded submit() answers COORDINATOR_LOAD_IN_PROGRESS.
    void start();
    // The leadership is over: answers everything parked with NOT_COORDINATOR, and whatever comes.
    void resign();
    // Resigns and waits for the tasks.
    [[nodiscard]] runtime::Task<void> stop();
    // The partition may be led by now: a shard that could not load tries again.
    void look_again() { look_again_.notify_all(); }

    // The reply, or the reason why this coordinator cannot give one now.
    [[nodiscard]] runtime::Task<Result<Reply>> submit(Request request);

    // What `look` sees in the core now; given when all of that is durable and this node still
    // leads, so that nobody sees what a later leader does not have.
    template <class Look>
    [[nodiscard]] runtime::Task<Result<std::invoke_result_t<Look, const Core&>>> read(Look look) {
        SEALANE_CO_CHECK(check_readable());
        auto seen = look(std::as_const(*core_));
        SEALANE_CO_CHECK(co_await wait_shown());
        co_return seen;
    }
    // What it shows now, durable or not; of a loaded shard.
    template <class Look>
    std::invoke_result_t<Look, const Core&> shows(Look look) const {
        return look(std::as_const(*core_));
    }
    [[nodiscard]] const Leadership& leadership() const { return place_.leadership; }
    [[nodiscard]] bool loaded() const { return state_ == State::kLoaded; }
    // Told whenever the core may have changed.
    [[nodiscard]] runtime::Event& changed() { return changed_; }

 private:
    // Requests waiting for their step; more are told to try again.
    static constexpr std::size_t kMaxQueued = 100'000;
    // Between two attempts to rewrite the log.
    static constexpr Duration kRewritePause = 10s;
    enum class State { kLoading, kLoaded, kStopped };
    struct Waiting {
        explicit Waiting(runtime::WaitQueue& queue) : changed(queue) {}
        std::optional<Result<Reply>> reply;
        runtime::Event changed;
    };
    struct Queued {
        Ticket ticket;
        Request request;
    };
    struct Undurable {
        Offset end;
        Answer answer;
        bool is_read = false;
    };

    // The log from `base` on says everything once it is durable up to `end`.
    struct Rewritten {
        Offset base;
        Offset end;
        std::uint64_t bytes_before = 0;
    };

    [[nodiscard]] Status check_open() const;
    [[nodiscard]] Status check_readable() const;
    [[nodiscard]] runtime::Task<Status> wait_shown();
    [[nodiscard]] runtime::Task<void> run();
    [[nodiscard]] runtime::Task<bool> pause_after(Error cause);
    [[nodiscard]] runtime::Task<void> release();
    [[nodiscard]] runtime::Task<Status> load();
    [[nodiscard]] runtime::Task<void> serve();
    [[nodiscard]] runtime::Task<void> perform(Effects effects);
    // `effects` must outlive the task.
    [[nodiscard]] runtime::Task<Status> append(const Effects& effects);
    [[nodiscard]] runtime::Task<void> expire();
    [[nodiscard]] runtime::Task<void> rewrite();
    [[nodiscard]] runtime::Task<Status> write_snapshot();
    [[nodiscard]] runtime::Task<void> drop_rewritten();
    [[nodiscard]] bool rewrite_due() const;
    void release_durable();
    void fail_undurable(const Error& cause);
    void park(Answers answers, bool are_reads);
    void release_one(Answer answer, bool is_read);
    void answer(Ticket ticket, Result<Reply> reply);
    void unload(ErrorCode reason);

    runtime::World& world_;
    Config config_;
    ShardLimits limits_;
    Place place_;
    CoordinatorTopic& topic_;
    runtime::Log log_lines_;
    runtime::TaskGroup tasks_;
    runtime::Event queued_;
    runtime::Event undurable_changed_;
    runtime::Event look_again_;
    runtime::Event changed_;
    State state_ = State::kLoading;
    std::shared_ptr<CoordinatorLog> log_;
    std::unique_ptr<Core> core_;
    Ticket next_ticket_ = 1;
    std::map<Ticket, std::shared_ptr<Waiting>> waiting_;
    std::deque<Queued> queue_;
    std::deque<Undurable> undurable_;
    Offset end_{0};                   // after the last record applied
    std::uint64_t stored_bytes_ = 0;  // batches in the log since its start
    std::uint64_t failures_ = 0;      // of the log since it was loaded; a change means: reload
    Instant next_expiry_ = Instant::never();
    Instant next_rewrite_;
    std::optional<Rewritten> rewritten_;  // what is before it waits to be deleted
};

}  // namespace sealane::broker
