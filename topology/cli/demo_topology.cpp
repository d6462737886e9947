#include "topology/cli/demo_topology.hpp"

#include "common/config/yaml.hpp"
#include "common/config/yaml_text.hpp"
#include "topology/cli/shipped_topology.hpp"

#include <arpa/inet.h>
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
    // `wanted` when it is free, else another; never the same twice.
    Result<std::string> address(std::uint16_t wanted) {
        for (std::uint16_t ask = wanted;; ask = 0) {
            const std::uint16_t got = taken_.contains(ask) ? std::uint16_t{0} : usable_port(ask);
            if (got != 0 && taken_.insert(got).second) return "127.0.0.1:" + std::to_string(got);
            if (ask == 0 && got == 0)
                return fail(ErrorCode::kAddressInUse, "no free port on 127.0.0.1");
        }
    }

 private:
    std::set<std::uint16_t> taken_;
};

constexpr std::uint16_t kFirstPort = 19'092;
constexpr std::uint16_t kPortsBetweenClusters = 10'000;

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

Status complete_clusters(Node& clusters, const DemoHome& home, PortPlan& ports) {
    std::uint16_t first_port = kFirstPort;
    for (Node& cluster : clusters.items) {
        const Node* name = cluster.find("name");
        Node* brokers = child(cluster, "brokers");
        if (name == nullptr || brokers == nullptr) continue;
        for (Node& broker : brokers->items) {
            SEALANE_CHECK(complete_broker(broker, first_port, ports));
            if (broker.find("data_dir") == nullptr) {
                set_entry(
                    broker, "data_dir", scalar_node(home.cluster_directory(name->scalar) + "/data")
                );
            }
            first_port = static_cast<std::uint16_t>(first_port + 10);
        }
        first_port = static_cast<std::uint16_t>(
            first_port - first_port % 10'000 + kPortsBetweenClusters + kFirstPort % 10'000
        );
        if (first_port > 50'000) first_port = static_cast<std::uint16_t>(kFirstPort + 100);
    }
    return {};
}

}  // namespace

std::string shipped_topology() {
    return kShippedTopology;
}

Result<std::string> complete_topology(
    const std::string& text, const std::string& file_name, const DemoHome& home
) {
    config::Problems problems(file_name);
    Node tree = config::parse_yaml(text, problems);
    if (!problems.empty()) return fail(ErrorCode::kBadConfig, problems.to_string());
    PortPlan ports;
    if (Node* clusters = child(tree, "clusters"))
        SEALANE_CHECK(complete_clusters(*clusters, home, ports));
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
