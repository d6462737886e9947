// A listener with SASL: who gets in, how, and what is served before.

#include "broker/api/security/access.hpp"
#include "common/client/connection.hpp"
#include "common/identity/sasl_exchange.hpp"
#include "common/kafka/messages/api_versions.hpp"
#include "common/kafka/messages/metadata.hpp"
#include "common/kafka/messages/sasl.hpp"
#include "tests/unit/broker/app/access_fixture.hpp"

#include <fstream>

namespace sealane::broker {
namespace {

using identity::ScramClient;
using identity::ScramMechanism;

class SaslListenerTest : public AccessTest {
 protected:
    SaslListenerTest() {
        config_.authorizer.enabled = false;
        config_.sasl_limits.failure_delay = 1ms;
        ListenerConfig listener;
        listener.name = "sasl";
        listener.address.host = "127.0.0.1";
        SaslConfig sasl;
        sasl.mechanisms = {
            SaslMechanism::kPlain, SaslMechanism::kScramSha256, SaslMechanism::kScramSha512
        };
        sasl.plain_users_file = directory_ + "/users";
        listener.sasl = sasl;
        config_.listeners.push_back(listener);
        write_users("alice plain:secret\nbob plain:other\n");
    }
    void write_users(std::string_view text) {
        const std::string path = directory_ + "/users";
        std::ofstream(path) << text;
        std::filesystem::permissions(path, std::filesystem::perms(0600));
    }
    Task<RawClient> sasl_client(Broker& broker) {
        return RawClient::connect(world_, broker.endpoint("sasl"));
    }
    static Task<ErrorCode> handshake(RawClient& raw, std::string mechanism) {
        kafka::SaslHandshakeRequest request;
        request.mechanism = std::move(mechanism);
        co_return (co_await raw.call(request, 1)).error_code;
    }
    static Task<kafka::SaslAuthenticateResponse> token(RawClient& raw, std::string_view bytes) {
        kafka::SaslAuthenticateRequest request;
        request.auth_bytes = BufferSlice::copy_of(bytes);
        co_return co_await raw.call(request, 2);
    }
    static Task<ErrorCode> plain(RawClient& raw, std::string user, std::string password) {
        EXPECT_EQ(co_await handshake(raw, "PLAIN"), ErrorCode::kNone);
        const std::string message = std::string(1, '\0') + user + std::string(1, '\0') + password;
        co_return (co_await token(raw, message)).error_code;
    }
    static Task<ErrorCode> scram(
        RawClient& raw, ScramMechanism mechanism, std::string user, std::string password
    ) {
        const bool is_256 = mechanism == ScramMechanism::kSha256;
        EXPECT_EQ(
            co_await handshake(raw, is_256 ? "SCRAM-SHA-256" : "SCRAM-SHA-512"), ErrorCode::kNone
        );
        ScramClient side(mechanism, std::move(user), std::move(password), "abcdefgh");
        const auto first = co_await token(raw, side.first());
        EXPECT_EQ(first.error_code, ErrorCode::kNone);
        const auto last = side.final(first.auth_bytes.text());
        EXPECT_TRUE(last.has_value());
        const auto done = co_await token(raw, last.value_or(""));
        if (done.error_code == ErrorCode::kNone) {
            EXPECT_TRUE(side.verify(done.auth_bytes.text()).has_value());
        }
        co_return done.error_code;
    }
    // Sets a user's password for both mechanisms, as kafka-configs does.
    static Task<void> set_password(RawClient& raw, std::string user, std::string_view password) {
        kafka::AlterUserScramCredentialsRequest request;
        for (const ScramMechanism mechanism : {ScramMechanism::kSha256, ScramMechanism::kSha512}) {
            auto& one = request.upsertions.emplace_back();
            one.name = user;
            one.mechanism = static_cast<std::int8_t>(mechanism);
            one.iterations = 4096;
            one.salt =
                BufferSlice::copy_of(std::string_view("salt of "
                                                      "this user"));
            one.salted_password = BufferSlice::copy_of(
                identity::salted_password(mechanism, password, one.salt.text(), 4096)
            );
        }
        const auto response = co_await raw.call(request, 0);
        EXPECT_EQ(response.results.at(0).error_code, ErrorCode::kNone);
    }
    static Task<bool> works(RawClient& raw) {
        kafka::MetadataRequest request;
        request.topics.reset();
        co_return !(co_await raw.call(request, 9)).brokers.empty();
    }
};

TEST_F(SaslListenerTest, PlainLetsInWhoKnowsThePassword) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await sasl_client(broker);
        EXPECT_EQ(co_await plain(raw, "alice", "secret"), ErrorCode::kNone);
        EXPECT_TRUE(co_await works(raw));
        for (const char* user : {"alice", "nobody"}) {
            RawClient wrong = co_await sasl_client(broker);
            EXPECT_EQ(co_await plain(wrong, user, "wrong"), ErrorCode::kSaslAuthenticationFailed);
            EXPECT_TRUE(co_await wrong.closed_by_broker());
        }
        // A changed file holds at once.
        write_users("alice plain:another\n");
        RawClient old = co_await sasl_client(broker);
        EXPECT_EQ(co_await plain(old, "alice", "secret"), ErrorCode::kSaslAuthenticationFailed);
        RawClient fresh = co_await sasl_client(broker);
        EXPECT_EQ(co_await plain(fresh, "alice", "another"), ErrorCode::kNone);
    });
    EXPECT_TRUE(sink_.count("authentication failed") > 0);
}

