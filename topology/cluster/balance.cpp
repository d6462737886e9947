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
    Layout(const ClusterState& state, const BalanceOptions& options) : options_(options) {
        std::map<std::string, std::int64_t> numbers;
        for (const ClusterBroker& broker : state.brokers) {
            if (!broker.rack.empty())
                racks_[broker.id] = numbers.emplace(broker.rack, numbers.size()).first->second;
            if (!broker.fenced && !options.exclude.contains(broker.id)) usable_[broker.id];
        }
        for (const ClusterPartition& partition : state.partitions) {
            const bool movable =
                options.topics.empty() || options.topics.contains(partition.id.topic);
            Item& item = items_.emplace_back(
                &partition, partition.target(), &per_topic_[partition.id.topic], movable
            );
            for (const BrokerId id : item.replicas) count(item, id, 1);
            if (!item.replicas.empty()) lead(item.replicas.front(), 1);
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
                count(item, to, 1);
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
    using TopicCounts = std::map<BrokerId, std::int64_t>;
    struct Item {
        const ClusterPartition* partition;
        std::vector<BrokerId> replicas;
        TopicCounts* topic;  // of all partitions of its topic
        bool movable;
    };
    struct Load {
        std::int64_t replicas = 0;
        std::int64_t leaders = 0;
    };

    void count(Item& item, BrokerId id, std::int64_t change) {
        (*item.topic)[id] += change;
        if (const auto found = usable_.find(id); found != usable_.end())
            found->second.replicas += change;
    }
    void lead(BrokerId id, std::int64_t change) {
        if (const auto found = usable_.find(id); found != usable_.end())
            found->second.leaders += change;
    }

    void replace(Item& item, std::size_t at, BrokerId to) {
        const BrokerId from = item.replicas[at];
        count(item, from, -1);
        count(item, to, 1);
        if (at == 0) {
            lead(from, -1);
            lead(to, 1);
        }
        item.replicas[at] = to;
    }
    void drop(Item& item, std::size_t at) {
        const auto where = item.replicas.begin() + static_cast<std::ptrdiff_t>(at);
        count(item, *where, -1);
        if (at == 0) lead(*where, -1);
        item.replicas.erase(where);
        if (at == 0 && !item.replicas.empty()) lead(item.replicas.front(), 1);
    }

    // Racks by number; a broker without one is a rack of its own.
    [[nodiscard]] std::int64_t rack_of(BrokerId id) const {
        const auto found = racks_.find(id);
        return found == racks_.end() ? -1 - std::int64_t{id.value} : found->second;
    }
    // Replicas of the partition in a rack, not counting the one at `except`.
    [[nodiscard]] std::int64_t in_rack(
        const Item& item, std::int64_t rack, std::size_t except = SIZE_MAX
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
        std::ranges::sort(ids, {}, [this](BrokerId id) {
            return std::pair(usable_.at(id).replicas, id);
        });
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
        const std::int64_t from_rack = rack_of(from);
        const std::int64_t to_rack = rack_of(to);
        Item* best = nullptr;
        std::size_t best_at = 0;
        std::tuple<std::int64_t, bool> best_gain;
        for (Item& item : items_) {
            if (!item.movable || contains(item.replicas, to)) continue;
            const auto found = std::ranges::find(item.replicas, from);
            if (found == item.replicas.end()) continue;
            const auto at = static_cast<std::size_t>(found - item.replicas.begin());
            if (from_rack != to_rack && in_rack(item, to_rack) + 1 > in_rack(item, from_rack))
                continue;
            const std::tuple gain((*item.topic)[from] - (*item.topic)[to], at != 0);
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
        std::ranges::sort(ids, {}, [this](BrokerId id) {
            return std::pair(-usable_.at(id).leaders, id);
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

    const BalanceOptions& options_;
    std::map<std::string, TopicCounts> per_topic_;
    std::vector<Item> items_;
    std::map<BrokerId, Load> usable_;  // brokers that may get replicas
    std::map<BrokerId, std::int64_t> racks_;
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
