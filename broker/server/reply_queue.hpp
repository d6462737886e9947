#pragma once
// ReplyQueue: the order of replies on one connection. Requests take a place when they arrive;
// replies fill their places whenever they are ready and leave in the order of the requests, all
// that are ready in one piece. A decider.

#include "common/base/buffer.hpp"

#include <cstdint>
#include <vector>

namespace sealane::broker {

class ReplyQueue {
 public:
    using Place = std::uint64_t;

    // `request_bytes`: memory the request holds until its reply leaves.
    [[nodiscard]] Place open(std::size_t request_bytes);
    // An empty chain: this request gets no reply. The place must be open and not filled.
    void fill(Place place, BufferChain reply);

    struct Batch {
        BufferChain bytes;
        std::size_t replies = 0;        // places that left, also those without bytes
        std::size_t request_bytes = 0;  // of their requests
    };
    // What may leave now: the filled places at the front, at least one if it is filled, and no
    // more once `max_bytes` are together.
    [[nodiscard]] Batch take_ready(std::size_t max_bytes);
    [[nodiscard]] bool ready() const { return size() != 0 && places_[front_].filled; }

    // The connection is over: requests hold nothing any more.
    void forget_requests() {
        places_.clear();
        front_ = 0;
        request_bytes_ = reply_bytes_ = 0;
    }

    [[nodiscard]] std::size_t size() const { return places_.size() - front_; }
    [[nodiscard]] std::size_t request_bytes() const { return request_bytes_; }
    [[nodiscard]] std::size_t reply_bytes() const { return reply_bytes_; }

 private:
    struct Slot {
        BufferChain reply;
        std::size_t request_bytes = 0;
        bool filled = false;
    };
    void leave_front();

    std::vector<Slot> places_;  // from front_ on; holds next to nothing while it is empty
    std::size_t front_ = 0;
    Place first_ = 0;  // number of the front place
    std::size_t request_bytes_ = 0;
    std::size_t reply_bytes_ = 0;
};

}  // namespace sealane::broker
