#include "common/placement/placement.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace sealane::placement {

namespace {

template <class T>
void shuffle(std::vector<T>& all, Rng& rng) {
    for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[rng.below(i)]);
}

// One broker of each rack in turn, so that neighbours are in different racks. Where the racks begin
// is chance: topics of one partition must not all end on the same broker.
std::vector<Broker> alternate_racks(const std::vector<Broker>& brokers, Rng& rng) {
    std::map<std::string, std::vector<Broker>> by_rack;
    for (const Broker& broker : brokers) by_rack[broker.rack].push_back(broker);
    std::vector<std::vector<Broker>> racks;
    for (auto& [rack, members] : by_rack) racks.push_back(std::move(members));
    for (std::vector<Broker>& rack : racks) shuffle(rack, rng);
    shuffle(racks, rng);
    std::vector<Broker> order;
    for (std::size_t i = 0; order.size() < brokers.size(); ++i) {
        for (const std::vector<Broker>& rack : racks) {
            if (i < rack.size()) order.push_back(rack[i]);
        }
    }
    return order;
}

class Placer {
 public:
    explicit Placer(std::vector<Broker> order)
        : order_(std::move(order)), replicas_(order_.size()), leaders_(order_.size()) {}

    void add(std::size_t replication_factor) {
        std::vector<std::size_t> chosen{choose_leader()};
        while (chosen.size() < replication_factor) chosen.push_back(choose(chosen));
        ++leaders_[chosen.front()];
        for (const std::size_t index : chosen) ++replicas_[index];
        placed_.push_back(std::move(chosen));
    }
    // Leaders are even, and what that cost followers is mended among brokers of one rack.
    [[nodiscard]] std::vector<Replicas> take() {
        for (std::size_t from = 0; from < order_.size(); ++from) {
            for (std::size_t to = 0; to < order_.size(); ++to) even_out(from, to);
        }
        std::vector<Replicas> all;
        for (const auto& chosen : placed_) {
            Replicas& replicas = all.emplace_back();
            for (const std::size_t index : chosen) replicas.push_back(order_[index].id);
        }
        return all;
    }

 private:
    [[nodiscard]] std::size_t choose_leader() const {
        std::size_t best = order_.size();
        for (std::size_t i = 0; i < order_.size(); ++i) {
            if (!order_[i].usable) continue;
            const std::pair cost{leaders_[i], replicas_[i]};
            if (best == order_.size() || cost < std::pair{leaders_[best], replicas_[best]})
                best = i;
        }
        return best;
    }
    // Usable first, then a rack of its own, then who has least. Who comes after whom shifts with
    // every round, so that the partitions of a broker have their followers all over.
    [[nodiscard]] std::size_t choose(const std::vector<std::size_t>& chosen) const {
        const std::size_t count = order_.size();
        const std::size_t start = chosen.front() + 1 + placed_.size() / count;
        std::size_t best = count;
        std::tuple<bool, std::size_t, std::size_t> least;
        for (std::size_t step = 0; step < count; ++step) {
            const std::size_t index = (start + step) % count;
            if (std::ranges::find(chosen, index) != chosen.end()) continue;
            const auto same_rack = std::ranges::count_if(chosen, [&](std::size_t other) {
                return order_[other].rack == order_[index].rack;
            });
            const std::tuple cost{
                !order_[index].usable, static_cast<std::size_t>(same_rack), replicas_[index]
            };
            if (best != count && cost >= least) continue;
            best = index;
            least = cost;
        }
        return best;
    }
    void even_out(std::size_t from, std::size_t to) {
        if (order_[from].rack != order_[to].rack || !order_[to].usable) return;
        for (auto& chosen : placed_) {
            if (replicas_[from] < replicas_[to] + 2) return;
            const auto follower = std::find(chosen.begin() + 1, chosen.end(), from);
            if (follower == chosen.end() || std::ranges::find(chosen, to) != chosen.end()) continue;
            *follower = to;
            --replicas_[from];
            ++replicas_[to];
        }
    }

    std::vector<Broker> order_;
    std::vector<std::size_t> replicas_;
    std::vector<std::size_t> leaders_;
    std::vector<std::vector<std::size_t>> placed_;  // indices into order_, the leader first
};

}  // namespace

Result<std::vector<Replicas>> place(
    std::vector<Broker> brokers, std::int32_t partitions, std::size_t replication_factor, Rng& rng
) {
    if (replication_factor < 1 || replication_factor > brokers.size()) {
        return fail(
            ErrorCode::kInvalidReplicationFactor,
            "replication factor " + std::to_string(replication_factor) + " with " +
                std::to_string(brokers.size()) + " brokers"
        );
    }
    if (!std::ranges::any_of(brokers, &Broker::usable)) {
        return fail(
            ErrorCode::kInvalidReplicationFactor, "every broker is fenced or shutting down"
        );
    }
    Placer placer(alternate_racks(brokers, rng));
    for (std::int32_t i = 0; i < partitions; ++i) placer.add(replication_factor);
    return placer.take();
}

}  // namespace sealane::placement
