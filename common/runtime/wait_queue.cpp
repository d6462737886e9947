#include "common/runtime/wait_queue.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sealane::runtime {

WaitQueue::WaitQueue(Executor executor, std::function<void(Instant)> rearm)
    : executor_(std::move(executor)), rearm_(std::move(rearm)) {}

Task<WaitQueue::Outcome> WaitQueue::wait(Instant deadline, std::function<void(WaitId)> announce) {
    const WaitId id = next_id_++;
    auto initiate = [this, id, deadline, &announce](auto handler) {
        waits_.emplace(id, Wait{deadline, Handler(std::move(handler))});
        if (deadline != Instant::never()) {
            const bool earliest =
                by_deadline_.empty() || deadline < by_deadline_.begin()->first.first;
            by_deadline_.emplace(std::pair(deadline, id), id);
            if (earliest) rearm_(deadline);
        }
        if (announce) announce(id);
    };
    co_return co_await boost::asio::
        async_initiate<decltype(boost::asio::use_awaitable), void(Outcome)>(
            std::move(initiate), boost::asio::use_awaitable
        );
}

WaitQueue::Handler WaitQueue::take(WaitId id) {
    const auto found = waits_.find(id);
    if (found == waits_.end()) return {};
    Wait wait = std::move(found->second);
    waits_.erase(found);
    if (wait.deadline != Instant::never()) by_deadline_.erase({wait.deadline, id});
    return std::move(wait.handler);
}

bool WaitQueue::finish(WaitId id, Outcome outcome) {
    Handler handler = take(id);
    if (!handler) return false;
    ready_.push_back({std::move(handler), outcome});
    boost::asio::post(executor_, [self = std::weak_ptr(self_)] {
        if (const auto queue = self.lock()) (*queue)->resume_one();
    });
    return true;
}

void WaitQueue::resume_one() {
    if (ready_.empty()) return;  // dropped meanwhile
    Ready next = std::move(ready_.front());
    ready_.pop_front();
    std::move(next.handler)(next.outcome);
}

bool WaitQueue::resume(WaitId id) {
    Handler handler = take(id);
    if (!handler) return false;
    std::move(handler)(Outcome::kSignalled);
    return true;
}

void WaitQueue::expire(Instant now) {
    while (!by_deadline_.empty() && by_deadline_.begin()->first.first <= now) {
        finish(by_deadline_.begin()->second, Outcome::kExpired);
    }
    if (!by_deadline_.empty()) rearm_(next_deadline());
}

Instant WaitQueue::next_deadline() const {
    return by_deadline_.empty() ? Instant::never() : by_deadline_.begin()->first.first;
}

void WaitQueue::drop_all() {
    // Destroying a frame may signal other waits; keep going until nothing is left.
    while (!waits_.empty() || !ready_.empty()) {
        by_deadline_.clear();
        while (!waits_.empty()) {
            Wait wait = std::move(waits_.begin()->second);
            waits_.erase(waits_.begin());
        }
        while (!ready_.empty()) {
            Ready next = std::move(ready_.front());
            ready_.pop_front();
        }
    }
    by_deadline_.clear();
}

}  // namespace sealane::runtime
