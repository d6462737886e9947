#pragma once
// SCRAM (RFC 5802, RFC 7677; KIP-84), both sides, without channel binding. Deciders: messages in,
// messages out; nonces are given. Names and passwords are taken as the bytes they are, as Kafka's
// clients do: no SASLprep.

#include "common/base/result.hpp"
#include "common/identity/scram_credential.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sealane::identity {

// The three functions that everything is made of; SHA-256 or SHA-512.
[[nodiscard]] std::string scram_hash(ScramMechanism mechanism, std::string_view bytes);
[[nodiscard]] std::string scram_hmac(
    ScramMechanism mechanism, std::string_view key, std::string_view bytes
);
// Hi() of RFC 5802: PBKDF2. Takes milliseconds.
[[nodiscard]] std::string salted_password(
    ScramMechanism mechanism,
    std::string_view password,
    std::string_view salt,
    std::int32_t iterations
);
// From a salted password to what a server keeps.
[[nodiscard]] ScramCredential scram_credential(
    ScramMechanism mechanism, std::string_view salted, std::string salt, std::int32_t iterations
);

// One authentication at the server.
class ScramServer {
 public:
    // What is stored for a user, or something like it that never fits (`real` is false then), so
    // that the conversation does not tell who exists.
    struct Found {
        ScramCredential credential;
        bool real = false;
    };
    using LookUp = std::function<Found(const std::string& user)>;

    // `nonce`: printable, without a comma, never used before.
    ScramServer(ScramMechanism mechanism, LookUp look_up, std::string nonce)
        : mechanism_(mechanism), look_up_(std::move(look_up)), nonce_(std::move(nonce)) {}

    // client-first-message to server-first-message. kMalformed, kUnsupported (channel binding,
    // delegation tokens).
    [[nodiscard]] Result<std::string> first(std::string_view message);
    // client-final-message to server-final-message. kSaslAuthenticationFailed: the proof is wrong,
    // or nobody has that name; kMalformed.
    [[nodiscard]] Result<std::string> final(std::string_view message);
    [[nodiscard]] const std::string& user() const { return user_; }

 private:
    ScramMechanism mechanism_;
    LookUp look_up_;
    std::string nonce_;
    std::string user_;
    std::string header_;      // gs2-header, which the client repeats
    std::string first_bare_;  // client-first-message-bare
    std::string server_first_;
    Found found_;
};

// One authentication at the client.
class ScramClient {
 public:
    ScramClient(ScramMechanism mechanism, std::string user, std::string password, std::string nonce)
        : mechanism_(mechanism),
          user_(std::move(user)),
          password_(std::move(password)),
          nonce_(std::move(nonce)) {}

    [[nodiscard]] std::string first();
    // server-first-message to client-final-message. kMalformed; kUnacceptableCredential: fewer
    // iterations than 4096 or more than a million.
    [[nodiscard]] Result<std::string> final(std::string_view server_first);
    // server-final-message. kSaslAuthenticationFailed: the server said so, or does not know the
    // password either.
    [[nodiscard]] Status verify(std::string_view server_final) const;

 private:
    ScramMechanism mechanism_;
    std::string user_;
    std::string password_;
    std::string nonce_;
    std::string first_bare_;
    std::string server_signature_;
};

}  // namespace sealane::identity
