// plan_balance and plan_drain: one Layout is changed step by step; what differs in the end is the
// plan.

#include "topology/cluster/reassignment.hpp"

#include <algorithm>
#include <deque>
#include <tuple>

namespace sealane::topology {

namespace {

bool contains(const std::vector<BrokerId>& ids, BrokerId id) {
    return std::ranges::find(ids, id) != ids.end();
}

class Layout {
 public:
    Layout(const ClusterState& state, const BalanceOptions& options)
        : state_(state), options_(options) {
        for (const ClusterBroker& broker : state.brokers) {
            // A broker without a rack is a rack of its own.
            racks_[broker.id] =
                broker.rack.empty() ? "#" + std::to_string(broker.id.value) : broker.rack;
            if (!broker.fenced && !options.exclude.contains(broker.id)) usable_[broker.id];
        }
        for (const ClusterPartition& partition : state.partitions) {
            const bool movable =
                options.topics.empty() || options.topics.contains(partition.id.topic);
            items_.push_back({&partition, partition.target(), movable});
            for (const BrokerId id : items_.back().replicas) count(id, partition.id.topic, 1);
            if (!items_.back().replicas.empty()) lead(items_.back().replicas.front(), 1);
        }
    }

    Status leave_excluded() {
        for (Item& item : items_) {
            if (!item.movable) continue;
            for (std::size_t at = 0; at < item.replicas.size(); ++at) {
                if (!options_.exclude.contains(item.replicas[at])) continue;
                const BrokerId to = best_target(item, at);
                if (to == kNoBroker) return too_few(item);
                replace(item, at, to);
            }
        }
        return {};
    }

    Status set_replication() {
        for (Item& item : items_) {
            if (!options_.replication || !item.movable) continue;
            while (item.replicas.size() > *options_.replication) drop(item, worst_replica(item));
            while (item.replicas.size() < *options_.replication) {
                const BrokerId to = best_target(item, item.replicas.size());
                if (to == kNoBroker) return too_few(item);
                item.replicas.push_back(to);
                count(to, item.partition->id.topic, 1);
                if (item.replicas.size() == 1) lead(to, 1);
            }
        }
        return {};
    }

    // Wherever one rack has two more replicas of a partition than another could have.
    void spread_over_racks() {
        for (Item& item : items_) {
            if (!item.movable) continue;
            while (spread_once(item)) {
            }
        }
    }

    // From the fullest broker to the emptiest, while they are two or more apart.
    void level_replicas() {
        while (level_once()) {
        }
    }

    void level_leaders() {
        while (pass_leadership()) {
        }
    }

    [[nodiscard]] ReassignmentPlan plan() const {
        ReassignmentPlan moves;
        for (const Item& item : items_) {
            const auto before = item.partition->target();
            if (before != item.replicas)
                moves.push_back({item.partition->id, before, item.replicas});
        }
        return moves;
    }

 private:
    struct Item {
        const ClusterPartition* partition;
        std::vector<BrokerId> replicas;
        bool movable;
    };
    struct Load {
        std::int64_t replicas = 0;
        std::int64_t leaders = 0;
    };

    void count(BrokerId id, const std::string& topic, std::int64_t change) {
        per_topic_[topic][id] += change;
        if (const auto found = usable_.find(id); found != usable_.end())
            found->second.replicas += change;
    }
    void lead(BrokerId id, std::int64_t change) {
        if (const auto found = usable_.find(id); found != usable_.end())
            found->second.leaders += change;
    }

    void replace(Item& item, std::size_t at, BrokerId to) {
        const std::string& topic = item.partition->id.topic;
        const BrokerId from = item.replicas[at];
        count(from, topic, -1);
        count(to, topic, 1);
        if (at == 0) {
            lead(from, -1);
            lead(to, 1);
        }
        item.replicas[at] = to;
    }
    void drop(Item& item, std::size_t at) {
        const auto where = item.replicas.begin() + static_cast<std::ptrdiff_t>(at);
        count(*where, item.partition->id.topic, -1);
        if (at == 0) lead(*where, -1);
        item.replicas.erase(where);
        if (at == 0 && !item.replicas.empty()) lead(item.replicas.front(), 1);
    }

    [[nodiscard]] std::string rack_of(BrokerId id) const {
        const auto found = racks_.find(id);
        return found == racks_.end() ? "#" + std::to_string(id.value) : found->second;
    }
    // Replicas of the partition in a rack, not counting the one at `except`.
    [[nodiscard]] std::int64_t in_rack(
        const Item& item, const std::string& rack, std::size_t except = SIZE_MAX
    ) const {
        std::int64_t found = 0;
        for (std::size_t at = 0; at < item.replicas.size(); ++at)
            found += at != except && rack_of(item.replicas[at]) == rack ? 1 : 0;
        return found;
    }

    // Where the replica at `at` (or one more) goes best: the emptiest rack, then the emptiest
    // broker.
    [[nodiscard]] BrokerId best_target(const Item& item, std::size_t at) const {
        BrokerId best = kNoBroker;
        std::tuple<std::int64_t, std::int64_t> best_cost;
        for (const auto& [id, load] : usable_) {
            if (contains(item.replicas, id)) continue;
            const std::tuple cost(in_rack(item, rack_of(id), at), load.replicas);
            if (best != kNoBroker && cost >= best_cost) continue;
            best = id;
            best_cost = cost;
        }
        return best;
    }
    // What is dropped first: a replica out of sync, then one of the fullest rack and broker; the
    // leader last of all.
    [[nodiscard]] std::size_t worst_replica(const Item& item) const {
        std::size_t worst = 0;
        std::tuple<bool, bool, std::int64_t, std::int64_t> worst_cost;
        for (std::size_t at = 0; at < item.replicas.size(); ++at) {
            const BrokerId id = item.replicas[at];
            const auto load = usable_.find(id);
            const std::tuple cost(
                at != 0,
                !contains(item.partition->in_sync, id),
                in_rack(item, rack_of(id)),
                load == usable_.end() ? INT64_MAX : load->second.replicas
            );
            if (at != 0 && cost < worst_cost) continue;
            worst = at;
            worst_cost = cost;
        }
        return worst;
    }

