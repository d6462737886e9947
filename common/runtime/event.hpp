#pragma once
// Event: many tasks wait for "something changed"; notify_all() wakes them. A condition variable
// for one shard: always wait in a loop that re-tests its condition.

#include "common/runtime/wait_queue.hpp"

#include <algorithm>
#include <vector>

namespace sealane::runtime {

class Event {
 public:
    explicit Event(WaitQueue& queue) : queue_(&queue) {}
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;

    // True: notified. False: the deadline passed. Re-test the condition in both cases.
    [[nodiscard]] Task<bool> wait_until(Instant deadline) {
        WaitQueue::WaitId mine = 0;
        const auto outcome = co_await queue_->wait(deadline, [this, &mine](WaitQueue::WaitId id) {
            mine = id;
            waiting_.push_back(id);
        });
        if (outcome == WaitQueue::Outcome::kSignalled) co_return true;
        std::erase(waiting_, mine);
        co_return false;
    }
    void notify_all() {
        std::vector<WaitQueue::WaitId> woken;
        woken.swap(waiting_);
        for (const auto id : woken) queue_->signal(id);
    }

 private:
    WaitQueue* queue_;
    std::vector<WaitQueue::WaitId> waiting_;
};

}  // namespace sealane::runtime
