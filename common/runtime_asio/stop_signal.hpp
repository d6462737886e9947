#pragma once
// StopSignal: "the process was asked to end". A level, not an edge: once requested it stays so.

#include "common/runtime/event.hpp"

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
        changed_.notify_all();
    }

 private:
    bool requested_ = false;
    runtime::Event changed_;
};

}  // namespace sealane::asio_runtime
