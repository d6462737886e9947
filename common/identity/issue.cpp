#include "common/identity/issue.hpp"

#include "common/identity/openssl_owner.hpp"

#include <openssl/pem.h>
#include <openssl/rand.h>

#include <arpa/inet.h>
#include <array>
#include <string_view>

namespace sealane::identity {
namespace {

constexpr int kVersion3 = 2;
constexpr std::int64_t kMsPerDay = 86'400'000;
constexpr std::int64_t kClockSlackMs = 3'600'000;

struct Extension {
    int nid;
    std::string value;  // in the notation of x509v3_config(5)
};

// What differs between the kinds of certificates.
struct Form {
    Subject subject;
    Validity validity;
    std::vector<Extension> extensions;
};

std::unexpected<Error> refused(std::string_view what) {
    return fail(ErrorCode::kBadConfig, std::string(what) + ": " + take_openssl_error());
}

bool add_entry(X509_NAME& name, const char* field, const std::string& value) {
    return X509_NAME_add_entry_by_txt(
               &name,
               field,
               MBSTRING_UTF8,
               reinterpret_cast<const unsigned char*>(value.data()),
               static_cast<int>(value.size()),
               -1,
               0
           ) == 1;
}

// Encoded from the general to the special, as RFC 2253 reads it backwards.
Result<X509NamePtr> name_from(const Subject& subject) {
    X509NamePtr name(X509_NAME_new());
    const bool organized =
        subject.organization.empty() || add_entry(*name, "O", subject.organization);
    if (!organized || !add_entry(*name, "CN", subject.common_name))
        return refused("certificate subject '" + subject.common_name + "'");
    return name;
}

// 127 random bits: positive, at most 20 octets (RFC 5280, 4.1.2.2), never guessed nor repeated.
bool set_random_serial(X509& certificate) {
    std::array<unsigned char, 16> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return false;
    bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7FU) | 0x40U);
    const BignumPtr number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
    return BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) != nullptr;
}

bool set_time(ASN1_TIME* into, WallTime at) {
    return ASN1_TIME_set(into, static_cast<std::time_t>(at.ms / 1000)) != nullptr;
}

bool add_extension(X509& certificate, X509& issuer, const Extension& extension) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
    const ExtensionPtr made(
        X509V3_EXT_conf_nid(nullptr, &context, extension.nid, extension.value.c_str())
    );
    return made && X509_add_ext(&certificate, made.get(), -1) == 1;
}

Result<Credential> to_pem(X509& certificate, EVP_PKEY& key) {
    const BioPtr certificate_bio(BIO_new(BIO_s_mem()));
    const BioPtr key_bio(BIO_new(BIO_s_secmem()));
    if (PEM_write_bio_X509(certificate_bio.get(), &certificate) != 1 ||
        PEM_write_bio_PKCS8PrivateKey(key_bio.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) !=
            1) {
        return refused("writing PEM");
    }
    return Credential{text_of(*certificate_bio), text_of(*key_bio)};
}

// Makes a key and a certificate of the form. `issuer` and `issuer_key` null: self-signed.
Result<Credential> make(const Form& form, X509* issuer, EVP_PKEY* issuer_key) {
    const KeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    const X509Ptr certificate(X509_new());
    if (!key || !certificate) return refused("making a key");
    SEALANE_TRY(const X509NamePtr subject, name_from(form.subject));
    X509& signer = issuer != nullptr ? *issuer : *certificate;
    const bool filled =
        X509_set_version(certificate.get(), kVersion3) == 1 && set_random_serial(*certificate) &&
        set_time(X509_getm_notBefore(certificate.get()), form.validity.not_before) &&
        set_time(X509_getm_notAfter(certificate.get()), form.validity.not_after) &&
        X509_set_subject_name(certificate.get(), subject.get()) == 1 &&
        X509_set_issuer_name(certificate.get(), X509_get_subject_name(&signer)) == 1 &&
        X509_set_pubkey(certificate.get(), key.get()) == 1;
    if (!filled) return refused("filling a certificate");
    for (const Extension& extension : form.extensions) {
        if (!add_extension(*certificate, signer, extension))
            return refused("certificate extension '" + extension.value + "'");
    }
    EVP_PKEY* const signing_key = issuer_key != nullptr ? issuer_key : key.get();
    if (X509_sign(certificate.get(), signing_key, EVP_sha256()) == 0) return refused("signing");
    return to_pem(*certificate, *key);
}

Result<Credential> sign_leaf(const Credential& authority, const Form& form) {
    const X509Ptr issuer(
        PEM_read_bio_X509(bio_over(authority.certificate_pem).get(), nullptr, nullptr, nullptr)
    );
    if (!issuer) return refused("certificate of the authority");
    const KeyPtr key(
        PEM_read_bio_PrivateKey(bio_over(authority.key_pem).get(), nullptr, nullptr, nullptr)
    );
    if (!key) return refused("key of the authority");
    return make(form, issuer.get(), key.get());
}

std::vector<Extension> leaf_extensions(const std::string& usage) {
    return {
        {NID_basic_constraints, "critical,CA:FALSE"},
        {NID_key_usage, "critical,digitalSignature"},
        {NID_ext_key_usage, usage},
        {NID_subject_key_identifier, "hash"},
        {NID_authority_key_identifier, "keyid"},
    };
}

bool is_ip_address(const std::string& name) {
    in6_addr ignored{};
    return ::inet_pton(AF_INET, name.c_str(), &ignored) == 1 ||
           ::inet_pton(AF_INET6, name.c_str(), &ignored) == 1;
}

// Names stand in the extension's own notation, so they may hold nothing that means something there.
bool is_plain_name(const std::string& name) {
    static constexpr std::string_view kAllowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._*:";
    return !name.empty() && name.find_first_not_of(kAllowed) == std::string::npos;
}

}  // namespace

Validity Validity::days_from(WallTime now, int days) {
    return {{now.ms - kClockSlackMs}, {now.ms + days * kMsPerDay}};
}

Result<Credential> make_authority(const Subject& subject, const Validity& validity) {
    return make(
        {subject,
         validity,
         {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
          {NID_key_usage, "critical,keyCertSign,cRLSign"},
          {NID_subject_key_identifier, "hash"}}},
        nullptr,
        nullptr
    );
}

Result<Credential> make_server_certificate(
    const Credential& authority,
    const Subject& subject,
    const std::vector<std::string>& names,
    const Validity& validity
) {
    std::string alternatives;
    for (const std::string& name : names) {
        if (!is_plain_name(name))
            return fail(ErrorCode::kBadConfig, "'" + name + "' is no DNS name or IP address");
        if (!alternatives.empty()) alternatives += ',';
        alternatives += (is_ip_address(name) ? "IP:" : "DNS:") + name;
    }
    if (alternatives.empty())
        return fail(ErrorCode::kBadConfig, "a server certificate needs a DNS name or IP address");
    Form form{subject, validity, leaf_extensions("serverAuth,clientAuth")};
    form.extensions.push_back({NID_subject_alt_name, alternatives});
    return sign_leaf(authority, form);
}

Result<Credential> make_client_certificate(
    const Credential& authority, const Subject& subject, const Validity& validity
) {
    return sign_leaf(authority, {subject, validity, leaf_extensions("clientAuth")});
}

}  // namespace sealane::identity
