// TLS over loopback: who is let in, who is refused and with which words.

#include "common/identity/identity_files.hpp"
#include "common/identity/issue.hpp"
#include "common/identity/openssl_owner.hpp"
#include "common/runtime_asio/tls_records.hpp"
#include "tests/unit/common/runtime_asio/world_fixture.hpp"

#include <gmock/gmock.h>
#include <openssl/pem.h>

#include <fstream>
#include <sys/stat.h>

namespace sealane::asio_runtime {
namespace {

using identity::Credential;
using identity::Validity;
using runtime::Endpoint;
using runtime::Listener;
using runtime::Stream;
using runtime::Task;
using runtime::TlsIdentity;
using testing::HasSubstr;
using Auth = TlsIdentity::ClientAuth;

constexpr std::int64_t kDayMs = 86'400'000;

class Tls : public WorldTest {
 protected:
    Tls()
        : seoul_(*identity::make_authority({"seoul CA", "seoul"}, valid())),
          busan_(*identity::make_authority({"busan CA", "busan"}, valid())) {
        EXPECT_TRUE(identity::write_certificate(seoul_.certificate_pem, path("seoul.ca")));
        EXPECT_TRUE(identity::write_certificate(busan_.certificate_pem, path("busan.ca")));
        write_server(seoul_, "server", {"localhost", "127.0.0.1"}, valid());
        write_client(seoul_, "client", "mirror", valid());
        write_client(busan_, "stranger", "spy", valid());
    }

    [[nodiscard]] Validity valid() const { return Validity::days_from(world_.wall(), 30); }
    [[nodiscard]] Validity expired() const {
        const std::int64_t now = world_.wall().ms;
        return {{now - 2 * kDayMs}, {now - kDayMs}};
    }
    void write_server(
        const Credential& ca,
        const std::string& name,
        const std::vector<std::string>& names,
        Validity validity
    ) {
        const auto made =
            identity::make_server_certificate(ca, {"broker", "seoul"}, names, validity);
        EXPECT_TRUE(identity::write_credential(*made, path(name + ".pem"), path(name + ".key")));
    }
    void write_client(
        const Credential& ca,
        const std::string& name,
        const std::string& common_name,
        Validity validity
    ) {
        const auto made = identity::make_client_certificate(ca, {common_name, "seoul"}, validity);
        EXPECT_TRUE(identity::write_credential(*made, path(name + ".pem"), path(name + ".key")));
    }
    // The identity of domain seoul with the named certificate; empty: none.
    [[nodiscard]] TlsIdentity seoul(const std::string& name, Auth auth = Auth::kRequired) const {
        TlsIdentity result{"seoul", path("seoul.ca"), {}, {}, auth};
        if (!name.empty()) {
            result.certificate_file = path(name + ".pem");
            result.key_file = path(name + ".key");
        }
        return result;
    }
    // A list of the authority with the serial numbers of these certificates (RFC 5280, 5).
    void write_revocations(const Credential& ca, const std::vector<std::string>& certificates) {
        using identity::bio_over;
        using identity::X509Ptr;
        const X509Ptr issuer(
            PEM_read_bio_X509(bio_over(ca.certificate_pem).get(), nullptr, nullptr, nullptr)
        );
        const identity::KeyPtr key(
            PEM_read_bio_PrivateKey(bio_over(ca.key_pem).get(), nullptr, nullptr, nullptr)
        );
        X509_CRL* const list = X509_CRL_new();
        X509_CRL_set_version(list, 1);
        X509_CRL_set_issuer_name(list, X509_get_subject_name(issuer.get()));
        ASN1_TIME* const at = X509_gmtime_adj(nullptr, -60);
        X509_CRL_set1_lastUpdate(list, at);
        X509_CRL_set1_nextUpdate(list, X509_gmtime_adj(at, 3600));
        for (const std::string& file : certificates) {
            const std::string pem = *identity::read_pem_file(file);
            const X509Ptr one(PEM_read_bio_X509(bio_over(pem).get(), nullptr, nullptr, nullptr));
            X509_REVOKED* const entry = X509_REVOKED_new();
            X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(one.get()));
            X509_REVOKED_set_revocationDate(entry, X509_gmtime_adj(at, -30));
            X509_CRL_add0_revoked(list, entry);
        }
        X509_CRL_sort(list);
        EXPECT_GT(X509_CRL_sign(list, key.get(), EVP_sha256()), 0);
        const identity::BioPtr out(BIO_new(BIO_s_mem()));
        PEM_write_bio_X509_CRL(out.get(), list);
        {
            std::ofstream(path("seoul.crl")) << identity::text_of(*out);
        }
        ASN1_TIME_free(at);
        X509_CRL_free(list);
    }
    [[nodiscard]] static Endpoint loopback() { return {"127.0.0.1", 0, {}}; }
    Task<std::unique_ptr<Listener>> listen(TlsIdentity tls) {
        auto listener = co_await world_.network().listen(loopback(), tls);
        EXPECT_TRUE(listener) << listener.error().to_string();
        co_return *std::move(listener);
    }

