#include "common/runtime_asio/blocking_pool.hpp"

#include <boost/asio/post.hpp>

namespace sealane::asio_runtime {

BlockingPool::BlockingPool(runtime::WaitQueue& waits, std::size_t threads) : waits_(waits) {
    threads_.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
}

BlockingPool::~BlockingPool() {
    stop();
}

void BlockingPool::stop() {
    {
        const std::lock_guard guard(mutex_);
        stopping_ = true;
        queue_.clear();
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

runtime::Task<bool> BlockingPool::run_erased(std::function<void()> work, Instant deadline) {
    auto ticket = std::make_shared<Ticket>();
    {
        const std::lock_guard guard(mutex_);
        queue_.push_back({std::move(work), ticket});
    }
    changed_.notify_one();
    while (!ticket->done) {
        const auto outcome =
            co_await waits_.wait(deadline, [&ticket](auto id) { ticket->waiter = id; });
        if (outcome == runtime::WaitQueue::Outcome::kExpired) break;
    }
    co_return ticket->done;
}

void BlockingPool::serve() {
    for (;;) {
        Item item;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (stopping_) return;
            item = std::move(queue_.front());
            queue_.pop_front();
        }
        item.work();
        item.work = nullptr;  // what it captured dies here, not on the shard
        boost::asio::post(waits_.executor(), [&waits = waits_, ticket = std::move(item.ticket)] {
            ticket->done = true;
            waits.resume(ticket->waiter);
        });
    }
}

}  // namespace sealane::asio_runtime
