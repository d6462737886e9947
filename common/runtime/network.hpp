#pragma once
// Byte streams between processes, as the programs see them. Implemented over Boost.Asio and
// OpenSSL in common/runtime_asio and as a virtual network in tests/simulation.

#include "common/base/buffer.hpp"
#include "common/base/time.hpp"
#include "common/runtime/task.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace sealane::runtime {

// Where to connect or listen: host and port, or a Unix socket path (then host and port are empty).
struct Endpoint {
    std::string host;
    std::uint16_t port = 0;  // 0 when listening: any free port
    std::string unix_path;
    friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
    [[nodiscard]] bool is_unix() const { return !unix_path.empty(); }
    // "host:port", "[v6]:port" or "unix:/path".
    [[nodiscard]] std::string to_string() const;
    // Reads what to_string writes.
    [[nodiscard]] static Result<Endpoint> parse(std::string_view text);
};

// The files that make one TLS identity, all PEM. They are read by the World when first used and
// again when they change on disk, so that certificates are renewed without a restart.
struct TlsIdentity {
    std::string domain;   // the security domain's name, for error messages
    std::string ca_file;  // whom to trust
    std::string certificate_file;
    std::string key_file;  // mode 0600, else refused
    // Listeners: whether clients must show a certificate, may, or are not asked.
    enum class ClientAuth { kNone, kRequested, kRequired };
    ClientAuth client_auth = ClientAuth::kRequired;
    // Certificates that are not good any more (RFC 5280), of every authority in ca_file; empty:
    // nothing is looked up. A list that is too old is refused with its certificates.
    std::string crl_file = {};
    friend bool operator==(const TlsIdentity&, const TlsIdentity&) = default;
};

struct Peer {
    std::string address;  // "127.0.0.1:51234" or "unix"
    // "User:ANONYMOUS" on plain streams; else the certificate's subject as Kafka's default
    // principal builder writes it (RFC 2253: "User:CN=mirror,O=seoul").
    std::string principal = "User:ANONYMOUS";
    bool tls = false;
    std::optional<std::uint32_t> unix_uid = std::nullopt;  // Unix sockets: SO_PEERCRED
};

// An ordered, reliable, two-way byte stream. At most one read and one write at a time.
class Stream {
 public:
    virtual ~Stream() = default;
    // Reads at least one byte. kEndOfStream: the peer finished; kDeadlineExceeded: nothing came.
    [[nodiscard]] virtual Task<Result<std::size_t>> read_some(
        MutableByteView into, Instant deadline
    ) = 0;
    // Writes everything, or fails; after a failure the stream is broken. The chain is kept alive.
    [[nodiscard]] virtual Task<Status> write(BufferChain bytes, Instant deadline) = 0;
    // Breaks the stream; pending reads and writes end with kStopped. Safe to call twice.
    virtual void close() = 0;
    [[nodiscard]] virtual const Peer& peer() const = 0;
};

class Listener {
 public:
    virtual ~Listener() = default;
    // The next connection. On TLS listeners it is usable only after Network::handshake(), which
    // the connection's own task awaits, so that a slow handshake never holds up accepting.
    [[nodiscard]] virtual Task<Result<std::unique_ptr<Stream>>> accept() = 0;
    [[nodiscard]] virtual Endpoint local() const = 0;  // with the actual port
    virtual void close() = 0;                          // a pending accept ends with kStopped
};

class Network {
 public:
    virtual ~Network() = default;
    [[nodiscard]] virtual Task<Result<std::unique_ptr<Stream>>> connect(
        Endpoint to, std::optional<TlsIdentity> tls, Instant deadline
    ) = 0;
    // kAddressInUse names the address.
    [[nodiscard]] virtual Task<Result<std::unique_ptr<Listener>>> listen(
        Endpoint at, std::optional<TlsIdentity> tls
    ) = 0;
    // Finishes what accept() began: the TLS handshake on TLS streams (errors name domain, peer and
    // reason), nothing on plain ones. Streams from connect() have done theirs.
    [[nodiscard]] virtual Task<Status> handshake(Stream& accepted, Instant deadline) = 0;
    // A number that changes when the files that say whom `tls` trusts have changed and can be used:
    // time to ask still_trusts of what is open.
    [[nodiscard]] virtual std::uint64_t trust_version(const TlsIdentity& /*tls*/) { return 0; }
    // Whether the peer of an accepted stream would be let in by what is trusted now. Certificates
    // that were revoked since: kAuthenticationFailed. Dates are not looked at again.
    [[nodiscard]] virtual Status still_trusts(const Stream& /*accepted*/) { return {}; }
};

// Reads exactly into.size() bytes; kEndOfStream when the peer closed before the first byte,
// kConnectionReset when it closed in between.
[[nodiscard]] Task<Status> read_exactly(Stream& stream, MutableByteView into, Instant deadline);

}  // namespace sealane::runtime
