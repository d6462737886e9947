#pragma once
// Base64 (RFC 4648): the standard alphabet with padding, and the URL-safe one without.

#include "common/base/result.hpp"

#include <string>
#include <string_view>

namespace sealane::identity {

[[nodiscard]] std::string base64(std::string_view bytes);
[[nodiscard]] std::string base64_url(std::string_view bytes);
// kMalformed: another length, alphabet or padding than there must be, or bits beyond the last byte.
[[nodiscard]] Result<std::string> decode_base64(std::string_view text);
[[nodiscard]] Result<std::string> decode_base64_url(std::string_view text);

}  // namespace sealane::identity