    // What both ends of one attempt saw. The client's second chance is its first read: in TLS 1.3
    // it has finished before the server judges its certificate.
    struct Attempt {
        Status server;
        Status client;
        runtime::Peer server_saw;
    };
    Task<Attempt> attempt(
        Listener& listener, std::optional<TlsIdentity> client, std::optional<Endpoint> to = {}
    ) {
        Attempt result;
        runtime::TaskGroup group(world_);
        group.spawn([&]() -> Task<void> {
            auto stream = *co_await listener.accept();
            result.server = co_await world_.network().handshake(*stream, soon());
            result.server_saw = stream->peer();
            if (!result.server) co_return;
            std::array<std::byte, 64> got{};
            const auto count = co_await stream->read_some(got, soon());
            if (!count) co_return;
            const BufferSlice echo = BufferSlice::copy_of(ByteView(got).first(*count));
            (void)co_await stream->write(echo, soon());
            stream->close();
        });
        const Endpoint at = to.value_or(listener.local());
        auto stream = co_await world_.network().connect(at, std::move(client), soon());
        if (stream) {
            const Status sent = co_await (*stream)->write(BufferSlice::copy_of("hello"), soon());
            std::array<std::byte, 5> got{};
            result.client = co_await read_exactly(**stream, got, soon());
            if (result.client) {
                EXPECT_EQ(as_text(got), "hello");
                const auto end = co_await (*stream)->read_some(got, soon());
                EXPECT_EQ(end.error().code(), ErrorCode::kEndOfStream);
            }
            (*stream)->close();
        } else {
            result.client = fail(stream.error());
        }
        co_await group.join();
        co_return result;
    }
    static void expect_refusal(const Status& status, const std::vector<std::string>& words) {
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().code(), ErrorCode::kTlsFailed) << status.error().to_string();
        EXPECT_THAT(status.error().detail(), HasSubstr("TLS domain 'seoul', peer 127.0.0.1:"));
        for (const std::string& word : words) {
            EXPECT_THAT(status.error().detail(), HasSubstr(word));
        }
    }

    Credential seoul_;
    Credential busan_;
};

TEST_F(Tls, MutualTlsNamesThePrincipal) {
    run([this]() -> Task<void> {
        auto listener = co_await listen(seoul("server"));
        const Attempt result = co_await attempt(*listener, seoul("client"));
        EXPECT_TRUE(result.server) << result.server.error().to_string();
        EXPECT_TRUE(result.client) << result.client.error().to_string();
        EXPECT_EQ(result.server_saw.principal, "User:CN=mirror,O=seoul");
        EXPECT_TRUE(result.server_saw.tls);
        auto client = co_await world_.network().connect(
            {"localhost", listener->local().port, {}}, seoul("client"), world_.now() + 50ms
        );
        EXPECT_FALSE(client);  // nobody accepts: the handshake has a deadline
        EXPECT_EQ(client.error().code(), ErrorCode::kDeadlineExceeded);
    });
}

TEST_F(Tls, HostNamesAreVerifiedToo) {
    run([this]() -> Task<void> {
        auto listener = co_await listen(seoul("server"));
        const Endpoint by_name{"localhost", listener->local().port, {}};
        const Attempt result = co_await attempt(*listener, seoul("client"), by_name);
        EXPECT_TRUE(result.client) << result.client.error().to_string();
    });
}

