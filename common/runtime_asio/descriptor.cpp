#include "common/runtime_asio/descriptor.hpp"

namespace sealane::asio_runtime {

using Outcome = runtime::WaitQueue::Outcome;

Descriptor::Descriptor(runtime::WaitQueue& waits, int fd)
    : waits_(waits), descriptor_(waits.executor(), fd) {}

void Descriptor::arm(Way way) {
    using Base = boost::asio::posix::stream_descriptor;
    Direction& direction = directions_[static_cast<std::size_t>(way)];
    if (direction.armed) return;
    direction.armed = true;
    descriptor_.async_wait(
        way == Way::kRead ? Base::wait_read : Base::wait_write,
        [self = shared_from_this(), way](const boost::system::error_code&) {
            Direction& ready = self->directions_[static_cast<std::size_t>(way)];
            ready.armed = false;
            // The waiter may have gone by its deadline: then its id is unknown and this does
            // nothing.
            self->waits_.resume(ready.waiter);
        }
    );
}

runtime::Task<Outcome> Descriptor::wait(Way way, Instant deadline) {
    if (!is_open()) co_return Outcome::kStopped;
    const auto self = shared_from_this();
    arm(way);
    const Outcome outcome = co_await waits_.wait(deadline, [this, way](auto id) {
        directions_[static_cast<std::size_t>(way)].waiter = id;
    });
    co_return self->is_open() ? outcome : Outcome::kStopped;
}

runtime::Task<Outcome> Descriptor::yield() {
    const auto self = shared_from_this();
    (void)co_await waits_.wait(Instant::never(), [this](auto id) { waits_.signal(id); });
    co_return self->is_open() ? Outcome::kSignalled : Outcome::kStopped;
}

void Descriptor::close() {
    if (!is_open()) return;
    abandon();
    for (const Direction& direction : directions_) waits_.stop(direction.waiter);
}

void Descriptor::abandon() {
    boost::system::error_code ignored;
    descriptor_.close(ignored);
}

}  // namespace sealane::asio_runtime
