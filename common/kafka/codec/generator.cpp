#include "common/kafka/codec/generator.hpp"

#include <array>

namespace sealane::kafka {

bool Generator::one_in(std::uint64_t whole) {
    return rng_.chance(1, whole);
}
std::uint64_t Generator::below(std::uint64_t bound) {
    return rng_.below(bound);
}
std::uint64_t Generator::next() {
    return rng_.next();
}

// Lengths around the places where length prefixes change their size.
std::size_t Generator::length() {
    constexpr std::array<std::size_t, 7> kLengths{0, 1, 3, 7, 126, 127, 130};
    return kLengths.at(rng_.below(kLengths.size()));
}

std::string Generator::text() {
    std::string text;
    for (std::size_t left = length(); left > 0; --left) {
        text += static_cast<char>('a' + rng_.below(26));
    }
    return text;
}

BufferSlice Generator::bytes() {
    MutableBuffer bytes(length());
    for (std::byte& byte : bytes.view()) byte = static_cast<std::byte>(rng_.next());
    return std::move(bytes).freeze();
}

Uuid Generator::uuid() {
    Uuid uuid;
    for (std::uint8_t& byte : uuid.bytes) byte = static_cast<std::uint8_t>(rng_.next());
    return uuid;
}

}  // namespace sealane::kafka
