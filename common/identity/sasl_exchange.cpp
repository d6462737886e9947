#include "common/identity/sasl_exchange.hpp"

namespace sealane::identity {

namespace {

constexpr std::size_t kMostPlain = 8192;
constexpr char kSeparator = '\1';

std::unexpected<Error> malformed(std::string text) {
    return fail(ErrorCode::kMalformed, std::move(text));
}

class PlainExchange final : public SaslExchange {
 public:
    explicit PlainExchange(std::shared_ptr<const PlainUsers> users) : users_(std::move(users)) {}

    Result<Step> step(std::string_view token, WallTime) override {
        if (token.size() > kMostPlain) return malformed("PLAIN: over 8192 bytes");
        const std::size_t first = token.find('\0');
        const std::size_t second =
            first == std::string_view::npos ? first : token.find('\0', first + 1);
        if (second == std::string_view::npos) return malformed("PLAIN: not three parts");
        const std::string_view acts_for = token.substr(0, first);
        user_ = token.substr(first + 1, second - first - 1);
        const std::string_view password = token.substr(second + 1);
        if (user_.empty() || password.empty() || password.find('\0') != std::string_view::npos) {
            return malformed("PLAIN: no user name or no password");
        }
        if (!acts_for.empty() && acts_for != user_) {
            return fail(ErrorCode::kUnsupported, "PLAIN: nobody may act for somebody else");
        }
        if (users_->has(user_, password)) return Step{"", true};
        return fail(ErrorCode::kSaslAuthenticationFailed, "PLAIN: wrong user name or password");
    }
    const std::string& user() const override { return user_; }

 private:
    std::shared_ptr<const PlainUsers> users_;
    std::string user_;
};

class ScramExchange final : public SaslExchange {
 public:
    explicit ScramExchange(ScramServer server) : server_(std::move(server)) {}

    Result<Step> step(std::string_view token, WallTime) override {
        if (!begun_) {
            begun_ = true;
            SEALANE_TRY(std::string challenge, server_.first(token));
            return Step{std::move(challenge), false};
        }
        SEALANE_TRY(std::string challenge, server_.final(token));
        return Step{std::move(challenge), true};
    }
    const std::string& user() const override { return server_.user(); }

 private:
    ScramServer server_;
    bool begun_ = false;
};

class OauthExchange final : public SaslExchange {
 public:
    OauthExchange(std::shared_ptr<const TokenKeys> keys, TokenRules rules)
        : keys_(std::move(keys)), rules_(std::move(rules)) {}

    Result<Step> step(std::string_view token, WallTime now) override {
        // The client has read why, and says so.
        if (refused_) return fail(*std::move(refused_));
        SEALANE_TRY(const std::string jwt, oauth_token(token));
        auto facts = check_token(jwt, *keys_, rules_, now);
        if (!facts) {
            refused_ = std::move(facts).error();
            return Step{R"({"status":"invalid_token"})", false};
        }
        facts_ = *std::move(facts);
        return Step{"", true};
    }
    const std::string& user() const override { return facts_.principal; }
    std::optional<WallTime> expires() const override { return facts_.expires; }

 private:
    std::shared_ptr<const TokenKeys> keys_;
    TokenRules rules_;
    TokenFacts facts_;
    std::optional<Error> refused_;
};

bool is_bearer(std::string_view scheme) {
    constexpr std::string_view kBearer = "bearer ";
    if (scheme.size() < kBearer.size()) return false;
    for (std::size_t i = 0; i < kBearer.size(); ++i) {
        const char c = scheme[i];
        const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        if (lower != kBearer[i]) return false;
    }
    return true;
}

}  // namespace

std::unique_ptr<SaslExchange> plain_exchange(std::shared_ptr<const PlainUsers> users) {
    return std::make_unique<PlainExchange>(std::move(users));
}

std::unique_ptr<SaslExchange> scram_exchange(
    ScramMechanism mechanism, ScramServer::LookUp look_up, std::string nonce
) {
    return std::make_unique<ScramExchange>(
        ScramServer(mechanism, std::move(look_up), std::move(nonce))
    );
}

std::unique_ptr<SaslExchange> oauth_exchange(
    std::shared_ptr<const TokenKeys> keys, TokenRules rules
) {
    return std::make_unique<OauthExchange>(std::move(keys), std::move(rules));
}

std::string oauth_message(std::string_view token) {
    std::string message = "n,,";
    message += kSeparator;
    message += "auth=Bearer ";
    message += token;
    message += kSeparator;
    message += kSeparator;
    return message;
}

Result<std::string> oauth_token(std::string_view message) {
    const std::size_t header = message.find(kSeparator);
    if (header == std::string_view::npos) return malformed("OAUTHBEARER: no separator");
    const std::string_view gs2 = message.substr(0, header);
    if (gs2.starts_with("p=")) {
        return fail(ErrorCode::kUnsupported, "OAUTHBEARER: channel binding is not offered");
    }
    if (!gs2.starts_with("n,") && !gs2.starts_with("y,")) return malformed("OAUTHBEARER: header");
    if (gs2.substr(2) != ",") {
        return fail(ErrorCode::kUnsupported, "OAUTHBEARER: nobody may act for somebody else");
    }
    message.remove_prefix(header + 1);
    std::optional<std::string> token;
    while (!message.empty() && message.front() != kSeparator) {
        const std::size_t end = message.find(kSeparator);
        if (end == std::string_view::npos) return malformed("OAUTHBEARER: an open end");
        const std::string_view pair = message.substr(0, end);
        message.remove_prefix(end + 1);
        constexpr std::string_view kAuth = "auth=";
        if (!pair.starts_with(kAuth)) continue;  // extensions: KIP-342
        const std::string_view value = pair.substr(kAuth.size());
        if (token || !is_bearer(value)) return malformed("OAUTHBEARER: auth is no single Bearer");
        token = value.substr(7);
    }
    if (message.size() != 1 || !token || token->empty()) return malformed("OAUTHBEARER: no token");
    return *std::move(token);
}

}  // namespace sealane::identity
