#pragma once
// Socket addresses: from names and paths to sockaddr and back to text.

#include "common/base/result.hpp"
#include "common/runtime/network.hpp"

#include <string>
#include <sys/socket.h>
#include <vector>

namespace sealane::asio_runtime {

class SocketAddress {
 public:
    SocketAddress() = default;
    SocketAddress(const sockaddr* address, socklen_t size);
    // kBadConfig when the path does not fit into a sockaddr_un (107 bytes).
    [[nodiscard]] static Result<SocketAddress> unix_path(const std::string& path);
    // The address that `fd` is bound to, and the one at its other end.
    [[nodiscard]] static SocketAddress local_of(int fd);
    [[nodiscard]] static SocketAddress peer_of(int fd);

    [[nodiscard]] const sockaddr* get() const;
    [[nodiscard]] socklen_t size() const { return size_; }
    [[nodiscard]] int family() const { return storage_.ss_family; }
    [[nodiscard]] bool is_loopback() const;
    // Host and port; empty host for Unix sockets.
    [[nodiscard]] runtime::Endpoint endpoint() const;
    // "127.0.0.1:9092", "[::1]:9092" or "unix".
    [[nodiscard]] std::string to_string() const;

 private:
    sockaddr_storage storage_{};
    socklen_t size_ = 0;
};

// The addresses of a name. Blocks while names are looked up, never for numeric hosts. An empty host
// means every local address to listen on, the loopback to connect to.
enum class Resolve { kToConnect, kToListen };
[[nodiscard]] bool is_numeric_host(const std::string& host);
[[nodiscard]] Result<std::vector<SocketAddress>> resolve(
    const std::string& host, std::uint16_t port, Resolve purpose
);

}  // namespace sealane::asio_runtime
