#pragma once
// Every in-process wait of one shard (sleeps, events, deadlines) is a node in this one queue,
// ordered by deadline. The World arms a single timer for the earliest deadline and calls
// expire(). Because the queue owns all continuations, a simulated crash is drop_all(): the
// coroutine frames are destroyed before the objects they refer to, and nothing resumes.
//
// Single-threaded: all calls on the shard that owns it.

#include "common/base/time.hpp"
#include "common/runtime/task.hpp"

#include <boost/asio/any_completion_handler.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace sealane::runtime {

class WaitQueue {
 public:
    // How a wait ended.
    enum class Outcome { kSignalled, kExpired, kStopped };
    using WaitId = std::uint64_t;
    using Handler = boost::asio::any_completion_handler<void(Outcome)>;

    // `rearm(at)`: the World must call expire() no later than `at` (Instant::never(): no need).
    WaitQueue(Executor executor, std::function<void(Instant)> rearm);

    // Waits until signal(id), stop(id) or the deadline. `announce(id)` runs before suspending.
    [[nodiscard]] Task<Outcome> wait(Instant deadline, std::function<void(WaitId)> announce);

    // Ends a wait; false when it has ended already. The waiter resumes from the executor, in the
    // order of the calls, never inside them.
    bool signal(WaitId id) { return finish(id, Outcome::kSignalled); }
    bool stop(WaitId id) { return finish(id, Outcome::kStopped); }
    // As signal(), but the waiter resumes inside the call. For handlers that the event loop itself
    // calls, which save a turn of the loop with it; never from a task.
    bool resume(WaitId id);

    void expire(Instant now);
    [[nodiscard]] Instant next_deadline() const;
    [[nodiscard]] std::size_t size() const { return waits_.size() + ready_.size(); }
    [[nodiscard]] Executor executor() const { return executor_; }
    // Destroys all continuations without running them. Asio unwinds their frames through the
    // executor: poll it before the objects that the frames refer to are destroyed.
    void drop_all();

 private:
    struct Wait {
        Instant deadline;
        Handler handler;
    };
    struct Ready {
        Handler handler;
        Outcome outcome;
    };
    bool finish(WaitId id, Outcome outcome);
    [[nodiscard]] Handler take(WaitId id);  // empty when it has ended already
    void resume_one();

    Executor executor_;
    std::function<void(Instant)> rearm_;
    WaitId next_id_ = 1;
    std::map<WaitId, Wait> waits_;
    std::map<std::pair<Instant, WaitId>, WaitId> by_deadline_;
    std::deque<Ready>
        ready_;  // ended, not yet resumed: still owned here, so that a crash drops them
    std::shared_ptr<WaitQueue*> self_ = std::make_shared<WaitQueue*>(this);
};

}  // namespace sealane::runtime
