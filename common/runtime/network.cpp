#include "common/runtime/network.hpp"

#include <charconv>

namespace sealane::runtime {

std::string Endpoint::to_string() const {
    if (is_unix()) return "unix:" + unix_path;
    const bool v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Endpoint> Endpoint::parse(std::string_view text) {
    Endpoint endpoint;
    if (text.starts_with("unix:")) {
        endpoint.unix_path = text.substr(5);
        if (endpoint.unix_path.empty()) return fail(ErrorCode::kBadConfig, "unix: needs a path");
        return endpoint;
    }
    const auto colon = text.rfind(':');
    const std::string_view port = colon == std::string_view::npos ? "" : text.substr(colon + 1);
    const auto [end, error] =
        std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
    if (port.empty() || error != std::errc{} || end != port.data() + port.size()) {
        return fail(ErrorCode::kBadConfig, "'" + std::string(text) + "' is not host:port");
    }
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    endpoint.host = host;
    return endpoint;
}

Task<Status> read_exactly(Stream& stream, MutableByteView into, Instant deadline) {
    std::size_t got = 0;
    while (got < into.size()) {
        auto read = co_await stream.read_some(into.subspan(got), deadline);
        if (!read) {
            if (got > 0 && read.error().code() == ErrorCode::kEndOfStream) {
                co_return fail(
                    ErrorCode::kConnectionReset, "the peer closed in the middle of a message"
                );
            }
            co_return fail(std::move(read).error());
        }
        got += *read;
    }
    co_return Status{};
}

}  // namespace sealane::runtime
