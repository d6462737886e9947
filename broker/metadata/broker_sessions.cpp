#include "broker/metadata/broker_sessions.hpp"

#include "broker/metadata/broker_decisions.hpp"

#include <algorithm>

namespace sealane::broker {

void BrokerSessions::activate(Instant now, const Image& image) {
    sessions_.clear();
    for (const auto& [id, broker] : image.brokers()) {
        on_registered(now, id, broker.epoch);
        sessions_.at(id).heard = false;
    }
}

void BrokerSessions::on_registered(Instant now, BrokerId broker, BrokerEpoch epoch) {
    Session& session = sessions_[broker];
    if (session.epoch != epoch)
        session = Session{.epoch = epoch, .ends = {}, .shutdown_offset = {}};
    session.ends = now + settings_.session_timeout;
    session.disconnected = false;
    session.heard = true;
}

void BrokerSessions::on_unregistered(BrokerId broker) {
    sessions_.erase(broker);
}

BrokerSessions::Outcome BrokerSessions::on_heartbeat(
    Instant now, const Image& image, const kafka::BrokerHeartbeatRequest& request, Offset log_end
) {
    Outcome outcome;
    kafka::BrokerHeartbeatResponse& response = outcome.response;
    const BrokerState* broker = image.broker(request.broker_id);
    if (broker == nullptr || broker->epoch != request.broker_epoch) {
        response.error_code =
            broker == nullptr ? ErrorCode::kBrokerIdNotRegistered : ErrorCode::kStaleBrokerEpoch;
        return outcome;
    }
    on_registered(now, broker->id, broker->epoch);
    Session& session = sessions_[broker->id];
    session.metadata_offset = request.current_metadata_offset;
    response.is_caught_up = session.metadata_offset.value > broker->epoch;
    response.is_fenced = broker->fenced;
    if (request.want_shut_down) {
        if (!broker->fenced && !broker->in_controlled_shutdown && !request.want_fence) {
            outcome.step = Step::kStartShutdown;
            return outcome;
        }
        if (!broker->fenced && !request.want_fence &&
            !may_stop(now, image, broker->id, session, log_end)) {
            return outcome;
        }
        if (!broker->fenced) outcome.step = Step::kFence;
        response.is_fenced = true;
        response.should_shut_down = true;
        // It goes now: its next incarnation must not wait for this one's session.
        session.ends = now;
        return outcome;
    }
    const bool may_serve = !request.want_fence && !broker->in_controlled_shutdown;
    if (broker->fenced && may_serve && response.is_caught_up) {
        outcome.step = Step::kUnfence;
        response.is_fenced = false;
    } else if (!broker->fenced && request.want_fence) {
        outcome.step = Step::kFence;
        response.is_fenced = true;
    }
    return outcome;
}

bool BrokerSessions::may_stop(
    Instant now, const Image& image, BrokerId broker, Session& session, Offset log_end
) {
    if (leads_any(image, broker)) return false;
    if (!session.shutdown_offset) session.shutdown_offset = log_end;
    // Whoever else is alive must know that somebody else leads, or clients would be sent here.
    return std::ranges::all_of(sessions_, [&](const auto& entry) {
        const auto& [id, other] = entry;
        if (id == broker || !image.is_active(id) || other.ends <= now) return true;
        return other.metadata_offset >= *session.shutdown_offset;
    });
}

void BrokerSessions::on_disconnected(Instant now, BrokerId broker) {
    const auto found = sessions_.find(broker);
    if (found == sessions_.end()) return;
    found->second.ends = std::min(found->second.ends, now + settings_.session_timeout_disconnected);
    found->second.disconnected = true;
}

bool BrokerSessions::is_disconnected(BrokerId broker) const {
    const auto found = sessions_.find(broker);
    return found != sessions_.end() && found->second.disconnected;
}

void BrokerSessions::on_gone(Instant now, BrokerId broker) {
    if (is_disconnected(broker)) sessions_.at(broker).ends = now;
}

bool BrokerSessions::is_free(
    Instant now, const Image& image, const kafka::BrokerRegistrationRequest& request
) const {
    if (!is_alive(now, request.broker_id)) return true;
    if (sessions_.at(request.broker_id).heard) return false;
    const BrokerState* old = image.broker(request.broker_id);
    return old != nullptr && !old->log_dirs.empty() && brings_all_disks(request, *old);
}

bool BrokerSessions::is_alive(Instant now, BrokerId broker) const {
    const auto found = sessions_.find(broker);
    return found != sessions_.end() && found->second.ends > now;
}

std::vector<BrokerId> BrokerSessions::expired(Instant now, const Image& image) const {
    std::vector<BrokerId> gone;
    for (const auto& [id, broker] : image.brokers()) {
        if (!broker.fenced && !is_alive(now, id)) gone.push_back(id);
    }
    return gone;
}

Instant BrokerSessions::wake_at(const Image& image) const {
    Instant first = Instant::never();
    for (const auto& [id, session] : sessions_) {
        const BrokerState* broker = image.broker(id);
        if (broker != nullptr && !broker->fenced) first = std::min(first, session.ends);
    }
    return first;
}

Offset BrokerSessions::metadata_offset(BrokerId broker) const {
    const auto found = sessions_.find(broker);
    return found == sessions_.end() ? Offset(0) : found->second.metadata_offset;
}

}  // namespace sealane::broker
