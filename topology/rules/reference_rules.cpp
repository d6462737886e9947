// Names that refer to nothing, names used twice, and parts that nothing refers to.

#include "topology/model/suggestion.hpp"
#include "topology/rules/rule_functions.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace sealane::topology {

namespace {

template <class Things>
std::vector<std::string_view> names_of(const Things& things) {
    std::vector<std::string_view> names;
    for (const auto& thing : things) names.push_back(thing.name.value);
    return names;
}

// One kind of thing that can be referred to.
struct Known {
    std::string kind;
    std::vector<std::string_view> names;

    void check(Judgement& judgement, const std::string& where, const Text& reference) const {
        // An empty reference is a problem of reading, said there.
        if (reference.value.empty() || std::ranges::count(names, reference.value) > 0) return;
        judgement.find(
            reference.mark,
            where,
            "there is no " + kind + " '" + reference.value + "'",
            suggest(reference.value, names)
        );
    }
};

// Names seen so far; says when one comes again.
class Unique {
 public:
    Unique(Judgement& judgement, std::string kind)
        : judgement_(judgement), kind_(std::move(kind)) {}
    void add(const std::string& name, Mark mark) {
        if (name.empty()) return;
        const auto [first, added] = seen_.emplace(name, mark);
        if (added) return;
        judgement_.find(
            mark,
            kind_ + " " + name,
            "is here a second time, first in line " + std::to_string(first->second.line),
            "give each a name of its own"
        );
    }

 private:
    Judgement& judgement_;
    std::string kind_;
    std::map<std::string, Mark> seen_;
};

template <class Things>
void check_unique(Judgement& judgement, const std::string& kind, const Things& things) {
    Unique unique(judgement, kind);
    for (const auto& thing : things) unique.add(thing.name.value, thing.name.mark);
}

}  // namespace

void judge_unknown_names(Judgement& judgement) {
    const Topology& topology = judgement.topology();
    const Known domains{"domain", names_of(topology.domains)};
    const Known datacenters{"datacenter", names_of(topology.datacenters)};
    const Known clusters{"cluster", names_of(topology.clusters)};
    const Known links{"link", names_of(topology.links)};
    for (const Cluster& cluster : topology.clusters) {
        const std::string where = "cluster " + cluster.name.value;
        domains.check(judgement, where, cluster.domain);
        datacenters.check(judgement, where, cluster.datacenter);
    }
    for (const Crossing& crossing : topology.crossings) {
        const std::string where = "crossing " + crossing.from.value + "->" + crossing.to.value;
        domains.check(judgement, where, crossing.from);
        domains.check(judgement, where, crossing.to);
    }
    for (const Link& link : topology.links) {
        clusters.check(judgement, "link " + link.name.value, link.from);
        clusters.check(judgement, "link " + link.name.value, link.to);
    }
    for (const MirrorProcess& mirror : topology.mirrors) {
        domains.check(judgement, "mirror " + mirror.domain.value, mirror.domain);
    }
    for (const Drill& drill : topology.drills) {
        links.check(judgement, "drill " + drill.name.value, drill.link);
    }
}

void judge_repeated_names(Judgement& judgement) {
    const Topology& topology = judgement.topology();
    check_unique(judgement, "domain", topology.domains);
    check_unique(judgement, "datacenter", topology.datacenters);
    check_unique(judgement, "cluster", topology.clusters);
    check_unique(judgement, "link", topology.links);
    check_unique(judgement, "drill", topology.drills);
    Unique mirrors(judgement, "mirror");
    for (const MirrorProcess& mirror : topology.mirrors) {
        mirrors.add(mirror.domain.value, mirror.domain.mark);
    }
    for (const Cluster& cluster : topology.clusters) {
        Unique brokers(judgement, "cluster " + cluster.name.value + ", broker");
        for (const Broker& broker : cluster.brokers) {
            brokers.add(std::to_string(broker.id), broker.mark);
            Unique listeners(
                judgement,
                "broker " + cluster.name.value + "-" + std::to_string(broker.id) + ", listener"
            );
            for (const Listener& listener : broker.listeners) {
                listeners.add(listener.name.value, listener.name.mark);
            }
        }
    }
}

void judge_unused_parts(Judgement& judgement) {
    const Topology& topology = judgement.topology();
    std::set<std::string_view> domains;
    std::set<std::string_view> datacenters;
    std::set<std::string_view> mirrored;
    for (const Cluster& cluster : topology.clusters) {
        domains.insert(cluster.domain.value);
        datacenters.insert(cluster.datacenter.value);
    }
    for (const Link& link : topology.links) {
        mirrored.insert(topology.domain_of(link.from.value));
        mirrored.insert(topology.domain_of(link.to.value));
    }
    for (const Domain& domain : topology.domains) {
        if (domains.contains(domain.name.value)) continue;
        judgement.find(
            domain.name.mark, "domain " + domain.name.value, "has no cluster", "remove it"
        );
    }
    for (const Datacenter& datacenter : topology.datacenters) {
        if (datacenters.contains(datacenter.name.value)) continue;
        judgement.find(
            datacenter.name.mark,
            "datacenter " + datacenter.name.value,
            "has no cluster",
            "remove it"
        );
    }
    for (const MirrorProcess& mirror : topology.mirrors) {
        const bool known = topology.find_domain(mirror.domain.value) != nullptr;
        if (!known || mirrored.contains(mirror.domain.value)) continue;
        judgement.find(
            mirror.domain.mark,
            "mirror " + mirror.domain.value,
            "no link touches this domain",
            "remove it"
        );
    }
}

void judge_drills(Judgement& judgement) {
    const Topology& topology = judgement.topology();
    for (const Drill& drill : topology.drills) {
        const Link* link = topology.find_link(drill.link.value);
        if (link == nullptr || link->kind == LinkKind::kReplica) continue;
        judgement.find(
            drill.link.mark,
            "drill " + drill.name.value,
            "link " + link->name.value + " is an aggregate, which nobody fails over to",
            "name a replica link"
        );
    }
}

}  // namespace sealane::topology
