#pragma once
// AsioNetwork: runtime::Network over Linux sockets and OpenSSL.

#include "common/runtime/network.hpp"
#include "common/runtime/wait_queue.hpp"
#include "common/runtime_asio/blocking_pool.hpp"
#include "common/runtime_asio/socket_address.hpp"
#include "common/runtime_asio/socket_listener.hpp"
#include "common/runtime_asio/socket_stream.hpp"
#include "common/runtime_asio/tls_contexts.hpp"
#include "common/runtime_asio/tls_stream.hpp"

#include <vector>

namespace sealane::asio_runtime {

class AsioNetwork final : public runtime::Network {
 public:
    // `resolver`: threads for name look-ups only, which may hang for long. `pool`: for the
    // arithmetic of TLS handshakes, a millisecond each.
    AsioNetwork(
        runtime::WaitQueue& waits,
        BlockingPool& pool,
        BlockingPool& resolver,
        runtime::LogSink& sink
    );

    [[nodiscard]] runtime::Task<Result<std::unique_ptr<runtime::Stream>>> connect(
        runtime::Endpoint to, std::optional<runtime::TlsIdentity> tls, Instant deadline
    ) override;
    [[nodiscard]] runtime::Task<Result<std::unique_ptr<runtime::Listener>>> listen(
        runtime::Endpoint at, std::optional<runtime::TlsIdentity> tls
    ) override;
    [[nodiscard]] runtime::Task<Status> handshake(runtime::Stream& accepted, Instant deadline)
        override;
    [[nodiscard]] std::uint64_t trust_version(const runtime::TlsIdentity& tls) override;
    [[nodiscard]] Status still_trusts(const runtime::Stream& accepted) override;

 private:
    [[nodiscard]] runtime::Task<Result<std::vector<SocketAddress>>> addresses_of(
        runtime::Endpoint endpoint, Resolve purpose, Instant deadline
    );
    [[nodiscard]] runtime::Task<Result<std::unique_ptr<SocketListener>>> listen_plain(
        runtime::Endpoint at
    );
    [[nodiscard]] runtime::Task<Result<std::unique_ptr<SocketStream>>> connect_plain(
        runtime::Endpoint to, Instant deadline
    );
    [[nodiscard]] runtime::Task<Result<std::unique_ptr<SocketStream>>> connect_one(
        SocketAddress address, std::string name, Instant deadline
    );

    runtime::WaitQueue& waits_;
    BlockingPool& pool_;
    BlockingPool& resolver_;
    TlsContexts contexts_;
    std::shared_ptr<TlsScratch> scratch_ = std::make_shared<TlsScratch>();
};

}  // namespace sealane::asio_runtime
