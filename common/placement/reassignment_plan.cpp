#include "common/placement/reassignment_plan.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

namespace sealane::placement {

namespace {

bool has(const Replicas& replicas, BrokerId id) {
    return std::ranges::find(replicas, id) != replicas.end();
}

// The partitions as planned so far, and what each broker then carries.
class Layout {
 public:
    Layout(const std::vector<Broker>& brokers, const std::vector<Partition>& partitions)
        : before_(partitions), partitions_(partitions) {
        for (const Broker& broker : brokers) {
            racks_[broker.id] = broker.rack;
            if (broker.usable) usable_.push_back(broker.id);
        }
        std::ranges::sort(usable_);
        for (std::size_t i = 0; i < partitions_.size(); ++i) {
            for (const BrokerId id : partitions_[i].replicas) on_[id].insert(i);
            if (!partitions_[i].replicas.empty()) ++leads_[partitions_[i].replicas.front()];
        }
    }

    [[nodiscard]] std::size_t size() const { return partitions_.size(); }
    [[nodiscard]] const Replicas& replicas(std::size_t index) const {
        return partitions_[index].replicas;
    }
    [[nodiscard]] const std::vector<BrokerId>& usable() const { return usable_; }
    [[nodiscard]] bool is_usable(BrokerId id) const { return has(usable_, id); }
    [[nodiscard]] std::size_t load(BrokerId id) const {
        const auto found = on_.find(id);
        return found == on_.end() ? 0 : found->second.size();
    }
    [[nodiscard]] std::size_t leads(BrokerId id) const {
        const auto found = leads_.find(id);
        return found == leads_.end() ? 0 : found->second;
    }
    [[nodiscard]] const std::set<std::size_t>& partitions_on(BrokerId id) { return on_[id]; }
    // How many other replicas of the partition are in the broker's rack, `except` not counted.
    [[nodiscard]] std::size_t rack_mates(std::size_t index, BrokerId id, BrokerId except) const {
        std::size_t mates = 0;
        for (const BrokerId other : replicas(index)) {
            if (other != id && other != except && rack_of(other) == rack_of(id)) ++mates;
        }
        return mates;
    }
    void move(std::size_t index, BrokerId from, BrokerId to) {
        Replicas& replicas = partitions_[index].replicas;
        const auto place = std::ranges::find(replicas, from);
        if (place == replicas.begin()) {
            --leads_[from];
            ++leads_[to];
        }
        *place = to;
        on_[from].erase(index);
        on_[to].insert(index);
    }
    // `to` becomes the preferred leader, the old one takes its place in the list.
    void prefer(std::size_t index, BrokerId to) {
        Replicas& replicas = partitions_[index].replicas;
        --leads_[replicas.front()];
        ++leads_[to];
        std::iter_swap(replicas.begin(), std::ranges::find(replicas, to));
    }
    [[nodiscard]] Plan plan() const {
        Plan plan;
        for (std::size_t i = 0; i < partitions_.size(); ++i) {
            if (partitions_[i] == before_[i]) continue;
            plan.moves.push_back(partitions_[i]);
            for (const BrokerId id : replicas(i)) {
                if (!has(before_[i].replicas, id)) ++plan.replicas_moved;
            }
        }
        return plan;
    }

 private:
    [[nodiscard]] std::string_view rack_of(BrokerId id) const {
        const auto found = racks_.find(id);
        return found == racks_.end() ? std::string_view() : std::string_view(found->second);
    }

