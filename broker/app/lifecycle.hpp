#pragma once
// BrokerLifecycle: this node as a broker of its cluster (KIP-631). It registers with the active
// controller, says every heartbeat interval that it is alive and how far it has applied the
// metadata, registers again when the controller does not know it, and at the end asks to be
// relieved of its leaderships.

#include "broker/api/controller_channel.hpp"
#include "broker/config/broker_config.hpp"
#include "broker/metadata/metadata_store.hpp"
#include "common/kafka/messages/brokers.hpp"
#include "common/runtime/task_group.hpp"

#include <functional>
#include <optional>

namespace sealane::broker {

// What a registration says of this node besides its configuration.
struct NodeIdentity {
    std::string cluster_id;
    Uuid directory_id;
    // Of the last registration, when the data directory was closed well; -1: it was not.
    BrokerEpoch previous_epoch = kNoBrokerEpoch;
    std::vector<BrokerState::Listener> listeners;  // as clients reach them
};

class BrokerLifecycle {
 public:
    BrokerLifecycle(
        runtime::World& world,
        const BrokerConfig& config,
        ControllerChannel& controller,
        MetadataStore& metadata
    );

    // Registers and waits until the registration is in this node's image; tries for as long as it
    // takes, and says every few seconds in the log what it waits for. Fails for good when the
    // cluster refuses this node: kInconsistentClusterId, kInvalidRegistration, kUnsupportedVersion,
    // kDuplicateBrokerRegistration (for longer than a crashed predecessor's session lasts).
    [[nodiscard]] runtime::Task<Status> join(NodeIdentity identity);
    // Heartbeats from now on; returns when the controller has unfenced this broker and the image
    // shows it. `join` has succeeded, and partitions follow the image.
    [[nodiscard]] runtime::Task<Status> go_live();
    // Asks the controller to move leaderships away, and waits until they are gone or `deadline`.
    // Does nothing when there is nobody to take them.
    [[nodiscard]] runtime::Task<void> retire(Instant deadline);
    [[nodiscard]] runtime::Task<void> stop();
    // There is another active controller: it shall hear of this broker now.
    void beat_now() { beat_.notify_all(); }
    // Asked while join() cannot register: a reason that no later try can mend.
    void set_obstacle(std::function<std::optional<Error>()> obstacle) {
        obstacle_ = std::move(obstacle);
    }
    // join() and go_live() end with kStopped.
    void interrupt() { tasks_.stop(); }

    [[nodiscard]] BrokerEpoch epoch() const { return epoch_; }
    // False when the controller may have fenced this broker, and given its leaderships to others,
    // without this node having heard of it.
    [[nodiscard]] bool is_in_touch() const;

 private:
    [[nodiscard]] runtime::Task<Status> register_once();
    [[nodiscard]] runtime::Task<void> heartbeats();
    [[nodiscard]] runtime::Task<void> heartbeat();
    void take_answer(const kafka::BrokerHeartbeatResponse& answer);
    [[nodiscard]] kafka::BrokerRegistrationRequest registration() const;
    [[nodiscard]] bool alone() const;

    runtime::World& world_;
    const BrokerConfig& config_;
    ControllerChannel& controller_;
    MetadataStore& metadata_;
    runtime::Log log_;
    std::function<std::optional<Error>()> obstacle_ = [] { return std::nullopt; };
    NodeIdentity identity_;
    Uuid incarnation_;
    BrokerEpoch epoch_ = kNoBrokerEpoch;
    bool live_ = false;
    Instant answered_;            // when the last heartbeat that was answered well was begun
    bool answered_here_ = false;  // by this node's own controller
    bool wants_shutdown_ = false;
    bool may_shut_down_ = false;
    runtime::Event beat_;  // send a heartbeat now
    runtime::TaskGroup tasks_;
};

}  // namespace sealane::broker
