// Text as a YAML scalar; declared in yaml.hpp. Apart from the reader, so that deciders which write
// files need no YAML library.

#include "common/config/yaml.hpp"

namespace sealane::config {

std::string yaml_quote(std::string_view text) {
    const bool plain =
        !text.empty() &&
        text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-"
        ) == std::string_view::npos &&
        text.front() != '-' && text.front() != '.' && text != "true" && text != "false" &&
        text != "null" && text.find_first_not_of("0123456789.") != std::string_view::npos;
    if (plain) return std::string(text);
    std::string quoted = "\"";
    for (const char c : text) {
        constexpr std::string_view kHex = "0123456789abcdef";
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            quoted += '\\';
            quoted += c;
        } else if (byte < 0x20 || byte == 0x7F) {
            quoted += "\\x";
            quoted += kHex[byte >> 4U];
            quoted += kHex[byte & 15U];
        } else {
            quoted += c;
        }
    }
    return quoted + "\"";
}

}  // namespace sealane::config