TEST_F(Tls, WithoutCertificateOnlyWhereAllowed) {
    run([this]() -> Task<void> {
        auto strict = co_await listen(seoul("server"));
        const Attempt refused = co_await attempt(*strict, seoul(""));
        expect_refusal(refused.server, {"presented no certificate"});
        expect_refusal(refused.client, {"wants a client certificate"});
        auto lenient = co_await listen(seoul("server", Auth::kRequested));
        const Attempt let_in = co_await attempt(*lenient, seoul(""));
        EXPECT_TRUE(let_in.client);
        EXPECT_EQ(let_in.server_saw.principal, "User:ANONYMOUS");
        auto open = co_await listen(seoul("server", Auth::kNone));
        const Attempt not_asked = co_await attempt(*open, seoul("client"));
        EXPECT_TRUE(not_asked.client);
        EXPECT_EQ(not_asked.server_saw.principal, "User:ANONYMOUS");
    });
}

TEST_F(Tls, CertificateOfAForeignDomainIsRefused) {
    run([this]() -> Task<void> {
        for (const Auth auth : {Auth::kRequired, Auth::kRequested}) {
            auto listener = co_await listen(seoul("server", auth));
            const Attempt result = co_await attempt(*listener, seoul("stranger"));
            expect_refusal(result.server, {"CN=spy,O=seoul", "CN=busan CA,O=busan", "unknown CA"});
            expect_refusal(result.client, {path("stranger.pem"), "another domain"});
        }
    });
}

TEST_F(Tls, ServerOfAForeignDomainIsRefused) {
    run([this]() -> Task<void> {
        TlsIdentity foreign{
            "busan", path("busan.ca"), path("b.pem"), path("b.key"), Auth::kRequired
        };
        write_server(busan_, "b", {"127.0.0.1"}, valid());
        auto listener = co_await listen(foreign);
        const Attempt result = co_await attempt(*listener, seoul("client"));
        expect_refusal(result.client, {"CN=busan CA,O=busan", "unknown CA"});
        EXPECT_EQ(result.server.error().code(), ErrorCode::kTlsFailed);
        EXPECT_THAT(result.server.error().detail(), HasSubstr("TLS domain 'busan'"));
    });
}

TEST_F(Tls, ImpostorAuthorityOfTheSameNameIsRefused) {
    run([this]() -> Task<void> {
        const auto impostor = *identity::make_authority({"seoul CA", "seoul"}, valid());
        write_client(impostor, "fake", "mirror", valid());
        auto listener = co_await listen(seoul("server"));
        const Attempt result = co_await attempt(*listener, seoul("fake"));
        expect_refusal(result.server, {"CN=mirror,O=seoul", "unknown CA"});
    });
}

TEST_F(Tls, ExpiredCertificatesAreRefusedWithTheirDate) {
    run([this]() -> Task<void> {
        write_client(seoul_, "old", "old", expired());
        auto listener = co_await listen(seoul("server"));
        const Attempt client = co_await attempt(*listener, seoul("old"));
        expect_refusal(client.server, {"CN=old,O=seoul", "expired at 20"});
        expect_refusal(client.client, {path("old.pem"), "expired"});
        write_server(seoul_, "old_server", {"127.0.0.1"}, expired());
        auto old_listener = co_await listen(seoul("old_server"));
        const Attempt server = co_await attempt(*old_listener, seoul("client"));
        expect_refusal(server.client, {"CN=broker,O=seoul", "expired at 20"});
    });
}

TEST_F(Tls, CertificateOfTheFutureIsRefused) {
    run([this]() -> Task<void> {
        const std::int64_t now = world_.wall().ms;
        write_client(seoul_, "early", "early", {{now + kDayMs}, {now + 2 * kDayMs}});
        auto listener = co_await listen(seoul("server"));
        const Attempt result = co_await attempt(*listener, seoul("early"));
        expect_refusal(result.server, {"CN=early,O=seoul", "not valid before 20", "clocks"});
    });
}

