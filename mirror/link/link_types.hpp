#pragma once
// The words of a link that cores, shells and configuration share.

#include "common/kafka/messages/mirror.hpp"
#include "mirror/link/frames.hpp"

#include <cstdint>
#include <string>
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

// What a person sees first, of a partition and of a link (the worst of its partitions).
enum class Verdict { kStarting, kOk, kLagging, kStalled, kPaused, kBroken, kPromoted };
[[nodiscard]] std::string_view name_of(Verdict verdict);
[[nodiscard]] std::string_view name_of(LinkKind kind);

// Why something is not copied: a cause, words for people, and which source offsets are concerned.
struct StopCause {
    Cause cause = Cause::kNone;
    std::string detail;
    Offset from = kNoOffset;    // first source offset that could not be copied
    Offset resume = kNoOffset;  // where copying could go on behind the gap; -1: unknown
    friend bool operator==(const StopCause&, const StopCause&) = default;
};

}  // namespace sealane::mirror
