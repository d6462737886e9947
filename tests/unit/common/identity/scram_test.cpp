// SCRAM against the vectors of RFC 7677, and what must not get in.

#include "common/identity/scram.hpp"

#include "common/identity/base64.hpp"

#include <gtest/gtest.h>

namespace sealane::identity {
namespace {

struct Conversation {
    ScramMechanism mechanism;
    std::string server_nonce;
    std::string salt;
    std::string client_first;
    std::string server_first;
    std::string client_final;
    std::string server_final;
};

const std::string kClientNonce = "rOprNGfwEbeRWgbNEkqO";

// RFC 7677, section 3.
const Conversation kSha256{
    .mechanism = ScramMechanism::kSha256,
    .server_nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
    .salt = "W22ZaJ0SNY7soEsUEjb6gQ==",
    .client_first = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
    .server_first =
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    .client_final =
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    .server_final = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
};
// Computed with Python's hashlib.
const Conversation kSha512{
    .mechanism = ScramMechanism::kSha512,
    .server_nonce = "02431b08-2f89-4bad-a4e6-80c0564ec865",
    .salt = "Yin2FuHTt/M0kJWb0t9OI32n2VmOGi3m+JfjOvuDF88=",
    .client_first = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
    .server_first =
        "r=rOprNGfwEbeRWgbNEkqO02431b08-2f89-4bad-a4e6-80c0564ec865,"
        "s=Yin2FuHTt/M0kJWb0t9OI32n2VmOGi3m+JfjOvuDF88=,i=4096",
    .client_final =
        "c=biws,r=rOprNGfwEbeRWgbNEkqO02431b08-2f89-4bad-a4e6-80c0564ec865,"
        "p=Hc5yec3NmCD7t+kFRw4/3yD6/F3SQHc7AVYschRja+Bc3sbdjlA0eH1OjJc0DD4ghn1tnXN5/"
        "Wr6qm9xmaHt4A==",
    .server_final =
        "v=BQuhnKHqYDwQWS5jAw4sZed+C9KFUALsbrq81bB0mh+"
        "bcUUbbMPNNmBIupnS2AmyyDnG5CTBQtkjJ9kyY4kzmw==",
};

ScramCredential pencil(const Conversation& one) {
    const std::string salt = *decode_base64(one.salt);
    return scram_credential(
        one.mechanism, salted_password(one.mechanism, "pencil", salt, 4096), salt, 4096
    );
}

ScramServer server(const Conversation& one, bool real = true) {
    return ScramServer(
        one.mechanism,
        [one, real](const std::string&) { return ScramServer::Found{pencil(one), real}; },
        one.server_nonce
    );
}

class ScramVectors : public testing::TestWithParam<const Conversation*> {};

TEST_P(ScramVectors, BothSidesSayWhatTheStandardSays) {
    const Conversation& one = *GetParam();
    ScramServer at_server = server(one);
    ScramClient at_client(one.mechanism, "user", "pencil", kClientNonce);
    EXPECT_EQ(at_client.first(), one.client_first);
    EXPECT_EQ(at_server.first(one.client_first).value(), one.server_first);
    EXPECT_EQ(at_client.final(one.server_first).value(), one.client_final);
    EXPECT_EQ(at_server.final(one.client_final).value(), one.server_final);
    EXPECT_TRUE(at_client.verify(one.server_final).has_value());
    EXPECT_EQ(at_server.user(), "user");
}

TEST_P(ScramVectors, AWrongPasswordAndAnUnknownUserFailAlike) {
    const Conversation& one = *GetParam();
    std::string wrong = one.client_final;
    wrong[wrong.size() - 8] = wrong[wrong.size() - 8] == 'A' ? 'B' : 'A';
    ScramServer known = server(one);
    EXPECT_EQ(known.first(one.client_first).value(), one.server_first);
    const auto refused = known.final(wrong);
    ScramServer unknown = server(one, false);
    EXPECT_EQ(unknown.first(one.client_first).value(), one.server_first);
    // Even with the proof that fits the stand-in.
    const auto nobody = unknown.final(one.client_final);
    ASSERT_FALSE(refused.has_value());
    ASSERT_FALSE(nobody.has_value());
    EXPECT_EQ(refused.error().code(), ErrorCode::kSaslAuthenticationFailed);
    EXPECT_EQ(refused.error().to_string(), nobody.error().to_string());
}

TEST_P(ScramVectors, AServerThatDoesNotKnowThePasswordIsFoundOut) {
    const Conversation& one = *GetParam();
    ScramClient at_client(one.mechanism, "user", "pencil", kClientNonce);
    (void)at_client.first();
    (void)at_client.final(one.server_first);
    std::string wrong = one.server_final;
    wrong[4] = wrong[4] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(at_client.verify(wrong).has_value());
    EXPECT_FALSE(at_client.verify("e=invalid-proof").has_value());
    EXPECT_FALSE(at_client.verify("").has_value());
}

INSTANTIATE_TEST_SUITE_P(Mechanisms, ScramVectors, testing::Values(&kSha256, &kSha512));

TEST(ScramServer, TheDoubledNonceOfOldLibrdkafkaIsLetPass) {
    ScramServer at_server = server(kSha256);
    const std::string first = *at_server.first(kSha256.client_first);
    // As that client computes it: over what it sends.
    const std::string bare = "c=biws,r=" + kClientNonce + kClientNonce + kSha256.server_nonce;
    const std::string auth = kSha256.client_first.substr(3) + "," + first + "," + bare;
    const auto kind = ScramMechanism::kSha256;
    const std::string salted = salted_password(kind, "pencil", *decode_base64(kSha256.salt), 4096);
    std::string proof = scram_hmac(kind, salted, "Client Key");
    const std::string signature = scram_hmac(kind, scram_hash(kind, proof), auth);
    for (std::size_t i = 0; i < proof.size(); ++i) {
        proof[i] = static_cast<char>(proof[i] ^ signature[i]);
    }
    EXPECT_TRUE(at_server.final(bare + ",p=" + base64(proof)).has_value());
}

TEST(ScramServer, RefusesWhatTheStandardDoesNotAllow) {
    for (const char* message : {
             "",
             "n,,n=user",
             "n,,r=abc,n=user",
             "x,,n=user,r=abc",
             "p=tls-unique,,n=user,r=abc",
             "n,a=other,n=user,r=abc",
             "n,,n=,r=abc",
             "n,,n=a=b,r=abc",
             "n,,n=user,r=",
             "n,,n=user,r=a b",
             "n,,m=ext,n=user,r=abc",
             "n,,n=user,r=abc,tokenauth=true",
         }) {
        EXPECT_FALSE(server(kSha256).first(message).has_value()) << message;
    }
    EXPECT_FALSE(server(kSha256).first("n,,n=user,r=" + std::string(5000, 'a')).has_value());
}

TEST(ScramServer, NamesWithCommasAndEqualsSignsAreEscaped) {
    ScramClient at_client(ScramMechanism::kSha256, "a,b=c", "pencil", "abc");
    ScramServer at_server = server(kSha256);
    EXPECT_TRUE(at_server.first(at_client.first()).has_value());
    EXPECT_EQ(at_server.user(), "a,b=c");
}

TEST(ScramServer, TheHeaderAndTheNonceMustBeTheSameAtTheEnd) {
    ScramServer other_header = server(kSha256);
    ASSERT_TRUE(other_header.first("y,,n=user,r=rOprNGfwEbeRWgbNEkqO").has_value());
    EXPECT_FALSE(other_header.final(kSha256.client_final).has_value());
    ScramServer other_nonce = server(kSha256);
    ASSERT_TRUE(other_nonce.first("n,,n=user,r=another").has_value());
    EXPECT_FALSE(other_nonce.final(kSha256.client_final).has_value());
    for (const char* message : {"", "c=biws", "c=biws,r=x,p=%%%", "c=biws,r=x"}) {
        ScramServer at_server = server(kSha256);
        ASSERT_TRUE(at_server.first(kSha256.client_first).has_value());
        EXPECT_FALSE(at_server.final(message).has_value()) << message;
    }
}

TEST(ScramClient, RefusesServersThatMakeItWeakOrBusy) {
    for (const char* message : {
             "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1",
             "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=2000000000",
             "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
             "r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
             "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
         }) {
        ScramClient at_client(ScramMechanism::kSha256, "user", "pencil", kClientNonce);
        (void)at_client.first();
        EXPECT_FALSE(at_client.final(message).has_value()) << message;
    }
}

TEST(Base64, ReadsWhatItWrites) {
    for (std::size_t size = 0; size < 40; ++size) {
        std::string bytes;
        for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * 37 + size);
        EXPECT_EQ(decode_base64(base64(bytes)).value(), bytes);
        EXPECT_EQ(decode_base64_url(base64_url(bytes)).value(), bytes);
    }
    for (const char* wrong : {"A", "AB", "AB=", "A===", "AB*=", "AB-_", "=AAA", "AAAAA", "AB=="}) {
        const bool canonical = std::string_view(wrong) == "AB==";
        EXPECT_FALSE(decode_base64(wrong).has_value()) << wrong << canonical;
    }
    EXPECT_EQ(decode_base64("AA==").value(), std::string(1, '\0'));
}

}  // namespace
}  // namespace sealane::identity
