#include "topology/model/graph_layout.hpp"

#include "topology/model/graph.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace sealane::topology {

namespace {

// Columns by longest way from a domain that nothing flows into. Links that close a circle (found by
// walking depth first) are left out first.
class Columns {
 public:
    explicit Columns(const Topology& topology) {
        std::map<std::string, std::set<std::string>> next;
        for (const Link* link : drawable_links(topology)) {
            const std::string from(topology.domain_of(link->from.value));
            const std::string to(topology.domain_of(link->to.value));
            if (from != to) next[from].insert(to);
        }
        for (const Cluster& cluster : topology.clusters) visit(cluster.domain.value, next);
        // In this order every domain comes before those that it flows into.
        for (auto domain = finished_.rbegin(); domain != finished_.rend(); ++domain) {
            for (const std::string& target : forward_[*domain])
                column_[target] = std::max(column_[target], column_[*domain] + 1);
        }
    }
    [[nodiscard]] std::size_t of(const std::string& domain) const {
        const auto found = column_.find(domain);
        return found == column_.end() ? 0 : found->second;
    }

 private:
    void visit(const std::string& domain, std::map<std::string, std::set<std::string>>& next) {
        if (!seen_.insert(domain).second) return;
        way_.insert(domain);
        for (const std::string& target : next[domain]) {
            if (way_.contains(target)) continue;
            forward_[domain].push_back(target);
            visit(target, next);
        }
        way_.erase(domain);
        finished_.push_back(domain);
    }
    std::set<std::string> seen_;
    std::set<std::string> way_;  // from the start of the walk to here
    std::vector<std::string> finished_;
    std::map<std::string, std::vector<std::string>> forward_;
    std::map<std::string, std::size_t> column_;
};

void append_patterns(std::string& text, const std::vector<Text>& patterns) {
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        if (i > 0) text += ", ";
        text += patterns[i].value;
    }
}

}  // namespace

std::vector<const Link*> drawable_links(const Topology& topology) {
    std::vector<const Link*> links;
    for (const Link& link : topology.links) {
        const bool known = topology.find_cluster(link.from.value) != nullptr &&
                           topology.find_cluster(link.to.value) != nullptr;
        if (known && link.from.value != link.to.value) links.push_back(&link);
    }
    return links;
}

std::vector<DomainGroup> group_by_domain(const Topology& topology) {
    const Columns columns(topology);
    std::vector<DomainGroup> groups;
    const auto group_of = [&](const std::string& name) -> DomainGroup& {
        const auto found = std::ranges::find(groups, name, &DomainGroup::name);
        if (found != groups.end()) return *found;
        groups.push_back({name, columns.of(name), {}});
        return groups.back();
    };
    for (const Domain& domain : topology.domains) (void)group_of(domain.name.value);
    for (const Cluster& cluster : topology.clusters)
        group_of(cluster.domain.value).clusters.push_back(&cluster);
    std::erase_if(groups, [](const DomainGroup& group) { return group.clusters.empty(); });
    // Stable by hand: std::stable_sort of this library allocates through a deprecated call.
    std::vector<DomainGroup> ordered;
    for (std::size_t column = 0; ordered.size() < groups.size(); ++column) {
        for (const DomainGroup& group : groups) {
            if (group.column == column) ordered.push_back(group);
        }
    }
    return ordered;
}

std::string describe(const Cluster& cluster) {
    std::string text(name_of(cluster.kind));
    if (cluster.kind == ClusterKind::kSealane) {
        const std::size_t count = cluster.brokers.size();
        text += ", " + std::to_string(count) + (count == 1 ? " broker" : " brokers");
    }
    return text;
}

std::string describe(const Objectives& objectives) {
    std::string text;
    if (objectives.rpo) text += "rpo " + config::format_duration(*objectives.rpo);
    if (objectives.rto) {
        if (!text.empty()) text += ", ";
        text += "rto " + config::format_duration(*objectives.rto);
    }
    return text;
}

std::string describe(const Selection& selection, std::size_t most) {
    std::string text;
    append_patterns(text, selection.include);
    if (!selection.exclude.empty()) {
        text += " (not ";
        append_patterns(text, selection.exclude);
        text += ")";
    }
    if (text.size() > most && most > 3) text = text.substr(0, most - 3) + "...";
    return text;
}

}  // namespace sealane::topology
