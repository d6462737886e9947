#pragma once
// The configuration files of the programs, made from the topology: one a broker, one a domain's
// mirror process. Formats: broker/app/config_file.cpp and mirror/app/config_file.cpp. Pure; writing
// them to disk is the caller's.

#include "common/base/result.hpp"
#include "topology/model/topology.hpp"

#include <string>
#include <vector>

namespace sealane::topology {

struct RenderOptions {
    // What relative paths of the topology are relative to; "" leaves them as they are. Usually the
    // folder of the topology file.
    std::string base_dir;
};

struct RenderedFile {
    std::string name;     // "korea-1" for a broker, "seoul" for a mirror
    std::string content;  // YAML
};

// One broker's file. Listeners without an address get 127.0.0.1:0 (any free port; the ready line
// says which). A cluster of several brokers also gets its id, voters and principals, and the
// addresses of the voters must be known (kBadConfig otherwise). kNotFound when cluster or broker is
// unknown, kUnsupported for Kafka clusters.
[[nodiscard]] Result<std::string> render_broker(
    const Topology& topology,
    std::string_view cluster,
    std::int32_t broker_id,
    const RenderOptions& options = {}
);
// All brokers of all Sealane clusters, named "<cluster>-<id>".
[[nodiscard]] Result<std::vector<RenderedFile>> render_brokers(
    const Topology& topology, const RenderOptions& options = {}
);
// The mirror process of one domain: every link half whose cluster lies there. The clusters'
// listener addresses must be known by now (port 0 is kBadConfig): with assigned ports, put the
// actual ones into the topology first. kNotFound when the domain is unknown or has no link half.
[[nodiscard]] Result<std::string> render_mirror(
    const Topology& topology, std::string_view domain, const RenderOptions& options = {}
);
// The domains that need a mirror process, in file order.
[[nodiscard]] std::vector<std::string> mirror_domains(const Topology& topology);

// Where the two halves of a link meet: unix:<paths.run>/<link with '>' as '+'>.sock
[[nodiscard]] std::string link_socket(
    const Topology& topology, const Link& link, const RenderOptions& options = {}
);

}  // namespace sealane::topology
