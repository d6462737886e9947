#pragma once
// The World of one incarnation of one simulated process. Every pending operation of the process
// is a wait in its WaitQueue, so crash() is: drop the waits, then destroy the program, then lose
// what the disk had not synced.

#include "common/runtime/world.hpp"
#include "tests/simulation/world/disk.hpp"
#include "tests/simulation/world/network.hpp"
#include "tests/simulation/world/simulator.hpp"

#include <memory>
#include <string>

namespace sealane::simulation {

// A host's wall clock beside the true time; the monotonic clock is never touched.
struct HostClock {
    std::int64_t ahead_ms = 0;   // all jumps together
    std::int64_t drift_ppm = 0;  // since drift_from
    Instant drift_from;
    [[nodiscard]] std::int64_t ahead(Instant now) const {
        return ahead_ms + (now - drift_from).count() / 1'000'000 * drift_ppm / 1'000'000;
    }
    void jump(std::int64_t ms) { ahead_ms += ms; }
    void drift(Instant now, std::int64_t ppm) {
        ahead_ms = ahead(now);
        drift_from = now;
        drift_ppm = ppm;
    }
};

class SimWorld final : public runtime::World,
                       private runtime::Network,
                       private runtime::FileSystem,
                       private runtime::LogSink {
 public:
    // `host`: its address on the network; `name`: what the trace calls it. Without a clock: a
    // right one.
    SimWorld(
        Simulator& simulator,
        SimNetwork& network,
        Disk& disk,
        std::string host,
        std::string name,
        const HostClock* clock = nullptr
    );
    ~SimWorld() override;

    [[nodiscard]] Instant now() const override { return simulator_.now(); }
    [[nodiscard]] WallTime wall() const override;
    [[nodiscard]] Rng& rng() override { return rng_; }
    [[nodiscard]] Uuid random_uuid() override;
    [[nodiscard]] runtime::Network& network() override { return *this; }
    [[nodiscard]] runtime::FileSystem& files() override { return *this; }
    [[nodiscard]] runtime::WaitQueue& waits() override { return waits_; }
    [[nodiscard]] runtime::Executor executor() override { return simulator_.executor(); }
    [[nodiscard]] runtime::LogSink& log_sink() override { return *this; }

    [[nodiscard]] const std::string& host() const { return host_; }
    [[nodiscard]] Disk& disk() { return disk_; }
    [[nodiscard]] SimNetwork& sim_network() { return network_; }
    [[nodiscard]] Simulator& simulator() { return simulator_; }
    [[nodiscard]] std::uint64_t error_lines() const { return error_lines_; }
    // SIGSTOP and SIGCONT: no event of this process runs in between, everything that was due runs
    // then. The scenario pauses the host's network with it. From an event of the simulator only.
    void pause() { paused_ = true; }
    void resume();
    // Destroys every pending continuation. Call before the program is destroyed, from an event
    // (never from a coroutine): Asio unwinds dropped frames through the executor.
    void drop_everything() {
        while (waits_.size() != 0) {
            waits_.drop_all();
            simulator_.settle();
        }
    }

 private:
    void arm(Instant at);
    // Network
    runtime::Task<Result<std::unique_ptr<runtime::Stream>>> connect(
        runtime::Endpoint to, std::optional<runtime::TlsIdentity> tls, Instant deadline
    ) override;
    runtime::Task<Result<std::unique_ptr<runtime::Listener>>> listen(
        runtime::Endpoint at, std::optional<runtime::TlsIdentity> tls
    ) override;
    runtime::Task<Status> handshake(runtime::Stream& accepted, Instant deadline) override;
    // FileSystem
    runtime::Task<Result<std::unique_ptr<runtime::File>>> open(
        std::string path, runtime::OpenMode mode
    ) override;
    runtime::Task<Status> rename(std::string from, std::string to) override;
    runtime::Task<Status> remove(std::string path) override;
    runtime::Task<Status> remove_tree(std::string path) override;
    runtime::Task<Status> make_directories(std::string path) override;
    runtime::Task<Status> sync_directory(std::string path) override;
    runtime::Task<Result<std::vector<runtime::DirectoryEntry>>> list(std::string path) override;
    runtime::Task<Result<std::uint64_t>> free_bytes(std::string path) override;
    runtime::Task<Result<std::uint64_t>> total_bytes(std::string path) override;
    runtime::Task<Result<std::unique_ptr<runtime::FileLock>>> lock(std::string path) override;
    // LogSink
    void write(
        runtime::LogLevel level,
        std::string_view module,
        std::string_view event,
        std::span<const runtime::LogField> fields
    ) override;
    [[nodiscard]] bool enabled(runtime::LogLevel level, std::string_view module) const override;

    Simulator& simulator_;
    SimNetwork& network_;
    Disk& disk_;
    std::string host_;
    std::string name_;
    const HostClock* clock_;
    Rng rng_;
    bool paused_ = false;
    std::uint64_t error_lines_ = 0;
    Instant armed_ = Instant::never();  // when the next wake-up is scheduled
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    runtime::WaitQueue waits_;
};

}  // namespace sealane::simulation
