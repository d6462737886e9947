#pragma once
// TlsSession: one TLS connection as a machine over bytes: ciphertext in, plaintext out and the
// reverse. It does no I/O, so a handshake may run on a pool thread while its owner waits.

#include "common/base/buffer.hpp"
#include "common/runtime/network.hpp"
#include "common/runtime_asio/tls_contexts.hpp"
#include "common/runtime_asio/tls_errors.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sealane::asio_runtime {

class TlsSession {
 public:
    enum class Step {
        kDone,
        kNeedsInput,  // feed more ciphertext first
        kEnded,       // the peer said that it sends no more
        kFailed,      // error() says why; the session is dead, its output tells the peer
    };

    TlsSession(TlsContext context, TlsRole role, TlsParty party);
    ~TlsSession();
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;

    [[nodiscard]] Step handshake();
    // Decrypts into `into`; `count` is how much. kDone: at least one byte.
    [[nodiscard]] Step read(MutableByteView into, std::size_t& count);
    // Encrypts all of it, in records of at most 16 KiB.
    [[nodiscard]] Step write(ByteView plaintext);
    // Adds the word of farewell to the output.
    void say_goodbye();

    // Room for ciphertext; only when all that was fed is used up. Tell afterwards how much came.
    [[nodiscard]] MutableByteView input_space();
    void input_came(std::size_t count) { input_end_ = count; }
    [[nodiscard]] bool has_input() const { return input_at_ < input_end_; }
    // Gives the input's memory back while the connection is idle.
    void release_input();
    // The bytes fed and not yet used.
    [[nodiscard]] ByteView input() const;

    // Ciphertext for the peer. take_output() leaves `replacement`, emptied, to collect more.
    [[nodiscard]] bool has_output() const { return !output_.empty(); }
    [[nodiscard]] std::vector<std::byte> take_output(std::vector<std::byte> replacement);
    // Puts unsent bytes back in front.
    void return_output(ByteView unsent);

    [[nodiscard]] const std::optional<Error>& error() const { return error_; }
    [[nodiscard]] const TlsParty& party() const { return party_; }
    void fail_with(std::string reason);
    // After the handshake: "User:..." of the peer's certificate, ANONYMOUS without one.
    [[nodiscard]] std::string peer_principal() const;
    // Whether `now` would accept the peer's certificate, dates left aside. Without one: yes.
    [[nodiscard]] Status still_trusted(SSL_CTX& now) const;

 private:
    friend struct TlsSessionHooks;
    [[nodiscard]] Step judge(int result);
    void require_server_name();

    TlsContext context_;  // keeps certificates alive over a reload
    TlsParty party_;
    SSL* ssl_;
    std::unique_ptr<std::byte[]> input_;
    std::size_t input_at_ = 0;
    std::size_t input_end_ = 0;
    std::vector<std::byte> output_;
    std::string refusal_;  // why the peer's certificate was refused
    std::optional<Error> error_;
};

}  // namespace sealane::asio_runtime
