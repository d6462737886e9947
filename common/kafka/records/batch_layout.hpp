#pragma once
// The bytes of one record batch, format v2 (KIP-98). All numbers are big-endian.
//
// | at | size | field                | at | size | field           |
// |---:|-----:|----------------------|---:|-----:|-----------------|
// |  0 |    8 | base offset          | 27 |    8 | base timestamp  |
// |  8 |    4 | length after here    | 35 |    8 | max timestamp   |
// | 12 |    4 | leader epoch         | 43 |    8 | producer id     |
// | 16 |    1 | magic, 2             | 51 |    2 | producer epoch  |
// | 17 |    4 | CRC-32C of [21, end) | 53 |    4 | base sequence   |
// | 21 |    2 | attributes           | 57 |    4 | record count    |
// | 23 |    4 | last offset delta    | 61 |   .. | records         |
//
// Base offset and leader epoch lie before the checksummed part: whoever assigns them changes them
// without touching the checksum.

#include <cstddef>
#include <cstdint>

namespace sealane::kafka {

namespace batch_layout {
inline constexpr std::size_t kBaseOffset = 0;
inline constexpr std::size_t kLength = 8;
inline constexpr std::size_t kLeaderEpoch = 12;
inline constexpr std::size_t kMagic = 16;
inline constexpr std::size_t kCrc = 17;
inline constexpr std::size_t kAttributes = 21;
inline constexpr std::size_t kLastOffsetDelta = 23;
inline constexpr std::size_t kBaseTimestamp = 27;
inline constexpr std::size_t kMaxTimestamp = 35;
inline constexpr std::size_t kProducerId = 43;
inline constexpr std::size_t kProducerEpoch = 51;
inline constexpr std::size_t kBaseSequence = 53;
inline constexpr std::size_t kRecordCount = 57;
inline constexpr std::size_t kRecords = 61;

inline constexpr std::size_t kHeaderSize = kRecords;
inline constexpr std::size_t kLengthEnd = kLength + 4;  // the length field counts from here
inline constexpr std::size_t kChecksummed = kAttributes;
inline constexpr std::int32_t kMinLength = static_cast<std::int32_t>(kHeaderSize - kLengthEnd);
}  // namespace batch_layout

inline constexpr std::int8_t kBatchMagic = 2;
inline constexpr std::int32_t kNoSequence = -1;

// Bits 0 to 2 of the attributes. 5 to 7 are no codec.
enum class Codec : std::uint8_t { kNone = 0, kGzip = 1, kSnappy = 2, kLz4 = 3, kZstd = 4 };

// Bit 3 of the attributes: what the timestamps of the records mean.
enum class TimestampType : std::uint8_t { kCreateTime = 0, kLogAppendTime = 1 };

// The attributes field in parts.
struct BatchAttributes {
    std::uint16_t bits = 0;

    static constexpr std::uint16_t kCodecMask = 0x07;
    static constexpr std::uint16_t kAppendTimeBit = 0x08;
    static constexpr std::uint16_t kTransactionalBit = 0x10;
    static constexpr std::uint16_t kControlBit = 0x20;
    static constexpr std::uint16_t kDeleteHorizonBit = 0x40;
    static constexpr std::uint16_t kKnownBits = 0x7f;

    // May name no codec (5 to 7) until RecordBatchView::parse has accepted the batch.
    [[nodiscard]] constexpr Codec codec() const { return static_cast<Codec>(bits & kCodecMask); }
    [[nodiscard]] constexpr TimestampType timestamp_type() const {
        return has(kAppendTimeBit) ? TimestampType::kLogAppendTime : TimestampType::kCreateTime;
    }
    [[nodiscard]] constexpr bool is_transactional() const { return has(kTransactionalBit); }
    [[nodiscard]] constexpr bool is_control() const { return has(kControlBit); }
    [[nodiscard]] constexpr bool has_delete_horizon() const { return has(kDeleteHorizonBit); }
    [[nodiscard]] constexpr bool has(std::uint16_t bit) const { return (bits & bit) != 0; }
    [[nodiscard]] constexpr BatchAttributes with(std::uint16_t bit, bool on) const {
        return {static_cast<std::uint16_t>(on ? bits | bit : bits & ~bit)};
    }
    friend constexpr bool operator==(BatchAttributes, BatchAttributes) = default;
};

}  // namespace sealane::kafka
