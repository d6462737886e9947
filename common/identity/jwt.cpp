#include "common/identity/jwt.hpp"

#include "common/identity/base64.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace sealane::identity {

namespace {

namespace json = boost::json;

constexpr std::size_t kMostToken = 32 * 1024;
constexpr std::size_t kMostPrincipal = 1024;
// Seconds beyond this are no time.
constexpr double kMostSeconds = 1e11;

std::unexpected<Error> refused(std::string_view why) {
    return fail(ErrorCode::kSaslAuthenticationFailed, "token: " + std::string(why));
}

Result<json::object> object_of(std::string_view part) {
    const auto text = decode_base64_url(part);
    if (!text) return refused("not base64url");
    boost::system::error_code error;
    json::value value = json::parse(json::string_view(text->data(), text->size()), error);
    if (error || !value.is_object()) return refused("no JSON object");
    return std::move(value.get_object());
}

std::optional<std::string> text_at(const json::object& object, std::string_view name) {
    const auto* const value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string(value->get_string());
}

// NumericDate: seconds, also with a fraction. Nothing: absent; NaN: no time.
std::optional<double> seconds_at(const json::object& object, std::string_view name) {
    const auto* const value = object.if_contains(name);
    if (value == nullptr) return std::nullopt;
    boost::system::error_code error;
    const double seconds = value->is_number() ? value->to_number<double>(error) : NAN;
    if (error || !std::isfinite(seconds) || std::abs(seconds) > kMostSeconds) return NAN;
    return seconds;
}

bool is_for(const json::object& claims, const std::vector<std::string>& audience) {
    const auto* const value = claims.if_contains("aud");
    if (value == nullptr) return false;
    const auto wanted = [&audience](const json::value& one) {
        return one.is_string() &&
               std::ranges::find(audience, std::string(one.get_string())) != audience.end();
    };
    if (value->is_array()) return std::ranges::any_of(value->get_array(), wanted);
    return wanted(*value);
}

struct Parts {
    std::string_view header;
    std::string_view claims;
    std::string_view signature;
    std::string_view signed_text;
};

Result<Parts> parts_of(std::string_view token) {
    const std::size_t first = token.find('.');
    const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
    const bool three =
        second != std::string_view::npos && token.find('.', second + 1) == std::string_view::npos;
    if (!three) return refused("not three parts");
    return Parts{
        token.substr(0, first),
        token.substr(first + 1, second - first - 1),
        token.substr(second + 1),
        token.substr(0, second)
    };
}

Status check_signature(const Parts& parts, const TokenKeys& keys) {
    SEALANE_TRY(const json::object header, object_of(parts.header));
    const auto algorithm = text_at(header, "alg");
    if (!algorithm || (*algorithm != "RS256" && *algorithm != "ES256")) {
        return refused("signed with neither RS256 nor ES256");
    }
    // Extensions that must be understood: none is.
    if (header.if_contains("crit") != nullptr) return refused("critical extensions");
    const auto signature = decode_base64_url(parts.signature);
    const auto key_id = text_at(header, "kid").value_or("");
    if (signature && keys.verifies(*algorithm, key_id, parts.signed_text, *signature)) return {};
    return refused("no key of the JWKS file made its signature");
}

Result<WallTime> check_times(const json::object& claims, const TokenRules& rules, WallTime now) {
    const double seconds = static_cast<double>(now.ms) / 1000;
    const double skew = std::chrono::duration<double>(rules.clock_skew).count();
    const auto expires = seconds_at(claims, "exp");
    // Written so that NaN fails.
    if (!expires || !(seconds < *expires + skew)) return refused("expired, or without exp");
    const auto begins = seconds_at(claims, "nbf");
    if (begins && !(seconds >= *begins - skew)) return refused("not valid yet");
    const auto issued = seconds_at(claims, "iat");
    if (issued && !(seconds >= *issued - skew)) return refused("issued in the future");
    return WallTime{static_cast<std::int64_t>(*expires * 1000)};
}

}  // namespace

Result<TokenFacts> check_token(
    std::string_view token, const TokenKeys& keys, const TokenRules& rules, WallTime now
) {
    if (token.size() > kMostToken) return refused("over 32 KiB");
    SEALANE_TRY(const Parts parts, parts_of(token));
    SEALANE_CHECK(check_signature(parts, keys));
    SEALANE_TRY(const json::object claims, object_of(parts.claims));
    TokenFacts facts;
    SEALANE_TRY(facts.expires, check_times(claims, rules, now));
    if (text_at(claims, "iss") != rules.issuer) return refused("another issuer");
    if (!is_for(claims, rules.audience)) return refused("another audience");
    facts.principal = text_at(claims, rules.principal_claim).value_or("");
    const bool usable = !facts.principal.empty() && facts.principal.size() <= kMostPrincipal &&
                        std::ranges::none_of(facts.principal, [](char c) {
                            return static_cast<unsigned char>(c) < 0x20;
                        });
    if (!usable) return refused("without a usable " + rules.principal_claim);
    return facts;
}

}  // namespace sealane::identity
