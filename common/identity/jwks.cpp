// TokenKeys: JSON web keys as OpenSSL keys, and the check of a signature.

#include "common/identity/base64.hpp"
#include "common/identity/jwt.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

namespace sealane::identity {

namespace {

namespace json = boost::json;

constexpr int kLeastRsaBits = 2048;
constexpr int kMostRsaBits = 8192;
constexpr std::size_t kCoordinate = 32;  // bytes of a number on P-256

using ParamBuild = std::unique_ptr<OSSL_PARAM_BLD, Freer<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freer<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
using EcSignature = std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG_free>>;

const unsigned char* raw(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

BignumPtr number(std::string_view bytes) {
    return BignumPtr(BN_bin2bn(raw(bytes), static_cast<int>(bytes.size()), nullptr));
}

std::string text_at(const json::object& object, std::string_view name) {
    const auto* const value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return {};
    return std::string(value->get_string());
}

std::shared_ptr<EVP_PKEY> key_from(const char* kind, OSSL_PARAM* params) {
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
    EVP_PKEY* key = nullptr;
    const bool made = context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1 &&
                      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params) == 1;
    ERR_clear_error();
    return made ? std::shared_ptr<EVP_PKEY>(key, &EVP_PKEY_free) : nullptr;
}

std::shared_ptr<EVP_PKEY> rsa_key(const json::object& jwk) {
    const auto n = decode_base64_url(text_at(jwk, "n"));
    const auto e = decode_base64_url(text_at(jwk, "e"));
    if (!n || !e || n->empty() || e->empty()) return nullptr;
    const BignumPtr modulus = number(*n);
    const BignumPtr exponent = number(*e);
    const int bits = BN_num_bits(modulus.get());
    if (bits < kLeastRsaBits || bits > kMostRsaBits) return nullptr;
    const ParamBuild build(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
    OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
    const Params params(OSSL_PARAM_BLD_to_param(build.get()));
    return key_from("RSA", params.get());
}

std::shared_ptr<EVP_PKEY> ec_key(const json::object& jwk) {
    const auto x = decode_base64_url(text_at(jwk, "x"));
    const auto y = decode_base64_url(text_at(jwk, "y"));
    const bool right = text_at(jwk, "crv") == "P-256" && x && y && x->size() == kCoordinate &&
                       y->size() == kCoordinate;
    if (!right) return nullptr;
    const std::string point = std::string(1, '\4') + *x + *y;  // uncompressed
    const ParamBuild build(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
    OSSL_PARAM_BLD_push_octet_string(
        build.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()
    );
    const Params params(OSSL_PARAM_BLD_to_param(build.get()));
    return key_from("EC", params.get());
}

// From r and s beside each other (RFC 7518) to what OpenSSL reads.
std::string ec_signature(std::string_view signature) {
    if (signature.size() != 2 * kCoordinate) return {};
    const EcSignature pair(ECDSA_SIG_new());
    BIGNUM* const r = number(signature.substr(0, kCoordinate)).release();
    BIGNUM* const s = number(signature.substr(kCoordinate)).release();
    ECDSA_SIG_set0(pair.get(), r, s);
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(pair.get(), &der);
    if (size <= 0) return {};
    std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return out;
}

bool verify_with(EVP_PKEY* key, std::string_view text, std::string_view signature) {
    const DigestContext context(EVP_MD_CTX_new());
    const bool good =
        EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
        EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(text), text.size()) ==
            1;
    ERR_clear_error();
    return good;
}

}  // namespace

Result<TokenKeys> TokenKeys::parse(std::string_view text) {
    const auto bad = [](std::string why) { return fail(ErrorCode::kBadConfig, std::move(why)); };
    boost::system::error_code error;
    const json::value document = json::parse(json::string_view(text.data(), text.size()), error);
    if (error) return bad("no JSON: " + error.message());
    const auto* const keys =
        document.is_object() ? document.get_object().if_contains("keys") : nullptr;
    if (keys == nullptr || !keys->is_array()) return bad("no list \"keys\": a JWKS is needed");
    TokenKeys all;
    for (const json::value& value : keys->get_array()) {
        if (!value.is_object()) continue;
        const json::object& jwk = value.get_object();
        const std::string use = text_at(jwk, "use");
        if (!use.empty() && use != "sig") continue;
        const std::string kind = text_at(jwk, "kty");
        Key key;
        key.id = text_at(jwk, "kid");
        key.algorithm = kind == "RSA" ? "RS256" : kind == "EC" ? "ES256" : "";
        const std::string named = text_at(jwk, "alg");
        if (key.algorithm.empty() || (!named.empty() && named != key.algorithm)) continue;
        key.key = kind == "RSA" ? rsa_key(jwk) : ec_key(jwk);
        if (key.key == nullptr) continue;
        all.keys_.push_back(std::move(key));
        if (all.keys_.size() > kMostKeys) return bad("over 64 keys");
    }
    if (all.keys_.empty()) return bad("no RSA key (2048 bits or more) and no P-256 key is in it");
    return all;
}

bool TokenKeys::verifies(
    std::string_view algorithm,
    std::string_view key_id,
    std::string_view text,
    std::string_view signature
) const {
    if (key_id.empty() && keys_.size() != 1) return false;
    for (const Key& key : keys_) {
        if (key.algorithm != algorithm || (!key_id.empty() && key.id != key_id)) continue;
        const std::string bytes =
            algorithm == "ES256" ? ec_signature(signature) : std::string(signature);
        if (!bytes.empty() && verify_with(key.key.get(), text, bytes)) return true;
    }
    return false;
}

}  // namespace sealane::identity
