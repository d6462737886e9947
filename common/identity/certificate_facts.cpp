#include "common/identity/certificate_facts.hpp"

#include "common/identity/openssl_owner.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>

namespace sealane::identity {
namespace {

std::string hex_of(const unsigned char* bytes, std::size_t count) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(count * 2);
    for (std::size_t i = 0; i < count; ++i) {
        text.push_back(kDigits[bytes[i] >> 4U]);
        text.push_back(kDigits[bytes[i] & 0x0FU]);
    }
    return text;
}

// RFC 2253 as Java prints it: characters beyond ASCII stay as they are.
std::string name_text(const X509_NAME* name) {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    const unsigned long flags = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
    if (X509_NAME_print_ex(bio.get(), name, 0, flags) < 0) return {};
    return text_of(*bio);
}

std::string serial_text(const X509& certificate) {
    const BignumPtr number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(&certificate), nullptr));
    if (!number) return {};
    std::vector<unsigned char> bytes(static_cast<std::size_t>(BN_num_bytes(number.get())));
    BN_bn2bin(number.get(), bytes.data());
    return hex_of(bytes.data(), bytes.size());
}

std::string ip_text(const ASN1_OCTET_STRING& bytes) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int size = ASN1_STRING_length(&bytes);
    if (size != 4 && size != 16) return "unreadable";
    const int family = size == 4 ? AF_INET : AF_INET6;
    ::inet_ntop(family, ASN1_STRING_get0_data(&bytes), text.data(), text.size());
    return text.data();
}

std::vector<std::string> names_of(const X509& certificate) {
    std::vector<std::string> names;
    const NamesPtr found(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)
    ));
    const int count = found ? sk_GENERAL_NAME_num(found.get()) : 0;
    for (int i = 0; i < count; ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(found.get(), i);
        if (name->type == GEN_IPADD) {
            names.push_back("IP:" + ip_text(*name->d.iPAddress));
        } else if (name->type == GEN_DNS) {
            const auto* text = ASN1_STRING_get0_data(name->d.dNSName);
            const auto size = static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName));
            names.push_back("DNS:" + std::string(reinterpret_cast<const char*>(text), size));
        }
    }
    return names;
}

WallTime wall_of(const ASN1_TIME* at) {
    std::tm parts{};
    if (at == nullptr || ASN1_TIME_to_tm(at, &parts) != 1) return {};
    return {static_cast<std::int64_t>(::timegm(&parts)) * 1000};
}

std::string digest_text(
    const X509& certificate,
    int (*digest)(const X509*, const EVP_MD*, unsigned char*, unsigned int*)
) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    if (digest(&certificate, EVP_sha256(), bytes.data(), &size) != 1) return {};
    return hex_of(bytes.data(), size);
}

}  // namespace

CertificateFacts facts_of(const X509& certificate) {
    CertificateFacts facts;
    facts.subject = name_text(X509_get_subject_name(&certificate));
    facts.issuer = name_text(X509_get_issuer_name(&certificate));
    facts.serial = serial_text(certificate);
    facts.names = names_of(certificate);
    facts.not_before = wall_of(X509_get0_notBefore(&certificate));
    facts.not_after = wall_of(X509_get0_notAfter(&certificate));
    facts.fingerprint = digest_text(certificate, &X509_digest);
    facts.key_fingerprint = digest_text(certificate, &X509_pubkey_digest);
    // X509_check_ca caches what it parsed in the certificate, hence wants it mutable.
    facts.is_authority = X509_check_ca(const_cast<X509*>(&certificate)) == 1;
    return facts;
}

Result<std::vector<CertificateFacts>> read_certificates(std::string_view pem) {
    const BioPtr bio = bio_over(pem);
    std::vector<CertificateFacts> all;
    for (;;) {
        const X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
        if (certificate) {
            all.push_back(facts_of(*certificate));
            continue;
        }
        const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
        const std::string reason = take_openssl_error();
        if (at_end && !all.empty()) return all;
        if (at_end) return fail(ErrorCode::kMalformed, "no PEM certificate");
        return fail(
            ErrorCode::kMalformed,
            "PEM certificate " + std::to_string(all.size() + 1) + ": " + reason
        );
    }
}

std::string to_utc_text(WallTime at) {
    const auto seconds = static_cast<std::time_t>(at.ms / 1000);
    std::tm parts{};
    std::array<char, 32> text{};
    if (::gmtime_r(&seconds, &parts) == nullptr) return {};
    const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return {text.data(), size};
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace sealane::identity
