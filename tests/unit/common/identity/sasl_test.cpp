// PLAIN and OAUTHBEARER: users, tokens, keys.

#include "common/identity/base64.hpp"
#include "common/identity/secret_file.hpp"
#include "tests/unit/common/identity/token_maker.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace sealane::identity {
namespace {

constexpr WallTime kNow{1'700'000'000'000};
using namespace std::string_view_literals;

std::shared_ptr<const PlainUsers> users(std::string_view text) {
    return std::make_shared<const PlainUsers>(PlainUsers::parse(text).value());
}

TEST(PlainUsers, PasswordsMayBeThereAsTheyAreOrDerived) {
    const std::string bob = plain_user_line("bob", "secret", "0123456789", 4096);
    EXPECT_EQ(bob.find("secret"), std::string::npos);
    const auto all = users("# users\nalice plain:pass word:x\n\n" + bob + "\r\n");
    EXPECT_EQ(all->size(), 2U);
    EXPECT_TRUE(all->has("alice", "pass word:x"));
    EXPECT_TRUE(all->has("bob", "secret"));
    EXPECT_FALSE(all->has("bob", "Secret"));
    EXPECT_FALSE(all->has("alice", ""));
    EXPECT_FALSE(all->has("carol", "secret"));
}

TEST(PlainUsers, AWrongFileIsRefusedWithoutTellingPasswords) {
    for (const char* text : {
             "",
             "# nobody\n",
             "alice\n",
             "alice hunter2\n",
             "alice plain:\n",
             "alice plain:hunter2\nalice plain:hunter2\n",
             "alice pbkdf2-sha256:100:MDEyMzQ1Njc4OQ==:AAAA\n",
             "alice pbkdf2-sha256:4096:hunter2\n",
         }) {
        const auto parsed = PlainUsers::parse(text);
        ASSERT_FALSE(parsed.has_value()) << text;
        EXPECT_EQ(parsed.error().code(), ErrorCode::kBadConfig);
        EXPECT_EQ(parsed.error().to_string().find("hunter2"), std::string::npos);
    }
}

TEST(PlainExchange, OneTokenDecides) {
    const auto all = users("alice plain:secret\n");
    const auto good = plain_exchange(all);
    const auto step = good->step("\0alice\0secret"sv, kNow);
    ASSERT_TRUE(step.has_value());
    EXPECT_TRUE(step->done);
    EXPECT_EQ(good->user(), "alice");
    EXPECT_TRUE(plain_exchange(all)->step("alice\0alice\0secret"sv, kNow).has_value());
    for (const auto token :
         {""sv,
          "alice\0secret"sv,
          "\0alice\0"sv,
          "\0\0secret"sv,
          "bob\0alice\0secret"sv,
          "\0alice\0wrong"sv,
          "\0bob\0secret"sv,
          "\0alice\0secret\0"sv}) {
        EXPECT_FALSE(plain_exchange(all)->step(token, kNow).has_value());
    }
}

TEST(SecretFile, OthersMustNotRead) {
    const std::string path = testing::TempDir() + "sealane_secret_file";
    std::ofstream(path) << "alice plain:secret\n";
    std::filesystem::permissions(path, std::filesystem::perms(0640));
    const auto open = read_small_file(path, FileSecrecy::kSecret);
    ASSERT_FALSE(open.has_value());
    EXPECT_NE(open.error().detail().find("chmod 600"), std::string::npos);
    EXPECT_TRUE(read_small_file(path, FileSecrecy::kPublic).has_value());
    std::filesystem::permissions(path, std::filesystem::perms(0600));
    WatchedFile<PlainUsers> file(path, FileSecrecy::kSecret, &PlainUsers::parse);
    EXPECT_TRUE(file.get().value()->has("alice", "secret"));
    std::ofstream(path) << "alice plain:another\n";
    EXPECT_TRUE(file.get().value()->has("alice", "another"));
    std::ofstream(path) << "nonsense\n";
    EXPECT_FALSE(file.get().has_value());
    EXPECT_TRUE(file.get().value()->has("alice", "another")) << "told once, then what was";
    std::filesystem::remove(path);
}

class TokenTest : public testing::Test {
 protected:
    TokenMaker rsa_ = TokenMaker::rsa("one");
    TokenMaker ec_ = TokenMaker::ec("two");
    TokenKeys keys_ = TokenKeys::parse("{\"keys\":[" + rsa_.jwk() + "," + ec_.jwk() + "]}").value();
    TokenRules rules_{.issuer = "https://issuer", .audience = {"sealane", "other"}};
    static constexpr std::string_view kClaims =
        R"("sub":"alice","iss":"https://issuer","aud":["x","sealane"],"exp":1700000600)";

