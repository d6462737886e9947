#include "broker/api/producer_ids.hpp"

#include <utility>

namespace sealane::broker {

using runtime::Task;

ProducerIds::ProducerIds(runtime::World& world, runtime::TaskGroup& tasks, Allocate allocate)
    : tasks_(tasks), allocate_(std::move(allocate)), answered_(world.waits()) {}

Task<Result<ProducerId>> ProducerIds::next() {
    while (true) {
        if (current_.left() == 0) current_ = std::exchange(spare_, {});
        if (current_.left() > 0) {
            const ProducerId id(current_.next++);
            if (current_.left() < kAskBelow && spare_.left() == 0) ask();
            co_return id;
        }
        if (tasks_.stopping()) co_return fail(Error::stopped());
        ask();
        while (asking_) (void)co_await answered_.wait_until(Instant::never());
        // Others may have taken the whole block before this caller ran.
        if (current_.left() + spare_.left() == 0 && failure_) co_return fail(*failure_);
    }
}

void ProducerIds::ask() {
    if (asking_ || tasks_.stopping()) return;
    asking_ = true;
    failure_.reset();
    tasks_.spawn([this] { return fetch_block(); });
}

Task<void> ProducerIds::fetch_block() {
    const auto answer = co_await allocate_();
    if (!answer) {
        failure_ = answer.error();
    } else if (answer->error_code != ErrorCode::kNone) {
        failure_ = Error(answer->error_code, "the controller gives no producer ids");
    } else if (answer->producer_id_len <= 0 || answer->producer_id_start.value < 0) {
        failure_ = Error(ErrorCode::kCorrupt, "the controller gave an empty block of producer ids");
    } else {
        const std::int64_t start = answer->producer_id_start.value;
        spare_ = {start, start + answer->producer_id_len};
    }
    asking_ = false;
    answered_.notify_all();
}

}  // namespace sealane::broker
