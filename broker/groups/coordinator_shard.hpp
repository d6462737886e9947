#pragma once
// Runs one CoordinatorCore over one partition of __consumer_offsets: a single task takes requests
// from a queue, steps the core, appends its records and parks the replies until they are durable.
// It also rewrites the log when it is mostly garbage.

#include "broker/groups/coordinator_core.hpp"
#include "broker/groups/group_log.hpp"
#include "common/runtime/task_group.hpp"

#include <deque>
#include <memory>

namespace sealane::broker::groups {

class CoordinatorShard {
 public:
    CoordinatorShard(
        runtime::World& world, GroupConfig config, PartitionId partition, GroupTopic& topic
    );

    // Starts loading. Until it is loaded submit() answers COORDINATOR_LOAD_IN_PROGRESS.
    void start();
    // Answers everything parked with NOT_COORDINATOR and waits for the tasks.
    [[nodiscard]] runtime::Task<void> stop();

    // The reply, or the reason why this coordinator cannot give one now.
    [[nodiscard]] runtime::Task<Result<Reply>> submit(Request request);

    // For reads: kNone when loaded; waits until everything the core shows is durable.
    [[nodiscard]] runtime::Task<Status> wait_readable();
    // Valid after wait_readable() until the next wait.
    [[nodiscard]] const CoordinatorCore& core() const { return *core_; }
    [[nodiscard]] bool loaded() const { return state_ == State::kLoaded; }

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

    [[nodiscard]] runtime::Task<void> run();
    [[nodiscard]] runtime::Task<void> release();
    [[nodiscard]] runtime::Task<Status> load();
    [[nodiscard]] runtime::Task<void> serve();
    [[nodiscard]] runtime::Task<void> perform(Effects effects);
    // `records` must outlive the task.
    [[nodiscard]] runtime::Task<Status> append(const std::vector<CoordinatorRecord>& records);
    [[nodiscard]] runtime::Task<void> expire_offsets();
    [[nodiscard]] runtime::Task<void> rewrite();
    [[nodiscard]] runtime::Task<Status> write_snapshot();
    [[nodiscard]] bool rewrite_due() const;
    void park(std::vector<Effects::Answer> answers);
    void answer(Ticket ticket, Result<Reply> reply);
    void unload(ErrorCode reason);

    runtime::World& world_;
    GroupConfig config_;
    PartitionId partition_;
    GroupTopic& topic_;
    runtime::Log log_lines_;
    runtime::TaskGroup tasks_;
    runtime::Event queued_;
    runtime::Event undurable_changed_;
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
};

}  // namespace sealane::broker::groups
