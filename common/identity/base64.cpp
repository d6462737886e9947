#include "common/identity/base64.hpp"

#include <cstdint>

namespace sealane::identity {

namespace {

constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode(std::string_view bytes, std::string_view alphabet, bool padded) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t bits = 0;
    int count = 0;
    const auto put = [&](std::uint32_t six) { text += alphabet[six & 63U]; };
    for (const char c : bytes) {
        bits = (bits << 8U) | static_cast<unsigned char>(c);
        count += 8;
        while (count >= 6) {
            count -= 6;
            put(bits >> static_cast<unsigned>(count));
        }
    }
    if (count > 0) put(bits << static_cast<unsigned>(6 - count));
    while (padded && text.size() % 4 != 0) text += '=';
    return text;
}

Result<std::string> decode(std::string_view text, std::string_view alphabet) {
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 3);
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const std::size_t value = alphabet.find(c);
        if (value == std::string_view::npos) {
            return fail(ErrorCode::kMalformed, "base64 with a character that is none of it");
        }
        bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>((bits >> static_cast<unsigned>(count)) & 0xffU);
        }
    }
    if (text.size() % 4 == 1 || (bits & ((1U << static_cast<unsigned>(count)) - 1U)) != 0) {
        return fail(ErrorCode::kMalformed, "base64 that ends inside a byte");
    }
    return bytes;
}

}  // namespace

std::string base64(std::string_view bytes) {
    return encode(bytes, kStandard, true);
}

std::string base64_url(std::string_view bytes) {
    return encode(bytes, kUrl, false);
}

Result<std::string> decode_base64(std::string_view text) {
    if (text.size() % 4 != 0) return fail(ErrorCode::kMalformed, "base64 of a wrong length");
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    return decode(text, kStandard);
}

Result<std::string> decode_base64_url(std::string_view text) {
    return decode(text, kUrl);
}

}  // namespace sealane::identity
