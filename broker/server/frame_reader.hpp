#pragma once
// FrameReader: bytes in, whole Kafka frames out (int32 length, content; formats 3). A decider: the
// connection reads from its stream into space(). Memory is taken in proportion to what has really
// arrived, never by the announced length; a frame that lies whole in the block is cut from it
// without a copy, and a growing one is copied at most a third of its size in all.

#include "broker/config/limits.hpp"
#include "common/base/buffer.hpp"
#include "common/base/result.hpp"

#include <memory>
#include <optional>

namespace sealane::broker {

class FrameReader {
 public:
    static constexpr std::size_t kMinBlock = 256;  // most connections are idle most of the time
    static constexpr std::size_t kMaxSharedBlock = 256 * 1024;  // for several frames together

    explicit FrameReader(std::size_t max_frame) : max_frame_(max_frame) {}

    // Of frames that next() has not given yet. `min_frame`: 0 for tokens without a header.
    void set_limits(std::size_t max_frame, std::int32_t min_frame) {
        max_frame_ = max_frame;
        min_frame_ = min_frame;
    }
    static constexpr std::int32_t kMinFrame = 8;  // key, version, correlation id

    // Where the next bytes go; never empty. Valid until the next call of anything here.
    [[nodiscard]] MutableByteView space();
    // `count` bytes were put at the front of the last space().
    void advance(std::size_t count);
    // The content of the next whole frame, or nothing yet. kOutOfBounds: the announced length is
    // negative or above the limit (the text says what the bytes look like).
    [[nodiscard]] Result<std::optional<BufferSlice>> next();

    // Bytes of a frame that is not whole yet.
    [[nodiscard]] std::size_t pending() const { return end_ - begin_; }
    // Size of the block it holds now.
    [[nodiscard]] std::size_t block_size() const { return capacity_; }
    // Gives a block that holds nothing back; for connections that fall idle.
    void release_if_empty();
    [[nodiscard]] bool holds_unused_block() const {
        return pending() == 0 && capacity_ > kMinBlock;
    }

 private:
    [[nodiscard]] std::optional<std::int32_t> announced() const;
    void relocate(std::size_t capacity);

    std::size_t max_frame_;
    std::int32_t min_frame_ = kMinFrame;
    std::shared_ptr<std::byte[]> block_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t shared_size_ = kMinBlock;  // grows when reads fill the block
    std::size_t offered_ = 0;
};

// How long a frame may take of which `arrived` bytes are there, from its first byte on. Who drips
// is told from who has a slow line by what came in the first seconds.
[[nodiscard]] Duration time_for_frame(std::size_t arrived, const ServerLimits& limits);
// What so many bytes take at the slowest speed that a peer may have, 32 KiB/s.
[[nodiscard]] Duration time_for_bytes(std::size_t bytes);

// What the first four bytes of a refused frame look like: "a TLS ClientHello", "an HTTP request",
// "a negative length", "a length of N".
[[nodiscard]] std::string describe_refused_length(ByteView first_four);

}  // namespace sealane::broker