TEST_F(Tls, ServerOfAnotherNameIsRefused) {
    run([this]() -> Task<void> {
        write_server(seoul_, "elsewhere", {"b7.example", "10.0.0.7"}, valid());
        auto listener = co_await listen(seoul("elsewhere"));
        const Attempt by_ip = co_await attempt(*listener, seoul("client"));
        expect_refusal(by_ip.client, {"DNS:b7.example, IP:10.0.0.7", "not for '127.0.0.1'"});
        const Endpoint by_name{"localhost", listener->local().port, {}};
        const Attempt named = co_await attempt(*listener, seoul("client"), by_name);
        expect_refusal(named.client, {"not for 'localhost'"});
    });
}

TEST_F(Tls, ClientCertificateMayNotServe) {
    run([this]() -> Task<void> {
        auto listener = co_await listen(seoul("client"));
        const Attempt result = co_await attempt(*listener, seoul("client"));
        expect_refusal(result.client, {"may not be used for this"});
    });
}

TEST_F(Tls, PlaintextOnATlsListenerIsNamed) {
    run([this]() -> Task<void> {
        auto listener = co_await listen(seoul("server"));
        const Attempt result = co_await attempt(*listener, std::nullopt);
        expect_refusal(result.server, {"speaks plaintext to a TLS listener"});
        EXPECT_FALSE(result.client);
    });
}

TEST_F(Tls, TlsClientOnAPlainListenerIsToldWhatMayBeWrong) {
    run([this]() -> Task<void> {
        auto listener = *co_await world_.network().listen(loopback(), std::nullopt);
        const Attempt echoed = co_await attempt(*listener, seoul("client"));
        EXPECT_FALSE(echoed.client);  // the echo server sends our own first flight back
        runtime::TaskGroup group(world_);
        group.spawn([&]() -> Task<void> {
            auto stream = *co_await listener->accept();
            std::array<std::byte, 4096> got{};
            EXPECT_TRUE(co_await stream->read_some(got, soon()));
            stream->close();
        });
        const auto closed =
            co_await world_.network().connect(listener->local(), seoul("client"), soon());
        EXPECT_EQ(closed.error().code(), ErrorCode::kConnectionReset);
        EXPECT_THAT(closed.error().detail(), HasSubstr("plain listener?"));
        co_await group.join();
    });
}

TEST_F(Tls, SilentClientMeetsTheDeadlineOfTheHandshake) {
    run([this]() -> Task<void> {
        auto listener = co_await listen(seoul("server"));
        auto client = *co_await world_.network().connect(listener->local(), std::nullopt, soon());
        auto stream = *co_await listener->accept();
        const Status status = co_await world_.network().handshake(*stream, world_.now() + 20ms);
        EXPECT_EQ(status.error().code(), ErrorCode::kDeadlineExceeded);
        EXPECT_THAT(status.error().detail(), HasSubstr("TLS handshake"));
    });
}

TEST_F(Tls, BadIdentitiesAreFoundWhenListening) {
    run([this]() -> Task<void> {
        const auto error_of = [this](TlsIdentity tls) -> Task<Error> {
            auto listener = co_await world_.network().listen(loopback(), tls);
            EXPECT_FALSE(listener);
            co_return listener ? Error::stopped() : listener.error();
        };
        EXPECT_EQ(::chmod(path("server.key").c_str(), 0640), 0);
        const Error open_key = co_await error_of(seoul("server"));
        EXPECT_EQ(open_key.code(), ErrorCode::kPermissionDenied);
        EXPECT_THAT(open_key.detail(), HasSubstr("chmod 600 " + path("server.key")));
        EXPECT_EQ(::chmod(path("server.key").c_str(), 0600), 0);

        TlsIdentity mixed = seoul("server");
        mixed.key_file = path("client.key");
        const Error mismatch = co_await error_of(mixed);
        EXPECT_EQ(mismatch.code(), ErrorCode::kBadConfig);
        EXPECT_THAT(mismatch.detail(), HasSubstr(path("client.key")));

        const Error absent = co_await error_of(seoul("absent"));
        EXPECT_EQ(absent.code(), ErrorCode::kNotFound);
        EXPECT_THAT(absent.detail(), HasSubstr(path("absent.pem")));

        TlsIdentity no_ca = seoul("server");
        no_ca.ca_file = path("server.key");
        EXPECT_EQ((co_await error_of(no_ca)).code(), ErrorCode::kBadConfig);
    });
}

