#include "broker/log/digest_chain.hpp"

#include "common/base/endian.hpp"
#include "common/kafka/records/record_batch.hpp"

#include <xxhash.h>

namespace sealane::broker {

namespace {
constexpr std::string_view kMagic = "SLDG";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHashed = 48;  // of the header
constexpr std::uint32_t kSmallestBatch = 61;
}  // namespace

DigestHash digest_of(ByteView bytes) {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
    DigestHash hash;
    std::memcpy(hash.data(), canonical.digest, hash.size());
    return hash;
}

BufferSlice DigestHeader::encode() const {
    MutableBuffer bytes(kSize);
    std::memcpy(bytes.data(), kMagic.data(), kMagic.size());
    store_be(bytes.data() + 4, kVersion);
    store_be(bytes.data() + 8, segment_base.value);
    std::memcpy(bytes.data() + 16, topic_id.bytes.data(), 16);
    std::memcpy(bytes.data() + 32, before.data(), 16);
    const DigestHash own = digest_of(bytes.view().first(kHashed));
    std::memcpy(bytes.data() + kHashed, own.data(), own.size());
    return std::move(bytes).freeze();
}

Result<DigestHeader> DigestHeader::decode(ByteView bytes) {
    if (bytes.size() < kSize) return fail(ErrorCode::kCorrupt, "digest header is cut off");
    const DigestHash own = digest_of(bytes.first(kHashed));
    if (as_text(bytes.first(4)) != kMagic || load_be<std::uint32_t>(bytes.data() + 4) != kVersion ||
        std::memcmp(bytes.data() + kHashed, own.data(), own.size()) != 0) {
        return fail(ErrorCode::kCorrupt, "digest header is damaged");
    }
    DigestHeader header;
    header.segment_base = Offset(load_be<std::int64_t>(bytes.data() + 8));
    std::memcpy(header.topic_id.bytes.data(), bytes.data() + 16, 16);
    std::memcpy(header.before.data(), bytes.data() + 32, 16);
    return header;
}

BatchFacts BatchFacts::of(const kafka::RecordBatchView& batch, std::uint32_t position) {
    return {
        .base_offset = batch.base_offset(),
        .last_offset = batch.last_offset(),
        .position = position,
        .length = static_cast<std::uint32_t>(batch.size()),
        .leader_epoch = batch.leader_epoch(),
        .crc = batch.crc(),
    };
}

void DigestEntry::encode(Offset segment_base, MutableByteView into) const {
    SEALANE_ASSERT(into.size() >= kSize);
    std::byte* at = into.data();
    store_be(at, static_cast<std::uint32_t>(batch.base_offset - segment_base));
    store_be(at + 4, static_cast<std::uint32_t>(batch.last_offset - segment_base));
    store_be(at + 8, batch.position);
    store_be(at + 12, batch.length);
    store_be(at + 16, batch.leader_epoch.value);
    store_be(at + 20, batch.crc);
    std::memcpy(at + 24, hash.data(), hash.size());
}

Result<DigestEntry> DigestEntry::decode(Offset segment_base, ByteView bytes) {
    if (bytes.size() < kSize) return fail(ErrorCode::kCorrupt, "digest entry is cut off");
    const std::byte* at = bytes.data();
    const auto base = load_be<std::uint32_t>(at);
    const auto last = load_be<std::uint32_t>(at + 4);
    DigestEntry entry;
    entry.batch.position = load_be<std::uint32_t>(at + 8);
    entry.batch.length = load_be<std::uint32_t>(at + 12);
    if (last < base || last > INT32_MAX || entry.batch.length < kSmallestBatch ||
        entry.batch.position > INT32_MAX || segment_base.value > INT64_MAX - last) {
        return fail(ErrorCode::kCorrupt, "digest entry is damaged");
    }
    entry.batch.base_offset = segment_base + base;
    entry.batch.last_offset = segment_base + last;
    entry.batch.leader_epoch = LeaderEpoch(load_be<std::int32_t>(at + 16));
    entry.batch.crc = load_be<std::uint32_t>(at + 20);
    std::memcpy(entry.hash.data(), at + 24, entry.hash.size());
    return entry;
}

DigestHash chain(const DigestHash& before, const Uuid& topic_id, const BatchFacts& batch) {
    std::array<std::byte, 60> bytes;
    std::memcpy(bytes.data(), before.data(), 16);
    std::memcpy(bytes.data() + 16, topic_id.bytes.data(), 16);
    store_be(bytes.data() + 32, batch.base_offset.value);
    store_be(bytes.data() + 40, batch.last_offset.value);
    store_be(bytes.data() + 48, batch.length);
    store_be(bytes.data() + 52, batch.leader_epoch.value);
    store_be(bytes.data() + 56, batch.crc);
    return digest_of(bytes);
}

}  // namespace sealane::broker
