// Round trips and throughput of the real World's streams beside bare Asio, both ends on one shard
// of one thread: what the loop, the system calls and TLS cost together, without a second core.
//
//     network_bench            prints one line a measurement

#include "common/identity/identity_files.hpp"
#include "common/identity/issue.hpp"
#include "common/runtime/task_group.hpp"
#include "common/runtime_asio/asio_world.hpp"
#include "common/runtime_asio/stderr_log_sink.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <vector>

namespace sealane::asio_runtime {
namespace {

using boost::asio::ip::tcp;
using runtime::Endpoint;
using runtime::Stream;
using runtime::Task;
using runtime::TlsIdentity;

constexpr int kRoundTrips = 50'000;
constexpr std::size_t kTotalBytes = std::size_t{2} << 30;
constexpr auto kToken = boost::asio::as_tuple(boost::asio::use_awaitable);

void report(const char* what, const char* unit, double value) {
    std::printf("%-44s %10.2f %s\n", what, value, unit);
    (void)std::fflush(stdout);
}

double seconds(Duration d) {
    return static_cast<double>(d.count()) / 1e9;
}

// Of the whole process; unlike the clock's it does not count the machine's other work.
double cpu_seconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

struct Pair {
    std::unique_ptr<runtime::Listener> listener;
    std::unique_ptr<Stream> client;
    std::unique_ptr<Stream> server;
};

Task<Pair> connected(runtime::World& world, Endpoint at, std::optional<TlsIdentity> tls) {
    Pair pair;
    pair.listener = *co_await world.network().listen(at, tls);
    runtime::TaskGroup group(world);
    group.spawn([&]() -> Task<void> {
        pair.server = *co_await pair.listener->accept();
        SEALANE_ASSERT((co_await world.network().handshake(*pair.server, world.now() + 5s)));
    });
    pair.client = *co_await world.network().connect(pair.listener->local(), tls, world.now() + 5s);
    co_await group.join();
    co_return pair;
}

Task<void> echo(runtime::World& world, Stream& stream, std::size_t size) {
    std::vector<std::byte> got(size);
    while (co_await read_exactly(stream, got, world.now() + 30s)) {
        (void)co_await stream.write(BufferSlice::copy_of(got), world.now() + 30s);
    }
}

Task<void> measure_round_trips(runtime::World& world, Pair& pair, const char* what) {
    runtime::TaskGroup group(world);
    group.spawn([&]() -> Task<void> { co_await echo(world, *pair.server, 1); });
    const BufferSlice ping = BufferSlice::copy_of("x");
    std::array<std::byte, 1> pong{};
    const double cpu_start = cpu_seconds();
    const Instant start = world.now();
    for (int i = 0; i < kRoundTrips; ++i) {
        (void)co_await pair.client->write(ping, world.now() + 30s);
        (void)co_await read_exactly(*pair.client, pong, world.now() + 30s);
    }
    report(what, "us a round trip", seconds(world.now() - start) * 1e6 / kRoundTrips);
    report("    both ends together", "CPU us", (cpu_seconds() - cpu_start) * 1e6 / kRoundTrips);
    pair.client->close();
    co_await group.join();
}

Task<void> measure_throughput(
    runtime::World& world, Pair& pair, BufferChain chain, const char* what
) {
    runtime::TaskGroup group(world);
    const std::size_t writes = kTotalBytes / chain.size();
    group.spawn([&]() -> Task<void> {
        for (std::size_t i = 0; i < writes; ++i) {
            SEALANE_ASSERT((co_await pair.client->write(chain, world.now() + 30s)));
        }
        pair.client->close();
    });
    std::vector<std::byte> into(256 << 10);
    std::size_t total = 0;
    const Instant start = world.now();
    const double cpu_start = cpu_seconds();
    for (;;) {
        const auto count = co_await pair.server->read_some(into, world.now() + 30s);
        if (!count) break;
        total += *count;
    }
    const double gigabytes = static_cast<double>(total) / 1e9;
    report(what, "GB/s", gigabytes / seconds(world.now() - start));
    report("    both ends together", "CPU s/GB", (cpu_seconds() - cpu_start) / gigabytes);
    co_await group.join();
}

BufferChain chain_of(std::size_t slices, std::size_t size) {
    BufferChain chain;
    const BufferSlice slice = BufferSlice::copy_of(std::string(size, 'x'));
    for (std::size_t i = 0; i < slices; ++i) chain.append(slice);
    return chain;
}

Task<void> measure_bare_asio(runtime::World& world) {
    const auto executor = co_await boost::asio::this_coro::executor;
    tcp::acceptor acceptor(executor, {boost::asio::ip::address_v4::loopback(), 0});
    tcp::socket client(executor);
    tcp::socket server(executor);
    runtime::TaskGroup group(world);
    group.spawn([&]() -> Task<void> {
        (void)co_await acceptor.async_accept(server, kToken);
        server.set_option(tcp::no_delay(true));
        std::array<char, 1> byte{};
        for (;;) {
            auto [error, count] =
                co_await server.async_read_some(boost::asio::buffer(byte), kToken);
            if (error) break;
            (void)co_await boost::asio::async_write(server, boost::asio::buffer(byte), kToken);
        }
    });
    (void)co_await client.async_connect(acceptor.local_endpoint(), kToken);
    client.set_option(tcp::no_delay(true));
    std::array<char, 1> byte{};
    const double cpu_start = cpu_seconds();
    const Instant start = world.now();
    for (int i = 0; i < kRoundTrips; ++i) {
        (void)co_await boost::asio::async_write(client, boost::asio::buffer(byte), kToken);
        (void)co_await client.async_read_some(boost::asio::buffer(byte), kToken);
    }
    report(
        "1 byte, bare Asio, TCP, no deadlines",
        "us a round trip",
        seconds(world.now() - start) * 1e6 / kRoundTrips
    );
    report("    both ends together", "CPU us", (cpu_seconds() - cpu_start) * 1e6 / kRoundTrips);
    client.close();
    co_await group.join();
}

TlsIdentity make_identity(const std::string& directory, WallTime now) {
    const auto validity = identity::Validity::days_from(now, 1);
    const auto ca = *identity::make_authority({"bench CA", "bench"}, validity);
    const auto leaf =
        *identity::make_server_certificate(ca, {"bench", "bench"}, {"127.0.0.1"}, validity);
    const TlsIdentity result{
        "bench",
        directory + "/ca.pem",
        directory + "/leaf.pem",
        directory + "/leaf.key",
        TlsIdentity::ClientAuth::kRequired
    };
    SEALANE_ASSERT(identity::write_certificate(ca.certificate_pem, result.ca_file));
    SEALANE_ASSERT(identity::write_credential(leaf, result.certificate_file, result.key_file));
    return result;
}

Task<void> measure_files(runtime::World& world, std::string directory) {
    auto file = *co_await world.files().open(directory + "/file", runtime::OpenMode::kCreate);
    const BufferSlice block = BufferSlice::copy_of(std::string(64 << 10, 'x'));
    constexpr int kBlocks = 2000;
    Instant start = world.now();
    for (int i = 0; i < kBlocks; ++i) {
        (void)co_await file->write_at(static_cast<std::uint64_t>(i) * block.size(), block);
    }
    report("file, write 64 KiB", "us", seconds(world.now() - start) * 1e6 / kBlocks);
    start = world.now();
    for (int i = 0; i < kBlocks; ++i) {
        (void)co_await file->read_at(static_cast<std::uint64_t>(i) * block.size(), block.size());
    }
    report(
        "file, read 64 KiB from the page cache", "us", seconds(world.now() - start) * 1e6 / kBlocks
    );
    (void)co_await file->sync();
    constexpr int kSyncs = 200;
    start = world.now();
    for (int i = 0; i < kSyncs; ++i) {
        (void)co_await file->write_at(static_cast<std::uint64_t>(i) * 4096, block.slice(0, 4096));
        (void)co_await file->sync();
    }
    report(
        "file, overwrite 4 KiB and fdatasync", "us", seconds(world.now() - start) * 1e6 / kSyncs
    );
}

Task<void> measure_tls_connects(runtime::World& world, TlsIdentity tls) {
    constexpr int kConnects = 300;
    const Instant start = world.now();
    for (int i = 0; i < kConnects; ++i) {
        Pair pair = co_await connected(world, {"127.0.0.1", 0, {}}, tls);
        pair.client->close();
    }
    report(
        "connect with mutual TLS, both ends", "us", seconds(world.now() - start) * 1e6 / kConnects
    );
}

Task<int> measure_all(runtime::World& world) {
    std::string directory = std::filesystem::temp_directory_path() / "sealane_bench_XXXXXX";
    SEALANE_ASSERT(::mkdtemp(directory.data()) != nullptr);
    const TlsIdentity tls = make_identity(directory, world.wall());
    const Endpoint loopback{"127.0.0.1", 0, {}};
    const Endpoint unix_socket{{}, 0, directory + "/socket"};
    co_await measure_bare_asio(world);
    Pair pair = co_await connected(world, loopback, std::nullopt);
    co_await measure_round_trips(world, pair, "1 byte, TCP");
    pair = co_await connected(world, unix_socket, std::nullopt);
    co_await measure_round_trips(world, pair, "1 byte, Unix socket");
    pair = co_await connected(world, loopback, tls);
    co_await measure_round_trips(world, pair, "1 byte, TLS");
    pair = co_await connected(world, loopback, std::nullopt);
    co_await measure_throughput(world, pair, chain_of(1, 256 << 10), "TCP, writes of 256 KiB");
    pair = co_await connected(world, loopback, tls);
    co_await measure_throughput(world, pair, chain_of(1, 256 << 10), "TLS, writes of 256 KiB");
    pair = co_await connected(world, loopback, tls);
    co_await measure_throughput(
        world, pair, chain_of(1000, 262), "TLS, 1000 slices of 262 bytes, gathered"
    );
    const BufferSlice joined = chain_of(1000, 262).joined();
    pair = co_await connected(world, loopback, tls);
    co_await measure_throughput(world, pair, joined, "TLS, the same joined before");
    pair = co_await connected(world, loopback, tls);
    co_await measure_throughput(world, pair, chain_of(1, 4096), "TLS, writes of 4 KiB");
    co_await measure_tls_connects(world, tls);
    co_await measure_files(world, directory);
    std::filesystem::remove_all(directory);
    co_return 0;
}

}  // namespace
}  // namespace sealane::asio_runtime

int main() {
    using namespace sealane::asio_runtime;
    StderrLogSink sink;
    AsioWorld world(sink);
    return world.run([&world](StopSignal&) { return measure_all(world); });
}
