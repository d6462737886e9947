#include "common/runtime_asio/socket_address.hpp"

#include "common/runtime_asio/error_map.hpp"

#include <arpa/inet.h>
#include <cstddef>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

namespace sealane::asio_runtime {
namespace {

// Reads a sockaddr of a certain family out of the storage without aliasing tricks.
template <class Address>
Address as(const sockaddr_storage& storage) {
    Address address{};
    std::memcpy(&address, &storage, sizeof address);
    return address;
}

}  // namespace

SocketAddress::SocketAddress(const sockaddr* address, socklen_t size) : size_(size) {
    SEALANE_ASSERT(size <= sizeof storage_);
    std::memcpy(&storage_, address, size);
}

Result<SocketAddress> SocketAddress::unix_path(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return fail(
            ErrorCode::kBadConfig,
            "Unix socket path '" + path + "' has more than " +
                std::to_string(sizeof address.sun_path - 1) + " bytes; use a shorter one"
        );
    }
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    SocketAddress result;
    std::memcpy(&result.storage_, &address, sizeof address);
    result.size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
    return result;
}

SocketAddress SocketAddress::local_of(int fd) {
    SocketAddress result;
    result.size_ = sizeof result.storage_;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&result.storage_), &result.size_) != 0)
        result = {};
    return result;
}

SocketAddress SocketAddress::peer_of(int fd) {
    SocketAddress result;
    result.size_ = sizeof result.storage_;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&result.storage_), &result.size_) != 0)
        result = {};
    return result;
}

const sockaddr* SocketAddress::get() const {
    return reinterpret_cast<const sockaddr*>(&storage_);
}

bool SocketAddress::is_loopback() const {
    if (family() == AF_INET) {
        return (ntohl(as<sockaddr_in>(storage_).sin_addr.s_addr) >> 24U) == 127;
    }
    if (family() != AF_INET6) return false;
    const in6_addr address = as<sockaddr_in6>(storage_).sin6_addr;
    static constexpr unsigned char kMappedLoopback[] = {
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127
    };
    return std::memcmp(&address, &in6addr_loopback, sizeof address) == 0 ||
           std::memcmp(&address, kMappedLoopback, sizeof kMappedLoopback) == 0;
}

runtime::Endpoint SocketAddress::endpoint() const {
    char text[INET6_ADDRSTRLEN] = {};
    runtime::Endpoint endpoint;
    if (family() == AF_INET) {
        const auto v4 = as<sockaddr_in>(storage_);
        endpoint.host = ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
        endpoint.port = ntohs(v4.sin_port);
    } else if (family() == AF_INET6) {
        const auto v6 = as<sockaddr_in6>(storage_);
        // IPv4 peers of a dual-stack listener are shown as IPv4.
        const std::string host = ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
        const bool mapped = host.starts_with("::ffff:") && host.find('.') != std::string::npos;
        endpoint.host = mapped ? host.substr(7) : host;
        endpoint.port = ntohs(v6.sin6_port);
    }
    return endpoint;
}

std::string SocketAddress::to_string() const {
    return family() == AF_UNIX || family() == AF_UNSPEC ? "unix" : endpoint().to_string();
}

bool is_numeric_host(const std::string& host) {
    in6_addr ignored{};
    return host.empty() || ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

Result<std::vector<SocketAddress>> resolve(
    const std::string& host, std::uint16_t port, Resolve purpose
) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    if (purpose == Resolve::kToListen) hints.ai_flags |= AI_PASSIVE;
    if (is_numeric_host(host)) hints.ai_flags |= AI_NUMERICHOST;
    addrinfo* found = nullptr;
    const int code = ::getaddrinfo(
        host.empty() ? nullptr : host.c_str(), std::to_string(port).c_str(), &hints, &found
    );
    if (code != 0) return fail(resolve_error(code, host));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    std::vector<SocketAddress> addresses;
    for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
        addresses.emplace_back(at->ai_addr, at->ai_addrlen);
    }
    return addresses;
}

}  // namespace sealane::asio_runtime
