#include "common/runtime_asio/socket_stream.hpp"

#include "common/runtime_asio/error_map.hpp"
#include "common/runtime_asio/socket_address.hpp"

#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <utility>
#include <vector>

namespace sealane::asio_runtime {
namespace {

using Outcome = runtime::WaitQueue::Outcome;

// So many calls may succeed without waiting before the rest of the shard gets its turn.
constexpr unsigned kCallsInARow = 16;
constexpr std::size_t kPartsPerCall = 64;
constexpr std::size_t kSmallRead = 16 << 10;
// A dead peer is noticed after about two minutes even when nothing is sent.
constexpr int kKeepaliveIdleS = 60;
constexpr int kKeepaliveIntervalS = 10;
constexpr int kKeepaliveProbes = 6;

void set_option(int fd, int level, int name, int value) {
    (void)::setsockopt(fd, level, name, &value, sizeof value);
}

// The parts of a chain as the kernel wants them. The kernel does not write through them.
std::vector<iovec> parts_of(const BufferChain& chain) {
    std::vector<iovec> parts;
    parts.reserve(chain.slices().size());
    for (const BufferSlice& slice : chain.slices()) {
        parts.push_back({const_cast<std::byte*>(slice.data()), slice.size()});
    }
    return parts;
}

// Drops the first `count` bytes of `parts`.
std::span<iovec> advance(std::span<iovec> parts, std::size_t count) {
    while (count > 0) {
        iovec& first = parts.front();
        if (count < first.iov_len) {
            first.iov_base = static_cast<std::byte*>(first.iov_base) + count;
            first.iov_len -= count;
            return parts;
        }
        count -= first.iov_len;
        parts = parts.subspan(1);
    }
    return parts;
}

ssize_t send_parts(int fd, std::span<iovec> parts) {
    if (parts.size() == 1)
        return ::send(fd, parts.front().iov_base, parts.front().iov_len, MSG_NOSIGNAL);
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = std::min(parts.size(), kPartsPerCall);
    return ::sendmsg(fd, &message, MSG_NOSIGNAL);
}

}  // namespace

void tune_connected(int fd) {
    const SocketAddress peer = SocketAddress::peer_of(fd);
    if (peer.family() != AF_INET && peer.family() != AF_INET6) return;
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, kKeepaliveIdleS);
    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, kKeepaliveIntervalS);
    set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, kKeepaliveProbes);
    // Pacing algorithms such as BBR halve the throughput of a path without delay or loss.
    static constexpr std::string_view kCubic = "cubic";
    if (peer.is_loopback()) {
        (void)::setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, kCubic.data(), kCubic.size());
    }
}

SocketStream::SocketStream(runtime::WaitQueue& waits, int fd, runtime::Peer peer)
    : SocketStream(std::make_shared<Descriptor>(waits, fd), std::move(peer)) {}

SocketStream::SocketStream(std::shared_ptr<Descriptor> connected, runtime::Peer peer)
    : descriptor_(std::move(connected)), peer_(std::move(peer)) {}

SocketStream::~SocketStream() {
    descriptor_->abandon();
}

void SocketStream::close() {
    descriptor_->close();
}

Status SocketStream::check(Outcome outcome, std::string_view what) const {
    switch (outcome) {
        case Outcome::kSignalled:
            return {};
        case Outcome::kExpired:
            return fail(deadline_error(std::string(what) + peer_.address));
        case Outcome::kStopped:
            break;
    }
    return fail(Error::stopped());
}

runtime::Task<Result<std::size_t>> SocketStream::read_some(MutableByteView into, Instant deadline) {
    if (reads_too_long()) co_await take_read_turn();
    for (bool wait_first = probably_empty();; wait_first = false) {
        if (!wait_first) {
            SEALANE_CO_TRY(const std::size_t count, read_now(into));
            if (count > 0) co_return count;
        }
        const Status ready = co_await wait_readable(deadline);
        if (!ready && !wait_first) co_return fail(ready.error());
    }
}

Result<std::size_t> SocketStream::read_now(MutableByteView into) {
    SEALANE_ASSERT(!into.empty());
    while (descriptor_->is_open()) {
        const ssize_t count = ::recv(descriptor_->fd(), into.data(), into.size(), 0);
        if (count > 0) {
            const auto got = static_cast<std::size_t>(count);
            expect_nothing_ = got < into.size() && got < kSmallRead;
            return got;
        }
        if (count == 0)
            return fail(ErrorCode::kEndOfStream, peer_.address + " closed the connection");
        if (errno == EAGAIN) return 0;
        if (errno != EINTR) return fail(socket_error(errno, "read from " + peer_.address));
    }
    return fail(Error::stopped());
}

bool SocketStream::probably_empty() {
    return std::exchange(expect_nothing_, false);
}

runtime::Task<Status> SocketStream::wait_readable(Instant deadline) {
    reads_in_a_row_ = 0;
    co_return check(co_await descriptor_->wait(Way::kRead, deadline), "read from ");
}

bool SocketStream::reads_too_long() {
    return ++reads_in_a_row_ > kCallsInARow;
}

runtime::Task<void> SocketStream::take_read_turn() {
    reads_in_a_row_ = 0;
    (void)co_await descriptor_->yield();
}

runtime::Task<Status> SocketStream::write(BufferChain bytes, Instant deadline) {
    if (bytes.slices().size() == 1) {
        co_return co_await write_view(bytes.slices().front().view(), deadline);
    }
    std::vector<iovec> parts = parts_of(bytes);
    co_return co_await write_parts(parts, deadline);
}

runtime::Task<Status> SocketStream::write_view(ByteView bytes, Instant deadline) {
    std::array<iovec, 1> part{iovec{const_cast<std::byte*>(bytes.data()), bytes.size()}};
    co_return co_await write_parts(part, deadline);
}

runtime::Task<Status> SocketStream::write_parts(std::span<iovec> parts, Instant deadline) {
    if (++writes_in_a_row_ > kCallsInARow) {
        writes_in_a_row_ = 0;
        (void)co_await descriptor_->yield();
    }
    while (descriptor_->is_open()) {
        if (parts.empty()) co_return Status{};
        const ssize_t count = send_parts(descriptor_->fd(), parts);
        if (count >= 0) {
            parts = advance(parts, static_cast<std::size_t>(count));
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) co_return fail(socket_error(errno, "write to " + peer_.address));
        writes_in_a_row_ = 0;
        SEALANE_CO_CHECK(check(co_await descriptor_->wait(Way::kWrite, deadline), "write to "));
    }
    co_return fail(Error::stopped());
}

std::size_t SocketStream::write_now(ByteView bytes) {
    if (!descriptor_->is_open() || bytes.empty()) return 0;
    const ssize_t count = ::send(descriptor_->fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return count > 0 ? static_cast<std::size_t>(count) : 0;
}

void SocketStream::finish_writing() {
    if (descriptor_->is_open()) (void)::shutdown(descriptor_->fd(), SHUT_WR);
}

}  // namespace sealane::asio_runtime
