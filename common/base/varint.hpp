#pragma once
// LEB128 numbers as on the Kafka wire: unsigned varints (flexible versions, KIP-482) and zigzag
// signed varints and varlongs (records, KIP-98).

#include "common/base/buffer.hpp"

#include <cstdint>
#include <optional>

namespace sealane {

inline constexpr std::size_t kMaxVarintBytes = 5;
inline constexpr std::size_t kMaxVarlongBytes = 10;

struct VarintRead {
    std::uint64_t value = 0;
    std::size_t length = 0;  // bytes consumed
};

// Reads at most `max_bytes` (5 for 32-bit, 10 for 64-bit numbers); nothing when the bytes end
// early or the number does not fit.
[[nodiscard]] inline std::optional<VarintRead> read_uvarint(ByteView from, std::size_t max_bytes) {
    VarintRead read;
    for (std::size_t i = 0; i < max_bytes && i < from.size(); ++i) {
        const auto byte = std::to_integer<std::uint64_t>(from[i]);
        const bool last = i + 1 == max_bytes;
        const std::uint64_t last_bits = max_bytes == kMaxVarintBytes ? 0x0fU : 0x01U;
        if (last && byte > last_bits) return std::nullopt;
        read.value |= (byte & 0x7fU) << (7U * i);
        if ((byte & 0x80U) == 0) {
            read.length = i + 1;
            return read;
        }
    }
    return std::nullopt;
}

// Writes to `to`, which has room for kMaxVarlongBytes; returns the bytes used.
inline std::size_t write_uvarint(std::byte* to, std::uint64_t value) {
    std::size_t i = 0;
    while (value >= 0x80U) {
        to[i++] = static_cast<std::byte>((value & 0x7fU) | 0x80U);
        value >>= 7U;
    }
    to[i++] = static_cast<std::byte>(value);
    return i;
}

[[nodiscard]] constexpr std::size_t uvarint_size(std::uint64_t value) {
    std::size_t n = 1;
    while (value >= 0x80U) {
        value >>= 7U;
        ++n;
    }
    return n;
}

[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t v) {
    return (static_cast<std::uint64_t>(v) << 1U) ^ static_cast<std::uint64_t>(v >> 63);
}
[[nodiscard]] constexpr std::int64_t unzigzag(std::uint64_t v) {
    return static_cast<std::int64_t>(v >> 1U) ^ -static_cast<std::int64_t>(v & 1U);
}

}  // namespace sealane
