#pragma once
// CRC-32C (Castagnoli), the checksum of Kafka record batches. crc32c("123456789") = 0xe3069283.

#include "common/base/buffer.hpp"

#include <cstdint>

namespace sealane {

// Checksum of `bytes`, continuing from `seed` (the checksum of what came before; 0 at the start).
[[nodiscard]] std::uint32_t crc32c(ByteView bytes, std::uint32_t seed = 0);

// The checksum of A followed by B from those of A and B, given B's length in bytes.
[[nodiscard]] std::uint32_t crc32c_combine(
    std::uint32_t crc_a, std::uint32_t crc_b, std::uint64_t length_b
);

// The checksum of a message after the bytes [at, at + old_bytes.size()) of it changed to
// new_bytes, without reading the rest (the CRC is linear). `length`: of the whole message.
[[nodiscard]] std::uint32_t crc32c_patch(
    std::uint32_t crc,
    std::uint64_t length,
    std::uint64_t at,
    ByteView old_bytes,
    ByteView new_bytes
);

}  // namespace sealane
