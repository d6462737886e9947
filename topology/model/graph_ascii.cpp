// The topology for a terminal: a box a domain, its clusters inside, its outgoing links below.

#include "topology/model/graph.hpp"
#include "topology/model/graph_layout.hpp"

#include <algorithm>

namespace sealane::topology {

namespace {

constexpr std::size_t kPatternsShown = 40;

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text;
}

std::string line_of(const Cluster& cluster) {
    std::string line = cluster.name.value + "  " + describe(cluster);
    if (!cluster.datacenter.value.empty()) line += "  @ " + cluster.datacenter.value;
    return line;
}

void draw_box(const DomainGroup& group, std::string& out) {
    const std::string title = " domain " + group.name + " ";
    std::size_t width = title.size() + 2;
    for (const Cluster* cluster : group.clusters) width = std::max(width, line_of(*cluster).size());
    out += "+-" + title + std::string(width - title.size(), '-') + "-+\n";
    for (const Cluster* cluster : group.clusters)
        out += "| " + padded(line_of(*cluster), width) + " |\n";
    out += "+-" + std::string(width, '-') + "-+\n";
}

std::string arrow_of(const Link& link) {
    return link.kind == LinkKind::kReplica ? "===replica===>" : "--aggregate-->";
}

std::string line_of(const Link& link, const LinkNotes& notes) {
    std::string line = "    " + link.from.value + " " + arrow_of(link) + " " + link.to.value +
                       "   " + describe(link.topics, kPatternsShown);
    if (link.target_topic != "{topic}") line += " as " + link.target_topic;
    if (const std::string objectives = describe(link.objectives); !objectives.empty())
        line += "   " + objectives;
    if (const auto note = notes.find(link.name.value); note != notes.end())
        line += "   " + note->second;
    return line + "\n";
}

}  // namespace

std::string draw_ascii(const Topology& topology, const LinkNotes& notes) {
    std::string out;
    for (const DomainGroup& group : group_by_domain(topology)) {
        if (!out.empty()) out += "\n";
        draw_box(group, out);
        for (const Link* link : drawable_links(topology)) {
            if (topology.domain_of(link->from.value) == group.name) out += line_of(*link, notes);
        }
    }
    return out;
}

}  // namespace sealane::topology
