#pragma once
// Big-endian numbers at unaligned addresses, as on the Kafka wire. Callers check bounds first.

#include "common/base/buffer.hpp"

#include <bit>
#include <concepts>
#include <cstring>
#include <type_traits>

namespace sealane {

template <std::integral T>
[[nodiscard]] inline T load_be(const std::byte* from) {
    std::make_unsigned_t<T> raw;
    std::memcpy(&raw, from, sizeof raw);
    if constexpr (sizeof raw > 1) raw = std::byteswap(raw);
    return static_cast<T>(raw);
}

template <std::integral T>
inline void store_be(std::byte* to, T number) {
    auto raw = static_cast<std::make_unsigned_t<T>>(number);
    if constexpr (sizeof raw > 1) raw = std::byteswap(raw);
    std::memcpy(to, &raw, sizeof raw);
}

static_assert(std::endian::native == std::endian::little);

}  // namespace sealane