TEST_F(SaslListenerTest, ScramLetsInUsersOfTheMetadata) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient admin = co_await client(broker);
        co_await set_password(admin, "carol", "pass,word=");
        for (const ScramMechanism mechanism : {ScramMechanism::kSha256, ScramMechanism::kSha512}) {
            RawClient raw = co_await sasl_client(broker);
            EXPECT_EQ(co_await scram(raw, mechanism, "carol", "pass,word="), ErrorCode::kNone);
            EXPECT_TRUE(co_await works(raw));
            RawClient wrong = co_await sasl_client(broker);
            EXPECT_EQ(
                co_await scram(wrong, mechanism, "carol", "wrong"),
                ErrorCode::kSaslAuthenticationFailed
            );
            RawClient nobody = co_await sasl_client(broker);
            EXPECT_EQ(
                co_await scram(nobody, mechanism, "dave", "pass,word="),
                ErrorCode::kSaslAuthenticationFailed
            );
        }
        // What is shown of a user is never a key.
        const auto shown = co_await admin.call(kafka::DescribeUserScramCredentialsRequest{}, 0);
        EXPECT_EQ(shown.results.at(0).user, "carol");
        EXPECT_EQ(shown.results.at(0).credential_infos.size(), 2U);
        kafka::AlterUserScramCredentialsRequest remove;
        remove.deletions.push_back({"carol", 1});
        EXPECT_EQ((co_await admin.call(remove, 0)).results.at(0).error_code, ErrorCode::kNone);
        RawClient gone = co_await sasl_client(broker);
        EXPECT_EQ(
            co_await scram(gone, ScramMechanism::kSha256, "carol", "pass,word="),
            ErrorCode::kSaslAuthenticationFailed
        );
    });
}

TEST_F(SaslListenerTest, UnknownUsersGetTheSameSaltEachTime) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient admin = co_await client(broker);
        co_await set_password(admin, "carol", "x");
        std::set<std::string> answers;
        for (int i = 0; i < 3; ++i) {
            RawClient raw = co_await sasl_client(broker);
            (void)co_await handshake(raw, "SCRAM-SHA-256");
            const auto first = co_await token(raw, "n,,n=dave,r=abc");
            const std::string text(first.auth_bytes.text());
            answers.insert(text.substr(text.find(",s=")));
        }
        EXPECT_EQ(answers.size(), 1U);
        EXPECT_TRUE(answers.begin()->ends_with(",i=4096"));
    });
}

