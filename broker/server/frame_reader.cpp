#include "broker/server/frame_reader.hpp"

#include "common/base/endian.hpp"

#include <algorithm>

namespace sealane::broker {

namespace {
constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kMinRoom = 128;
constexpr std::size_t kGrowth = 4;
constexpr std::size_t kFrameStart = 4096;
constexpr std::int64_t kSlowestBytesPerSecond = 32 * 1024;
}  // namespace

std::optional<std::int32_t> FrameReader::announced() const {
    if (pending() < kLengthBytes) return std::nullopt;
    return load_be<std::int32_t>(block_.get() + begin_);
}

void FrameReader::relocate(std::size_t capacity) {
    auto block = std::make_shared_for_overwrite<std::byte[]>(capacity);
    const std::size_t kept = pending();
    if (kept != 0) std::memcpy(block.get(), block_.get() + begin_, kept);
    block_ = std::move(block);
    capacity_ = capacity;
    begin_ = 0;
    end_ = kept;
}

MutableByteView FrameReader::space() {
    if (block_ != nullptr && pending() == 0 && block_.use_count() == 1) begin_ = end_ = 0;
    const auto length = announced();
    const std::size_t whole =
        length && *length > 0 ? kLengthBytes + static_cast<std::size_t>(*length) : 0;
    const bool fits = whole != 0 && begin_ + whole <= capacity_;
    const std::size_t room = capacity_ - end_;
    if (!fits && whole > shared_size_) {
        if (room == 0 || pending() < kLengthBytes * 2) {
            relocate(std::min(whole, std::max(shared_size_, pending() * kGrowth)));
        }
    } else if (!fits && room < kMinRoom) {
        relocate(std::max(shared_size_, pending() + kMinRoom));
    }
    if (capacity_ < shared_size_ && pending() == 0 && end_ == 0) relocate(shared_size_);
    offered_ = capacity_ - end_;
    // A large frame has a block of its own: the frame after it must not hold on to it.
    if (whole > kMaxSharedBlock) offered_ = std::min(offered_, begin_ + whole - end_);
    SEALANE_ASSERT(offered_ > 0);
    return {block_.get() + end_, offered_};
}

void FrameReader::advance(std::size_t count) {
    SEALANE_ASSERT(count <= offered_);
    end_ += count;
    if (count == offered_ && capacity_ == shared_size_) {
        shared_size_ = std::min(shared_size_ * 2, kMaxSharedBlock);
    }
}

Result<std::optional<BufferSlice>> FrameReader::next() {
    const auto length = announced();
    if (!length) return std::nullopt;
    if (*length < min_frame_ || static_cast<std::size_t>(*length) > max_frame_) {
        return fail(
            ErrorCode::kOutOfBounds,
            describe_refused_length(ByteView(block_.get() + begin_, kLengthBytes))
        );
    }
    const auto size = static_cast<std::size_t>(*length);
    if (pending() < kLengthBytes + size) return std::nullopt;
    BufferSlice frame(block_, ByteView(block_.get() + begin_ + kLengthBytes, size));
    begin_ += kLengthBytes + size;
    return frame;
}

void FrameReader::release_if_empty() {
    if (!holds_unused_block()) return;
    block_.reset();
    capacity_ = begin_ = end_ = 0;
    shared_size_ = kMinBlock;
}

Duration time_for_bytes(std::size_t bytes) {
    return std::chrono::seconds(static_cast<std::int64_t>(bytes) / kSlowestBytesPerSecond);
}

Duration time_for_frame(std::size_t arrived, const ServerLimits& limits) {
    if (arrived < kFrameStart) return std::min(limits.frame_start, limits.stalled);
    return limits.stalled + time_for_bytes(arrived);
}

std::string describe_refused_length(ByteView first_four) {
    SEALANE_ASSERT(first_four.size() == kLengthBytes);
    const std::string_view text = as_text(first_four);
    // A TLS record: content type 22 (handshake), version 3.x (RFC 8446, 5.1).
    if (text[0] == 0x16 && text[1] == 0x03) {
        return "a TLS ClientHello on a plain listener: the client must use a plain connection, or "
               "the TLS listener's port";
    }
    if (text == "GET " || text == "POST" || text == "HEAD" || text == "PUT ") {
        return "an HTTP request: this port speaks the Kafka protocol";
    }
    const auto length = load_be<std::int32_t>(first_four.data());
    if (length < 0) return "a negative frame length, " + std::to_string(length);
    if (length < FrameReader::kMinFrame)
        return "a frame of " + std::to_string(length) + " bytes, too short";
    return "a frame of " + std::to_string(length) +
           " bytes, above socket.request.max.bytes, or above "
           "sasl.server.max.receive.size before authentication";
}

}  // namespace sealane::broker
