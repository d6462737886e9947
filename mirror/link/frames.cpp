#include "mirror/link/frames.hpp"

#include "common/base/endian.hpp"
#include "common/kafka/codec/instantiate.hpp"

#include <array>

namespace sealane::kafka {
template struct MessageCodec<mirror::Hello>;
template struct MessageCodec<mirror::Welcome>;
template struct MessageCodec<mirror::Credit>;
template struct MessageCodec<mirror::Assign>;
template struct MessageCodec<mirror::Unassign>;
template struct MessageCodec<mirror::Topics>;
template struct MessageCodec<mirror::Started>;
template struct MessageCodec<mirror::Data>;
template struct MessageCodec<mirror::Ends>;
template struct MessageCodec<mirror::Stopped>;
template struct MessageCodec<mirror::Groups>;
template struct MessageCodec<mirror::Ping>;
}  // namespace sealane::kafka

namespace sealane::mirror {
namespace {

constexpr std::int16_t kBodyVersion = 0;

template <class Message>
Result<BufferChain> encode_body(const Message& message) {
    return kafka::encode_chain(message, kBodyVersion);
}

// Tries the alternatives of Frame one after the other.
template <std::size_t kAt = 0>
Result<Frame> decode_as(std::int16_t type, BufferSlice body) {
    if constexpr (kAt == std::variant_size_v<Frame>) {
        return fail(ErrorCode::kMalformed, "unknown frame type " + std::to_string(type));
    } else {
        using Message = std::variant_alternative_t<kAt, Frame>;
        if (Message::kSchema.number != type) return decode_as<kAt + 1>(type, std::move(body));
        SEALANE_TRY(Message message, kafka::decode<Message>(std::move(body), kBodyVersion));
        return Frame(std::move(message));
    }
}

}  // namespace

std::string_view name_of(Cause cause) {
    switch (cause) {
        case Cause::kNone:
            return "NONE";
        case Cause::kTopicDeleted:
            return "TOPIC_DELETED";
        case Cause::kTopicRecreated:
            return "TOPIC_RECREATED";
        case Cause::kTruncated:
            return "SOURCE_TRUNCATED";
        case Cause::kExpired:
            return "EXPIRED_AHEAD";
        case Cause::kCorrupt:
            return "CORRUPT_BATCH";
        case Cause::kTooLarge:
            return "RECORD_TOO_LARGE";
        case Cause::kTransactional:
            return "TRANSACTIONAL";
        case Cause::kHole:
            return "HOLE_IN_SOURCE";
        case Cause::kRefused:
            return "SOURCE_REFUSED";
        case Cause::kTargetRefused:
            return "TARGET_REFUSED";
        case Cause::kDiverged:
            return "DIVERGED";
        case Cause::kPartitionGone:
            return "PARTITION_GONE";
    }
    return "UNKNOWN";
}

Result<BufferChain> encode_frame(const Frame& frame) {
    auto encoded = std::visit([](const auto& message) { return encode_body(message); }, frame);
    if (!encoded) return encoded;
    const std::size_t size = encoded->size() + 1;
    if (size > kMaxFrameBytes) return fail(ErrorCode::kOutOfBounds, "frame too large");
    const std::int16_t type =
        std::visit([](const auto& message) { return message.kSchema.number; }, frame);
    std::array<std::byte, kFrameLengthBytes + 1> head;
    store_be(head.data(), static_cast<std::uint32_t>(size));
    head[kFrameLengthBytes] = static_cast<std::byte>(type);
    BufferChain chain(BufferSlice::copy_of(head));
    chain.append(*encoded);
    return chain;
}

Result<std::uint32_t> announced_frame_size(ByteView head) {
    SEALANE_ASSERT(head.size() >= kFrameLengthBytes);
    const auto size = load_be<std::uint32_t>(head.data());
    if (size == 0 || size > kMaxFrameBytes)
        return fail(ErrorCode::kMalformed, "frame length " + std::to_string(size));
    return size;
}

Result<Frame> decode_frame(BufferSlice type_and_body) {
    if (type_and_body.empty()) return fail(ErrorCode::kMalformed, "empty frame");
    const auto type = std::to_integer<std::int16_t>(type_and_body.view()[0]);
    return decode_as(type, type_and_body.from(1));
}

}  // namespace sealane::mirror
