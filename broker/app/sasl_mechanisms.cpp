#include "broker/app/sasl_mechanisms.hpp"

#include "broker/api/security/fake_salt.hpp"

namespace sealane::broker {

using identity::FileSecrecy;
using identity::PlainUsers;
using identity::ScramMechanism;
using identity::TokenKeys;
using identity::WatchedFile;

namespace {

std::string random_text(runtime::World& world) {
    return world.random_uuid().to_string() + world.random_uuid().to_string();
}

}  // namespace

SaslMechanisms::SaslMechanisms(
    runtime::World& world, const BrokerConfig& config, const MetadataStore& metadata
)
    : world_(world), metadata_(metadata), log_(world.log("broker.sasl")) {
    for (const ListenerConfig& listener : config.listeners) {
        if (!listener.sasl) continue;
        Files& files = listeners_[listener.name];
        files.config = &*listener.sasl;
        if (!listener.sasl->plain_users_file.empty()) {
            files.users = std::make_unique<WatchedFile<PlainUsers>>(
                listener.sasl->plain_users_file, FileSecrecy::kSecret, &PlainUsers::parse
            );
        }
        if (listener.sasl->oauth) {
            files.keys = std::make_unique<WatchedFile<TokenKeys>>(
                listener.sasl->oauth->jwks_file, FileSecrecy::kPublic, &TokenKeys::parse
            );
        }
    }
    if (!listeners_.empty()) spare_key_ = random_text(world_);
}

Status SaslMechanisms::check() {
    for (auto& [name, files] : listeners_) {
        const std::string where = "listener " + name + ": sasl";
        if (files.users != nullptr) {
            if (const auto read = files.users->get(); !read) return fail(read.error().in(where));
        }
        if (files.keys != nullptr) {
            if (const auto read = files.keys->get(); !read) return fail(read.error().in(where));
        }
    }
    return {};
}

SaslAuthenticator::Begin SaslMechanisms::of(const ListenerConfig& listener) {
    Files* const files = &listeners_.at(listener.name);
    return [this, files](SaslMechanism mechanism) { return begin(*files, mechanism); };
}

template <class Content>
Result<std::shared_ptr<const Content>> SaslMechanisms::current(WatchedFile<Content>& file) {
    auto read = file.get();
    if (read) return read;
    log_.warning(
        "a changed file cannot be used; the old one stays in use", {{"error", read.error()}}
    );
    if (auto before = file.latest()) return before;
    return read;
}

SaslMechanisms::Exchange SaslMechanisms::begin_scram(ScramMechanism mechanism) {
    return identity::scram_exchange(
        mechanism,
        [this, mechanism](const std::string& user) {
            return find_scram_user(*metadata_.image(), user, mechanism, spare_key_);
        },
        random_text(world_)
    );
}

Result<SaslMechanisms::Exchange> SaslMechanisms::begin(Files& files, SaslMechanism mechanism) {
    switch (mechanism) {
        case SaslMechanism::kPlain: {
            SEALANE_TRY(auto users, current(*files.users));
            return identity::plain_exchange(std::move(users));
        }
        case SaslMechanism::kScramSha256:
            return begin_scram(ScramMechanism::kSha256);
        case SaslMechanism::kScramSha512:
            return begin_scram(ScramMechanism::kSha512);
        case SaslMechanism::kOauthBearer: {
            SEALANE_TRY(auto keys, current(*files.keys));
            const OauthConfig& oauth = *files.config->oauth;
            identity::TokenRules rules;
            rules.issuer = oauth.issuer;
            rules.audience = oauth.audience;
            rules.principal_claim = oauth.principal_claim;
            rules.clock_skew = oauth.clock_skew;
            return identity::oauth_exchange(std::move(keys), std::move(rules));
        }
    }
    return fail(ErrorCode::kUnsupportedSaslMechanism);
}

}  // namespace sealane::broker
