#include "broker/api/cluster_view.hpp"

#include <algorithm>

namespace sealane::broker {

bool is_alive(const Image& image, BrokerId id) {
    const BrokerState* broker = image.broker(id);
    return broker != nullptr && !broker->fenced;
}

const BrokerState::Listener* listener_of(const BrokerState& broker, std::string_view name) {
    const auto found = std::ranges::find(broker.listeners, name, &BrokerState::Listener::name);
    return found == broker.listeners.end() ? nullptr : &*found;
}

BrokerId controller_for_clients(const Image& image, BrokerId active, BrokerId self) {
    for (const BrokerId candidate : {active, self}) {
        if (is_alive(image, candidate)) return candidate;
    }
    for (const auto& [id, broker] : image.brokers()) {
        if (!broker.fenced) return id;
    }
    return kNoBroker;
}

}  // namespace sealane::broker
