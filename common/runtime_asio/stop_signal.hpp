#pragma once
// StopSignal: "the process was asked to end". A level, not an edge: once requested it stays so.

#include "common/runtime/event.hpp"

#include <functional>

namespace sealane::asio_runtime {

class StopSignal {
 public:
    explicit StopSignal(runtime::WaitQueue& queue) : changed_(queue) {}

    [[nodiscard]] bool requested() const { return requested_; }
    // Returns when a stop was requested; at once if it was already.
    [[nodiscard]] runtime::Task<void> wait() {
        while (!requested_) (void)co_await changed_.wait_until(Instant::never());
    }
    // The same with a deadline: true when requested.
    [[nodiscard]] runtime::Task<bool> wait_until(Instant deadline) {
        if (!requested_) (void)co_await changed_.wait_until(deadline);
        co_return requested_;
    }
    // What SIGINT and SIGTERM do; programs may also ask for their own end.
    void request() {
        requested_ = true;
        if (on_request_) on_request_();
        changed_.notify_all();
    }
    // Called at the request, at once when there was one; nullptr: not any more.
    void on_request(std::function<void()> callback) {
        on_request_ = std::move(callback);
        if (requested_ && on_request_) on_request_();
    }

 private:
    bool requested_ = false;
    std::function<void()> on_request_;
    runtime::Event changed_;
};

}  // namespace sealane::asio_runtime
