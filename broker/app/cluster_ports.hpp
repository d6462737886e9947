#pragma once
// ClusterPorts: how the broker's parts reach the rest of the cluster, in one place: where the
// active controller is, where the other nodes are (from their registrations), what replication asks
// of the controller. Breaks connections to a controller that is one no longer, so that nobody waits
// for a node that hangs.

#include "broker/api/controller_channel.hpp"
#include "broker/api/forwarding.hpp"
#include "broker/log/log_directory.hpp"
#include "broker/metadata/metadata_store.hpp"
#include "broker/quorum/quorum.hpp"
#include "broker/replication/replication_config.hpp"

#include <functional>

namespace sealane::broker {

class ClusterPorts {
 public:
    ClusterPorts(
        runtime::World& world,
        BrokerId self,
        Peers& peers,
        quorum::Quorum& quorum,
        MetadataStore& metadata
    );

    [[nodiscard]] ControllerChannel::Ports channel();
    [[nodiscard]] Forwarding::Ports forwarding();
    [[nodiscard]] ReplicationPorts replication(
        ControllerChannel& controller, LogDirectory& directory
    );
    // kNoBroker: nobody is known, or the one that was has been silent for longer than it takes to
    // elect another.
    [[nodiscard]] BrokerId active_controller() const;
    // The listener of other nodes at which they are reached; before start().
    void set_listener(std::string name) { listener_ = std::move(name); }
    void set_broker_epoch(BrokerEpoch epoch) { broker_epoch_ = epoch; }
    // Called when this node has learnt of another active controller.
    void on_controller_changed(std::function<void()> callback) {
        controller_changed_ = std::move(callback);
    }
    void start();
    [[nodiscard]] runtime::Task<void> stop();
    void collect(runtime::MetricSink& sink) const;

 private:
    [[nodiscard]] runtime::Task<void> watch_controller();
    [[nodiscard]] runtime::Task<void> watch_addresses();
    [[nodiscard]] Duration without_controller() const;
    [[nodiscard]] runtime::Task<void> wait_quorum(Instant until);
    [[nodiscard]] runtime::Task<Status> assign(
        ControllerChannel& controller, TopicPartition partition, Uuid topic, Uuid directory
    );

    runtime::World& world_;
    BrokerId self_;
    Peers& peers_;
    quorum::Quorum& quorum_;
    MetadataStore& metadata_;
    std::string listener_;
    BrokerEpoch broker_epoch_ = kNoBrokerEpoch;
    std::function<void()> controller_changed_ = [] {};
    Instant started_;
    runtime::TaskGroup tasks_;
};

}  // namespace sealane::broker
