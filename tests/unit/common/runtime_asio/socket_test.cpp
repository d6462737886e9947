// Streams and listeners over real loopback and Unix sockets.

#include "tests/unit/common/runtime_asio/world_fixture.hpp"

#include <fstream>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace sealane::asio_runtime {
namespace {

using runtime::Endpoint;
using runtime::Listener;
using runtime::Stream;
using runtime::Task;

struct Pair {
    std::unique_ptr<Listener> listener;
    std::unique_ptr<Stream> client;
    std::unique_ptr<Stream> server;
};

class Sockets : public WorldTest {
 protected:
    Task<Pair> connected(Endpoint at) {
        Pair pair;
        auto listener = co_await world_.network().listen(at, std::nullopt);
        EXPECT_TRUE(listener) << listener.error().to_string();
        pair.listener = *std::move(listener);
        auto client =
            co_await world_.network().connect(pair.listener->local(), std::nullopt, soon());
        EXPECT_TRUE(client) << client.error().to_string();
        pair.client = *std::move(client);
        auto server = co_await pair.listener->accept();
        EXPECT_TRUE(server) << server.error().to_string();
        pair.server = *std::move(server);
        EXPECT_TRUE(co_await world_.network().handshake(*pair.server, soon()));
        co_return pair;
    }

    Task<void> expect_echo(Pair& pair) {
        BufferChain request;
        request.append(BufferSlice::copy_of("ping "));
        request.append(BufferSlice::copy_of("pong"));
        EXPECT_TRUE(co_await pair.client->write(request, soon()));
        std::array<std::byte, 9> got{};
        EXPECT_TRUE(co_await read_exactly(*pair.server, got, soon()));
        EXPECT_EQ(as_text(got), "ping pong");
        EXPECT_TRUE(co_await pair.server->write(BufferSlice::copy_of(got), soon()));
        std::array<std::byte, 9> back{};
        EXPECT_TRUE(co_await read_exactly(*pair.client, back, soon()));
        EXPECT_EQ(as_text(back), "ping pong");
    }

