#pragma once
// The one place where the operating system's error numbers become Errors. Texts say what was tried
// and on what, then the system's reason.

#include "common/base/result.hpp"

#include <string_view>

namespace sealane::asio_runtime {

// `what` is an action with its object: "connect to 10.0.0.1:9092", "write /data/x/0.log".
[[nodiscard]] Error socket_error(int error_number, std::string_view what);
[[nodiscard]] Error file_error(int error_number, std::string_view what);
// `gai_code`: from getaddrinfo.
[[nodiscard]] Error resolve_error(int gai_code, std::string_view host);
[[nodiscard]] Error deadline_error(std::string_view what);

}  // namespace sealane::asio_runtime
