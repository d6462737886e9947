#include "broker/server/reply_queue.hpp"

namespace sealane::broker {

namespace {
constexpr std::size_t kKept = 16;  // places of an empty queue
constexpr std::size_t kMostGone = 64;
}  // namespace

ReplyQueue::Place ReplyQueue::open(std::size_t request_bytes) {
    places_.push_back(Slot{.reply = {}, .request_bytes = request_bytes, .filled = false});
    request_bytes_ += request_bytes;
    return first_ + size() - 1;
}

void ReplyQueue::fill(Place place, BufferChain reply) {
    SEALANE_ASSERT(place >= first_ && place - first_ < size());
    Slot& slot = places_[front_ + (place - first_)];
    SEALANE_ASSERT(!slot.filled);
    reply_bytes_ += reply.size();
    slot.reply = std::move(reply);
    slot.filled = true;
}

ReplyQueue::Batch ReplyQueue::take_ready(std::size_t max_bytes) {
    Batch batch;
    while (ready()) {
        const Slot& front = places_[front_];
        if (batch.replies != 0 && batch.bytes.size() + front.reply.size() > max_bytes) break;
        batch.bytes.append(front.reply);
        batch.request_bytes += front.request_bytes;
        ++batch.replies;
        leave_front();
    }
    SEALANE_ASSERT(request_bytes_ >= batch.request_bytes);
    request_bytes_ -= batch.request_bytes;
    reply_bytes_ -= batch.bytes.size();
    return batch;
}

void ReplyQueue::leave_front() {
    places_[front_] = Slot{};
    ++front_;
    ++first_;
    if (front_ == places_.size()) {
        places_.clear();
        front_ = 0;
        if (places_.capacity() > kKept) places_.shrink_to_fit();
    } else if (front_ >= kMostGone && front_ * 2 >= places_.size()) {
        places_.erase(places_.begin(), places_.begin() + static_cast<std::ptrdiff_t>(front_));
        front_ = 0;
    }
}

}  // namespace sealane::broker
