#pragma once
// The real World: one Boost.Asio event loop on the calling thread, Linux sockets and files, OpenSSL
// TLS, a small pool for calls that block. One per process for now; main() makes it, calls run(),
// and returns what run() returned.
//
//     int main(int argc, char** argv) {
//         asio_runtime::AsioWorld world(sink);
//         return world.run([&](asio_runtime::StopSignal& stop) { return serve(world, stop); });
//     }

#include "common/runtime/world.hpp"
#include "common/runtime_asio/stop_signal.hpp"

#include <functional>
#include <memory>

namespace sealane::asio_runtime {

struct AsioWorldOptions {
    std::size_t pool_threads = 4;  // for fsync, cold reads and other calls that block
};

class AsioWorld final : public runtime::World {
 public:
    using Options = AsioWorldOptions;
    // `sink` must outlive the world.
    explicit AsioWorld(runtime::LogSink& sink, Options options = {});
    // Drops whatever tasks are left, innermost first; nothing of them runs any more.
    ~AsioWorld() override;
    AsioWorld(const AsioWorld&) = delete;
    AsioWorld& operator=(const AsioWorld&) = delete;

    // Runs `main_task` to its end and returns its value, the exit code. SIGINT and SIGTERM request
    // a stop of `stop`; a second one ends the process at once with 128 + signal. SIGPIPE is
    // ignored. The callable is kept alive until its task ends, so it may be a capturing lambda
    // coroutine. Everything the task started must have been joined when it returns; what was not
    // is dropped by the destructor.
    int run(std::function<runtime::Task<int>(StopSignal& stop)> main_task);

    [[nodiscard]] Instant now() const override;
    [[nodiscard]] WallTime wall() const override;
    [[nodiscard]] Rng& rng() override;
    [[nodiscard]] Uuid random_uuid() override;
    [[nodiscard]] runtime::Network& network() override;
    [[nodiscard]] runtime::FileSystem& files() override;
    [[nodiscard]] runtime::WaitQueue& waits() override;
    [[nodiscard]] runtime::Executor executor() override;
    [[nodiscard]] runtime::LogSink& log_sink() override;

 private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace sealane::asio_runtime
