// Where topics and groups flow: circles, second owners, and links that carry nothing.

#include "topology/rules/name_sets.hpp"
#include "topology/rules/rule_functions.hpp"

namespace sealane::topology {

namespace {

constexpr std::size_t kStepsMax = 20'000;  // of the search for circles, over all starts

// Looks for circles through links by depth first search. Each circle is found from its first link
// in file order, so it is reported once. What flows is carried along as sets of names that a record
// has to be in, renamed as the links rename.
class CircleSearch {
 public:
    explicit CircleSearch(Judgement& judgement) : judgement_(judgement) {}

    void run() {
        const std::vector<Link>& links = judgement_.topology().links;
        for (std::size_t i = 0; i < links.size(); ++i) {
            if (links[i].from.value == links[i].to.value) continue;  // another rule's
            path_ = {i};
            follow(carried_over(links[i], {}));
        }
    }

 private:
    using Flow = std::vector<NameSet>;

    // What `link` makes of `flow`; empty when nothing passes.
    [[nodiscard]] static Flow carried_over(const Link& link, Flow flow) {
        flow.push_back(source_topics(link));
        if (!find_name(flow)) return {};
        for (NameSet& set : flow) set = renamed(set, link.target_topic);
        return flow;
    }

    void follow(const Flow& flow) {
        const std::vector<Link>& links = judgement_.topology().links;
        if (flow.empty() || ++steps_ > kStepsMax) return;
        const Link& first = links[path_.front()];
        const Link& last = links[path_.back()];
        if (last.to.value == first.from.value) {
            Flow again = flow;
            again.push_back(source_topics(first));
            if (const auto name = find_name(again)) report(*name);
            return;
        }
        for (std::size_t next = path_.front() + 1; next < links.size(); ++next) {
            if (links[next].from.value != last.to.value || visits(links[next].to.value)) continue;
            path_.push_back(next);
            follow(carried_over(links[next], flow));
            path_.pop_back();
        }
    }

    // Whether the path has been at `cluster` already, other than at its start.
    [[nodiscard]] bool visits(const std::string& cluster) const {
        for (const std::size_t step : path_) {
            if (judgement_.topology().links[step].to.value == cluster) return true;
        }
        return false;
    }

    void report(const std::string& name) {
        const std::vector<Link>& links = judgement_.topology().links;
        const Link& first = links[path_.front()];
        std::string circle = first.from.value;
        for (const std::size_t step : path_) circle += " -> " + links[step].to.value;
        judgement_.find(
            first.mark,
            "link " + first.name.value,
            "topics such as '" + name + "' flow in a circle: " + circle,
            "remove one of the links, exclude the topics on one, or rename them with target_topic"
        );
    }

    Judgement& judgement_;
    std::vector<std::size_t> path_;
    std::size_t steps_ = 0;
};

// Calls `body(earlier, later)` for every pair of links into one cluster, in file order.
template <class Body>
void each_pair_into_one_cluster(const Topology& topology, const Body& body) {
    for (std::size_t later = 0; later < topology.links.size(); ++later) {
        for (std::size_t earlier = 0; earlier < later; ++earlier) {
            if (topology.links[earlier].to.value == topology.links[later].to.value)
                body(topology.links[earlier], topology.links[later]);
        }
    }
}

}  // namespace

void judge_links_to_self(Judgement& judgement) {
    for (const Link& link : judgement.topology().links) {
        if (link.from.value != link.to.value || link.from.value.empty()) continue;
        judgement.find(
            link.to.mark,
            "link " + link.name.value,
            "it leads from " + link.from.value + " to itself",
            "name another cluster"
        );
    }
}

void judge_empty_links(Judgement& judgement) {
    for (const Link& link : judgement.topology().links) {
        if (link.topics.include.empty() || find_name({source_topics(link)})) continue;
        judgement.find(
            link.topics.mark,
            "link " + link.name.value,
            "its exclude patterns leave no topic",
            "correct the patterns, or remove the link"
        );
    }
}

void judge_loops(Judgement& judgement) {
    CircleSearch(judgement).run();
}

void judge_two_owners(Judgement& judgement) {
    each_pair_into_one_cluster(judgement.topology(), [&](const Link& earlier, const Link& later) {
        const bool replica = earlier.kind == LinkKind::kReplica || later.kind == LinkKind::kReplica;
        const bool same_source = earlier.from.value == later.from.value;
        if (!replica && !same_source) return;
        std::optional<std::string> name = find_name({target_topics(earlier), target_topics(later)});
        if (!replica) {
            // Two aggregates from one cluster may meet in one topic, not carry one topic twice.
            if (!name || !(name = find_name({source_topics(earlier), source_topics(later)})))
                return;
        }
        if (!name) return;
        judgement.find(
            later.topics.mark,
            "link " + later.name.value,
            "topics such as '" + *name + "' are " +
                (replica ? "also written at " + later.to.value + " by link "
                         : "also carried to " + later.to.value + " by link ") +
                earlier.name.value,
            "let one link carry them"
        );
    });
}

void judge_overwritten_groups(Judgement& judgement) {
    each_pair_into_one_cluster(judgement.topology(), [&](const Link& earlier, const Link& later) {
        if (earlier.groups.include.empty() || later.groups.include.empty()) return;
        const auto name = find_name({target_groups(earlier), target_groups(later)});
        if (!name) return;
        // Positions of different topics do not touch each other.
        if (!find_name({target_topics(earlier), target_topics(later)})) return;
        judgement.find(
            later.groups.mark,
            "link " + later.name.value,
            "offsets of groups such as '" + *name + "' are also written at " + later.to.value +
                " by link " + earlier.name.value,
            "give one of the links a group_prefix, or exclude the groups on one"
        );
    });
}

void judge_links_into_kafka(Judgement& judgement) {
    const Topology& topology = judgement.topology();
    for (const Link& link : topology.links) {
        const Cluster* target = topology.find_cluster(link.to.value);
        if (target == nullptr || target->kind != ClusterKind::kKafka) continue;
        const std::string reason = link.kind == LinkKind::kReplica
                                       ? "which assigns offsets and leader epochs itself"
                                       : "whose log cannot hold the offset map";
        judgement.find(
            link.to.mark,
            "link " + link.name.value,
            "cluster " + target->name.value + " is Apache Kafka, " + reason,
            "make the target a Sealane cluster"
        );
    }
}

}  // namespace sealane::topology
