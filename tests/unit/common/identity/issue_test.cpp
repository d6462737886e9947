// Certificates made, written, read back, and judged by OpenSSL's own verification.

#include "common/identity/issue.hpp"

#include "common/identity/certificate_facts.hpp"
#include "common/identity/identity_files.hpp"
#include "common/identity/openssl_owner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <cstdlib>
#include <filesystem>
#include <set>

namespace sealane::identity {
namespace {

constexpr WallTime kNow{1'800'000'000'000};

Credential authority(const std::string& domain) {
    return *make_authority({domain + " CA", domain}, Validity::days_from(kNow, 3650));
}

X509Ptr parse(const std::string& pem) {
    return X509Ptr(PEM_read_bio_X509(bio_over(pem).get(), nullptr, nullptr, nullptr));
}

// OpenSSL's verdict on `leaf` at `at`, trusting `root` only.
int verify(const Credential& leaf, const Credential& root, const char* purpose, WallTime at) {
    const X509Ptr leaf_certificate = parse(leaf.certificate_pem);
    const X509Ptr root_certificate = parse(root.certificate_pem);
    X509_STORE* const store = X509_STORE_new();
    X509_STORE_add_cert(store, root_certificate.get());
    X509_STORE_CTX* const context = X509_STORE_CTX_new();
    X509_STORE_CTX_init(context, store, leaf_certificate.get(), nullptr);
    X509_STORE_CTX_set_default(context, purpose);
    X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context), at.ms / 1000);
    X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(context), X509_V_FLAG_X509_STRICT);
    X509_verify_cert(context);
    const int verdict = X509_STORE_CTX_get_error(context);
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    return verdict;
}

TEST(Issue, AuthoritySignsServersAndClients) {
    const Credential ca = authority("seoul");
    const auto server = *make_server_certificate(
        ca, {"broker-1", "seoul"}, {"localhost", "127.0.0.1", "::1"}, Validity::days_from(kNow, 90)
    );
    const auto client =
        *make_client_certificate(ca, {"mirror", "seoul"}, Validity::days_from(kNow, 90));
    EXPECT_EQ(verify(server, ca, "ssl_server", kNow), X509_V_OK);
    EXPECT_EQ(verify(server, ca, "ssl_client", kNow), X509_V_OK);
    EXPECT_EQ(verify(client, ca, "ssl_client", kNow), X509_V_OK);
    EXPECT_EQ(verify(client, ca, "ssl_server", kNow), X509_V_ERR_INVALID_PURPOSE);
}

TEST(Issue, ForeignAuthorityAndWrongTimeAreRefused) {
    const Credential seoul = authority("seoul");
    const auto client =
        *make_client_certificate(seoul, {"mirror", "seoul"}, Validity::days_from(kNow, 1));
    EXPECT_NE(verify(client, authority("busan"), "ssl_client", kNow), X509_V_OK);
    // An impostor with the same names has another key.
    EXPECT_NE(verify(client, authority("seoul"), "ssl_client", kNow), X509_V_OK);
    const WallTime later{kNow.ms + 2 * 86'400'000};
    EXPECT_EQ(verify(client, seoul, "ssl_client", later), X509_V_ERR_CERT_HAS_EXPIRED);
    const WallTime earlier{kNow.ms - 2 * 3'600'000};
    EXPECT_EQ(verify(client, seoul, "ssl_client", earlier), X509_V_ERR_CERT_NOT_YET_VALID);
}

TEST(Issue, FactsSayWhatWasAskedFor) {
    const Credential ca = authority("seoul");
    const auto server = *make_server_certificate(
        ca, {"broker-1", "seoul"}, {"b1.example", "10.0.0.1"}, Validity::days_from(kNow, 90)
    );
    const auto all = *read_certificates(server.certificate_pem + ca.certificate_pem);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].principal(), "User:CN=broker-1,O=seoul");
    EXPECT_EQ(all[0].issuer, "CN=seoul CA,O=seoul");
    EXPECT_THAT(all[0].names, testing::ElementsAre("DNS:b1.example", "IP:10.0.0.1"));
    EXPECT_EQ(all[0].not_after, (WallTime{kNow.ms + 90LL * 86'400'000}));
    EXPECT_TRUE(all[0].is_valid_at(kNow));
    EXPECT_FALSE(all[0].is_authority);
    EXPECT_EQ(all[0].fingerprint.size(), 64U);
    EXPECT_TRUE(all[1].is_authority);
    EXPECT_EQ(all[1].subject, all[1].issuer);
    EXPECT_NE(all[0].key_fingerprint, all[1].key_fingerprint);
}

