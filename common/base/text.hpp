#pragma once
// Sentences from parts, for error details and log lines: concat("batch of ", size, " bytes").

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace sealane {

namespace text_parts {
inline void append(std::string& to, std::string_view part) {
    to += part;
}
inline void append(std::string& to, std::integral auto part) {
    to += std::to_string(part);
}
}  // namespace text_parts

template <class... Parts>
[[nodiscard]] std::string concat(const Parts&... parts) {
    std::string text;
    (text_parts::append(text, parts), ...);
    return text;
}

// Eight hexadecimal digits, as checksums are written.
[[nodiscard]] inline std::string hex32(std::uint32_t number) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text(8, '0');
    for (std::size_t i = 0; i < 8; ++i) text[7 - i] = kDigits[(number >> (4 * i)) & 0xfU];
    return text;
}

}  // namespace sealane