TEST_F(SaslListenerTest, NothingElseIsServedBefore) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await sasl_client(broker);
        kafka::ApiVersionsRequest versions;
        versions.client_software_name = "test";
        versions.client_software_version = "1";
        EXPECT_FALSE((co_await raw.call(versions, 3)).api_keys.empty());
        kafka::MetadataRequest metadata;
        co_await raw.send(RawClient::frame_of(metadata, 9, 7));
        EXPECT_TRUE(co_await raw.closed_by_broker());
        // Neither a large frame, nor a token without a handshake, nor another mechanism.
        RawClient large = co_await sasl_client(broker);
        co_await large.send(std::string("\x01\x00\x00\x00", 4));
        EXPECT_TRUE(co_await large.closed_by_broker());
        RawClient early = co_await sasl_client(broker);
        EXPECT_EQ((co_await token(early, "x")).error_code, ErrorCode::kIllegalSaslState);
        RawClient other = co_await sasl_client(broker);
        kafka::SaslHandshakeRequest request;
        request.mechanism = "GSSAPI";
        const auto refused = co_await other.call(request, 1);
        EXPECT_EQ(refused.error_code, ErrorCode::kUnsupportedSaslMechanism);
        EXPECT_EQ(refused.mechanisms.size(), 3U);
        EXPECT_TRUE(co_await other.closed_by_broker());
        // A listener without SASL says so.
        RawClient open = co_await client(broker);
        EXPECT_EQ(co_await handshake(open, "PLAIN"), ErrorCode::kIllegalSaslState);
    });
}

TEST_F(SaslListenerTest, TokensWithoutHeadersStillWork) {
    with_broker([this](Broker& broker) -> Task<void> {
        kafka::SaslHandshakeRequest request;
        request.mechanism = "PLAIN";
        const std::string good("\0\0\0\x0d\0alice\0secret", 17);
        RawClient raw = co_await sasl_client(broker);
        EXPECT_EQ((co_await raw.call(request, 0)).error_code, ErrorCode::kNone);
        co_await raw.send(good);
        const auto answer = co_await raw.receive();
        EXPECT_TRUE(answer.has_value() && answer->empty());
        EXPECT_TRUE(co_await works(raw));
        RawClient wrong = co_await sasl_client(broker);
        EXPECT_EQ((co_await wrong.call(request, 0)).error_code, ErrorCode::kNone);
        co_await wrong.send(std::string("\0\0\0\x01x", 5));
        EXPECT_TRUE(co_await wrong.closed_by_broker());
    });
}

TEST_F(SaslListenerTest, WhoDoesNotAuthenticateInTimeIsClosedAndThereAreFewOfThem) {
    config_.sasl_limits.authentication = 200ms;
    config_.sasl_limits.max_unauthenticated = 2;
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient one = co_await sasl_client(broker);
        RawClient two = co_await sasl_client(broker);
        RawClient three = co_await sasl_client(broker);
        EXPECT_TRUE(co_await three.closed_by_broker());
        EXPECT_TRUE(co_await one.closed_by_broker());
        EXPECT_TRUE(co_await two.closed_by_broker());
        RawClient next = co_await sasl_client(broker);
        EXPECT_EQ(co_await plain(next, "alice", "secret"), ErrorCode::kNone);
    });
}

TEST_F(SaslListenerTest, SessionsEndAndAreRenewedByTheSameUserOnly) {
    config_.listeners.back().sasl->max_reauth = 300ms;
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await sasl_client(broker);
        EXPECT_EQ(co_await handshake(raw, "PLAIN"), ErrorCode::kNone);
        const std::string good("\0alice\0secret", 13);
        EXPECT_EQ((co_await token(raw, good)).session_lifetime_ms, 300);
        EXPECT_TRUE(co_await works(raw));
        EXPECT_EQ(co_await plain(raw, "alice", "secret"), ErrorCode::kNone);
        EXPECT_TRUE(co_await works(raw));
        RawClient other = co_await sasl_client(broker);
        EXPECT_EQ(co_await plain(other, "alice", "secret"), ErrorCode::kNone);
        EXPECT_EQ(co_await plain(other, "bob", "other"), ErrorCode::kSaslAuthenticationFailed);
        EXPECT_TRUE(co_await other.closed_by_broker());
        co_await world_.sleep(400ms);
        co_await raw.send(RawClient::frame_of(kafka::MetadataRequest{}, 9, 7));
        EXPECT_TRUE(co_await raw.closed_by_broker());
    });
}

