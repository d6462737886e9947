#include "common/identity/plain_users.hpp"

#include "common/identity/base64.hpp"
#include "common/identity/certificate_facts.hpp"
#include "common/identity/scram.hpp"

#include <charconv>

namespace sealane::identity {

namespace {

constexpr std::string_view kPlain = "plain:";
constexpr std::string_view kDerived = "pbkdf2-sha256:";

std::unexpected<Error> bad(std::string_view why) {
    return fail(ErrorCode::kBadConfig, std::string(why));
}

std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

}  // namespace

Result<PlainUsers::Secret> PlainUsers::parse_secret(std::string_view text) {
    Secret secret;
    if (text.starts_with(kPlain)) {
        secret.password = text.substr(kPlain.size());
        if (secret.password.empty()) return bad("an empty password");
        return secret;
    }
    if (!text.starts_with(kDerived)) return bad("write plain:PASSWORD or pbkdf2-sha256:...");
    text.remove_prefix(kDerived.size());
    const std::size_t first = text.find(':');
    const std::size_t second = first == std::string_view::npos ? first : text.find(':', first + 1);
    if (second == std::string_view::npos) return bad("write pbkdf2-sha256:ITERATIONS:SALT:KEY");
    const auto read = std::from_chars(text.data(), text.data() + first, secret.iterations);
    if (read.ec != std::errc{} || read.ptr != text.data() + first ||
        secret.iterations < kMinScramIterations || secret.iterations > kMaxScramIterations) {
        return bad("iterations must be 4096 to 16384");
    }
    auto salt = decode_base64(text.substr(first + 1, second - first - 1));
    auto key = decode_base64(text.substr(second + 1));
    if (!salt || !key || salt->size() < 8 || key->size() != 32) {
        return bad("salt (at least 8 bytes) and key (32 bytes) must be base64");
    }
    secret.salt = *std::move(salt);
    secret.key = *std::move(key);
    return secret;
}

Result<PlainUsers> PlainUsers::parse(std::string_view text) {
    PlainUsers users;
    users.nobody_.password = std::string(1, '\0');
    for (int number = 1; !text.empty(); ++number) {
        const std::string_view line = take_line(text);
        if (line.empty() || line.starts_with('#')) continue;
        const std::string where = "line " + std::to_string(number);
        const std::size_t space = line.find(' ');
        if (space == 0 || space == std::string_view::npos) return bad(where + ": NAME SECRET");
        auto secret = parse_secret(line.substr(space + 1));
        if (!secret) return fail(secret.error().in(where));
        if (secret->iterations > users.nobody_.iterations) {
            users.nobody_ = *secret;
            users.nobody_.key[0] = static_cast<char>(users.nobody_.key[0] ^ 1);
        }
        const bool fresh =
            users.users_.emplace(std::string(line.substr(0, space)), *std::move(secret)).second;
        if (!fresh) return bad(where + ": a user is there twice");
        if (users.users_.size() > kMostUsers) return bad(where + ": over 10000 users");
    }
    if (users.users_.empty()) return bad("no user is in it");
    return users;
}

bool PlainUsers::fits(const Secret& secret, std::string_view password) {
    if (secret.key.empty()) {
        // Digests: of equal length, whatever the passwords' lengths are.
        return equal_in_constant_time(
            scram_hash(ScramMechanism::kSha256, secret.password),
            scram_hash(ScramMechanism::kSha256, password)
        );
    }
    const std::string key =
        salted_password(ScramMechanism::kSha256, password, secret.salt, secret.iterations);
    return equal_in_constant_time(key, secret.key);
}

bool PlainUsers::has(const std::string& user, std::string_view password) const {
    const auto found = users_.find(user);
    const bool known = found != users_.end();
    return fits(known ? found->second : nobody_, password) && known;
}

std::string plain_user_line(
    std::string_view user, std::string_view password, std::string_view salt, std::int32_t iterations
) {
    const std::string key = salted_password(ScramMechanism::kSha256, password, salt, iterations);
    return std::string(user) + " " + std::string(kDerived) + std::to_string(iterations) + ":" +
           base64(salt) + ":" + base64(key);
}

}  // namespace sealane::identity
