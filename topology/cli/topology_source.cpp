#include "topology/cli/topology_source.hpp"

#include "topology/cli/demo_home.hpp"
#include "topology/model/parse.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace sealane::topology {

Result<std::string> topology_file(const Invocation& invocation) {
    if (invocation.has("topology")) return invocation.text("topology");
    const DemoHome home = DemoHome::from(invocation);
    if (home.exists()) return home.topology_file();
    return fail(
        ErrorCode::kBadConfig,
        "which topology? name one with --topology=FILE, or start the demo: sealane demo up"
    );
}

Result<std::string> read_text_file(const std::string& file) {
    std::ifstream stream(file);
    if (!stream) return fail(ErrorCode::kBadConfig, file + ": " + std::strerror(errno));
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
}

Result<Topology> load_topology(const std::string& file) {
    SEALANE_TRY(const std::string text, read_text_file(file));
    SEALANE_TRY(Topology topology, parse_topology(text, file));
    const std::filesystem::path base = std::filesystem::absolute(file).parent_path();
    for (Domain& domain : topology.domains) {
        domain.secrets.value = (base / domain.secrets.value).lexically_normal().string();
        if (domain.ca) domain.ca->value = (base / domain.ca->value).lexically_normal().string();
    }
    return topology;
}

}  // namespace sealane::topology
