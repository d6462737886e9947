// Any bytes as what clients send before anybody knows who they are: SASL tokens of every mechanism,
// JSON web tokens and key sets, and the rules and files beside them. Nobody may get in.

#include "common/base/assert.hpp"
#include "common/identity/base64.hpp"
#include "common/identity/principal_rules.hpp"
#include "common/identity/sasl_exchange.hpp"

#include <algorithm>
#include <cstdint>

namespace {

using namespace sealane;
using namespace sealane::identity;

constexpr WallTime kNow{1'700'000'000'000};
// An RSA key of 2048 bits whose private half nobody has.
const std::string kKeys = R"({"keys":[{"kty":"RSA","kid":"k","e":"AQAB","n":")" +
                          base64_url(std::string(1, '\xc5') + std::string(255, '\x5b')) + "\"}]}";

void refused(SaslExchange& exchange, std::string_view first, std::string_view second) {
    const auto one = exchange.step(first, kNow);
    SEALANE_ASSERT(!one || !one->done);
    if (!one) return;
    const auto two = exchange.step(second, kNow);
    SEALANE_ASSERT(!two || !two->done);
}

void exchanges(std::string_view first, std::string_view second) {
    static const auto users =
        std::make_shared<const PlainUsers>(PlainUsers::parse("u plain:unguessable-7f3a\n").value());
    static const auto keys = std::make_shared<const TokenKeys>(TokenKeys::parse(kKeys).value());
    refused(*plain_exchange(users), first, second);
    refused(*oauth_exchange(keys, TokenRules{.issuer = "i", .audience = {"a"}}), first, second);
    const auto nobody = [](const std::string&) {
        ScramServer::Found found;
        found.credential = {"salt", std::string(32, 's'), std::string(32, 'k'), 4096};
        found.real = true;
        return found;
    };
    refused(*scram_exchange(ScramMechanism::kSha256, nobody, "nonce"), first, second);
}

void client(std::string_view first, std::string_view second) {
    ScramClient side(ScramMechanism::kSha256, "user", "password", "n");
    (void)side.first();
    // Iterations are what makes it slow: only inputs that ask for few.
    if (first.find(",i=4096") == std::string_view::npos) return;
    if (side.final(first)) SEALANE_ASSERT(!side.verify(second));
}

void files(std::string_view text) {
    (void)TokenKeys::parse(text);
    (void)PlainUsers::parse(text);
    if (text.size() <= 512) {
        const auto rules = PrincipalRules::parse(text);
        if (rules) (void)rules->name("CN=a,O=b");
    }
    if (const auto bytes = decode_base64(text)) SEALANE_ASSERT(base64(*bytes) == text);
    if (const auto bytes = decode_base64_url(text)) SEALANE_ASSERT(base64_url(*bytes) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    // Two tokens, one after the other: the first byte says where the second begins.
    const std::size_t cut = size == 0 ? 0 : std::min<std::size_t>(data[0], size - 1);
    const std::string_view rest = size == 0 ? all : all.substr(1);
    exchanges(rest.substr(0, cut), rest.substr(cut));
    client(rest.substr(0, cut), rest.substr(cut));
    files(rest);
    if (const auto token = oauth_token(rest)) SEALANE_ASSERT(!token->empty());
    return 0;
}
