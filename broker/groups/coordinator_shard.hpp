#pragma once
// Runs one CoordinatorCore over one partition of __consumer_offsets in one leadership of this node:
// a single task takes requests from a queue, steps the core, appends its records and parks the
// replies until they are durable. It also rewrites the log when it is mostly garbage.
//
//   start() --> loading --> loaded --> stopped (resign(): for good; the next leadership has its
//   own)
//                  ^-----------/  the log failed: what it holds is read again

#include "broker/groups/coordinator_core.hpp"
#include "broker/groups/group_log.hpp"
#include "common/runtime/task_group.hpp"

#include <deque>
#include <memory>
#include <type_traits>
#include <utility>

namespace sealane::broker::groups {

class CoordinatorShard {
 public:
    struct Place {
        PartitionId partition;
        Leadership leadership;
    };
    // `topic` must outlive this.
    CoordinatorShard(runtime::World& world, GroupConfig config, Place place, GroupTopic& topic);

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
    [[nodiscard]] runtime::Task<Result<std::invoke_result_t<Look, const CoordinatorCore&>>> read(
        Look look
    ) {
        SEALANE_CO_CHECK(check_readable());
        auto seen = look(std::as_const(*core_));
        SEALANE_CO_CHECK(co_await wait_shown());
        co_return seen;
    }
    [[nodiscard]] const Leadership& leadership() const { return place_.leadership; }
    [[nodiscard]] bool loaded() const { return state_ == State::kLoaded; }
    // Of a loaded shard.
    [[nodiscard]] GroupCounts counts() const { return core_->counts(); }

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
        Effects::Answer answer;
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
    // `records` must outlive the task.
    [[nodiscard]] runtime::Task<Status> append(const std::vector<CoordinatorRecord>& records);
    [[nodiscard]] runtime::Task<void> expire_offsets();
    [[nodiscard]] runtime::Task<void> rewrite();
    [[nodiscard]] runtime::Task<Status> write_snapshot();
    [[nodiscard]] runtime::Task<void> drop_rewritten();
    [[nodiscard]] bool rewrite_due() const;
    void release_durable();
    void fail_undurable(const Error& cause);
    void park(std::vector<Effects::Answer> answers);
    void answer(Ticket ticket, Result<Reply> reply);
    void unload(ErrorCode reason);

    runtime::World& world_;
    GroupConfig config_;
    Place place_;
    GroupTopic& topic_;
    runtime::Log log_lines_;
    runtime::TaskGroup tasks_;
    runtime::Event queued_;
    runtime::Event undurable_changed_;
    runtime::Event look_again_;
    State state_ = State::kLoading;
    std::shared_ptr<GroupLog> log_;
    std::unique_ptr<CoordinatorCore> core_;
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

}  // namespace sealane::broker::groups
