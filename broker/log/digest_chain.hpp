#pragma once
// Digest chain of one segment: one entry per batch, each hash covering the one before it, so that
// changed, missing, repeated, stale and misdirected batches all show, including the header fields
// (base offset, length, leader epoch) that Kafka's checksum leaves out. A core; the file is
// `<base>.digest`, big-endian, a header and entries of fixed size:
//
// | at | size | header                         | at | size | entry                              |
// |---:|-----:|--------------------------------|---:|-----:|------------------------------------|
// |  0 |    4 | "SLDG"                         |  0 |    4 | base offset - segment base         |
// |  4 |    4 | version, 1                     |  4 |    4 | last offset - segment base         |
// |  8 |    8 | segment base offset            |  8 |    4 | position in the segment            |
// | 16 |   16 | topic id                       | 12 |    4 | length of the batch in bytes       |
// | 32 |   16 | hash before the first entry    | 16 |    4 | leader epoch                       |
// | 48 |   16 | XXH3-128 of the 48 bytes above | 20 |    4 | the batch's CRC                    |
// |    |      |                                | 24 |   16 | hash                               |
//
// hash = XXH3-128 of (previous hash, topic id, base offset, last offset as 8 bytes each, length,
// leader epoch, CRC as 4 bytes each). Losing the file loses nothing: it is rebuilt from the
// batches.

#include "common/base/buffer.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"

#include <array>

namespace sealane::kafka {
class RecordBatchView;
}

namespace sealane::broker {

using DigestHash = std::array<std::uint8_t, 16>;

// XXH3-128, most significant byte first.
[[nodiscard]] DigestHash digest_of(ByteView bytes);

struct DigestHeader {
    static constexpr std::size_t kSize = 64;
    Offset segment_base;
    Uuid topic_id;
    DigestHash before{};  // the hash that the first entry chains to
    [[nodiscard]] BufferSlice encode() const;
    // kCorrupt: not such a header, or its own hash differs.
    [[nodiscard]] static Result<DigestHeader> decode(ByteView bytes);
    friend bool operator==(const DigestHeader&, const DigestHeader&) = default;
};

// What is known of one batch without its records.
struct BatchFacts {
    Offset base_offset;
    Offset last_offset;
    std::uint32_t position = 0;
    std::uint32_t length = 0;
    LeaderEpoch leader_epoch;
    std::uint32_t crc = 0;
    [[nodiscard]] static BatchFacts of(const kafka::RecordBatchView& batch, std::uint32_t position);
    friend bool operator==(const BatchFacts&, const BatchFacts&) = default;
};

struct DigestEntry {
    static constexpr std::size_t kSize = 40;
    BatchFacts batch;
    DigestHash hash{};
    void encode(Offset segment_base, MutableByteView into) const;
    // `bytes` has kSize. kCorrupt: lengths or offsets that cannot be.
    [[nodiscard]] static Result<DigestEntry> decode(Offset segment_base, ByteView bytes);
    friend bool operator==(const DigestEntry&, const DigestEntry&) = default;
};

// The hash after `batch`, chained to `before`.
[[nodiscard]] DigestHash chain(
    const DigestHash& before, const Uuid& topic_id, const BatchFacts& batch
);

}  // namespace sealane::broker
