#include "common/kafka/codec/printer.hpp"

#include <array>
#include <charconv>

namespace sealane::kafka {

namespace {
// Bytes beyond these are only counted.
constexpr std::size_t kShownBytes = 64;
constexpr std::string_view kHexDigits = "0123456789abcdef";

void append_hex(std::string& to, unsigned byte) {
    to += kHexDigits[byte >> 4U];
    to += kHexDigits[byte & 0x0fU];
}
}  // namespace

void Printer::begin(const char* name) {
    if (!text_.empty() && text_.back() != '{') text_ += ',';
    text_.append("\"").append(name).append("\":");
}

void Printer::quoted(std::string_view text) {
    text_ += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            text_ += '\\';
            text_ += c;
        } else if (byte < 0x20U) {
            text_ += "\\u00";
            append_hex(text_, byte);
        } else {
            text_ += c;
        }
    }
    text_ += '"';
}

void Printer::real(double value) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    const std::string_view shown(digits.data(), end);
    text_.append(shown);
    if (shown.find_first_not_of("-0123456789") == std::string_view::npos) text_.append(".0");
}

void Printer::hex(ByteView bytes) {
    text_ += '"';
    for (const std::byte byte : bytes.first(std::min(bytes.size(), kShownBytes))) {
        append_hex(text_, std::to_integer<unsigned>(byte));
    }
    if (bytes.size() > kShownBytes) {
        text_.append("... (").append(std::to_string(bytes.size())).append(" bytes)");
    }
    text_ += '"';
}

}  // namespace sealane::kafka