TEST_F(Tls, RenewedCertificatesServeWithoutARestart) {
    run([this]() -> Task<void> {
        write_server(seoul_, "server", {"10.9.9.9"}, valid());
        auto listener = co_await listen(seoul("server"));
        const Attempt before = co_await attempt(*listener, seoul("client"));
        expect_refusal(before.client, {"not for '127.0.0.1'"});
        write_server(seoul_, "server", {"127.0.0.1"}, valid());
        const Attempt after = co_await attempt(*listener, seoul("client"));
        EXPECT_TRUE(after.client) << after.client.error().to_string();
        // A renewal that is half done: the old pair serves on.
        write_client(seoul_, "half", "half", valid());
        std::filesystem::copy_file(
            path("half.key"), path("server.key"), std::filesystem::copy_options::overwrite_existing
        );
        const Attempt half = co_await attempt(*listener, seoul("client"));
        EXPECT_TRUE(half.client) << half.client.error().to_string();
        // The domain changes its authority: old clients are strangers at once.
        EXPECT_TRUE(identity::write_certificate(busan_.certificate_pem, path("seoul.ca")));
        write_server(busan_, "server", {"127.0.0.1"}, valid());
        const Attempt old_client = co_await attempt(*listener, seoul("client"));
        expect_refusal(old_client.server, {"unknown CA"});
        const Attempt new_client = co_await attempt(*listener, seoul("stranger"));
        EXPECT_TRUE(new_client.client) << new_client.client.error().to_string();
    });
}

TEST_F(Tls, RevokedCertificatesAreRefusedAsSoonAsTheListSaysSo) {
    run([this]() -> Task<void> {
        write_revocations(seoul_, {});
        TlsIdentity server = seoul("server");
        server.crl_file = path("seoul.crl");
        auto listener = co_await listen(server);
        const Attempt before = co_await attempt(*listener, seoul("client"));
        EXPECT_TRUE(before.client) << before.client.error().to_string();
        write_revocations(seoul_, {path("client.pem")});
        const Attempt after = co_await attempt(*listener, seoul("client"));
        expect_refusal(after.server, {"revoked"});
        write_client(seoul_, "another", "another", valid());
        const Attempt other = co_await attempt(*listener, seoul("another"));
        EXPECT_TRUE(other.client) << other.client.error().to_string();
        // A list that cannot be read: the old one stays in use.
        {
            std::ofstream(path("seoul.crl")) << "nonsense";
        }
        const Attempt still = co_await attempt(*listener, seoul("client"));
        expect_refusal(still.server, {"revoked"});
    });
}

TEST_F(Tls, OpenStreamsAreTrustedUntilTheListNamesTheirCertificates) {
    run([this]() -> Task<void> {
        auto& network = world_.network();
        write_revocations(seoul_, {});
        TlsIdentity server = seoul("server");
        server.crl_file = path("seoul.crl");
        auto listener = co_await listen(server);
        write_client(seoul_, "another", "another", valid());
        std::vector<std::unique_ptr<Stream>> streams;
        std::vector<std::unique_ptr<Stream>> clients;
        for (const std::string name : {"client", "another"}) {
            runtime::TaskGroup group(world_);
            group.spawn([&]() -> Task<void> {
                streams.push_back(*co_await listener->accept());
                EXPECT_TRUE(co_await network.handshake(*streams.back(), soon()));
            });
            clients.push_back(*co_await network.connect(listener->local(), seoul(name), soon()));
            co_await group.join();
        }
        const std::uint64_t before = network.trust_version(server);
        EXPECT_EQ(network.trust_version(server), before);
        for (const auto& stream : streams) EXPECT_TRUE(network.still_trusts(*stream));
        write_revocations(seoul_, {path("client.pem")});
        EXPECT_NE(network.trust_version(server), before);
        const Status revoked = network.still_trusts(*streams[0]);
        EXPECT_FALSE(revoked);
        if (!revoked) EXPECT_THAT(revoked.error().to_string(), ::testing::HasSubstr("revoked"));
        const Status good = network.still_trusts(*streams[1]);
        EXPECT_TRUE(good) << good.error().to_string();
    });
}

