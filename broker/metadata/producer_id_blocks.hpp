#pragma once
// Producer ids are handed out in blocks (KIP-730): a broker gives them to producers, and asks for
// the next block when its own is used up. Decider only.

#include "broker/metadata/image.hpp"
#include "common/kafka/messages/producers.hpp"

namespace sealane::broker {

inline constexpr std::int32_t kProducerIdBlock = 1000;

struct ProducerIdsDecision {
    Records records;
    kafka::AllocateProducerIdsResponse response;
};
// In the response: kBrokerIdNotRegistered, kStaleBrokerEpoch.
[[nodiscard]] ProducerIdsDecision allocate_producer_ids(
    const Image& image, const kafka::AllocateProducerIdsRequest& request
);
// Nobody gets ids below `first` any more (promotion of mirrored topics). Empty: so it is already.
[[nodiscard]] Records reserve_producer_ids(const Image& image, std::int64_t first);

}  // namespace sealane::broker
