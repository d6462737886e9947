#pragma once
// SocketListener: accepts TCP or Unix connections as plain SocketStreams.

#include "common/runtime/network.hpp"
#include "common/runtime_asio/descriptor.hpp"
#include "common/runtime_asio/socket_address.hpp"
#include "common/runtime_asio/socket_stream.hpp"

#include <memory>
#include <sys/types.h>

namespace sealane::asio_runtime {

class SocketListener {
 public:
    SocketListener(runtime::WaitQueue& waits, int fd, runtime::Endpoint local);
    ~SocketListener();
    SocketListener(const SocketListener&) = delete;
    SocketListener& operator=(const SocketListener&) = delete;

    // kBusy: the process has no file descriptor left; comes at most every 100 ms. Connections that
    // break before they are accepted are skipped.
    [[nodiscard]] runtime::Task<Result<std::unique_ptr<SocketStream>>> accept();
    [[nodiscard]] const runtime::Endpoint& local() const { return local_; }
    // Stops listening and removes the Unix socket file, if it is still this listener's.
    void close();

 private:
    [[nodiscard]] runtime::Peer peer_of(int fd) const;
    void remove_socket_file();

    runtime::WaitQueue& waits_;
    std::shared_ptr<Descriptor> descriptor_;
    runtime::Endpoint local_;
    dev_t file_device_ = 0;
    ino_t file_inode_ = 0;
};

// Opens a listening socket: SO_REUSEADDR, both IP versions for "::". A Unix socket file that nobody
// listens on is replaced; its mode is 0660. kAddressInUse names the address.
[[nodiscard]] Result<int> open_tcp_listener(const SocketAddress& at, const std::string& name);
[[nodiscard]] Result<int> open_unix_listener(const std::string& path);
// The credentials of the process at the other end of a Unix socket.
[[nodiscard]] std::optional<std::uint32_t> unix_peer_uid(int fd);

}  // namespace sealane::asio_runtime
