#pragma once
// The words of a link's configuration.

#include "common/kafka/messages/mirror.hpp"

#include <cstdint>
#include <string_view>

namespace sealane::mirror {

// replica: offsets, leader epochs and batches preserved, one source. aggregate: many sources into
// one topic, offsets mapped.
enum class LinkKind : std::int8_t {
    kReplica = kafka::kReplicaLink,
    kAggregate = kafka::kAggregateLink,
};

// consumer: reads the source cluster and listens on the link's socket. producer: connects to that
// socket, writes the target cluster and drives the link.
enum class HalfRole { kConsumer, kProducer };

// What to do about records that can no longer be had (expired, truncated away, corrupt): stop the
// partition with its cause, or list them in the gap ledger and go on behind them.
enum class OnGap { kStop, kLedger };

[[nodiscard]] constexpr std::string_view name_of(LinkKind kind) {
    return kind == LinkKind::kReplica ? "replica" : "aggregate";
}

}  // namespace sealane::mirror
