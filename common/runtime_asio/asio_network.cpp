#include "common/runtime_asio/asio_network.hpp"

#include "common/runtime_asio/error_map.hpp"
#include "common/runtime_asio/socket_listener.hpp"
#include "common/runtime_asio/steady_clock.hpp"

#include <cerrno>
#include <unistd.h>

namespace sealane::asio_runtime {
namespace {

using Outcome = runtime::WaitQueue::Outcome;
using runtime::Task;

constexpr auto kListenResolveLimit = 10s;

class PlainListener final : public runtime::Listener {
 public:
    explicit PlainListener(std::unique_ptr<SocketListener> listener)
        : listener_(std::move(listener)) {}
    [[nodiscard]] Task<Result<std::unique_ptr<runtime::Stream>>> accept() override {
        co_return co_await listener_->accept();
    }
    [[nodiscard]] runtime::Endpoint local() const override { return listener_->local(); }
    void close() override { listener_->close(); }

 private:
    std::unique_ptr<SocketListener> listener_;
};

class TlsListener final : public runtime::Listener {
 public:
    TlsListener(
        std::unique_ptr<SocketListener> listener,
        runtime::TlsIdentity identity,
        std::shared_ptr<TlsScratch> scratch
    )
        : listener_(std::move(listener)),
          identity_(std::make_shared<const runtime::TlsIdentity>(std::move(identity))),
          scratch_(std::move(scratch)) {}
    [[nodiscard]] Task<Result<std::unique_ptr<runtime::Stream>>> accept() override {
        SEALANE_CO_TRY(auto plain, co_await listener_->accept());
        co_return std::make_unique<TlsStream>(std::move(plain), identity_, scratch_);
    }
    [[nodiscard]] runtime::Endpoint local() const override { return listener_->local(); }
    void close() override { listener_->close(); }

 private:
    std::unique_ptr<SocketListener> listener_;
    std::shared_ptr<const runtime::TlsIdentity> identity_;
    std::shared_ptr<TlsScratch> scratch_;
};

}  // namespace

AsioNetwork::AsioNetwork(
    runtime::WaitQueue& waits, BlockingPool& pool, BlockingPool& resolver, runtime::LogSink& sink
)
    : waits_(waits), pool_(pool), resolver_(resolver), contexts_(sink) {}

Task<Result<std::vector<SocketAddress>>> AsioNetwork::addresses_of(
    runtime::Endpoint endpoint, Resolve purpose, Instant deadline
) {
    if (endpoint.is_unix()) {
        SEALANE_CO_TRY(SocketAddress address, SocketAddress::unix_path(endpoint.unix_path));
        co_return std::vector{address};
    }
    if (is_numeric_host(endpoint.host)) co_return resolve(endpoint.host, endpoint.port, purpose);
    auto found = co_await resolver_.run_until(
        [endpoint, purpose] { return resolve(endpoint.host, endpoint.port, purpose); }, deadline
    );
    if (!found) co_return fail(deadline_error("resolve '" + endpoint.host + "'"));
    co_return *std::move(found);
}

Task<Result<std::unique_ptr<SocketStream>>> AsioNetwork::connect_one(
    SocketAddress address, std::string name, Instant deadline
) {
    const std::string what = "connect to " + name;
    const int fd = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) co_return fail(socket_error(errno, what));
    auto descriptor = std::make_shared<Descriptor>(waits_, fd);
    int failure = ::connect(fd, address.get(), address.size()) == 0 ? 0 : errno;
    if (failure == EINPROGRESS) {
        if (co_await descriptor->wait(Way::kWrite, deadline) == Outcome::kExpired) {
            descriptor->abandon();
            co_return fail(deadline_error(what));
        }
        socklen_t size = sizeof failure;
        if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) != 0) failure = errno;
    }
    if (failure != 0) {
        descriptor->abandon();
        // A Unix listener whose backlog is full answers EAGAIN: as good as refused.
        co_return fail(socket_error(failure == EAGAIN ? ECONNREFUSED : failure, what));
    }
    tune_connected(fd);
    runtime::Peer peer;
    peer.address = address.to_string();
    if (address.family() == AF_UNIX) peer.unix_uid = unix_peer_uid(fd);
    co_return std::make_unique<SocketStream>(std::move(descriptor), std::move(peer));
}

