#pragma once
// Services: what handlers work with. Made and owned by broker/app; every reference outlives every
// handler.

#include "broker/api/coordinator_ports.hpp"
#include "broker/api/request_context.hpp"
#include "broker/config/broker_config.hpp"
#include "broker/metadata/controller.hpp"
#include "broker/metadata/metadata_store.hpp"
#include "broker/replication/partition_table.hpp"
#include "common/kafka/messages/fetch.hpp"
#include "common/runtime/metrics.hpp"
#include "common/runtime/task_group.hpp"
#include "common/runtime/world.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace sealane::broker {

class Access;
class ApiRegistry;
class ControllerChannel;
class Peers;
class RequestQuotas;

struct Services {
    runtime::World& world;
    const BrokerConfig& config;       // with what is set at run time
    const BrokerConfig& file_config;  // as this broker was told
    quorum::Quorum& quorum;           // of the metadata log
    MetadataStore& metadata;     // the image, and at the active controller the way to change it
    PartitionTable& partitions;  // the replicas on this node
    runtime::TaskGroup& tasks;   // for background work of handlers; stopped before partitions close
    const ApiRegistry& registry;
    Peers& peers;                   // connections to the other nodes of the cluster
    ControllerChannel& controller;  // requests of this node's own to the active controller
    Controller& controller_duties;  // what this node does while it is the active controller
    Access& access;                 // who may do what; rules ask it (broker/api/security)
    RequestQuotas& quotas;          // what clients may use up
    // The node that is the active controller as far as this one knows; kNoBroker: it does not.
    std::function<BrokerId()> active_controller = [] { return kNoBroker; };
    // False when the controller may have given this node's leaderships to others without this node
    // knowing: it has answered no heartbeat for a session (a paused process, a cut network). What
    // is answered from memory alone, like committed offsets, is not given then.
    std::function<bool()> is_in_touch = [] { return true; };
    // Whether clients may produce to a topic now. The owner of mirrored topics replaces it: a
    // replica topic that was not promoted answers kPolicyViolation with the link's name.
    std::function<Status(const Image& image, std::string_view topic)> may_produce =
        [](const Image&, std::string_view) { return Status{}; };
    GroupPorts groups = {};
    TransactionPorts transactions = {};
    // Fetches of the metadata log go to the quorum; without it they fail like any unknown topic.
    std::function<runtime::Task<Result<kafka::FetchResponse>>(RequestContext, kafka::FetchRequest)>
        fetch_metadata_log = {};
    // Called once, in order, when the metadata and all partitions are loaded and before clients are
    // let in. Handlers are registered before that: what needs the image starts here.
    std::vector<std::function<void()>> on_ready = {};
    // Called each time this node has become the active controller.
    std::vector<std::function<void()>> on_active = {};
    // Figures of what handlers hold (groups); added at registration, live as long as the registry.
    std::vector<const runtime::MetricSource*> metric_sources = {};
    // What Metadata and DescribeCluster answer, per listener name: actual ports.
    std::map<std::string, runtime::Endpoint, std::less<>> advertised = {};
    std::string cluster_id = {};
};

}  // namespace sealane::broker
