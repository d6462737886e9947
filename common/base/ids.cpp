#include "common/base/ids.hpp"

namespace sealane {
namespace {
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
}

std::string Uuid::to_string() const {
    std::string text;
    std::uint32_t pending = 0;
    int bits = 0;
    for (const std::uint8_t byte : bytes) {
        pending = (pending << 8U) | byte;
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            text.push_back(kAlphabet[(pending >> static_cast<unsigned>(bits)) & 63U]);
        }
    }
    text.push_back(kAlphabet[(pending << static_cast<unsigned>(6 - bits)) & 63U]);
    return text;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
    if (text.size() != 22) return std::nullopt;
    Uuid uuid;
    std::uint32_t pending = 0;
    int bits = 0;
    std::size_t next = 0;
    for (const char c : text) {
        const auto digit = kAlphabet.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        pending = (pending << 6U) | static_cast<std::uint32_t>(digit);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            uuid.bytes[next++] =
                static_cast<std::uint8_t>((pending >> static_cast<unsigned>(bits)) & 255U);
        }
    }
    if (uuid.to_string() != text) return std::nullopt;  // stray low bits
    return uuid;
}

}  // namespace sealane