    static Endpoint loopback() { return {.host = "127.0.0.1", .port = 0, .unix_path = {}}; }
    Endpoint unix_socket() const { return {.host = {}, .port = 0, .unix_path = path("socket")}; }
};

TEST_F(Sockets, EchoOverTcp) {
    run([this]() -> Task<void> {
        Pair pair = co_await connected(loopback());
        co_await expect_echo(pair);
        EXPECT_TRUE(pair.server->peer().address.starts_with("127.0.0.1:"));
        EXPECT_EQ(pair.client->peer().address, pair.listener->local().to_string());
        EXPECT_EQ(pair.server->peer().principal, "User:ANONYMOUS");
        EXPECT_FALSE(pair.server->peer().tls);
    });
}

TEST_F(Sockets, EchoOverIpv6AndByName) {
    run([this]() -> Task<void> {
        Pair six = co_await connected({.host = "::1", .port = 0, .unix_path = {}});
        co_await expect_echo(six);
        EXPECT_TRUE(six.server->peer().address.starts_with("[::1]:"));
        Pair named = co_await connected({.host = "localhost", .port = 0, .unix_path = {}});
        co_await expect_echo(named);
    });
}

TEST_F(Sockets, EchoOverUnixSocketTellsTheUser) {
    run([this]() -> Task<void> {
        Pair pair = co_await connected(unix_socket());
        co_await expect_echo(pair);
        EXPECT_EQ(pair.server->peer().unix_uid, ::getuid());
        EXPECT_EQ(pair.client->peer().unix_uid, ::getuid());
        EXPECT_EQ(pair.server->peer().address, "unix");
        using std::filesystem::perms;
        const auto mode = std::filesystem::status(path("socket")).permissions();
        EXPECT_EQ(mode & perms::others_all, perms::none);
        pair.listener->close();
        EXPECT_FALSE(std::filesystem::exists(path("socket")));
    });
}

TEST_F(Sockets, ReadEndsAtItsDeadlineAndTheStreamLivesOn) {
    run([this]() -> Task<void> {
        Pair pair = co_await connected(loopback());
        std::array<std::byte, 4> got{};
        const Instant deadline = world_.now() + 20ms;
        const auto read = co_await pair.server->read_some(got, deadline);
        EXPECT_FALSE(read);
        EXPECT_EQ(read.error().code(), ErrorCode::kDeadlineExceeded);
        EXPECT_GE(world_.now(), deadline);
        co_await expect_echo(pair);
    });
}

TEST_F(Sockets, BytesThatAreThereAreReadWhateverTheDeadline) {
    run([this]() -> Task<void> {
        Pair pair = co_await connected(loopback());
        std::array<std::byte, 8> got{};
        for (int i = 0; i < 3; ++i) {
            EXPECT_TRUE(co_await pair.client->write(BufferSlice::copy_of("ab"), soon()));
            const auto read = co_await pair.server->read_some(got, world_.now());
            EXPECT_TRUE(read) << read.error().to_string();
        }
        const auto nothing = co_await pair.server->read_some(got, world_.now());
        EXPECT_EQ(nothing.error().code(), ErrorCode::kDeadlineExceeded);
    });
}

TEST_F(Sockets, WriteEndsAtItsDeadlineWhenThePeerDoesNotRead) {
    run([this]() -> Task<void> {
        Pair pair = co_await connected(loopback());
        const BufferSlice much = BufferSlice::copy_of(std::string(64 << 20, 'x'));
        const Status status = co_await pair.client->write(much, world_.now() + 50ms);
        EXPECT_FALSE(status);
        EXPECT_EQ(status.error().code(), ErrorCode::kDeadlineExceeded);
        EXPECT_NE(status.error().detail().find("127.0.0.1:"), std::string::npos);
    });
}

TEST_F(Sockets, CloseEndsPendingReadWriteAndAccept) {
    run([this]() -> Task<void> {
        Pair pair = co_await connected(loopback());
        runtime::TaskGroup group(world_);
        int stopped = 0;
        auto expect_stopped = [&stopped](const Error& error) {
            EXPECT_TRUE(error.is_stopped()) << error.to_string();
            ++stopped;
        };
        group.spawn([&]() -> Task<void> {
            std::array<std::byte, 4> got{};
            const auto read = co_await pair.client->read_some(got, Instant::never());
            expect_stopped(read.error());
        });
        group.spawn([&]() -> Task<void> {
            const BufferSlice much = BufferSlice::copy_of(std::string(64 << 20, 'x'));
            const auto written = co_await pair.client->write(much, Instant::never());
            expect_stopped(written.error());
        });
        group.spawn([&]() -> Task<void> {
            const auto accepted = co_await pair.listener->accept();
            expect_stopped(accepted.error());
        });
        co_await world_.sleep(5ms);
        pair.client->close();
        pair.client->close();
        pair.listener->close();
        co_await group.join();
        EXPECT_EQ(stopped, 3);
        std::array<std::byte, 4> got{};
        EXPECT_TRUE((co_await pair.client->read_some(got, soon())).error().is_stopped());
    });
}

TEST_F(Sockets, OrderlyCloseIsEndOfStreamAndHalfAMessageIsReset) {
    run([this]() -> Task<void> {
        Pair pair = co_await connected(loopback());
        EXPECT_TRUE(co_await pair.client->write(BufferSlice::copy_of("ab"), soon()));
        pair.client->close();
        std::array<std::byte, 4> got{};
        const Status half = co_await read_exactly(*pair.server, got, soon());
        EXPECT_EQ(half.error().code(), ErrorCode::kConnectionReset);
        const Status end = co_await read_exactly(*pair.server, got, soon());
        EXPECT_EQ(end.error().code(), ErrorCode::kEndOfStream);
    });
}

TEST_F(Sockets, PeerThatDiesWithUnreadBytesIsAReset) {
    run([this]() -> Task<void> {
        Pair pair = co_await connected(loopback());
        EXPECT_TRUE(co_await pair.client->write(BufferSlice::copy_of("unread"), soon()));
        pair.server->close();  // unread bytes: the kernel answers with RST
        std::array<std::byte, 4> got{};
        const auto read = co_await pair.client->read_some(got, soon());
        EXPECT_EQ(read.error().code(), ErrorCode::kConnectionReset);
        EXPECT_NE(read.error().detail().find(pair.client->peer().address), std::string::npos);
        EXPECT_FALSE(co_await pair.client->write(BufferSlice::copy_of("more"), soon()));
    });
}

TEST_F(Sockets, RefusalsNameTheAddress) {
    run([this]() -> Task<void> {
        auto listener = co_await world_.network().listen(loopback(), std::nullopt);
        const Endpoint at = (*listener)->local();
        auto twice = co_await world_.network().listen(at, std::nullopt);
        EXPECT_EQ(twice.error().code(), ErrorCode::kAddressInUse);
        EXPECT_NE(twice.error().detail().find(at.to_string()), std::string::npos);
        (*listener)->close();
        auto refused = co_await world_.network().connect(at, std::nullopt, soon());
        EXPECT_EQ(refused.error().code(), ErrorCode::kConnectionRefused);
        EXPECT_NE(refused.error().detail().find(at.to_string()), std::string::npos);
        auto unknown = co_await world_.network().connect(
            {.host = "no-such-host.invalid", .port = 1, .unix_path = {}}, std::nullopt, soon()
        );
        EXPECT_EQ(unknown.error().code(), ErrorCode::kConnectionRefused);
        auto foreign = co_await world_.network().listen(
            {.host = "192.0.2.1", .port = 0, .unix_path = {}}, std::nullopt
        );
        EXPECT_EQ(foreign.error().code(), ErrorCode::kBadConfig);
    });
}

TEST_F(Sockets, StaleUnixSocketIsReplacedAndALiveOneIsNot) {
    run([this]() -> Task<void> {
        const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path("socket").copy(address.sun_path, sizeof address.sun_path - 1);
        EXPECT_EQ(::bind(dead, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        ::close(dead);
        Pair pair = co_await connected(unix_socket());
        co_await expect_echo(pair);
        auto second = co_await world_.network().listen(unix_socket(), std::nullopt);
        EXPECT_EQ(second.error().code(), ErrorCode::kAddressInUse);
    });
}

TEST_F(Sockets, AFileThatIsNoSocketIsNeverReplaced) {
    run([this]() -> Task<void> {
        std::ofstream(path("socket")) << "precious";
        auto listener = co_await world_.network().listen(unix_socket(), std::nullopt);
        EXPECT_EQ(listener.error().code(), ErrorCode::kAddressInUse);
        EXPECT_EQ(std::filesystem::file_size(path("socket")), 8U);
    });
}

TEST_F(Sockets, ManySlicesArriveInOrder) {
    run([this]() -> Task<void> {
        Pair pair = co_await connected(loopback());
        BufferChain chain;
        std::string expected;
        for (int i = 0; i < 3000; ++i) {
            const std::string part(
                static_cast<std::size_t>(i % 700), static_cast<char>('a' + i % 26)
            );
            expected += part;
            chain.append(BufferSlice::copy_of(part));
        }
        runtime::TaskGroup group(world_);
        group.spawn([&]() -> Task<void> {
            EXPECT_TRUE(co_await pair.client->write(chain, soon()));
        });
        std::string got(expected.size(), '\0');
        EXPECT_TRUE(
            co_await read_exactly(*pair.server, std::as_writable_bytes(std::span(got)), soon())
        );
        EXPECT_EQ(got, expected);
        co_await group.join();
    });
}

TEST_F(Sockets, ABusyStreamLetsOtherTasksRun) {
    run([this]() -> Task<void> {
        Pair pair = co_await connected(loopback());
        EXPECT_TRUE(
            co_await pair.client->write(BufferSlice::copy_of(std::string(1000, 'x')), soon())
        );
        runtime::TaskGroup group(world_);
        int reads = 0;
        int reads_when_other_ran = -1;
        group.spawn([&]() -> Task<void> {
            reads_when_other_ran = reads;
            co_return;
        });
        std::array<std::byte, 1> got{};
        for (; reads < 1000; ++reads) {
            EXPECT_TRUE(co_await pair.server->read_some(got, soon()));
        }
        EXPECT_GE(reads_when_other_ran, 0);
        EXPECT_LT(reads_when_other_ran, 1000);
        co_await group.join();
    });
}

}  // namespace
}  // namespace sealane::asio_runtime
