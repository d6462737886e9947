#pragma once
// Keys and tokens for tests: what an identity provider would make.

#include "common/identity/base64.hpp"
#include "common/identity/sasl_exchange.hpp"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <string>

namespace sealane::identity {

class TokenMaker {
 public:
    static TokenMaker rsa(std::string id) {
        return TokenMaker(
            EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}), std::move(id)
        );
    }
    static TokenMaker ec(std::string id) {
        return TokenMaker(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), std::move(id));
    }

    [[nodiscard]] std::string jwk() const {
        if (is_rsa()) {
            return R"({"kty":"RSA","use":"sig","alg":"RS256","kid":")" + id_ + R"(","n":")" +
                   number(OSSL_PKEY_PARAM_RSA_N, 256) + R"(","e":")" +
                   number(OSSL_PKEY_PARAM_RSA_E, 3) + "\"}";
        }
        return R"({"kty":"EC","crv":"P-256","kid":")" + id_ + R"(","x":")" +
               number(OSSL_PKEY_PARAM_EC_PUB_X, 32) + R"(","y":")" +
               number(OSSL_PKEY_PARAM_EC_PUB_Y, 32) + "\"}";
    }
    [[nodiscard]] std::string token(const std::string& claims, std::string header = "") const {
        if (header.empty()) {
            header = std::string(R"({"alg":")") + (is_rsa() ? "RS256" : "ES256") + R"(","kid":")" +
                     id_ + "\"}";
        }
        const std::string text = base64_url(header) + "." + base64_url(claims);
        return text + "." + base64_url(signature(text));
    }

 private:
    TokenMaker(EVP_PKEY* key, std::string id) : key_(key, &EVP_PKEY_free), id_(std::move(id)) {}
    [[nodiscard]] bool is_rsa() const { return EVP_PKEY_is_a(key_.get(), "RSA") == 1; }
    [[nodiscard]] std::string number(const char* name, int size) const {
        BIGNUM* value = nullptr;
        EVP_PKEY_get_bn_param(key_.get(), name, &value);
        const BignumPtr owner(value);
        std::string bytes(static_cast<std::size_t>(size), '\0');
        BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), size);
        return base64_url(bytes);
    }
    [[nodiscard]] std::string signature(const std::string& text) const {
        EVP_MD_CTX* const context = EVP_MD_CTX_new();
        EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_.get());
        const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
        std::size_t size = 0;
        EVP_DigestSign(context, nullptr, &size, bytes, text.size());
        std::string out(size, '\0');
        EVP_DigestSign(
            context, reinterpret_cast<unsigned char*>(out.data()), &size, bytes, text.size()
        );
        EVP_MD_CTX_free(context);
        out.resize(size);
        return is_rsa() ? out : beside_each_other(out);
    }
    // r and s with 32 bytes each, as tokens have them.
    static std::string beside_each_other(const std::string& der) {
        const auto* at = reinterpret_cast<const unsigned char*>(der.data());
        ECDSA_SIG* const pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
        std::string out(64, '\0');
        auto* const to = reinterpret_cast<unsigned char*>(out.data());
        BN_bn2binpad(ECDSA_SIG_get0_r(pair), to, 32);
        BN_bn2binpad(ECDSA_SIG_get0_s(pair), to + 32, 32);
        ECDSA_SIG_free(pair);
        return out;
    }

    std::shared_ptr<EVP_PKEY> key_;
    std::string id_;
};

}  // namespace sealane::identity
