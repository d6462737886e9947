#include "common/identity/scram.hpp"

#include "common/base/assert.hpp"
#include "common/identity/base64.hpp"
#include "common/identity/certificate_facts.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <vector>

namespace sealane::identity {

namespace {

constexpr std::size_t kMostMessage = 4096;
constexpr std::int32_t kMostClientIterations = 1'000'000;

const EVP_MD* digest_of(ScramMechanism mechanism) {
    return mechanism == ScramMechanism::kSha256 ? EVP_sha256() : EVP_sha512();
}

const unsigned char* raw(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string exclusive_or(std::string_view a, std::string_view b) {
    std::string out(a);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<char>(out[i] ^ b[i]);
    return out;
}

std::unexpected<Error> malformed(std::string_view what) {
    return fail(ErrorCode::kMalformed, "SCRAM: " + std::string(what));
}

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t comma = text.find(',');
        parts.push_back(text.substr(0, comma));
        if (comma == std::string_view::npos) return parts;
        text.remove_prefix(comma + 1);
    }
}

// The value of "<letter>=value".
Result<std::string_view> attribute(std::string_view part, char letter) {
    if (part.size() < 2 || part[0] != letter || part[1] != '=') {
        return malformed(std::string("no attribute ") + letter);
    }
    return part.substr(2);
}

// saslname: a comma is written =2C, an equals sign =3D.
Result<std::string> unescaped(std::string_view name) {
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] != '=') {
            out += name[i];
            continue;
        }
        const std::string_view code = name.substr(i + 1, 2);
        if (code != "2C" && code != "3D") return malformed("a name with a wrong escape");
        out += code == "2C" ? ',' : '=';
        i += 2;
    }
    if (out.empty() || out.find('\0') != std::string::npos) return malformed("an empty name");
    return out;
}

std::string escaped(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c == ',') {
            out += "=2C";
        } else if (c == '=') {
            out += "=3D";
        } else {
            out += c;
        }
    }
    return out;
}

Status check_nonce(std::string_view nonce) {
    if (nonce.empty()) return malformed("an empty nonce");
    for (const char c : nonce) {
        if (c < 0x21 || c > 0x7e) return malformed("a nonce that is not printable");
    }
    return {};
}

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() >= end.size() &&
           equal_in_constant_time(text.substr(text.size() - end.size()), end);
}

// Without its proof, the last attribute of a client-final-message.
std::string_view without_proof(std::string_view message) {
    return message.substr(0, message.rfind(",p="));
}

}  // namespace

std::string scram_hash(ScramMechanism mechanism, std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    const int done =
        EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, digest_of(mechanism), nullptr);
    SEALANE_ASSERT(done == 1);
    return {reinterpret_cast<const char*>(out.data()), size};
}

std::string scram_hmac(ScramMechanism mechanism, std::string_view key, std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    const auto* done = HMAC(
        digest_of(mechanism),
        key.data(),
        static_cast<int>(key.size()),
        raw(bytes),
        bytes.size(),
        out.data(),
        &size
    );
    SEALANE_ASSERT(done != nullptr);
    return {reinterpret_cast<const char*>(out.data()), size};
}

std::string salted_password(
    ScramMechanism mechanism,
    std::string_view password,
    std::string_view salt,
    std::int32_t iterations
) {
    const EVP_MD* const digest = digest_of(mechanism);
    std::string out(static_cast<std::size_t>(EVP_MD_get_size(digest)), '\0');
    const int done = PKCS5_PBKDF2_HMAC(
        password.data(),
        static_cast<int>(password.size()),
        raw(salt),
        static_cast<int>(salt.size()),
        iterations,
        digest,
        static_cast<int>(out.size()),
        reinterpret_cast<unsigned char*>(out.data())
    );
    SEALANE_ASSERT(done == 1);
    return out;
}

ScramCredential scram_credential(
    ScramMechanism mechanism, std::string_view salted, std::string salt, std::int32_t iterations
) {
    ScramCredential credential;
    credential.salt = std::move(salt);
    credential.stored_key = scram_hash(mechanism, scram_hmac(mechanism, salted, "Client Key"));
    credential.server_key = scram_hmac(mechanism, salted, "Server Key");
    credential.iterations = iterations;
    return credential;
}

Result<std::string> ScramServer::first(std::string_view message) {
    if (message.size() > kMostMessage) return malformed("a message of over 4096 bytes");
    const auto parts = split(message);
    if (parts.size() < 4) return malformed("a first message without its four parts");
    if (parts[0].starts_with("p=")) {
        return fail(ErrorCode::kUnsupported, "SCRAM: channel binding is not offered");
    }
    if (parts[0] != "n" && parts[0] != "y") return malformed("an unknown binding flag");
    std::string authorization;
    if (!parts[1].empty()) {
        SEALANE_TRY(const std::string_view name, attribute(parts[1], 'a'));
        SEALANE_TRY(authorization, unescaped(name));
    }
    header_ = std::string(parts[0]) + "," + std::string(parts[1]) + ",";
    first_bare_ = message.substr(header_.size());
    SEALANE_TRY(const std::string_view name, attribute(parts[2], 'n'));
    SEALANE_TRY(user_, unescaped(name));
    SEALANE_TRY(const std::string_view client_nonce, attribute(parts[3], 'r'));
    SEALANE_CHECK(check_nonce(client_nonce));
    if (!authorization.empty() && authorization != user_) {
        return fail(ErrorCode::kUnsupported, "SCRAM: nobody may act for somebody else");
    }
    for (std::size_t i = 4; i < parts.size(); ++i) {
        if (parts[i] == "tokenauth=true") {
            return fail(ErrorCode::kUnsupported, "SCRAM: there are no delegation tokens");
        }
    }
    nonce_ = std::string(client_nonce) + nonce_;
    found_ = look_up_(user_);
    server_first_ = "r=" + nonce_ + ",s=" + base64(found_.credential.salt) +
                    ",i=" + std::to_string(found_.credential.iterations);
    return server_first_;
}

