#include "topology/cli/demo_env.hpp"

#include "topology/model/identity_files.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>

namespace sealane::topology {
namespace {

struct Access {
    std::string cluster;
    std::string plain;
    std::string tls;
    IdentityFiles client;
};

std::string addresses(const Cluster& cluster, ListenerSecurity security) {
    std::string list;
    for (const Broker& broker : cluster.brokers) {
        for (const Listener& listener : broker.listeners) {
            const auto& address = listener.advertised ? listener.advertised : listener.address;
            if (listener.security != security || !address) continue;
            list += (list.empty() ? "" : ",") + address->host + ":" + std::to_string(address->port);
        }
    }
    return list;
}

std::vector<Access> all_access(const Topology& topology) {
    std::vector<Access> all;
    for (const Cluster& cluster : topology.clusters) {
        const Domain* domain = topology.find_domain(cluster.domain.value);
        if (domain == nullptr) continue;
        all.push_back(
            {cluster.name.value,
             addresses(cluster, ListenerSecurity::kPlain),
             addresses(cluster, ListenerSecurity::kTls),
             client_identity(*domain)}
        );
    }
    return all;
}

std::string variable(std::string name) {
    for (char& c : name) {
        const auto byte = static_cast<unsigned char>(c);
        c = std::isalnum(byte) != 0 ? static_cast<char>(std::toupper(byte)) : '_';
    }
    return name;
}

}  // namespace

std::string demo_env_text(const Topology& topology) {
    std::string text = "# eval \"$(sealane demo env)\"\n";
    std::string example;
    for (const Access& access : all_access(topology)) {
        const std::string name = variable(access.cluster);
        if (!access.plain.empty()) text += "export " + name + "_PLAIN=" + access.plain + "\n";
        if (access.tls.empty()) continue;
        text += "export " + name + "_TLS=" + access.tls + "\n";
        text += "export " + name + "_CA='" + access.client.ca + "'\n";
        text += "export " + name + "_CERT='" + access.client.certificate + "'\n";
        text += "export " + name + "_KEY='" + access.client.key + "'\n";
        text += "export " + name + "_KCAT=\"-b " + access.tls +
                " -X security.protocol=ssl -X ssl.ca.location=" + access.client.ca +
                " -X ssl.certificate.location=" + access.client.certificate +
                " -X ssl.key.location=" + access.client.key + "\"\n";
        if (example.empty())
            example = "# kcat -b $" + name + "_PLAIN -L      kcat $" + name + "_KCAT -L\n";
    }
    return text + example;
}

boost::json::value demo_env_json(const Topology& topology) {
    boost::json::array clusters;
    for (const Access& access : all_access(topology)) {
        clusters.push_back(boost::json::object{
            {"cluster", access.cluster},
            {"plain", access.plain},
            {"tls", access.tls},
            {"ca", access.client.ca},
            {"certificate", access.client.certificate},
            {"key", access.client.key}
        });
    }
    return boost::json::object{{"clusters", std::move(clusters)}};
}

}  // namespace sealane::topology
