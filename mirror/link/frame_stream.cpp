#include "mirror/link/frame_stream.hpp"

#include <array>

namespace sealane::mirror {

using runtime::Task;

namespace {
constexpr Duration kWritePatience = 60s;
}

FrameStream::FrameStream(
    runtime::World& world, runtime::TaskGroup& tasks, std::unique_ptr<runtime::Stream> stream
)
    : world_(world), tasks_(tasks), stream_(std::move(stream)), changed_(world.waits()) {
    tasks_.on_stop([this] { close(); });
    tasks_.spawn([this] { return write_loop(); });
}

Task<Result<Frame>> FrameStream::read(Instant deadline) {
    std::array<std::byte, kFrameLengthBytes> head;
    SEALANE_CO_CHECK(co_await runtime::read_exactly(*stream_, head, deadline));
    SEALANE_CO_TRY(const std::uint32_t size, announced_frame_size(head));
    // Grown as bytes arrive, so that an announced length alone costs no memory. An ordinary Data
    // frame fits the first step and is not put together from parts.
    constexpr std::size_t kStep = 5U << 20U;
    if (size <= kStep) {
        MutableBuffer body(size);
        SEALANE_CO_CHECK(co_await runtime::read_exactly(*stream_, body.view(), deadline));
        co_return decode_frame(std::move(body).freeze());
    }
    BufferChain parts;
    for (std::size_t left = size; left > 0;) {
        MutableBuffer part(std::min<std::size_t>(left, std::max(kStep, parts.size())));
        SEALANE_CO_CHECK(co_await runtime::read_exactly(*stream_, part.view(), deadline));
        left -= part.size();
        parts.append(std::move(part).freeze());
    }
    co_return decode_frame(parts.joined());
}

void FrameStream::send(const Frame& frame) {
    if (broken_) return;
    auto encoded = encode_frame(frame);
    if (!encoded || queued_bytes_ + encoded->size() > kMaxQueuedBytes) {
        close();
        return;
    }
    queued_bytes_ += encoded->size();
    queue_.append(*encoded);
    changed_.notify_all();
}

Task<void> FrameStream::flush(Instant deadline) {
    while (!broken_ && queued_bytes_ > 0 && world_.now() < deadline)
        co_await changed_.wait_until(deadline);
}

void FrameStream::close() {
    broken_ = true;
    stream_->close();
    changed_.notify_all();
}

Task<void> FrameStream::write_loop() {
    while (!tasks_.stopping() && !broken_) {
        if (queue_.empty()) {
            co_await changed_.wait_until(Instant::never());
            continue;
        }
        BufferChain now = std::exchange(queue_, {});
        const std::size_t size = now.size();
        const Status written =
            co_await stream_->write(std::move(now), world_.now() + kWritePatience);
        queued_bytes_ -= size;
        if (!written) close();
        changed_.notify_all();
    }
}

}  // namespace sealane::mirror
