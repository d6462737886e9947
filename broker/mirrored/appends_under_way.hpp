#pragma once
// AppendsUnderWay: how many MirrorAppends are being written to each partition. A promotion waits
// for those that were let in before it. begin() and end() stand around one append; there is no
// guard object, because frames that a crash destroys must not wake anybody.

#include "common/base/assert.hpp"
#include "common/base/ids.hpp"
#include "common/runtime/event.hpp"

#include <map>

namespace sealane::broker {

class AppendsUnderWay {
 public:
    explicit AppendsUnderWay(runtime::WaitQueue& waits) : ended_(waits) {}

    void begin(const TopicPartition& partition) { ++running_[partition]; }
    void end(const TopicPartition& partition) {
        const auto found = running_.find(partition);
        SEALANE_ASSERT(found != running_.end() && found->second > 0);
        if (--found->second > 0) return;
        running_.erase(found);
        ended_.notify_all();
    }
    // True when nothing is being written to the partition; false at the deadline.
    [[nodiscard]] runtime::Task<bool> wait_idle(TopicPartition partition, Instant deadline) {
        while (running_.contains(partition)) {
            const bool told = co_await ended_.wait_until(deadline);
            if (!told) co_return !running_.contains(partition);
        }
        co_return true;
    }

 private:
    std::map<TopicPartition, int> running_;
    runtime::Event ended_;
};

}  // namespace sealane::broker
