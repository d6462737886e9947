#include "tests/simulation/world/sim_world.hpp"

namespace sealane::simulation {

using runtime::Task;

SimWorld::SimWorld(
    Simulator& simulator,
    SimNetwork& network,
    Disk& disk,
    std::string host,
    std::string name,
    const HostClock* clock
)
    : simulator_(simulator),
      network_(network),
      disk_(disk),
      host_(std::move(host)),
      name_(std::move(name)),
      clock_(clock),
      rng_(simulator.rng().fork()),
      waits_(simulator.executor(), [this](Instant at) { arm(at); }) {}

// One event is under way at a time for the earliest wait. A later one may be all that is left when
// it comes, so expire() always looks and arms again.
void SimWorld::arm(Instant at) {
    if (at >= armed_) return;
    armed_ = at;
    simulator_.schedule(at, [this, at, alive = std::weak_ptr<bool>(alive_)] {
        if (alive.expired() || armed_ != at) return;
        armed_ = Instant::never();
        if (paused_) return;
        if (waits_.next_deadline() <= at)
            simulator_.trace().event(simulator_.now(), "wake", name_, waits_.size());
        waits_.expire(at);
    });
}

void SimWorld::resume() {
    paused_ = false;
    waits_.expire(simulator_.now());
}

SimWorld::~SimWorld() {
    waits_.drop_all();
}

WallTime SimWorld::wall() const {
    const std::int64_t ahead = clock_ == nullptr ? 0 : clock_->ahead(simulator_.now());
    return WallTime{1'760'000'000'000 + simulator_.now().ns / 1'000'000 + ahead};
}

Uuid SimWorld::random_uuid() {
    Uuid uuid;
    for (auto& byte : uuid.bytes) byte = static_cast<std::uint8_t>(rng_.below(256));
    return uuid;
}

Task<Result<std::unique_ptr<runtime::Stream>>> SimWorld::connect(
    runtime::Endpoint to, std::optional<runtime::TlsIdentity> tls, Instant deadline
) {
    const std::string address = to.to_string();
    co_await sleep(network_.draw_latency());
    if (network_.is_cut(host_, to.host) || network_.is_cut(to.host, host_)) {
        co_await sleep_until(deadline);
        co_return fail(ErrorCode::kDeadlineExceeded, "no answer from " + address);
    }
    const auto found = network_.listeners().find(address);
    if (found == network_.listeners().end()) {
        co_return fail(ErrorCode::kConnectionRefused, "nobody listens on " + address);
    }
    const std::string other = found->second->host();
    if (network_.is_cut(host_, other) || network_.is_cut(other, host_)) {
        co_await sleep_until(deadline);
        co_return fail(ErrorCode::kDeadlineExceeded, "no answer from " + address);
    }
    if (found->second->tls() != tls.has_value()) {
        co_return fail(
            ErrorCode::kTlsFailed, address + ": one side speaks TLS, the other does not"
        );
    }
    auto there = network_.make_pipe(host_, other);
    auto back = network_.make_pipe(other, host_);
    runtime::Peer client{.address = host_};
    client.tls = tls.has_value();
    // The certificate's path stands for its subject.
    if (tls) client.principal = "User:CN=" + tls->certificate_file;
    if (to.is_unix()) client.unix_uid = 0;
    found->second->arrive({there, back, client});
    runtime::Peer server{.address = address};
    server.tls = tls.has_value();
    if (to.is_unix()) server.unix_uid = 0;
    co_return std::make_unique<SimStream>(*this, back, there, server);
}

Task<Result<std::unique_ptr<runtime::Listener>>> SimWorld::listen(
    runtime::Endpoint at, std::optional<runtime::TlsIdentity> tls
) {
    if (!at.is_unix() && at.port == 0) at.port = network_.free_port();
    if (network_.listeners().contains(at.to_string())) {
        co_return fail(ErrorCode::kAddressInUse, at.to_string() + " is in use");
    }
    co_return std::make_unique<SimListener>(*this, at, tls.has_value());
}

Task<Status> SimWorld::handshake(runtime::Stream&, Instant) {
    co_return Status{};
}

bool SimWorld::enabled(runtime::LogLevel level, std::string_view) const {
    return level != runtime::LogLevel::kDebug;
}

void SimWorld::write(
    runtime::LogLevel level,
    std::string_view module,
    std::string_view event,
    std::span<const runtime::LogField> fields
) {
    std::string line(module);
    line.append(level == runtime::LogLevel::kError ? " ERROR " : " ").append(event);
    for (const auto& field : fields) {
        line.append(" ").append(field.key).append("=").append(field.value);
    }
    if (level == runtime::LogLevel::kError) ++error_lines_;
    simulator_.trace().line(simulator_.now(), name_, std::move(line));
}

}  // namespace sealane::simulation
