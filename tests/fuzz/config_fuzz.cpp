// Any text as a configuration: the YAML reader, the topology reader, the rules and the pictures.
// They must neither crash nor hang nor grow beyond their bounds, and what was read without a
// problem must survive being drawn.

#include "common/config/json.hpp"
#include "common/config/yaml.hpp"
#include "topology/model/graph.hpp"
#include "topology/model/parse.hpp"
#include "topology/rules/rules.hpp"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace sealane;
    constexpr std::size_t kLinksMax = 6;  // the rules compare links by pairs
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    config::Problems problems("fuzz");
    const config::Node root = config::parse_yaml(text, problems);
    (void)config::to_json(root);
    (void)problems.to_string();

    config::Problems found("fuzz");
    const topology::Topology topology = topology::parse_topology(text, found);
    (void)found.to_string();
    if (topology.links.size() > kLinksMax) return 0;
    (void)topology::judge(topology);
    (void)topology::draw_ascii(topology);
    (void)topology::draw_mermaid(topology);
    (void)topology::draw_svg(topology);
    return 0;
}
