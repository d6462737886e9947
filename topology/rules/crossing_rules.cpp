// What may flow between security domains, and whether it is protected on the way.

#include "topology/rules/name_sets.hpp"
#include "topology/rules/rule_functions.hpp"

namespace sealane::topology {

namespace {

// The two domains of a link, when both ends are known and differ.
struct Passage {
    std::string_view from;
    std::string_view to;
};
std::optional<Passage> passage_of(const Topology& topology, const Link& link) {
    const Cluster* source = topology.find_cluster(link.from.value);
    const Cluster* target = topology.find_cluster(link.to.value);
    if (source == nullptr || target == nullptr) return std::nullopt;
    const Passage passage{source->domain.value, target->domain.value};
    const bool known = topology.find_domain(passage.from) != nullptr &&
                       topology.find_domain(passage.to) != nullptr;
    if (!known || passage.from == passage.to) return std::nullopt;
    return passage;
}

std::vector<NameSet> allowed(const Topology& topology, const Passage& passage) {
    std::vector<NameSet> sets;
    for (const Crossing& crossing : topology.crossings) {
        if (crossing.from == passage.from && crossing.to == passage.to)
            sets.push_back(NameSet::of(crossing.topics));
    }
    return sets;
}

std::string between(const Passage& passage) {
    return "from domain " + std::string(passage.from) + " to " + std::string(passage.to);
}

}  // namespace

void judge_permissions(Judgement& judgement) {
    const Topology& topology = judgement.topology();
    for (const Link& link : topology.links) {
        const auto passage = passage_of(topology, link);
        if (!passage || link.topics.include.empty()) continue;
        const std::vector<NameSet> crossings = allowed(topology, *passage);
        const auto slipping = find_name({source_topics(link)}, crossings);
        if (!slipping) continue;
        if (crossings.empty()) {
            judgement.find(
                link.from.mark,
                "link " + link.name.value,
                "no crossing allows anything " + between(*passage),
                "add a crossing for its topics, with the reason"
            );
        } else {
            judgement.find(
                link.topics.mark,
                "link " + link.name.value,
                "it would carry topics such as '" + *slipping + "', which no crossing allows " +
                    between(*passage),
                "narrow its topics, or widen the crossing"
            );
        }
    }
}

void judge_unused_crossings(Judgement& judgement) {
    const Topology& topology = judgement.topology();
    for (const Crossing& crossing : topology.crossings) {
        if (crossing.from.value == crossing.to.value) continue;  // another rule's
        bool used = false;
        for (const Link& link : topology.links) {
            used = used || (topology.domain_of(link.from.value) == crossing.from.value &&
                            topology.domain_of(link.to.value) == crossing.to.value &&
                            find_name({source_topics(link), NameSet::of(crossing.topics)}));
        }
        if (used) continue;
        judgement.find(
            crossing.mark,
            "crossing " + crossing.from.value + "->" + crossing.to.value,
            "no link uses it",
            "remove it"
        );
    }
}

void judge_crossings_within(Judgement& judgement) {
    for (const Crossing& crossing : judgement.topology().crossings) {
        if (crossing.from.value != crossing.to.value || crossing.from.value.empty()) continue;
        judgement.find(
            crossing.mark,
            "crossing " + crossing.from.value + "->" + crossing.to.value,
            "both sides are the same domain",
            "remove it, or correct the domains"
        );
    }
}

void judge_plain_between_domains(Judgement& judgement) {
    const Topology& topology = judgement.topology();
    for (const Link& link : topology.links) {
        if (!passage_of(topology, link)) continue;
        for (const Text* end : {&link.from, &link.to}) {
            const Cluster* cluster = topology.find_cluster(end->value);
            if (cluster->has_tls_listener()) continue;
            judgement.find(
                end->mark,
                "link " + link.name.value,
                "cluster " + cluster->name.value + " offers no TLS listener",
                "add a listener with tls: domain"
            );
        }
    }
}

}  // namespace sealane::topology
