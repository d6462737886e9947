#pragma once
// TurnLock: lets coroutines of one shard change a log one after another, first come first served.
// Its holders only wait for file operations, which always end; so waiting has no deadline.

#include "common/runtime/wait_queue.hpp"

#include <vector>

namespace sealane::broker {

class TurnLock {
 public:
    explicit TurnLock(runtime::WaitQueue& queue) : queue_(&queue) {}
    TurnLock(const TurnLock&) = delete;
    TurnLock& operator=(const TurnLock&) = delete;

    // Held until it is destroyed.
    class [[nodiscard]] Turn {
     public:
        explicit Turn(TurnLock* lock) : lock_(lock) {}
        Turn(Turn&& other) noexcept : lock_(other.lock_) { other.lock_ = nullptr; }
        Turn& operator=(Turn&&) = delete;
        ~Turn() {
            if (lock_ != nullptr) lock_->pass_on();
        }

     private:
        TurnLock* lock_;
    };

    [[nodiscard]] runtime::Task<Turn> take() {
        if (!held_) {
            held_ = true;
            co_return Turn(this);
        }
        // pass_on() hands the turn over before it wakes us: it is ours when we resume.
        (void)co_await queue_->wait(Instant::never(), [this](runtime::WaitQueue::WaitId id) {
            waiting_.push_back(id);
        });
        co_return Turn(this);
    }

 private:
    void pass_on() {
        while (!waiting_.empty()) {
            const auto next = waiting_.front();
            waiting_.erase(waiting_.begin());
            if (queue_->signal(next)) return;
        }
        held_ = false;
    }
    runtime::WaitQueue* queue_;
    bool held_ = false;
    std::vector<runtime::WaitQueue::WaitId> waiting_;
};

}  // namespace sealane::broker
