#include "common/runtime_asio/tls_errors.hpp"

#include "common/identity/certificate_facts.hpp"
#include "common/identity/openssl_owner.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace sealane::asio_runtime {
namespace {

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text.empty() ? "no names" : text;
}

std::string own_certificate(const TlsParty& party) {
    return party.certificate_file.empty() ? "the missing certificate"
                                          : "our certificate " + party.certificate_file;
}

// `alert`: RFC 8446, 6.2.
std::string alert_reason(const TlsParty& party, int alert) {
    const std::string ours = own_certificate(party);
    switch (alert) {
        case SSL_AD_CERTIFICATE_REQUIRED:
            return "the peer wants a client certificate and we presented none";
        case SSL_AD_CERTIFICATE_EXPIRED:
            return "the peer refused " + ours + ": expired";
        case SSL_AD_UNKNOWN_CA:
            return "the peer refused " + ours +
                   ": it does not trust the authority that issued it (another domain's?)";
        case SSL_AD_BAD_CERTIFICATE:
        case SSL_AD_CERTIFICATE_UNKNOWN:
        case SSL_AD_UNSUPPORTED_CERTIFICATE:
            return "the peer refused " + ours;
        case SSL_AD_CERTIFICATE_REVOKED:
            return "the peer refused " + ours + ": revoked";
        case SSL_AD_ACCESS_DENIED:
            return "the peer denied access";
        case SSL_AD_PROTOCOL_VERSION:
            return "the peer does not speak TLS 1.3";
        case SSL_AD_HANDSHAKE_FAILURE:
            return "the peer found no common TLS parameters";
        case SSL_AD_UNRECOGNIZED_NAME:
            return "the peer does not serve '" + party.server_name + "'";
        default:
            break;
    }
    return std::string("the peer broke off with the alert '") + SSL_alert_desc_string_long(alert) +
           "'";
}

}  // namespace

Error tls_error(const TlsParty& party, const std::string& reason) {
    return Error(
        ErrorCode::kTlsFailed,
        "TLS domain '" + party.domain + "', peer " + party.peer + ": " + reason
    );
}

std::string refusal_reason(const TlsParty& party, const X509& certificate, int verdict) {
    const identity::CertificateFacts facts = identity::facts_of(certificate);
    const std::string theirs = "certificate '" + facts.subject + "'";
    switch (verdict) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return theirs + " expired at " + identity::to_utc_text(facts.not_after);
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return theirs + " is not valid before " + identity::to_utc_text(facts.not_before) +
                   " (compare the clocks)";
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        case X509_V_ERR_INVALID_CA:
            return theirs + " was issued by '" + facts.issuer +
                   "', an unknown CA: not an authority of this domain (a certificate of a foreign "
                   "domain?)";
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return theirs + " is for " + joined(facts.names) + ", not for '" + party.server_name +
                   "'";
        case X509_V_ERR_INVALID_PURPOSE:
            return theirs +
                   " may not be used for this (a client certificate on a server, or the "
                   "reverse)";
        case X509_V_ERR_CERT_REVOKED:
            return theirs + " is revoked";
        default:
            break;
    }
    return theirs + " was refused: " + X509_verify_cert_error_string(verdict);
}

std::string queue_reason(const TlsParty& party) {
    const unsigned long code = ERR_peek_error();
    const int reason = ERR_GET_REASON(code);
    if (ERR_GET_LIB(code) != ERR_LIB_SSL) return identity::take_openssl_error();
    std::string text;
    if (reason > SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256) {
        text = alert_reason(party, reason - SSL_AD_REASON_OFFSET);
    } else if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
        text = "the peer presented no certificate, and this listener requires one of its domain";
    } else if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST) {
        text = "the peer does not speak TLS (a plain listener?)";
    } else if (reason == SSL_R_UNSUPPORTED_PROTOCOL) {
        text = "the peer does not speak TLS 1.3";
    } else {
        return identity::take_openssl_error();
    }
    ERR_clear_error();
    return text;
}

}  // namespace sealane::asio_runtime
