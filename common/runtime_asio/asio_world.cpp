#include "common/runtime_asio/asio_world.hpp"

#include "common/runtime_asio/asio_network.hpp"
#include "common/runtime_asio/blocking_pool.hpp"
#include "common/runtime_asio/linux_files.hpp"
#include "common/runtime_asio/steady_clock.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <openssl/rand.h>

#include <chrono>
#include <csignal>
#include <unistd.h>

namespace sealane::asio_runtime {
namespace {

constexpr std::size_t kResolverThreads = 1;

void fill_random(void* into, int size) {
    // Fails only when the system has no entropy source at all: nothing may run then.
    SEALANE_ASSERT(RAND_bytes(static_cast<unsigned char*>(into), size) == 1);
}

std::uint64_t random_seed() {
    std::uint64_t seed = 0;
    fill_random(&seed, sizeof seed);
    return seed;
}

}  // namespace

// In the order of construction; ~AsioWorld says how they go.
struct AsioWorld::Parts {
    Parts(runtime::LogSink& log_sink, const Options& options)
        : sink(log_sink),
          timer(std::in_place, *io),
          waits(io->get_executor(), [this](Instant at) { arm(at); }),
          rng(random_seed()),
          pool(waits, options.pool_threads),
          resolver(waits, kResolverThreads),
          network(waits, pool, resolver, log_sink),
          files(pool) {}

    // One timer for the whole queue. It is moved only to come earlier: when it comes too early,
    // expire() says when to come again, so waits that end in time cost no timer operation.
    void arm(Instant at) {
        if (armed_at <= at) return;
        armed_at = at;
        timer->expires_at(std::chrono::steady_clock::time_point(Duration(at.ns)));
        timer->async_wait([this](const boost::system::error_code& error) {
            if (error) return;  // moved to an earlier instant
            armed_at = Instant::never();
            waits.expire(steady_now());
        });
    }

    runtime::LogSink& sink;
    std::unique_ptr<boost::asio::io_context> io = std::make_unique<boost::asio::io_context>(1);
    std::optional<boost::asio::steady_timer> timer;
    Instant armed_at = Instant::never();
    runtime::WaitQueue waits;
    Rng rng;
    BlockingPool pool;
    BlockingPool resolver;
    AsioNetwork network;
    LinuxFileSystem files;
    std::function<runtime::Task<int>(StopSignal&)> main_task;
};

AsioWorld::AsioWorld(runtime::LogSink& sink, Options options)
    : parts_(std::make_unique<Parts>(sink, options)) {}

AsioWorld::~AsioWorld() {
    // Threads first, for they post to the shard; then tasks that wait; then those about to resume,
    // which the event loop owns, while queue, network and files still exist.
    parts_->pool.stop();
    parts_->resolver.stop();
    parts_->waits.drop_all();
    parts_->timer.reset();
    parts_->io.reset();
}

int AsioWorld::run(std::function<runtime::Task<int>(StopSignal&)> main_task) {
    (void)std::signal(SIGPIPE, SIG_IGN);
    parts_->main_task = std::move(main_task);
    StopSignal stop(parts_->waits);
    boost::asio::signal_set signals(*parts_->io, SIGINT, SIGTERM);
    std::function<void()> await_signal = [&] {
        signals.async_wait([&](const boost::system::error_code& error, int signal) {
            if (error) return;
            if (stop.requested()) ::_exit(128 + signal);
            stop.request();
            await_signal();
        });
    };
    await_signal();
    int exit_code = 1;
    std::exception_ptr thrown;
    boost::asio::co_spawn(
        *parts_->io,
        parts_->main_task(stop),
        [&](const std::exception_ptr& failure, int value) {
            thrown = failure;
            exit_code = value;
            signals.cancel();
            parts_->io->stop();
        }
    );
    parts_->io->restart();
    parts_->io->run();
    if (thrown) std::rethrow_exception(thrown);
    return exit_code;
}

Instant AsioWorld::now() const {
    return steady_now();
}

WallTime AsioWorld::wall() const {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count()};
}

Rng& AsioWorld::rng() {
    return parts_->rng;
}

Uuid AsioWorld::random_uuid() {
    // As Kafka makes them (KIP-516): RFC 4122 version 4, and never one whose text starts with
    // '-', which command lines would take for an option.
    Uuid uuid;
    do {
        fill_random(uuid.bytes.data(), static_cast<int>(uuid.bytes.size()));
        uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0FU) | 0x40U);
        uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3FU) | 0x80U);
    } while (uuid.to_string().starts_with('-'));
    return uuid;
}

runtime::Network& AsioWorld::network() {
    return parts_->network;
}

runtime::FileSystem& AsioWorld::files() {
    return parts_->files;
}

runtime::WaitQueue& AsioWorld::waits() {
    return parts_->waits;
}

runtime::Executor AsioWorld::executor() {
    return parts_->io->get_executor();
}

runtime::LogSink& AsioWorld::log_sink() {
    return parts_->sink;
}

}  // namespace sealane::asio_runtime
