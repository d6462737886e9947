#pragma once
// BrokerSessions: which brokers are alive, by their heartbeats to this active controller, and what
// each heartbeat asks for (formats 22). Lives only as long as this node is the active controller:
// a new one gives every registered broker a whole session to find it. Pure: `now` comes in.
//
//          register        caught up, no want_fence           want_shut_down
//   (new) ---------> fenced ------------------------> unfenced --------------> shutting down
//                      ^                                 |      leads nothing, others know |
//                      +------ want_fence, expired ------+<--------------------------------+

#include "broker/metadata/image.hpp"
#include "common/base/time.hpp"
#include "common/kafka/messages/brokers.hpp"

#include <map>
#include <optional>
#include <vector>

namespace sealane::broker {

class BrokerSessions {
 public:
    struct Settings {
        Duration session_timeout = 3s;
        // What is left of a session whose connection broke: two missed heartbeats.
        Duration session_timeout_disconnected = 1s;
    };
    // What the controller has to decide now (broker_decisions), before it answers.
    enum class Step : std::uint8_t { kNone, kUnfence, kFence, kStartShutdown };
    struct Outcome {
        Step step = Step::kNone;
        // is_fenced is as of after the step. An error: nothing to decide.
        kafka::BrokerHeartbeatResponse response;
    };

    explicit BrokerSessions(Settings settings) : settings_(settings) {}

    // This node is the active controller from now on. Earlier sessions are forgotten.
    void activate(Instant now, const Image& image);
    // A registration was decided. The session starts, also when the same incarnation repeats it.
    void on_registered(Instant now, BrokerId broker, BrokerEpoch epoch);
    void on_unregistered(BrokerId broker);
    // `image`: the newest decided; `log_end`: where its records end. A heartbeat's
    // CurrentMetadataOffset is the end (exclusive) of what the broker has applied.
    // kBrokerIdNotRegistered, kStaleBrokerEpoch.
    [[nodiscard]] Outcome on_heartbeat(
        Instant now,
        const Image& image,
        const kafka::BrokerHeartbeatRequest& request,
        Offset log_end
    );
    // The broker's connection broke: a living broker comes back at once.
    void on_disconnected(Instant now, BrokerId broker);
    // Between on_disconnected() and whatever it says next.
    [[nodiscard]] bool is_disconnected(BrokerId broker) const;
    // It is disconnected, and nobody listens at its address: the process has ended.
    void on_gone(Instant now, BrokerId broker);

    // Whether another incarnation of this broker id may register: nobody is alive, or who is
    // registered has said nothing since this node became the controller, and has the same data
    // directory. That is locked, so its process has ended.
    [[nodiscard]] bool is_free(
        Instant now, const Image& image, const kafka::BrokerRegistrationRequest& request
    ) const;

    // Of any incarnation of this broker id.
    [[nodiscard]] bool is_alive(Instant now, BrokerId broker) const;
    // Registered brokers that are not fenced and whose session has ended: to be fenced.
    [[nodiscard]] std::vector<BrokerId> expired(Instant now, const Image& image) const;
    // When expired() may have more to say. never(): there is nobody to watch.
    [[nodiscard]] Instant wake_at(const Image& image) const;
    // What the broker has applied of the metadata log, by its last heartbeat. 0: not heard of.
    [[nodiscard]] Offset metadata_offset(BrokerId broker) const;

 private:
    struct Session {
        BrokerEpoch epoch = kNoBrokerEpoch;
        Instant ends;
        bool disconnected = false;
        bool heard = false;  // since activate()
        Offset metadata_offset{0};
        // Others must know the metadata up to here before a shutdown may go on.
        std::optional<Offset> shutdown_offset;
    };
    [[nodiscard]] bool may_stop(
        Instant now, const Image& image, BrokerId broker, Session& session, Offset log_end
    );

    Settings settings_;
    std::map<BrokerId, Session> sessions_;
};

}  // namespace sealane::broker