Result<std::string> ScramServer::final(std::string_view message) {
    if (message.size() > kMostMessage) return malformed("a message of over 4096 bytes");
    const auto parts = split(message);
    if (parts.size() < 3) return malformed("a final message without its three parts");
    SEALANE_TRY(const std::string_view binding, attribute(parts[0], 'c'));
    SEALANE_TRY(const std::string_view nonce, attribute(parts[1], 'r'));
    SEALANE_TRY(const std::string_view proof_text, attribute(parts.back(), 'p'));
    SEALANE_TRY(const std::string proof, decode_base64(proof_text));
    if (binding != base64(header_)) return malformed("another header than at first");
    // librdkafka before 2.6.1 puts its own nonce before the whole one once more. As in Apache Kafka
    // that is let pass: the proof covers what was sent, and ours is in it.
    if (!ends_with(nonce, nonce_)) return malformed("another nonce than at first");
    const std::string auth =
        first_bare_ + "," + server_first_ + "," + std::string(without_proof(message));
    const ScramCredential& stored = found_.credential;
    const std::string signature = scram_hmac(mechanism_, stored.stored_key, auth);
    const bool fits = proof.size() == signature.size() &&
                      equal_in_constant_time(
                          scram_hash(mechanism_, exclusive_or(proof, signature)), stored.stored_key
                      );
    if (!fits || !found_.real) {
        return fail(ErrorCode::kSaslAuthenticationFailed, "SCRAM: wrong user name or password");
    }
    return "v=" + base64(scram_hmac(mechanism_, stored.server_key, auth));
}

std::string ScramClient::first() {
    first_bare_ = "n=" + escaped(user_) + ",r=" + nonce_;
    return "n,," + first_bare_;
}

Result<std::string> ScramClient::final(std::string_view server_first) {
    if (server_first.size() > kMostMessage) return malformed("a message of over 4096 bytes");
    const auto parts = split(server_first);
    if (parts.size() < 3) return malformed("a server's first message without its three parts");
    SEALANE_TRY(const std::string_view nonce, attribute(parts[0], 'r'));
    SEALANE_TRY(const std::string_view salt_text, attribute(parts[1], 's'));
    SEALANE_TRY(const std::string_view count, attribute(parts[2], 'i'));
    SEALANE_TRY(const std::string salt, decode_base64(salt_text));
    if (!nonce.starts_with(nonce_) || nonce.size() == nonce_.size()) {
        return malformed("a nonce that does not continue ours");
    }
    std::int32_t iterations = 0;
    const auto read = std::from_chars(count.data(), count.data() + count.size(), iterations);
    if (read.ec != std::errc{} || read.ptr != count.data() + count.size()) {
        return malformed("iterations that are no number");
    }
    if (iterations < kMinScramIterations || iterations > kMostClientIterations) {
        return fail(
            ErrorCode::kUnacceptableCredential,
            "SCRAM: the server asks for " + std::to_string(iterations) + " iterations"
        );
    }
    const std::string salted = salted_password(mechanism_, password_, salt, iterations);
    const std::string client_key = scram_hmac(mechanism_, salted, "Client Key");
    const std::string stored_key = scram_hash(mechanism_, client_key);
    const std::string bare = "c=biws,r=" + std::string(nonce);
    const std::string auth = first_bare_ + "," + std::string(server_first) + "," + bare;
    const std::string proof = exclusive_or(client_key, scram_hmac(mechanism_, stored_key, auth));
    server_signature_ = scram_hmac(mechanism_, scram_hmac(mechanism_, salted, "Server Key"), auth);
    return bare + ",p=" + base64(proof);
}

Status ScramClient::verify(std::string_view server_final) const {
    const auto parts = split(server_final.substr(0, kMostMessage));
    if (parts[0].starts_with("e=")) {
        return fail(ErrorCode::kSaslAuthenticationFailed, "SCRAM: " + std::string(parts[0]));
    }
    SEALANE_TRY(const std::string_view text, attribute(parts[0], 'v'));
    SEALANE_TRY(const std::string signature, decode_base64(text));
    if (equal_in_constant_time(signature, server_signature_)) return {};
    return fail(
        ErrorCode::kSaslAuthenticationFailed, "SCRAM: the server does not know the password either"
    );
}

}  // namespace sealane::identity