    const std::vector<Partition>& before_;
    std::vector<Partition> partitions_;
    std::map<BrokerId, std::string> racks_;
    std::vector<BrokerId> usable_;
    std::map<BrokerId, std::set<std::size_t>> on_;
    std::map<BrokerId, std::size_t> leads_;
};

// Who takes over a replica: a rack of its own first, then who has least, then the lowest id.
BrokerId successor(
    const Layout& layout, std::size_t index, BrokerId leaving, const std::set<BrokerId>& excluded
) {
    const bool leads = layout.replicas(index).front() == leaving;
    BrokerId best = kNoBroker;
    std::tuple<std::size_t, std::size_t, std::size_t> least;
    for (const BrokerId id : layout.usable()) {
        if (excluded.contains(id) || has(layout.replicas(index), id)) continue;
        const std::tuple cost{
            layout.rack_mates(index, id, leaving),
            layout.load(id),
            leads ? layout.leads(id) : std::size_t{0}
        };
        if (best != kNoBroker && cost >= least) continue;
        best = id;
        least = cost;
    }
    return best;
}

// A replica that shares its rack goes to a rack without one, if there is any.
void spread_over_racks(Layout& layout) {
    for (std::size_t i = 0; i < layout.size(); ++i) {
        const Replicas replicas = layout.replicas(i);
        // From the end: the preferred leader stays where it is.
        for (auto it = replicas.rbegin(); it != replicas.rend(); ++it) {
            if (!layout.is_usable(*it) || layout.rack_mates(i, *it, kNoBroker) == 0) continue;
            const BrokerId to = successor(layout, i, *it, {});
            if (to == kNoBroker) continue;
            if (layout.rack_mates(i, to, *it) < layout.rack_mates(i, *it, kNoBroker)) {
                layout.move(i, *it, to);
            }
        }
    }
}

// Moves one replica from a fuller broker to an emptier one, so that they come closer and no rack
// gets more of one partition. False: there is nothing of that kind left.
bool even_out_once(Layout& layout) {
    std::vector<BrokerId> fullest = layout.usable();
    std::ranges::sort(fullest, [&](BrokerId a, BrokerId b) {
        return layout.load(a) != layout.load(b) ? layout.load(a) > layout.load(b) : a < b;
    });
    for (const BrokerId from : fullest) {
        for (auto it = fullest.rbegin(); it != fullest.rend(); ++it) {
            const BrokerId to = *it;
            if (layout.load(from) < layout.load(to) + 2) break;
            for (const std::size_t index : layout.partitions_on(from)) {
                if (has(layout.replicas(index), to)) continue;
                if (layout.rack_mates(index, to, from) >
                    layout.rack_mates(index, from, kNoBroker)) {
                    continue;
                }
                layout.move(index, from, to);
                return true;
            }
        }
    }
    return false;
}

// From a broker with many preferred leaderships to one with at least two fewer, over brokers in
// between that pass on as many as they get. Each step: the partition that changes its preference.
std::optional<std::vector<std::pair<std::size_t, BrokerId>>> leadership_path(
    Layout& layout, BrokerId from
) {
    std::map<BrokerId, std::pair<BrokerId, std::size_t>> reached_by;
    std::vector<BrokerId> queue{from};
    for (std::size_t at = 0; at < queue.size(); ++at) {
        const BrokerId broker = queue[at];
        if (layout.leads(broker) + 2 <= layout.leads(from)) {
            std::vector<std::pair<std::size_t, BrokerId>> path;
            for (BrokerId step = broker; step != from; step = reached_by[step].first) {
                path.emplace_back(reached_by[step].second, step);
            }
            return path;
        }
        for (const std::size_t index : layout.partitions_on(broker)) {
            if (layout.replicas(index).front() != broker) continue;
            for (const BrokerId next : layout.replicas(index)) {
                if (next == from || !layout.is_usable(next) || reached_by.contains(next)) continue;
                reached_by[next] = {broker, index};
                queue.push_back(next);
            }
        }
    }
    return std::nullopt;
}

void even_out_leaders(Layout& layout) {
    for (bool improved = true; improved;) {
        improved = false;
        for (const BrokerId from : layout.usable()) {
            while (const auto path = leadership_path(layout, from)) {
                for (const auto& [index, to] : *path) layout.prefer(index, to);
                improved = true;
            }
        }
    }
}

}  // namespace

Result<Plan> plan_drain(
    const std::vector<Broker>& brokers,
    const std::vector<Partition>& partitions,
    const std::set<BrokerId>& leaving
) {
    Layout layout(brokers, partitions);
    for (std::size_t i = 0; i < partitions.size(); ++i) {
        for (const BrokerId id : partitions[i].replicas) {
            if (!leaving.contains(id)) continue;
            const BrokerId to = successor(layout, i, id, leaving);
            if (to == kNoBroker) {
                return fail(
                    ErrorCode::kInvalidReplicationFactor,
                    "no broker is left for a replica of " + partitions[i].topic + "-" +
                        std::to_string(partitions[i].partition.value)
                );
            }
            layout.move(i, id, to);
        }
    }
    return layout.plan();
}

Plan plan_balance(const std::vector<Broker>& brokers, const std::vector<Partition>& partitions) {
    Layout layout(brokers, partitions);
    spread_over_racks(layout);
    while (even_out_once(layout)) {
    }
    even_out_leaders(layout);
    return layout.plan();
}

}  // namespace sealane::placement
