#include "broker/app/lifecycle.hpp"

#include "broker/metadata/broker_decisions.hpp"

#include <algorithm>

namespace sealane::broker {

using kafka::BrokerHeartbeatRequest;
using kafka::BrokerHeartbeatResponse;
using kafka::BrokerRegistrationRequest;
using runtime::Task;

namespace {

constexpr Duration kRegistrationTry = 2s;
constexpr Duration kRegistrationPause = 200ms;
constexpr Duration kTellWaiting = 5s;
constexpr std::int16_t kPlaintext = 0;
constexpr std::int16_t kSsl = 1;

// What no later try can mend.
bool is_final(ErrorCode code) {
    return code == ErrorCode::kInconsistentClusterId || code == ErrorCode::kUnsupportedVersion ||
           code == ErrorCode::kInvalidRegistration || code == ErrorCode::kInvalidRequest;
}

std::string why_final(ErrorCode code, BrokerId node, const NodeIdentity& identity) {
    if (code == ErrorCode::kInconsistentClusterId) {
        return "the quorum belongs to another cluster than cluster.id " + identity.cluster_id +
               ": point controller.quorum.voters at this cluster, or this node at another data "
               "directory";
    }
    if (code == ErrorCode::kDuplicateBrokerRegistration) {
        return "another process, which is alive, is registered as node " +
               std::to_string(node.value) +
               " of this cluster: give this one a node.id of its own, or stop the other";
    }
    return "the cluster refuses this node's registration";
}

}  // namespace

BrokerLifecycle::BrokerLifecycle(
    runtime::World& world,
    const BrokerConfig& config,
    ControllerChannel& controller,
    MetadataStore& metadata
)
    : world_(world),
      config_(config),
      controller_(controller),
      metadata_(metadata),
      log_(world.log("broker.lifecycle")),
      beat_(world.waits()),
      tasks_(world) {
    tasks_.on_stop([this] {
        beat_.notify_all();
        metadata_.changed().notify_all();
    });
}

BrokerRegistrationRequest BrokerLifecycle::registration() const {
    BrokerRegistrationRequest request;
    request.broker_id = config_.node_id;
    request.cluster_id = identity_.cluster_id;
    request.incarnation_id = incarnation_;
    for (const BrokerState::Listener& listener : identity_.listeners) {
        request.listeners.push_back(
            {listener.name, listener.host, listener.port, listener.tls ? kSsl : kPlaintext}
        );
    }
    request.rack.reset();
    if (!config_.cluster.rack.empty()) request.rack = config_.cluster.rack;
    request.log_dirs = {identity_.directory_id};
    for (const ClusterFeature& feature : kClusterFeatures) {
        auto& supported = request.features.emplace_back();
        supported.name = feature.name;
        supported.min_supported_version = 0;
        supported.max_supported_version = feature.level;
    }
    request.previous_broker_epoch = identity_.previous_epoch;
    return request;
}

Task<Status> BrokerLifecycle::join(NodeIdentity identity) {
    identity_ = std::move(identity);
    incarnation_ = world_.random_uuid();
    Instant tell = world_.now() + kTellWaiting;
    Instant taken_since = Instant::never();
    const Duration patience = config_.cluster.session_timeout * 2 + kRegistrationTry;
    for (;;) {
        if (tasks_.stopping()) co_return fail(Error::stopped());
        const Status done = co_await register_once();
        if (done) break;
        const auto obstacle = obstacle_();
        const Error error = obstacle.value_or(done.error());
        const bool taken = error.code() == ErrorCode::kDuplicateBrokerRegistration;
        if (!taken) taken_since = Instant::never();
        if (taken) taken_since = std::min(taken_since, world_.now());
        // The session of a predecessor of this very node would have ended by now.
        const bool for_good = taken && (obstacle || world_.now() >= taken_since + patience);
        if (is_final(error.code()) || for_good) {
            co_return fail(error.code(), why_final(error.code(), config_.node_id, identity_));
        }
        if (world_.now() >= tell) {
            log_.warning("still not registered with the cluster", {{"cause", error}});
            tell = world_.now() + kTellWaiting;
        }
        if (!co_await tasks_.sleep(kRegistrationPause)) co_return fail(Error::stopped());
    }
    log_.info("registered", {{"broker_epoch", epoch_}});
    for (;;) {
        if (tasks_.stopping()) co_return fail(Error::stopped());
        const BrokerState* mine = metadata_.image()->broker(config_.node_id);
        if (mine != nullptr && mine->epoch == epoch_) co_return Status{};
        (void)co_await metadata_.changed().wait_until(Instant::never());
    }
}

Task<Status> BrokerLifecycle::register_once() {
    SEALANE_CO_TRY(
        const auto answer,
        co_await controller_.send(registration(), world_.now() + kRegistrationTry, kRegistrationTry)
    );
    if (answer.error_code != ErrorCode::kNone) {
        co_return fail(
            answer.error_code, "registration of broker " + std::to_string(config_.node_id.value)
        );
    }
    epoch_ = answer.broker_epoch;
    co_return Status{};
}

Task<Status> BrokerLifecycle::go_live() {
    live_ = true;
    tasks_.spawn([this]() -> Task<void> { co_await heartbeats(); });
    for (;;) {
        if (tasks_.stopping()) co_return fail(Error::stopped());
        const BrokerState* mine = metadata_.image()->broker(config_.node_id);
        if (mine != nullptr && mine->epoch == epoch_ && !mine->fenced) co_return Status{};
        (void)co_await metadata_.changed().wait_until(Instant::never());
    }
}

Task<void> BrokerLifecycle::heartbeats() {
    while (!tasks_.stopping()) {
        const Instant next = world_.now() + config_.cluster.heartbeat_interval;
        co_await heartbeat();
        if (tasks_.stopping()) co_return;
        (void)co_await beat_.wait_until(next);
    }
}

Task<void> BrokerLifecycle::heartbeat() {
    BrokerHeartbeatRequest request;
    request.broker_id = config_.node_id;
    request.broker_epoch = epoch_;
    request.current_metadata_offset = metadata_.applied();
    request.want_fence = !live_;
    request.want_shut_down = wants_shutdown_;
    const Duration patience = config_.cluster.session_timeout;
    const Instant begun = world_.now();
    const auto answer = co_await controller_.send(
        std::move(request), begun + patience, config_.cluster.heartbeat_interval * 2
    );
    if (tasks_.stopping()) co_return;
    if (!answer) {
        log_.debug("no heartbeat", {{"cause", answer.error()}});
        co_return;
    }
    if (answer->error_code == ErrorCode::kStaleBrokerEpoch ||
        answer->error_code == ErrorCode::kBrokerIdNotRegistered) {
        log_.info("registering again", {{"cause", Error(answer->error_code)}});
        const Status done = co_await register_once();
        if (!done) log_.info("not registered", {{"cause", done.error()}});
        co_return;
    }
    if (answer->error_code == ErrorCode::kNone) {
        answered_ = begun;
        answered_here_ = metadata_.is_active();
    }
    take_answer(*answer);
}

bool BrokerLifecycle::is_in_touch() const {
    if (alone()) return true;
    // A controller that this node was cannot vouch for it any longer: the next one may be there.
    if (answered_here_ && !metadata_.is_active()) return false;
    return world_.now() - answered_ < shortest_session(config_.cluster);
}

void BrokerLifecycle::take_answer(const BrokerHeartbeatResponse& answer) {
    if (answer.error_code != ErrorCode::kNone) {
        log_.info("heartbeat refused", {{"cause", Error(answer.error_code)}});
        return;
    }
    if (answer.should_shut_down && wants_shutdown_) may_shut_down_ = true;
}

bool BrokerLifecycle::alone() const {
    const auto image = metadata_.image();
    return std::ranges::none_of(image->brokers(), [this](const auto& each) {
        return each.first != config_.node_id && !each.second.fenced;
    });
}

Task<void> BrokerLifecycle::retire(Instant deadline) {
    if (!live_ || epoch_ == kNoBrokerEpoch || alone() || tasks_.stopping()) co_return;
    wants_shutdown_ = true;
    // Heartbeats come faster than usual, but at a pace: the controller may be this node itself, and
    // then an answer takes no time.
    const Duration pace = std::min(config_.cluster.heartbeat_interval / 4, Duration(50ms));
    while (!may_shut_down_ && !tasks_.stopping() && world_.now() < deadline) {
        beat_.notify_all();
        if (!co_await tasks_.sleep(pace)) break;
    }
    if (may_shut_down_) {
        log_.info("leaderships moved away");
    } else {
        log_.warning("controlled shutdown did not finish in time; leaderships move by themselves");
    }
}

Task<void> BrokerLifecycle::stop() {
    co_await tasks_.stop_and_join();
}

}  // namespace sealane::broker
