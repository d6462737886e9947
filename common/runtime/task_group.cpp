#include "common/runtime/task_group.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <memory>

namespace sealane::runtime {

TaskGroup::TaskGroup(World& world)
    : world_(world), changed_(world.waits()), stop_event_(world.waits()) {}

void TaskGroup::spawn(std::function<Task<void>()> body) {
    if (stopping_) return;
    ++running_;
    // The frame of this wrapper owns the closure until the task has ended.
    auto wrapper = [](TaskGroup* group, std::function<Task<void>()> run) -> Task<void> {
        co_await run();
        --group->running_;
        group->changed_.notify_all();
    };
    boost::asio::co_spawn(
        world_.executor(),
        wrapper(this, std::move(body)),
        [](const std::exception_ptr& failure) {
            // Tasks return Results; an exception that gets here is a bug.
            SEALANE_ASSERT(failure == nullptr);
        }
    );
}

void TaskGroup::on_stop(std::function<void()> callback) {
    if (stopping_) {
        callback();
        return;
    }
    on_stop_.push_back(std::move(callback));
}

void TaskGroup::stop() {
    if (stopping_) return;
    stopping_ = true;
    stop_event_.notify_all();
    std::vector<std::function<void()>> callbacks;
    callbacks.swap(on_stop_);
    for (auto& callback : callbacks) callback();
}

Task<void> TaskGroup::join() {
    while (running_ != 0) (void)co_await changed_.wait_until(Instant::never());
}

Task<void> TaskGroup::stop_and_join() {
    stop();
    co_await join();
}

Task<bool> TaskGroup::sleep(Duration delay) {
    if (!stopping_) (void)co_await stop_event_.wait_until(world_.now() + delay);
    co_return !stopping_;
}

}  // namespace sealane::runtime
