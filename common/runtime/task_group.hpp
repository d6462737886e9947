#pragma once
// Structured lifetime: every task belongs to a group owned by the object whose members it uses.
// The owner co_awaits stop_and_join() before it dies. Stopping is a level: tasks test stopping()
// in their loops, and every object whose waits must end early notifies its events or closes its
// streams in an on_stop callback.

#include "common/runtime/event.hpp"
#include "common/runtime/world.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace sealane::runtime {

class TaskGroup {
 public:
    explicit TaskGroup(World& world);
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    // Starts a task. The callable (a lambda coroutine may capture: it is kept alive until its task
    // ends) is invoked from the executor, not inside this call. After stop(): does nothing.
    void spawn(std::function<Task<void>()> body);

    [[nodiscard]] bool stopping() const { return stopping_; }
    [[nodiscard]] std::size_t running() const { return running_; }
    // Runs once, when stop() is first called (at once if it was already).
    void on_stop(std::function<void()> callback);
    void stop();
    [[nodiscard]] Task<void> join();
    [[nodiscard]] Task<void> stop_and_join();
    // Waits `delay` or until stop(); false when stopping.
    [[nodiscard]] Task<bool> sleep(Duration delay);

 private:
    World& world_;
    bool stopping_ = false;
    std::size_t running_ = 0;
    Event changed_;
    Event stop_event_;
    std::vector<std::function<void()>> on_stop_;
};

}  // namespace sealane::runtime
