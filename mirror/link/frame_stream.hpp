#pragma once
// FrameStream: frames over one stream between the halves. One reader, any number of senders: send()
// queues, a task of the given group writes. What is queued is bounded by the callers: data by the
// peer's credit, everything else by kMaxQueuedBytes, beyond which the connection breaks.

#include "common/runtime/event.hpp"
#include "common/runtime/task_group.hpp"
#include "common/runtime/world.hpp"
#include "mirror/link/frames.hpp"

#include <memory>
#include <optional>

namespace sealane::mirror {

class FrameStream {
 public:
    // `tasks` is stopped and joined before this is destroyed; its stop closes the stream.
    FrameStream(
        runtime::World& world, runtime::TaskGroup& tasks, std::unique_ptr<runtime::Stream> stream
    );
    FrameStream(const FrameStream&) = delete;
    FrameStream& operator=(const FrameStream&) = delete;

    // The next frame. kMalformed and kOutOfBounds: the peer does not keep the protocol.
    [[nodiscard]] runtime::Task<Result<Frame>> read(Instant deadline);
    // After a failure does nothing: read() then tells.
    void send(const Frame& frame);
    [[nodiscard]] std::size_t queued_bytes() const { return queued_bytes_; }
    // Waits until what is queued has been handed to the network, or the stream broke.
    [[nodiscard]] runtime::Task<void> flush(Instant deadline);
    void close();
    [[nodiscard]] bool broken() const { return broken_; }
    [[nodiscard]] const runtime::Peer& peer() const { return stream_->peer(); }

    static constexpr std::size_t kMaxQueuedBytes = 256U << 20U;

 private:
    [[nodiscard]] runtime::Task<void> write_loop();

    runtime::World& world_;
    runtime::TaskGroup& tasks_;
    std::unique_ptr<runtime::Stream> stream_;
    BufferChain queue_;
    std::size_t queued_bytes_ = 0;  // with what is being written
    bool broken_ = false;
    runtime::Event changed_;
};

}  // namespace sealane::mirror
