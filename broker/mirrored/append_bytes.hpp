#pragma once
// The bytes that one partition of a MirrorAppend becomes in an aggregate topic: for every run its
// announcement, then its batches with producer fields cleared (ids of several sources would clash
// in one topic). Deciders: bytes in, bytes out; offsets are assigned by the log.

#include "common/kafka/messages/mirror.hpp"
#include "common/kafka/records/mirror_run.hpp"

namespace sealane::broker {

struct AggregateAppend {
    std::string link_name;
    const kafka::MirrorAppendRequest::Partition& partition;
    WallTime now;
    std::size_t max_batch_bytes = 0;  // max.message.bytes of the topic
};

// kMessageTooLarge, kCorruptMessage (also: a checksum does not match), kInvalidRequest (runs or
// batches that do not follow one another, control or transactional batches).
[[nodiscard]] Result<BufferSlice> aggregate_bytes(const AggregateAppend& append);

// Checks the batches of one replica run without changing them: sizes, checksums, and that they go
// on from `source_base_offset` without overlap. Returns one past the last offset.
[[nodiscard]] Result<Offset> check_replica_run(
    const kafka::MirrorAppendRequest::Run& run, std::size_t max_batch_bytes
);

}  // namespace sealane::broker
