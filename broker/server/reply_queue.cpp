#include "broker/server/reply_queue.hpp"

namespace sealane::broker {

ReplyQueue::Place ReplyQueue::open(std::size_t request_bytes) {
    places_.push_back(Slot{.reply = {}, .request_bytes = request_bytes, .filled = false});
    request_bytes_ += request_bytes;
    return first_ + places_.size() - 1;
}

void ReplyQueue::fill(Place place, BufferChain reply) {
    SEALANE_ASSERT(place >= first_ && place - first_ < places_.size());
    Slot& slot = places_[place - first_];
    SEALANE_ASSERT(!slot.filled);
    reply_bytes_ += reply.size();
    slot.reply = std::move(reply);
    slot.filled = true;
}

ReplyQueue::Batch ReplyQueue::take_ready(std::size_t max_bytes) {
    Batch batch;
    while (ready()) {
        const Slot& front = places_.front();
        if (batch.replies != 0 && batch.bytes.size() + front.reply.size() > max_bytes) break;
        batch.bytes.append(front.reply);
        batch.request_bytes += front.request_bytes;
        ++batch.replies;
        places_.pop_front();
        ++first_;
    }
    SEALANE_ASSERT(request_bytes_ >= batch.request_bytes);
    request_bytes_ -= batch.request_bytes;
    reply_bytes_ -= batch.bytes.size();
    return batch;
}

}  // namespace sealane::broker
