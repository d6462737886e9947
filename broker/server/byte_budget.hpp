#pragma once
// ByteBudget: how many bytes of requests the whole broker holds at once. Who cannot get its share
// waits, which stops its reading and so its peer.

#include "common/runtime/event.hpp"
#include "common/runtime/world.hpp"

#include <cstdint>

namespace sealane::broker {

class ByteBudget {
 public:
    ByteBudget(runtime::World& world, std::int64_t limit) : limit_(limit), freed_(world.waits()) {}

    // False: the deadline passed first. A share larger than the limit is granted when nothing else
    // is held, so that one large request always gets through.
    [[nodiscard]] runtime::Task<bool> acquire(std::size_t bytes, Instant deadline) {
        const auto share = static_cast<std::int64_t>(bytes);
        while (used_ > 0 && used_ + share > limit_) {
            ++waited_;
            if (!co_await freed_.wait_until(deadline)) co_return false;
        }
        used_ += share;
        co_return true;
    }
    void release(std::size_t bytes) {
        used_ -= static_cast<std::int64_t>(bytes);
        SEALANE_ASSERT(used_ >= 0);
        freed_.notify_all();
    }
    [[nodiscard]] std::int64_t used() const { return used_; }
    [[nodiscard]] std::int64_t limit() const { return limit_; }
    [[nodiscard]] std::uint64_t waited() const { return waited_; }

 private:
    std::int64_t limit_;
    std::int64_t used_ = 0;
    std::uint64_t waited_ = 0;
    runtime::Event freed_;
};

}  // namespace sealane::broker
