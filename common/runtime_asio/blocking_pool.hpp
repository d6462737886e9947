#pragma once
// Threads for calls that block (fdatasync, cold reads, directory work, name look-ups). The only
// threads of a World besides the shard's own; work is handed over whole and its result comes back
// to the shard through the executor. The work must touch nothing that the shard touches meanwhile.

#include "common/runtime/wait_queue.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <vector>

namespace sealane::asio_runtime {

class BlockingPool {
 public:
    BlockingPool(runtime::WaitQueue& waits, std::size_t threads);
    ~BlockingPool();
    BlockingPool(const BlockingPool&) = delete;
    BlockingPool& operator=(const BlockingPool&) = delete;

    // Runs `work` on a thread and returns its value. Destroying the waiting task does not stop the
    // work: it runs to its end on what it captured.
    template <class Work>
    [[nodiscard]] runtime::Task<std::invoke_result_t<Work&>> run(Work work) {
        using Value = std::invoke_result_t<Work&>;
        auto value = std::make_shared<std::optional<Value>>();
        co_await run_erased([value, work = std::move(work)]() mutable { value->emplace(work()); });
        co_return std::move(**value);
    }

    // The same with a deadline: empty when it passed first.
    template <class Work>
    [[nodiscard]] runtime::Task<std::optional<std::invoke_result_t<Work&>>> run_until(
        Work work, Instant deadline
    ) {
        using Value = std::invoke_result_t<Work&>;
        auto value = std::make_shared<std::optional<Value>>();
        const bool done = co_await run_erased(
            [value, work = std::move(work)]() mutable { value->emplace(work()); }, deadline
        );
        co_return done ? std::move(*value) : std::nullopt;
    }

    // Finishes the work already begun, forgets the rest, ends the threads.
    void stop();

 private:
    struct Ticket {  // touched on the shard only
        bool done = false;
        runtime::WaitQueue::WaitId waiter = 0;
    };
    struct Item {
        std::function<void()> work;
        std::shared_ptr<Ticket> ticket;
    };
    [[nodiscard]] runtime::Task<bool> run_erased(
        std::function<void()> work, Instant deadline = Instant::never()
    );
    void serve();

    runtime::WaitQueue& waits_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Item> queue_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace sealane::asio_runtime
