#include "topology/cli/demo_topology.hpp"

#include "common/config/yaml.hpp"
#include "common/config/yaml_text.hpp"
#include "topology/cli/shipped_topology.hpp"

#include <arpa/inet.h>
#include <cstdlib>
#include <netinet/in.h>
#include <set>
#include <sys/socket.h>
#include <unistd.h>

namespace sealane::topology {
namespace {

using config::Node;
using config::scalar_node;
using config::set_entry;

// Whether a listener could be opened there now; `port` 0 asks the system for one, which is
// returned.
std::uint16_t usable_port(std::uint16_t port) {
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return 0;
    const int yes = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    const bool works =
        bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0;
    close(descriptor);
    return works ? ntohs(address.sin_port) : std::uint16_t{0};
}

class PortPlan {
 public:
    // `wanted` when it is free, else one that is as far from round, else any; never the same twice.
    Result<std::string> address(std::uint16_t wanted) {
        for (std::uint16_t step = 0; step < kSteps; ++step) {
            const auto ask = static_cast<std::uint16_t>(wanted + step * kStep);
            if (!taken_.contains(ask) && usable_port(ask) != 0) return take(ask);
        }
        while (true) {
            const std::uint16_t got = usable_port(0);
            if (got == 0) return fail(ErrorCode::kAddressInUse, "no free port on 127.0.0.1");
            if (!taken_.contains(got)) return take(got);
        }
    }

 private:
    static constexpr std::uint16_t kSteps = 9;
    static constexpr std::uint16_t kStep = 100;
    std::string take(std::uint16_t port) {
        taken_.insert(port);
        return "127.0.0.1:" + std::to_string(port);
    }
    std::set<std::uint16_t> taken_;
};

constexpr std::uint16_t kFirstPort = 19'092;
constexpr std::uint16_t kPortsBetweenClusters = 10'000;
// Brokers of several are killed and started again while clients knock: their ports lie below those
// that the system gives to outgoing connections, so that none takes a dead broker's port.
constexpr std::uint16_t kPortsBetweenSharedClusters = 1'000;
constexpr std::uint16_t kLastSharedPort = 30'000;

Node* child(Node& node, std::string_view key) {
    for (auto& entry : node.entries) {
        if (entry.key == key) return &entry.value;
    }
    return nullptr;
}

Status complete_broker(Node& broker, std::uint16_t first_port, PortPlan& ports) {
    std::uint16_t port = first_port;
    if (Node* listeners = child(broker, "listeners")) {
        for (Node& listener : listeners->items) {
            // Plain listeners get the round number, TLS the next, as people know it from Kafka.
            const Node* security = listener.find("tls");
            const bool plain = security != nullptr && security->scalar == "none";
            if (listener.find("address") != nullptr) continue;
            SEALANE_TRY(
                std::string address,
                ports.address(static_cast<std::uint16_t>(plain ? port : port + 1))
            );
            set_entry(listener, "address", scalar_node(std::move(address)));
        }
    }
    if (broker.find("admin") == nullptr) {
        SEALANE_TRY(std::string address, ports.address(static_cast<std::uint16_t>(port + 2)));
        set_entry(broker, "admin", scalar_node(std::move(address)));
    }
    return {};
}

// The cluster's first port, behind that of the cluster before it.
std::uint16_t next_first_port(std::uint16_t before, bool shared) {
    if (shared) {
        const auto next = static_cast<std::uint16_t>(before + kPortsBetweenSharedClusters);
        return next > kLastSharedPort ? std::uint16_t{kFirstPort + 500} : next;
    }
    const auto next = static_cast<std::uint16_t>(
        before - before % 10'000 + kPortsBetweenClusters + kFirstPort % 10'000
    );
    return next > 50'000 ? std::uint16_t{kFirstPort + 100} : next;
}

// One broker of the file becomes `count`: ids count on from its own, racks a, b, c in turn.
void multiply_broker(Node& cluster, Node& brokers, std::int32_t count) {
    const Node model = brokers.items.front();
    const Node* id = model.find("id");
    const Node* place = cluster.find("datacenter");
    const int first = id == nullptr ? 1 : std::atoi(id->scalar.c_str());
    brokers.items.clear();
    for (std::int32_t i = 0; i < count; ++i) {
        Node broker = model;
        set_entry(broker, "id", scalar_node(std::to_string(first + i)));
        const std::string rack(1, static_cast<char>('a' + i % 3));
        if (count > 1 && model.find("rack") == nullptr) {
            set_entry(
                broker, "rack", scalar_node(place == nullptr ? rack : place->scalar + "-" + rack)
            );
        }
        brokers.items.push_back(std::move(broker));
    }
}

Status complete_cluster(
    Node& cluster,
    const DemoHome& home,
    const DemoScale& scale,
    std::uint16_t& first_port,
    PortPlan& ports
) {
    const Node* name = cluster.find("name");
    Node* brokers = child(cluster, "brokers");
    if (name == nullptr || brokers == nullptr) return {};
    if (scale.brokers > 0 && brokers->items.size() != 1) {
        return fail(
            ErrorCode::kBadConfig,
            "cluster " + name->scalar + " names its brokers itself; leave --brokers out"
        );
    }
    if (scale.brokers > 0) multiply_broker(cluster, *brokers, scale.brokers);
    const std::size_t count = brokers->items.size();
    if (count > 1 && cluster.find("cluster_id") == nullptr && scale.new_id)
        set_entry(cluster, "cluster_id", scalar_node(scale.new_id().to_string()));
    std::uint16_t port = first_port;
    for (Node& broker : brokers->items) {
        SEALANE_CHECK(complete_broker(broker, port, ports));
        const Node* id = broker.find("id");
        if (broker.find("data_dir") == nullptr && id != nullptr) {
            const std::string directory = home.broker_directory(
                cluster.find("name")->scalar, std::atoi(id->scalar.c_str()), count
            );
            set_entry(broker, "data_dir", scalar_node(directory + "/data"));
        }
        port = static_cast<std::uint16_t>(port + 10);
    }
    first_port = next_first_port(first_port, count > 1);
    return {};
}

}  // namespace

std::string shipped_topology() {
    return kShippedTopology;
}

Result<std::string> complete_topology(
    const std::string& text,
    const std::string& file_name,
    const DemoHome& home,
    const DemoScale& scale
) {
    config::Problems problems(file_name);
    Node tree = config::parse_yaml(text, problems);
    if (!problems.empty()) return fail(ErrorCode::kBadConfig, problems.to_string());
    PortPlan ports;
    if (Node* clusters = child(tree, "clusters")) {
        std::uint16_t first_port = kFirstPort;
        for (Node& cluster : clusters->items)
            SEALANE_CHECK(complete_cluster(cluster, home, scale, first_port, ports));
    }
    if (Node* domains = child(tree, "domains")) {
        for (Node& domain : domains->items) {
            const Node* name = domain.find("name");
            if (name == nullptr || domain.find("secrets") != nullptr) continue;
            set_entry(domain, "secrets", scalar_node(home.domain_directory(name->scalar)));
        }
    }
    Node paths = config::mapping_node();
    set_entry(paths, "data", scalar_node(home.directory()));
    set_entry(paths, "run", scalar_node(home.run_directory()));
    set_entry(tree, "paths", std::move(paths));
    return "# Made by sealane demo up from " + file_name +
           "; addresses and folders are of this machine.\n" + config::to_yaml(tree);
}

}  // namespace sealane::topology
