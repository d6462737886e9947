#include "broker/metadata/controller.hpp"

#include "broker/metadata/dynamic_config.hpp"
#include "broker/metadata/feature_decisions.hpp"
#include "broker/metadata/leader_election.hpp"

#include <algorithm>

namespace sealane::broker {

using kafka::BrokerHeartbeatRequest;
using kafka::BrokerHeartbeatResponse;
using kafka::BrokerRegistrationRequest;
using kafka::BrokerRegistrationResponse;
using runtime::Task;

namespace {

constexpr std::size_t kPreferredAtOnce = 1000;
constexpr Duration kFenceAgain = 200ms;  // after a change that the disk refused
constexpr Duration kProbeAgain = 50ms;

ErrorCode wire(const Error& error) {
    if (error.is_stopped()) return ErrorCode::kNotController;
    return is_wire_code(error.code()) ? error.code() : ErrorCode::kUnknownServerError;
}

}  // namespace

Controller::Controller(runtime::World& world, MetadataStore& metadata, ControllerSettings settings)
    : world_(world),
      metadata_(metadata),
      settings_(std::move(settings)),
      log_(world.log("broker.controller")),
      sessions_(settings_.sessions),
      kick_(world.waits()),
      tasks_(world) {}

void Controller::start() {
    tasks_.on_stop([this] {
        kick_.notify_all();
        metadata_.changed().notify_all();
    });
    tasks_.spawn([this]() -> Task<void> { co_await run(); });
    tasks_.spawn([this]() -> Task<void> {
        while (!tasks_.stopping()) {
            (void)co_await metadata_.changed().wait_until(Instant::never());
            kick_.notify_all();
        }
    });
}

Task<void> Controller::stop() {
    co_await tasks_.stop_and_join();
}

Task<void> Controller::run() {
    while (!tasks_.stopping()) {
        if (!is_active()) {
            (void)co_await metadata_.changed().wait_until(Instant::never());
            continue;
        }
        sessions_.activate(world_.now(), *metadata_.newest());
        connections_.clear();
        // Its predecessor has most likely died; if not, it comes back at once.
        disconnected(metadata_.previous_controller());
        for (const auto& callback : on_active_) callback();
        co_await lead();
    }
}

// Until this node is not the active controller any more, or is so in a later epoch.
Task<void> Controller::lead() {
    const LeaderEpoch epoch = metadata_.active_epoch();
    const auto settled = co_await metadata_.change([this](const Image& image) {
        return Result<Records>(settle_partitions(image, policy(image)));
    });
    if (!settled && settled.error().code() != ErrorCode::kNotController) {
        log_.warning("partitions not settled", {{"error", settled.error()}});
    }
    Instant rebalance = world_.now() + settings_.leader_imbalance_check_interval;
    while (!tasks_.stopping() && metadata_.active_epoch() == epoch) {
        const Instant now = world_.now();
        if (!sessions_.expired(now, *metadata_.newest()).empty()) {
            co_await fence_expired();
            continue;
        }
        if (now >= rebalance) {
            rebalance = now + settings_.leader_imbalance_check_interval;
            (void)co_await metadata_.change([this](const Image& image) {
                return Result<Records>(prefer_leaders(image, policy(image), kPreferredAtOnce));
            });
            continue;
        }
        const Instant wake = std::min(rebalance, sessions_.wake_at(*metadata_.newest()));
        (void)co_await kick_.wait_until(wake);
    }
}

Task<void> Controller::fence_expired() {
    for (const BrokerId broker : sessions_.expired(world_.now(), *metadata_.newest())) {
        log_.info("broker fenced: its session ended", {{"broker", broker}});
        const Status done = co_await take_step(BrokerSessions::Step::kFence, broker);
        if (done) continue;
        if (done.error().code() != ErrorCode::kNotController && !done.error().is_stopped()) {
            log_.warning("broker not fenced", {{"broker", broker}, {"error", done.error()}});
            (void)co_await tasks_.sleep(kFenceAgain);
        }
        co_return;
    }
}

Task<Status> Controller::take_step(BrokerSessions::Step step, BrokerId broker) {
    co_return co_await metadata_.change([this, step, broker](const Image& image) {
        const ClusterPolicy policy = this->policy(image);
        switch (step) {
            case BrokerSessions::Step::kNone:
                return Result<Records>(Records{});
            case BrokerSessions::Step::kUnfence:
                return Result<Records>(unfence_broker(image, policy, broker));
            case BrokerSessions::Step::kFence:
                return Result<Records>(fence_broker(image, policy, broker));
            case BrokerSessions::Step::kStartShutdown:
                return Result<Records>(start_controlled_shutdown(image, policy, broker));
        }
        return Result<Records>(Records{});
    });
}

ClusterPolicy Controller::policy(const Image& image) const {
    return current_policy(settings_.policy, image);
}

void Controller::disconnected(BrokerId broker) {
    sessions_.on_disconnected(world_.now(), broker);
    if (!refuses_connections_ || !sessions_.is_disconnected(broker)) return;
    if (probed_.insert(broker).second) tasks_.spawn([this, broker] { return probe(broker); });
}

// The kernel closes what a killed process had open one by one: its listeners may go last.
Task<void> Controller::probe(BrokerId broker) {
    while (!tasks_.stopping() && is_active() && sessions_.is_disconnected(broker) &&
           sessions_.is_alive(world_.now(), broker)) {
        if (co_await refuses_connections_(broker)) {
            sessions_.on_gone(world_.now(), broker);
            kick_.notify_all();
            break;
        }
        (void)co_await tasks_.sleep(kProbeAgain);
    }
    probed_.erase(broker);
}

Task<BrokerRegistrationResponse> Controller::register_broker(BrokerRegistrationRequest request) {
    BrokerRegistrationResponse response;
    if (!is_active()) {
        response.error_code = ErrorCode::kNotController;
        co_return response;
    }
    if (request.cluster_id != cluster_id_) {
        log_.warning(
            "registration refused: another cluster",
            {{"broker", request.broker_id}, {"cluster_id", request.cluster_id}}
        );
        response.error_code = ErrorCode::kInconsistentClusterId;
        co_return response;
    }
    BrokerEpoch epoch = kNoBrokerEpoch;
    const Status done = co_await metadata_.change(
        [this, &request, &epoch](const Image& image, Offset next) -> Result<Records> {
            const bool free = sessions_.is_free(world_.now(), image, request);
            SEALANE_TRY(
                RegistrationDecision decision,
                broker::register_broker(
                    image,
                    policy(image),
                    request,
                    free ? SessionState::kEnded : SessionState::kAlive,
                    next.value
                )
            );
            epoch = decision.epoch;
            sessions_.on_registered(world_.now(), request.broker_id, epoch);
            return std::move(decision.records);
        }
    );
    kick_.notify_all();
    if (done) {
        log_.info("broker registered", {{"broker", request.broker_id}, {"epoch", epoch}});
        response.broker_epoch = epoch;
    } else {
        response.error_code = wire(done.error());
    }
    co_return response;
}

Task<BrokerHeartbeatResponse> Controller::heartbeat(
    BrokerHeartbeatRequest request, std::uint64_t connection
) {
    BrokerHeartbeatResponse refused;
    refused.error_code = ErrorCode::kNotController;
    if (!is_active()) co_return refused;
    BrokerSessions::Outcome outcome =
        sessions_.on_heartbeat(world_.now(), *metadata_.newest(), request, metadata_.next_offset());
    kick_.notify_all();
    if (outcome.response.error_code != ErrorCode::kNone) co_return outcome.response;
    connections_[request.broker_id] = connection;
    const Status done = co_await take_step(outcome.step, request.broker_id);
    if (!done) {
        refused.error_code = wire(done.error());
        co_return refused;
    }
    co_return outcome.response;
}

Task<kafka::UnregisterBrokerResponse> Controller::unregister(kafka::UnregisterBrokerRequest request
) {
    kafka::UnregisterBrokerResponse response;
    response.error_message.reset();
    const BrokerId broker = request.broker_id;
    const Status done = co_await metadata_.change([this, broker](const Image& image) {
        return unregister_broker(image, policy(image), broker);
    });
    if (done) {
        sessions_.on_unregistered(broker);
        connections_.erase(broker);
    } else {
        response.error_code = wire(done.error());
        response.error_message = done.error().detail();
    }
    co_return response;
}

Task<kafka::UpdateFeaturesResponse> Controller::update_features(
    kafka::UpdateFeaturesRequest request, std::int16_t version
) {
    kafka::UpdateFeaturesResponse response;
    response.error_message.reset();
    const auto decide = [&request, version](const Image& image) -> Result<Records> {
        SEALANE_TRY(const auto levels, broker::update_features(image, request, version));
        if (request.validate_only) return Records{};
        return Records(levels.begin(), levels.end());
    };
    const Status done = co_await metadata_.change(decide);
    if (!done) {
        response.error_code = wire(done.error());
        response.error_message = done.error().detail();
        co_return response;
    }
    for (const auto& update : request.feature_updates) {
        auto& result = response.results.emplace_back();
        result.feature = update.feature;
        result.error_message.reset();
    }
    co_return response;
}

void Controller::on_connection_closed(std::uint64_t connection) {
    for (auto each = connections_.begin(); each != connections_.end();) {
        if (each->second == connection && connection != 0) {
            disconnected(each->first);
            each = connections_.erase(each);
            kick_.notify_all();
        } else {
            ++each;
        }
    }
}

}  // namespace sealane::broker
