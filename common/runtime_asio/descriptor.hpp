#pragma once
// Descriptor: a non-blocking socket and waiting until it is readable or writable. The system calls
// themselves are made by the owner, first without waiting; only EAGAIN brings it here. A wait is a
// node in the shard's WaitQueue, so deadlines cost no timer of their own, and the reactor's
// handler holds no coroutine frame.

#include "common/runtime/wait_queue.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <memory>

namespace sealane::asio_runtime {

enum class Way { kRead, kWrite };

class Descriptor final : public std::enable_shared_from_this<Descriptor> {
 public:
    // Takes over `fd`, which must be non-blocking. Always owned by a shared_ptr.
    Descriptor(runtime::WaitQueue& waits, int fd);

    [[nodiscard]] int fd() { return descriptor_.native_handle(); }  // only while open
    [[nodiscard]] bool is_open() const { return descriptor_.is_open(); }

    // One waiter a way at a time. kSignalled: try the call again; kExpired; kStopped: closed.
    [[nodiscard]] runtime::Task<runtime::WaitQueue::Outcome> wait(Way way, Instant deadline);
    // Lets the rest of the shard run; for loops that never meet EAGAIN. kStopped: closed.
    [[nodiscard]] runtime::Task<runtime::WaitQueue::Outcome> yield();

    // Closes the socket and ends waits with kStopped. Safe to call twice.
    void close();
    // Closes the socket only; for destructors, when nobody waits any more.
    void abandon();

 private:
    struct Direction {
        bool armed = false;  // the reactor has a handler of ours
        runtime::WaitQueue::WaitId waiter = 0;
    };
    void arm(Way way);

    runtime::WaitQueue& waits_;
    boost::asio::posix::stream_descriptor descriptor_;
    std::array<Direction, 2> directions_;
};

}  // namespace sealane::asio_runtime
