#pragma once
// Batches with known bytes, for the tests of this folder.

#include "common/kafka/records/record_batch_builder.hpp"

#include <string>
#include <string_view>

namespace sealane::kafka {

inline BufferSlice from_hex(std::string_view hex) {
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes.push_back(static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1])));
    return BufferSlice::copy_of(bytes);
}

inline std::string to_hex(ByteView bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string hex;
    for (const std::byte b : bytes) {
        hex += kDigits[std::to_integer<std::size_t>(b) >> 4U];
        hex += kDigits[std::to_integer<std::size_t>(b) & 15U];
    }
    return hex;
}

// Three records at 100: (k1, hello), (null, world, header h=v), (k1, null, header n=null).
inline constexpr std::string_view kThreeRecords =
    "00000000000000640000005b00000003022e3fc2e60000000000020000018bcfe568000000018bcfe56807ffffffff"
    "ff"
    "ffffffffffffffffff000000031a000000046b310a68656c6c6f001e000a02010a776f726c64020268027616000e04"
    "04"
    "6b310102026e01";
// Commit marker of producer 4001, epoch 2, coordinator epoch 7, at 103.
inline constexpr std::string_view kCommitMarker =
    "0000000000000067000000420000000302f3740b560030000000000000018bcfe568640000018bcfe5686400000000"
    "00"
    "000fa10002ffffffff000000012000000008000000010c00000000000700";
// 104 to 113, emptied by compaction.
inline constexpr std::string_view kEmptied =
    "0000000000000068000000310000000302a6fd0680000000000009ffffffffffffffff0000018bcfe5686400000000"
    "00"
    "000fa100020000000f00000000";

inline constexpr std::int64_t kSampleTime = 1700000000000;

inline RecordBatch batch_of(BatchOptions options, int records, std::string_view value = "value") {
    RecordBatchBuilder builder(options);
    for (int i = 0; i < records; ++i)
        (void)builder.add(text_record("key" + std::to_string(i), value, WallTime{kSampleTime + i}));
    return *std::move(builder).build();
}

}  // namespace sealane::kafka
