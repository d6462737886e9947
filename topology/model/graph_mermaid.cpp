// The topology as a Mermaid flowchart: domains are subgraphs, clusters nodes, links edges.

#include "topology/model/graph.hpp"
#include "topology/model/graph_layout.hpp"

#include <map>

namespace sealane::topology {

namespace {

constexpr std::size_t kPatternsShown = 40;

// Inside quoted labels only quotes, angle brackets and '#' mean something.
std::string label(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '"':
                out += "#quot;";
                break;
            case '<':
                out += "#lt;";
                break;
            case '>':
                out += "#gt;";
                break;
            case '#':
                out += "#35;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string label_of(const Link& link, const LinkNotes& notes) {
    std::string text =
        label(std::string(name_of(link.kind)) + ": " + describe(link.topics, kPatternsShown));
    if (const auto note = notes.find(link.name.value); note != notes.end())
        text += "<br/>" + label(note->second);
    return text;
}

}  // namespace

std::string draw_mermaid(const Topology& topology, const LinkNotes& notes) {
    std::string out = "flowchart LR\n";
    std::map<std::string, std::string> ids;
    std::size_t domains = 0;
    for (const DomainGroup& group : group_by_domain(topology)) {
        out += "    subgraph d" + std::to_string(domains++) + "[\"domain " + label(group.name) +
               "\"]\n";
        for (const Cluster* cluster : group.clusters) {
            const auto [id, added] =
                ids.emplace(cluster->name.value, "c" + std::to_string(ids.size()));
            if (!added) continue;
            out += "        " + id->second + "[\"" + label(cluster->name.value) + "<br/>" +
                   label(describe(*cluster));
            if (!cluster->datacenter.value.empty())
                out += "<br/>" + label(cluster->datacenter.value);
            out += "\"]\n";
        }
        out += "    end\n";
    }
    for (const Link* link : drawable_links(topology)) {
        const bool replica = link->kind == LinkKind::kReplica;
        out += "    " + ids[link->from.value] + (replica ? " ==>|\"" : " -.->|\"") +
               label_of(*link, notes) + "\"| " + ids[link->to.value] + "\n";
    }
    return out;
}

}  // namespace sealane::topology
