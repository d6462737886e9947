#pragma once
// TlsStream: runtime::Stream over TLS over a SocketStream. Writes encrypt up to 256 KiB (16
// records) before each system call. An idle stream holds no buffers of its own: large ones are
// borrowed from the TlsScratch of the World.

#include "common/runtime/network.hpp"
#include "common/runtime_asio/blocking_pool.hpp"
#include "common/runtime_asio/socket_stream.hpp"
#include "common/runtime_asio/tls_records.hpp"
#include "common/runtime_asio/tls_session.hpp"

#include <array>
#include <memory>
#include <vector>

namespace sealane::asio_runtime {

// Buffers that all TLS streams of a shard share, because only a few need them at one time.
class TlsScratch {
 public:
    // For gathering one record; used between two awaits only.
    [[nodiscard]] MutableByteView staging() { return staging_; }
    [[nodiscard]] std::vector<std::byte> take();
    void give(std::vector<std::byte> buffer);

 private:
    std::array<std::byte, kTlsRecordSize> staging_{};
    std::vector<std::vector<std::byte>> spare_;
};

class TlsStream final : public runtime::Stream {
 public:
    // Usable after handshake() only. `identity` as the listener or the connecting program has it.
    TlsStream(
        std::unique_ptr<SocketStream> plain,
        std::shared_ptr<const runtime::TlsIdentity> identity,
        std::shared_ptr<TlsScratch> scratch
    );

    // `server_name`: of clients, what the certificate must be for. The arithmetic of the handshake
    // runs on the pool. After a failure the peer has been told and the stream is closed.
    struct Handshake {
        TlsContext context;
        TlsRole role = TlsRole::kServer;
        std::string server_name;
    };
    [[nodiscard]] runtime::Task<Status> handshake(
        BlockingPool& pool, Handshake how, Instant deadline
    );

    [[nodiscard]] runtime::Task<Result<std::size_t>> read_some(
        MutableByteView into, Instant deadline
    ) override;
    [[nodiscard]] runtime::Task<Status> write(BufferChain bytes, Instant deadline) override;
    void close() override;
    [[nodiscard]] const runtime::Peer& peer() const override { return peer_; }
    [[nodiscard]] const runtime::TlsIdentity& identity() const { return *identity_; }
    // After the handshake.
    [[nodiscard]] Status still_trusted(SSL_CTX& now) const { return session_->still_trusted(now); }
    [[nodiscard]] bool is_established() const { return established_; }

 private:
    [[nodiscard]] runtime::Task<Status> exchange_flights(
        BlockingPool& pool, TlsRole role, Instant deadline
    );
    // Reads ciphertext for the session; errors are the plain stream's.
    [[nodiscard]] runtime::Task<Status> fetch_input(Instant deadline);
    [[nodiscard]] Status check_first_bytes(TlsRole role) const;
    [[nodiscard]] runtime::Task<void> part();
    [[nodiscard]] Status encrypt_batch(RecordPieces& pieces);
    [[nodiscard]] runtime::Task<Status> flush(Instant deadline);
    void flush_now();
    [[nodiscard]] Error reason_for(Error write_error);

    std::unique_ptr<SocketStream> plain_;
    std::shared_ptr<const runtime::TlsIdentity> identity_;  // of all streams of a listener
    std::shared_ptr<TlsScratch> scratch_;
    runtime::Peer peer_;
    std::shared_ptr<TlsSession> session_;  // shared with the pool during the handshake
    bool handshaking_ = false;
    bool established_ = false;
    bool reading_ = false;
    bool writing_ = false;
};

}  // namespace sealane::asio_runtime