TEST_F(Tls, LargeAndManySliceWritesArriveWhole) {
    run([this]() -> Task<void> {
        auto listener = co_await listen(seoul("server"));
        BufferChain chain;
        std::string expected;
        const auto add = [&](std::size_t size) {
            std::string part(size, '\0');
            for (char& c : part) c = static_cast<char>(world_.rng().next());
            expected += part;
            chain.append(BufferSlice::copy_of(part));
        };
        for (const std::size_t size : {1U, 100U, 16'383U, 16'384U, 16'385U, 40'000U, 700'000U}) {
            add(size);
        }
        for (int i = 0; i < 2000; ++i) add(static_cast<std::size_t>(world_.rng().below(300)));
        runtime::TaskGroup group(world_);
        group.spawn([&]() -> Task<void> {
            auto stream = *co_await listener->accept();
            EXPECT_TRUE(co_await world_.network().handshake(*stream, soon()));
            EXPECT_TRUE(co_await stream->write(chain, soon()));
            std::array<std::byte, 1> done{};
            EXPECT_EQ(
                (co_await stream->read_some(done, soon())).error().code(), ErrorCode::kEndOfStream
            );
        });
        auto client =
            *co_await world_.network().connect(listener->local(), seoul("client"), soon());
        std::string got(expected.size(), '\0');
        EXPECT_TRUE(co_await read_exactly(*client, std::as_writable_bytes(std::span(got)), soon()));
        EXPECT_EQ(got, expected);
        client->close();
        co_await group.join();
    });
}

TEST_F(Tls, CloseEndsAPendingReadAndDeadlinesHold) {
    run([this]() -> Task<void> {
        auto listener = co_await listen(seoul("server"));
        runtime::TaskGroup group(world_);
        std::unique_ptr<Stream> server;
        group.spawn([&]() -> Task<void> {
            server = *co_await listener->accept();
            EXPECT_TRUE(co_await world_.network().handshake(*server, soon()));
        });
        auto client =
            *co_await world_.network().connect(listener->local(), seoul("client"), soon());
        co_await group.join();
        std::array<std::byte, 4> got{};
        const auto late = co_await client->read_some(got, world_.now() + 10ms);
        EXPECT_EQ(late.error().code(), ErrorCode::kDeadlineExceeded);
        runtime::TaskGroup readers(world_);
        readers.spawn([&]() -> Task<void> {
            const auto read = co_await client->read_some(got, Instant::never());
            EXPECT_TRUE(read.error().is_stopped());
        });
        co_await world_.sleep(5ms);
        client->close();
        co_await readers.join();
        EXPECT_EQ(
            (co_await server->read_some(got, soon())).error().code(), ErrorCode::kEndOfStream
        );
    });
}

TEST(RecordPieces, FillsRecordsAndLosesNothing) {
    std::vector<std::byte> staging(kTlsRecordSize);
    Rng rng(5);
    for (int round = 0; round < 200; ++round) {
        BufferChain chain;
        std::string expected;
        for (std::uint64_t i = rng.below(20); i > 0; --i) {
            const std::size_t size = rng.chance(1, 3) ? rng.below(100'000) : rng.below(200);
            const std::string part(size, static_cast<char>('a' + rng.below(26)));
            expected += part;
            chain.append(BufferSlice::copy_of(part));
        }
        RecordPieces pieces(chain, staging);
        std::string got;
        while (!pieces.at_end()) {
            const ByteView piece = pieces.next(8 * kTlsRecordSize);
            EXPECT_FALSE(piece.empty());
            EXPECT_LE(piece.size(), 8 * kTlsRecordSize);
            // All but the last are whole records.
            EXPECT_TRUE(pieces.at_end() || piece.size() % kTlsRecordSize == 0);
            got.append(as_text(piece));
        }
        EXPECT_EQ(got, expected);
    }
}

}  // namespace
}  // namespace sealane::asio_runtime