    bool good(const std::string& token) {
        return check_token(token, keys_, rules_, kNow).has_value();
    }
    static std::string claims(std::string_view text) { return "{" + std::string(text) + "}"; }
};

TEST_F(TokenTest, SignaturesOfBothKindsAreAccepted) {
    for (const TokenMaker* maker : {&rsa_, &ec_}) {
        const auto facts = check_token(maker->token(claims(kClaims)), keys_, rules_, kNow);
        ASSERT_TRUE(facts.has_value()) << facts.error().to_string();
        EXPECT_EQ(facts->principal, "alice");
        EXPECT_EQ(facts->expires, (WallTime{1'700'000'600'000}));
    }
}

TEST_F(TokenTest, ClaimsThatDoNotFitAreRefused) {
    const std::string all(kClaims);
    const auto without = [&all](std::string_view part, std::string_view instead = "") {
        std::string text = all;
        text.replace(text.find(part), part.size(), instead);
        return claims(text);
    };
    EXPECT_TRUE(good(rsa_.token(claims(all + R"(,"nbf":1699999990,"iat":1699999990.5)"))));
    EXPECT_FALSE(good(rsa_.token(without(R"("sub":"alice",)"))));
    EXPECT_FALSE(good(rsa_.token(without("alice"))));
    EXPECT_FALSE(good(rsa_.token(without(R"("alice")", "7"))));
    EXPECT_FALSE(good(rsa_.token(without(R"("iss":"https://issuer",)"))));
    EXPECT_FALSE(good(rsa_.token(without("https://issuer", "https://issuer2"))));
    EXPECT_FALSE(good(rsa_.token(without(R"(,"exp":1700000600)"))));
    EXPECT_FALSE(good(rsa_.token(without("1700000600", "1699999900"))));
    EXPECT_FALSE(good(rsa_.token(without("1700000600", "1e300"))));
    EXPECT_FALSE(good(rsa_.token(without("1700000600", R"("1700000600")"))));
    EXPECT_FALSE(good(rsa_.token(without(R"(["x","sealane"])", R"("x")"))));
    EXPECT_TRUE(good(rsa_.token(without(R"(["x","sealane"])", R"("other")"))));
    EXPECT_FALSE(good(rsa_.token(claims(all + R"(,"nbf":1700000100)"))));
    // Clocks may differ by 30 s.
    EXPECT_TRUE(good(rsa_.token(without("1700000600", "1699999980"))));
}

TEST_F(TokenTest, SignaturesThatAreNoneAreRefused) {
    const std::string token = rsa_.token(claims(kClaims));
    EXPECT_FALSE(good(""));
    EXPECT_FALSE(good("a.b.c"));
    EXPECT_FALSE(good(token + ".x"));
    EXPECT_FALSE(good(token.substr(0, token.rfind('.') + 1)));
    std::string changed = token;
    changed[token.find('.') + 5] = changed[token.find('.') + 5] == 'a' ? 'b' : 'a';
    EXPECT_FALSE(good(changed));
    const std::string none = base64_url(R"({"alg":"none","kid":"one"})");
    EXPECT_FALSE(good(none + "." + base64_url(claims(kClaims)) + "."));
    EXPECT_FALSE(good(rsa_.token(claims(kClaims), R"({"alg":"HS256","kid":"one"})")));
    EXPECT_FALSE(good(rsa_.token(claims(kClaims), R"({"alg":"ES256","kid":"one"})")));
    EXPECT_FALSE(good(rsa_.token(claims(kClaims), R"({"alg":"RS256","kid":"two"})")));
    EXPECT_FALSE(good(rsa_.token(claims(kClaims), R"({"alg":"RS256"})"))) << "which of two keys?";
    EXPECT_FALSE(good(rsa_.token(claims(kClaims), R"({"alg":"RS256","kid":"one","crit":["x"]})")));
    EXPECT_FALSE(good(TokenMaker::rsa("one").token(claims(kClaims)))) << "another key";
    EXPECT_FALSE(good(std::string(40'000, 'a')));
}

TEST_F(TokenTest, KeysThatCannotCheckAreLeftOut) {
    EXPECT_FALSE(TokenKeys::parse("").has_value());
    EXPECT_FALSE(TokenKeys::parse("[]").has_value());
    EXPECT_FALSE(TokenKeys::parse(R"({"keys":[]})").has_value());
    EXPECT_FALSE(TokenKeys::parse(R"({"keys":[{"kty":"oct","k":"AAAA"}]})").has_value());
    EXPECT_FALSE(TokenKeys::parse(R"({"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]})").has_value())
        << "too short a key";
    EXPECT_EQ(keys_.size(), 2U);
}

TEST_F(TokenTest, AClientWithABadTokenIsToldAndThenRefused) {
    const auto keys = std::make_shared<const TokenKeys>(keys_);
    const auto good_one = oauth_exchange(keys, rules_);
    const auto step = good_one->step(oauth_message(rsa_.token(claims(kClaims))), kNow);
    ASSERT_TRUE(step.has_value());
    EXPECT_TRUE(step->done);
    EXPECT_EQ(good_one->user(), "alice");
    EXPECT_EQ(good_one->expires(), (WallTime{1'700'000'600'000}));
    const auto bad_one = oauth_exchange(keys, rules_);
    const auto told = bad_one->step(oauth_message("a.b.c"), kNow);
    ASSERT_TRUE(told.has_value());
    EXPECT_FALSE(told->done);
    EXPECT_EQ(told->challenge, R"({"status":"invalid_token"})");
    EXPECT_FALSE(bad_one->step("\1", kNow).has_value());
}

TEST(OauthMessage, IsReadStrictly) {
    EXPECT_EQ(oauth_token(oauth_message("tok")).value(), "tok");
    EXPECT_EQ(oauth_token("n,,\1auth=bearer tok\1x=y\1\1").value(), "tok");
    for (const auto message :
         {""sv,
          "n,,"sv,
          "n,,\1\1"sv,
          "n,,\1auth=Basic tok\1\1"sv,
          "n,,\1auth=Bearer \1\1"sv,
          "n,,\1auth=Bearer tok\1"sv,
          "n,,\1auth=Bearer tok"sv,
          "n,,\1auth=Bearer a\1auth=Bearer b\1\1"sv,
          "n,,\1auth=Bearer tok\1\1more"sv,
          "n,a=bob,\1auth=Bearer tok\1\1"sv,
          "p=x,,\1auth=Bearer tok\1\1"sv}) {
        EXPECT_FALSE(oauth_token(message).has_value()) << message;
    }
}

}  // namespace
}  // namespace sealane::identity
