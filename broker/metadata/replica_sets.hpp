#pragma once
// Small operations on lists of brokers that stand for sets. Their order matters to people and to
// elections, so they stay lists.

#include "common/base/ids.hpp"

#include <algorithm>
#include <vector>

namespace sealane::broker {

using BrokerIds = std::vector<BrokerId>;

[[nodiscard]] inline bool has(const BrokerIds& ids, BrokerId id) {
    return std::ranges::find(ids, id) != ids.end();
}
[[nodiscard]] inline bool has_all(const BrokerIds& ids, const BrokerIds& wanted) {
    return std::ranges::all_of(wanted, [&ids](BrokerId id) { return has(ids, id); });
}
// `ids` in their order, without those in `unwanted`.
[[nodiscard]] inline BrokerIds without(const BrokerIds& ids, const BrokerIds& unwanted) {
    BrokerIds rest;
    for (const BrokerId id : ids) {
        if (!has(unwanted, id)) rest.push_back(id);
    }
    return rest;
}
// `ids` in their order, as far as they are in `wanted`.
[[nodiscard]] inline BrokerIds only(const BrokerIds& ids, const BrokerIds& wanted) {
    BrokerIds rest;
    for (const BrokerId id : ids) {
        if (has(wanted, id)) rest.push_back(id);
    }
    return rest;
}
[[nodiscard]] inline BrokerIds joined(BrokerIds ids, const BrokerIds& more) {
    ids.insert(ids.end(), more.begin(), more.end());
    return ids;
}
[[nodiscard]] inline bool has_duplicates(BrokerIds ids) {
    std::ranges::sort(ids);
    return std::ranges::adjacent_find(ids) != ids.end();
}
[[nodiscard]] inline bool same_members(const BrokerIds& a, const BrokerIds& b) {
    return a.size() == b.size() && has_all(a, b);
}

}  // namespace sealane::broker
