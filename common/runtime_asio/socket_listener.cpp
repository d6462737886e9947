#include "common/runtime_asio/socket_listener.hpp"

#include "common/runtime_asio/error_map.hpp"
#include "common/runtime_asio/steady_clock.hpp"

#include <cerrno>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sealane::asio_runtime {
namespace {

using Outcome = runtime::WaitQueue::Outcome;

constexpr int kBacklog = 4096;  // the kernel cuts it to net.core.somaxconn
constexpr auto kPauseWithoutDescriptors = 100ms;
constexpr mode_t kSocketFileMode = 0660;

// A fresh non-blocking socket or an error; closed when it leaves the scope unless released.
class NewSocket {
 public:
    explicit NewSocket(int family)
        : fd_(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {}
    ~NewSocket() {
        if (fd_ >= 0) ::close(fd_);
    }
    NewSocket(const NewSocket&) = delete;
    NewSocket& operator=(const NewSocket&) = delete;
    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] int release() { return std::exchange(fd_, -1); }

 private:
    int fd_;
};

// True when the file is a socket that refuses connections: its process is gone.
bool is_stale_socket(const std::string& path, const SocketAddress& address) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
    const NewSocket probe(AF_UNIX);
    return probe.get() >= 0 && ::connect(probe.get(), address.get(), address.size()) != 0 &&
           errno == ECONNREFUSED;
}

bool is_transient(int error_number) {
    switch (error_number) {
        case EINTR:
        case ECONNABORTED:
        case EPROTO:
        case ENETDOWN:
        case EHOSTUNREACH:
        case ENETUNREACH:
        case ETIMEDOUT:
            return true;
        default:
            return false;
    }
}

}  // namespace

Result<int> open_tcp_listener(const SocketAddress& at, const std::string& name) {
    const std::string what = "listen on " + name;
    NewSocket socket(at.family());
    if (socket.get() < 0) return fail(socket_error(errno, what));
    const int on = 1;
    const int off = 0;
    (void)::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (at.family() == AF_INET6)
        (void)::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (::bind(socket.get(), at.get(), at.size()) != 0) {
        // Not the connection-refused of a client: the configuration names a foreign address.
        if (errno == EADDRNOTAVAIL)
            return fail(ErrorCode::kBadConfig, what + ": this machine has no such address");
        return fail(socket_error(errno, what));
    }
    if (::listen(socket.get(), kBacklog) != 0) return fail(socket_error(errno, what));
    return socket.release();
}

Result<int> open_unix_listener(const std::string& path) {
    const std::string what = "listen on unix:" + path;
    SEALANE_TRY(const SocketAddress address, SocketAddress::unix_path(path));
    NewSocket socket(AF_UNIX);
    if (socket.get() < 0) return fail(socket_error(errno, what));
    // The file is born with at most this mode, so that it is never open wider than meant.
    (void)::fchmod(socket.get(), kSocketFileMode);
    int failed = ::bind(socket.get(), address.get(), address.size());
    if (failed != 0 && errno == EADDRINUSE && is_stale_socket(path, address)) {
        (void)::unlink(path.c_str());
        failed = ::bind(socket.get(), address.get(), address.size());
    }
    if (failed != 0) {
        if (errno == ENOENT)
            return fail(ErrorCode::kBadConfig, what + ": the directory does not exist");
        return fail(socket_error(errno, what));
    }
    (void)::chmod(path.c_str(), kSocketFileMode);
    if (::listen(socket.get(), kBacklog) != 0) return fail(socket_error(errno, what));
    return socket.release();
}

std::optional<std::uint32_t> unix_peer_uid(int fd) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return std::nullopt;
    return credentials.uid;
}

SocketListener::SocketListener(runtime::WaitQueue& waits, int fd, runtime::Endpoint local)
    : waits_(waits),
      descriptor_(std::make_shared<Descriptor>(waits, fd)),
      local_(std::move(local)) {
    struct stat status{};
    if (local_.is_unix() && ::lstat(local_.unix_path.c_str(), &status) == 0) {
        file_device_ = status.st_dev;
        file_inode_ = status.st_ino;
    }
}

SocketListener::~SocketListener() {
    descriptor_->abandon();
}

runtime::Peer SocketListener::peer_of(int fd) const {
    runtime::Peer peer;
    peer.address = SocketAddress::peer_of(fd).to_string();
    if (local_.is_unix()) peer.unix_uid = unix_peer_uid(fd);
    return peer;
}

runtime::Task<Result<std::unique_ptr<SocketStream>>> SocketListener::accept() {
    while (descriptor_->is_open()) {
        const int fd = ::accept4(descriptor_->fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            tune_connected(fd);
            co_return std::make_unique<SocketStream>(waits_, fd, peer_of(fd));
        }
        const int error_number = errno;
        if (is_transient(error_number)) continue;
        if (error_number == EAGAIN) {
            (void)co_await descriptor_->wait(Way::kRead, Instant::never());
            continue;
        }
        // Out of descriptors: the connection stays in the backlog, so readiness would come at once
        // and a caller that tries again would spin.
        (void)co_await waits_.wait(steady_now() + kPauseWithoutDescriptors, nullptr);
        if (!descriptor_->is_open()) break;
        co_return fail(socket_error(error_number, "accept on " + local_.to_string()));
    }
    co_return fail(Error::stopped());
}

void SocketListener::close() {
    if (!descriptor_->is_open()) return;
    descriptor_->close();
    remove_socket_file();
}

void SocketListener::remove_socket_file() {
    struct stat status{};
    if (!local_.is_unix() || ::lstat(local_.unix_path.c_str(), &status) != 0) return;
    if (status.st_dev == file_device_ && status.st_ino == file_inode_)
        (void)::unlink(local_.unix_path.c_str());
}

}  // namespace sealane::asio_runtime
