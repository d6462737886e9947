// Clusters of several brokers: whether their nodes can find, know and outvote each other.

#include "topology/model/quorum.hpp"
#include "topology/rules/rule_functions.hpp"

#include <algorithm>
#include <set>

namespace sealane::topology {

namespace {

// A broker alone needs nobody.
std::vector<const Cluster*> clusters_of_several(const Topology& topology) {
    std::vector<const Cluster*> found;
    for (const Cluster& cluster : topology.clusters) {
        if (cluster.brokers.size() > 1) found.push_back(&cluster);
    }
    return found;
}

std::string name_of_broker(const Cluster& cluster, const Broker& broker) {
    return "broker " + cluster.name.value + "-" + std::to_string(broker.id);
}

}  // namespace

void judge_voters(Judgement& judgement) {
    for (const Cluster& cluster : judgement.topology().clusters) {
        std::set<std::int32_t> seen;
        for (const std::int32_t id : cluster.voters) {
            const bool known = std::ranges::count(cluster.brokers, id, &Broker::id) > 0;
            const bool repeated = !seen.insert(id).second;
            if (known && !repeated) continue;
            judgement.find(
                cluster.voters_mark,
                "cluster " + cluster.name.value,
                known ? "voter " + std::to_string(id) + " is named twice"
                      : "voter " + std::to_string(id) + " is no broker of it",
                known ? "name each once" : "add the broker, or correct the voters"
            );
        }
    }
}

void judge_quorum_sizes(Judgement& judgement) {
    for (const Cluster& cluster : judgement.topology().clusters) {
        const std::size_t count = cluster.voters.size();
        if (count == 0 || (count % 2 == 1 && count <= kVotersMax)) continue;
        judgement.find(
            cluster.voters_mark,
            "cluster " + cluster.name.value,
            std::to_string(count) + " voters survive the loss of " +
                std::to_string((count - 1) / 2) +
                (count % 2 == 0 ? ", as " + std::to_string(count - 1) + " would"
                                : ", and every change waits for " + std::to_string(count / 2 + 1)),
            "name one, three or five"
        );
    }
}

void judge_meeting_points(Judgement& judgement) {
    for (const Cluster* cluster : clusters_of_several(judgement.topology())) {
        const std::string name = inter_broker_listener(*cluster);
        const Listener* first = inter_broker_listener(*cluster, cluster->brokers.front());
        for (const Broker& broker : cluster->brokers) {
            // A repeated id is another rule's.
            if (std::ranges::count(cluster->brokers, broker.id, &Broker::id) > 1) continue;
            const Listener* listener = inter_broker_listener(*cluster, broker);
            if (listener != nullptr && first != nullptr && listener->security == first->security)
                continue;
            judgement.find(
                broker.mark,
                name_of_broker(*cluster, broker),
                "has no listener '" + name + "' like that of broker " +
                    std::to_string(cluster->brokers.front().id),
                "give every broker of the cluster a listener of that name and kind"
            );
        }
    }
}

void judge_nameless_brokers(Judgement& judgement) {
    for (const Cluster* cluster : clusters_of_several(judgement.topology())) {
        const Listener* listener = inter_broker_listener(*cluster, cluster->brokers.front());
        if (listener == nullptr || listener->security == ListenerSecurity::kTls) continue;
        judgement.find(
            cluster->name.mark,
            "cluster " + cluster->name.value,
            "whoever reaches its listener '" + listener->name.value + "' may act as a broker",
            "give every broker a listener with tls: domain"
        );
    }
}

void judge_racks(Judgement& judgement) {
    for (const Cluster* cluster : clusters_of_several(judgement.topology())) {
        const bool any = std::ranges::any_of(cluster->brokers, [](const Broker& broker) {
            return !broker.rack.empty();
        });
        for (const Broker& broker : cluster->brokers) {
            if (!any || !broker.rack.empty()) continue;
            judgement.find(
                broker.mark,
                name_of_broker(*cluster, broker),
                "names no rack, and others of its cluster do",
                "name a rack for each broker, or for none"
            );
        }
    }
}

}  // namespace sealane::topology