Task<Result<std::unique_ptr<SocketStream>>> AsioNetwork::connect_plain(
    runtime::Endpoint to, Instant deadline
) {
    SEALANE_CO_TRY(
        const std::vector<SocketAddress> addresses,
        co_await addresses_of(to, Resolve::kToConnect, deadline)
    );
    Error last(ErrorCode::kConnectionRefused, "'" + to.host + "' has no address");
    for (const SocketAddress& address : addresses) {
        std::string name = to.to_string();
        if (!to.is_unix() && address.to_string() != name) name += " (" + address.to_string() + ")";
        auto stream = co_await connect_one(address, std::move(name), deadline);
        if (stream) co_return stream;
        last = std::move(stream).error();
        if (last.code() == ErrorCode::kDeadlineExceeded) break;
    }
    co_return fail(std::move(last));
}

Task<Result<std::unique_ptr<runtime::Stream>>> AsioNetwork::connect(
    runtime::Endpoint to, std::optional<runtime::TlsIdentity> tls, Instant deadline
) {
    TlsContext context;
    if (tls) {
        SEALANE_CO_TRY(context, contexts_.get(*tls, TlsRole::kClient));
    }
    SEALANE_CO_TRY(auto plain, co_await connect_plain(to, deadline));
    if (!tls) co_return std::move(plain);
    auto stream = std::make_unique<TlsStream>(
        std::move(plain), std::make_shared<const runtime::TlsIdentity>(*std::move(tls)), scratch_
    );
    TlsStream::Handshake how{std::move(context), TlsRole::kClient, to.host};
    SEALANE_CO_CHECK(co_await stream->handshake(pool_, std::move(how), deadline));
    co_return std::move(stream);
}

Task<Result<std::unique_ptr<SocketListener>>> AsioNetwork::listen_plain(runtime::Endpoint at) {
    if (at.is_unix()) {
        SEALANE_CO_TRY(const int fd, open_unix_listener(at.unix_path));
        co_return std::make_unique<SocketListener>(waits_, fd, at);
    }
    SEALANE_CO_TRY(
        const std::vector<SocketAddress> addresses,
        co_await addresses_of(at, Resolve::kToListen, steady_now() + kListenResolveLimit)
    );
    SEALANE_CO_TRY(const int fd, open_tcp_listener(addresses.front(), at.to_string()));
    runtime::Endpoint local = SocketAddress::local_of(fd).endpoint();
    if (!at.host.empty()) local.host = at.host;
    co_return std::make_unique<SocketListener>(waits_, fd, std::move(local));
}

Task<Result<std::unique_ptr<runtime::Listener>>> AsioNetwork::listen(
    runtime::Endpoint at, std::optional<runtime::TlsIdentity> tls
) {
    // An identity that cannot be used is found now and not by the first client.
    if (tls) SEALANE_CO_CHECK(contexts_.get(*tls, TlsRole::kServer));
    SEALANE_CO_TRY(auto listener, co_await listen_plain(std::move(at)));
    if (!tls) co_return std::make_unique<PlainListener>(std::move(listener));
    co_return std::make_unique<TlsListener>(std::move(listener), *std::move(tls), scratch_);
}

Task<Status> AsioNetwork::handshake(runtime::Stream& accepted, Instant deadline) {
    auto* stream = dynamic_cast<TlsStream*>(&accepted);
    if (stream == nullptr) co_return Status{};
    SEALANE_CO_TRY(TlsContext context, contexts_.get(stream->identity(), TlsRole::kServer));
    TlsStream::Handshake how{std::move(context), TlsRole::kServer, {}};
    co_return co_await stream->handshake(pool_, std::move(how), deadline);
}

std::uint64_t AsioNetwork::trust_version(const runtime::TlsIdentity& tls) {
    return contexts_.version(tls, TlsRole::kServer);
}

Status AsioNetwork::still_trusts(const runtime::Stream& accepted) {
    const auto* stream = dynamic_cast<const TlsStream*>(&accepted);
    if (stream == nullptr || !stream->is_established()) return {};
    SEALANE_TRY(const TlsContext now, contexts_.get(stream->identity(), TlsRole::kServer));
    return stream->still_trusted(*now);
}

}  // namespace sealane::asio_runtime
