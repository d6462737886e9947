#pragma once
// Controller: what the active controller does on its own, and the life of brokers (KIP-631). It
// fences brokers that fall silent, settles the partitions when it becomes active, returns
// leadership to preferred replicas from time to time. Every node has one; it rests while its node
// is not the active controller. Decisions are those of this folder; this file only asks for them.

#include "broker/metadata/broker_decisions.hpp"
#include "broker/metadata/broker_sessions.hpp"
#include "broker/metadata/metadata_store.hpp"
#include "common/kafka/messages/cluster.hpp"

#include <functional>
#include <map>
#include <set>

namespace sealane::broker {

struct ControllerSettings {
    ClusterPolicy policy;
    BrokerSessions::Settings sessions;
    Duration leader_imbalance_check_interval = std::chrono::minutes(5);
};

class Controller {
 public:
    Controller(runtime::World& world, MetadataStore& metadata, ControllerSettings settings);

    void start();
    [[nodiscard]] runtime::Task<void> stop();
    // The cluster that may register. Before start().
    void set_cluster_id(std::string id) { cluster_id_ = std::move(id); }
    // Whether nobody listens at a broker's address, as far as can be seen at once. Before start().
    using Probe = std::function<runtime::Task<bool>(BrokerId)>;
    void set_probe(Probe probe) { refuses_connections_ = std::move(probe); }
    // Called, on the shard, each time this node has become the active controller.
    void on_active(std::function<void()> callback) { on_active_.push_back(std::move(callback)); }

    [[nodiscard]] const ClusterPolicy& policy() const { return settings_.policy; }
    [[nodiscard]] bool is_active() const { return metadata_.is_active(); }

    // Answers carry NOT_CONTROLLER when this node is not active. `connection`: the one that the
    // request came on; 0: this node's own.
    [[nodiscard]] runtime::Task<kafka::BrokerRegistrationResponse> register_broker(
        kafka::BrokerRegistrationRequest request
    );
    [[nodiscard]] runtime::Task<kafka::BrokerHeartbeatResponse> heartbeat(
        kafka::BrokerHeartbeatRequest request, std::uint64_t connection
    );
    [[nodiscard]] runtime::Task<kafka::UnregisterBrokerResponse> unregister(
        kafka::UnregisterBrokerRequest request
    );
    // A connection ended: a broker that is alive comes back at once, the others' sessions are cut
    // short.
    void on_connection_closed(std::uint64_t connection);

 private:
    [[nodiscard]] runtime::Task<void> run();
    [[nodiscard]] runtime::Task<void> lead();
    [[nodiscard]] runtime::Task<void> fence_expired();
    void disconnected(BrokerId broker);
    [[nodiscard]] runtime::Task<void> probe(BrokerId broker);
    [[nodiscard]] runtime::Task<Status> take_step(BrokerSessions::Step step, BrokerId broker);

    runtime::World& world_;
    MetadataStore& metadata_;
    ControllerSettings settings_;
    std::string cluster_id_;
    runtime::Log log_;
    BrokerSessions sessions_;
    std::map<BrokerId, std::uint64_t> connections_;  // of the last heartbeats
    std::set<BrokerId> probed_;
    Probe refuses_connections_;
    std::vector<std::function<void()>> on_active_;
    runtime::Event kick_;  // sessions or the metadata changed
    runtime::TaskGroup tasks_;
};

}  // namespace sealane::broker