TEST(Issue, PrincipalEscapesWhatRfc2253EscapesAndKeepsHangul) {
    const auto ca =
        *make_authority({"a,b+c \"q\"", "\xEC\x84\x9C\xEC\x9A\xB8"}, Validity::days_from(kNow, 1));
    EXPECT_EQ(
        read_certificates(ca.certificate_pem)->front().principal(),
        "User:CN=a\\,b\\+c \\\"q\\\",O=\xEC\x84\x9C\xEC\x9A\xB8"
    );
}

TEST(Issue, SerialsAreRandomAndPositive) {
    std::set<std::string> seen;
    for (int i = 0; i < 20; ++i) {
        const auto ca = authority("x");
        const std::string serial = read_certificates(ca.certificate_pem)->front().serial;
        EXPECT_EQ(serial.size(), 32U);
        EXPECT_TRUE(seen.insert(serial).second);
    }
}

TEST(Issue, NamesThatCouldSmuggleExtensionsAreRefused) {
    const Credential ca = authority("seoul");
    const Validity validity = Validity::days_from(kNow, 1);
    for (const std::string name : {"", "a,DNS:b", "a b", "a\nb", "@section"}) {
        const auto made = make_server_certificate(ca, {"x", ""}, {name}, validity);
        ASSERT_FALSE(made) << name;
        EXPECT_EQ(made.error().code(), ErrorCode::kBadConfig);
    }
    EXPECT_FALSE(make_server_certificate(ca, {"x", ""}, {}, validity));
}

TEST(Issue, BrokenPemIsAnErrorNotACrash) {
    EXPECT_EQ(read_certificates("").error().code(), ErrorCode::kMalformed);
    EXPECT_EQ(read_certificates("hello").error().code(), ErrorCode::kMalformed);
    std::string pem = authority("x").certificate_pem;
    pem[80] = pem[80] == 'A' ? 'B' : 'A';
    pem.erase(120, 3);
    EXPECT_EQ(read_certificates(pem).error().code(), ErrorCode::kMalformed);
    EXPECT_FALSE(make_client_certificate({"junk", "junk"}, {"x", ""}, Validity::days_from(kNow, 1))
    );
}

class IdentityFiles : public testing::Test {
 protected:
    IdentityFiles() {
        std::string pattern = testing::TempDir() + "sealane_identity_XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
    }
    ~IdentityFiles() override { std::filesystem::remove_all(directory_); }
    std::filesystem::path directory_;
};

TEST_F(IdentityFiles, KeysAreWrittenForTheirOwnerOnly) {
    const Credential ca = authority("seoul");
    const std::string certificate = directory_ / "ca.pem";
    const std::string key = directory_ / "ca.key";
    ASSERT_TRUE(write_credential(ca, certificate, key));
    ASSERT_TRUE(write_credential(ca, certificate, key));  // again: replaced
    using std::filesystem::perms;
    EXPECT_EQ(std::filesystem::status(key).permissions(), perms::owner_read | perms::owner_write);
    const auto read = read_credential(certificate, key);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->certificate_pem, ca.certificate_pem);
    EXPECT_EQ(read->key_pem, ca.key_pem);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 2);
}

TEST_F(IdentityFiles, AbsentFilesAreNamed) {
    const auto read = read_pem_file(directory_ / "absent.pem");
    EXPECT_EQ(read.error().code(), ErrorCode::kNotFound);
    EXPECT_NE(read.error().detail().find("absent.pem"), std::string::npos);
}

TEST(ConstantTime, ComparesLikeEquality) {
    EXPECT_TRUE(equal_in_constant_time("", ""));
    EXPECT_TRUE(equal_in_constant_time("secret", "secret"));
    EXPECT_FALSE(equal_in_constant_time("secret", "secreT"));
    EXPECT_FALSE(equal_in_constant_time("secret", "secre"));
}

TEST(UtcText, IsIso8601) {
    EXPECT_EQ(to_utc_text({1'800'000'000'000}), "2027-01-15T08:00:00Z");
}

}  // namespace
}  // namespace sealane::identity