    bool spread_once(Item& item) {
        for (std::size_t at = item.replicas.size(); at-- > 0;) {
            const std::int64_t here = in_rack(item, rack_of(item.replicas[at]));
            const BrokerId to = best_target(item, at);
            if (to == kNoBroker || in_rack(item, rack_of(to)) + 2 > here) continue;
            replace(item, at, to);
            return true;
        }
        return false;
    }

    [[nodiscard]] std::vector<BrokerId> by_replicas() const {
        std::vector<BrokerId> ids;
        for (const auto& [id, load] : usable_) ids.push_back(id);
        std::ranges::stable_sort(ids, {}, [this](BrokerId id) { return usable_.at(id).replicas; });
        return ids;
    }
    bool level_once() {
        const auto ids = by_replicas();
        for (std::size_t full = ids.size(); full-- > 0;) {
            for (std::size_t empty = 0; empty < full; ++empty) {
                const BrokerId from = ids[full];
                const BrokerId to = ids[empty];
                if (usable_[from].replicas - usable_[to].replicas < 2) break;
                if (move_one(from, to)) return true;
            }
        }
        return false;
    }
    // The replica whose move evens out its topic most; a follower rather than a leader.
    bool move_one(BrokerId from, BrokerId to) {
        Item* best = nullptr;
        std::size_t best_at = 0;
        std::tuple<std::int64_t, bool> best_gain;
        for (Item& item : items_) {
            if (!item.movable || contains(item.replicas, to)) continue;
            const auto found = std::ranges::find(item.replicas, from);
            if (found == item.replicas.end()) continue;
            const auto at = static_cast<std::size_t>(found - item.replicas.begin());
            const bool same_rack = rack_of(from) == rack_of(to);
            if (!same_rack && in_rack(item, rack_of(to)) + 1 > in_rack(item, rack_of(from)))
                continue;
            auto& topic = per_topic_[item.partition->id.topic];
            const std::tuple gain(topic[from] - topic[to], at != 0);
            if (best != nullptr && gain <= best_gain) continue;
            best = &item;
            best_at = at;
            best_gain = gain;
        }
        if (best == nullptr) return false;
        replace(*best, best_at, to);
        return true;
    }

    // One leadership from the broker with most to one with at least two less, over a shortest chain
    // of partitions that can pass it on; false when there is none, which is the optimum.
    bool pass_leadership() {
        std::vector<BrokerId> ids;
        for (const auto& [id, load] : usable_) ids.push_back(id);
        std::ranges::stable_sort(ids, std::ranges::greater(), [this](BrokerId id) {
            return usable_.at(id).leaders;
        });
        for (const BrokerId from : ids) {
            if (pass_leadership_from(from)) return true;
        }
        return false;
    }
    bool pass_leadership_from(BrokerId from) {
        std::map<BrokerId, Item*> reached;  // by which partition a broker was reached
        std::map<BrokerId, BrokerId> before;
        std::deque<BrokerId> next{from};
        reached[from] = nullptr;
        while (!next.empty()) {
            const BrokerId at = next.front();
            next.pop_front();
            if (usable_[from].leaders - usable_[at].leaders >= 2) {
                for (BrokerId to = at; to != from; to = before[to]) prefer(*reached[to], to);
                return true;
            }
            for (Item& item : items_) {
                if (!item.movable || item.replicas.empty() || item.replicas.front() != at) continue;
                for (const BrokerId id : item.replicas) {
                    if (!usable_.contains(id) || reached.contains(id)) continue;
                    reached[id] = &item;
                    before[id] = at;
                    next.push_back(id);
                }
            }
        }
        return false;
    }
    void prefer(Item& item, BrokerId id) {
        lead(item.replicas.front(), -1);
        lead(id, 1);
        const auto found = std::ranges::find(item.replicas, id);
        std::rotate(item.replicas.begin(), found, found + 1);
    }

    [[nodiscard]] Status too_few(const Item& item) const {
        const std::size_t wanted = options_.replication.value_or(item.replicas.size());
        return fail(
            ErrorCode::kInvalidReplicationFactor,
            "partition " + item.partition->id.to_string() + " needs " + std::to_string(wanted) +
                " brokers, and only " + std::to_string(usable_.size()) + " can take replicas"
        );
    }

    const ClusterState& state_;
    const BalanceOptions& options_;
    std::vector<Item> items_;
    std::map<BrokerId, Load> usable_;  // brokers that may get replicas
    std::map<BrokerId, std::string> racks_;
    std::map<std::string, std::map<BrokerId, std::int64_t>> per_topic_;
};

}  // namespace

Result<ReassignmentPlan> plan_balance(const ClusterState& state, const BalanceOptions& options) {
    Layout layout(state, options);
    SEALANE_CHECK(layout.leave_excluded());
    SEALANE_CHECK(layout.set_replication());
    layout.spread_over_racks();
    layout.level_replicas();
    layout.level_leaders();
    return layout.plan();
}

Result<ReassignmentPlan> plan_drain(const ClusterState& state, BrokerId broker) {
    const BalanceOptions options{.exclude = {broker}, .topics = {}};
    Layout layout(state, options);
    SEALANE_CHECK(layout.leave_excluded());
    return layout.plan();
}

}  // namespace sealane::topology