TEST_F(SaslListenerTest, TheProvedUserIsWhoRightsAreFor) {
    config_.authorizer.enabled = true;
    config_.super_users = {"User:alice"};
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient alice = co_await sasl_client(broker);
        EXPECT_EQ(co_await plain(alice, "alice", "secret"), ErrorCode::kNone);
        co_await make_topic(alice, "t");
        RawClient bob = co_await sasl_client(broker);
        EXPECT_EQ(co_await plain(bob, "bob", "other"), ErrorCode::kNone);
        const std::string batch = batch_bytes(1, world_.wall());
        const auto denied = co_await bob.call(produce_request("t", batch), 9);
        EXPECT_EQ(only(denied).error_code, ErrorCode::kTopicAuthorizationFailed);
        kafka::CreateAclsRequest create;
        create.creations.push_back({2, "t", 3, "User:bob", "127.0.0.1", 4, 3});
        EXPECT_EQ((co_await alice.call(create, 3)).results.at(0).error_code, ErrorCode::kNone);
        const auto allowed = co_await bob.call(produce_request("t", batch), 9);
        EXPECT_EQ(only(allowed).error_code, ErrorCode::kNone);
    });
}

TEST_F(SaslListenerTest, OurOwnClientAuthenticatesAndRenewsItsSession) {
    config_.listeners.back().sasl->max_reauth = 300ms;
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient admin = co_await client(broker);
        co_await set_password(admin, "carol", "pass word");
        const std::string secret = directory_ + "/carol.password";
        std::ofstream(secret) << "pass word\n";
        std::filesystem::permissions(secret, std::filesystem::perms(0600));
        runtime::TaskGroup tasks(world_);
        const auto open = [&](client::SaslMechanism mechanism, std::string user) {
            client::ConnectionSetup setup{world_, tasks, broker.endpoint("sasl"), std::nullopt, {}};
            setup.options.sasl = client::SaslOptions{mechanism, std::move(user), secret};
            return client::Connection::open(std::move(setup), world_.now() + 10s);
        };
        const auto good = co_await open(client::SaslMechanism::kScramSha512, "carol");
        EXPECT_TRUE(good.has_value()) << (good ? "" : good.error().to_string());
        kafka::MetadataRequest everything;
        everything.topics.reset();
        for (int i = 0; good && i < 3; ++i) {
            const auto answer = co_await (*good)->send(everything, world_.now() + 5s);
            EXPECT_TRUE(answer.has_value()) << answer.error().to_string();
            co_await world_.sleep(200ms);
        }
        const auto nobody = co_await open(client::SaslMechanism::kScramSha256, "dave");
        EXPECT_EQ(nobody.error().code(), ErrorCode::kSaslAuthenticationFailed);
        // Without TLS the password would be there for everybody to read.
        const auto shown = co_await open(client::SaslMechanism::kPlain, "alice");
        EXPECT_EQ(shown.error().code(), ErrorCode::kBadConfig);
        std::filesystem::permissions(secret, std::filesystem::perms(0644));
        const auto open_file = co_await open(client::SaslMechanism::kScramSha512, "carol");
        EXPECT_EQ(open_file.error().code(), ErrorCode::kPermissionDenied);
        if (good) (*good)->close();
        co_await tasks.stop_and_join();
    });
}

TEST_F(SaslListenerTest, ABrokerDoesNotStartHalfConfigured) {
    const auto refused = [this] {
        bool failed = false;
        run([this, &failed]() -> Task<void> {
            Broker broker(world_, config_);
            failed = !(co_await broker.start()).has_value();
            co_await broker.stop();
        });
        return failed;
    };
    std::filesystem::permissions(directory_ + "/users", std::filesystem::perms(0644));
    EXPECT_TRUE(refused()) << "others can read it";
    write_users("nonsense\n");
    EXPECT_TRUE(refused());
    write_users("alice plain:secret\n");
    config_.listeners.back().sasl->mechanisms.push_back(SaslMechanism::kOauthBearer);
    EXPECT_TRUE(refused()) << "no keys to check tokens with";
    config_.listeners.back().sasl->mechanisms = {SaslMechanism::kScramSha256};
    EXPECT_TRUE(refused()) << "users that nobody can be";
    std::swap(config_.listeners.front(), config_.listeners.back());
    config_.listeners.front().sasl->plain_users_file.clear();
    EXPECT_TRUE(refused()) << "nodes of the cluster use certificates";
}

}  // namespace
}  // namespace sealane::broker
