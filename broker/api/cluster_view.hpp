#pragma once
// The cluster's brokers as clients of one listener see them. Deciders over the image.

#include "broker/metadata/image.hpp"

#include <string_view>

namespace sealane::broker {

// Registered and not fenced: clients may be sent there.
[[nodiscard]] bool is_alive(const Image& image, BrokerId id);
// Where clients of the listener `name` find the broker; null: it has no such listener.
[[nodiscard]] const BrokerState::Listener* listener_of(
    const BrokerState& broker, std::string_view name
);
// Whom clients should take for the controller. Every broker forwards what belongs there (KIP-590),
// so any one does; the active controller saves a hop where it is a broker that clients may see.
[[nodiscard]] BrokerId controller_for_clients(const Image& image, BrokerId active, BrokerId self);

}  // namespace sealane::broker
