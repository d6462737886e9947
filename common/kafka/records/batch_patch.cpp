#include "common/kafka/records/batch_patch.hpp"

#include "common/base/crc32c.hpp"

#include <algorithm>
#include <array>

namespace sealane::kafka {
namespace {

// The patchable fields lie together: attributes to base sequence.
constexpr std::size_t kFirst = batch_layout::kAttributes;
constexpr std::size_t kCount = batch_layout::kRecordCount - kFirst;

}  // namespace

void assign_offsets(MutableByteView batch, Offset base_offset, LeaderEpoch leader_epoch) {
    SEALANE_ASSERT(batch.size() >= batch_layout::kHeaderSize);
    store_be(batch.data() + batch_layout::kBaseOffset, base_offset.value);
    store_be(batch.data() + batch_layout::kLeaderEpoch, leader_epoch.value);
}

void patch(MutableByteView batch, const BatchPatch& changes) {
    SEALANE_ASSERT(batch.size() >= batch_layout::kHeaderSize);
    std::byte* const at = batch.data();
    std::array<std::byte, kCount> before;
    std::ranges::copy(batch.subspan(kFirst, kCount), before.begin());

    if (changes.attributes) store_be(at + batch_layout::kAttributes, changes.attributes->bits);
    if (changes.base_timestamp)
        store_be(at + batch_layout::kBaseTimestamp, changes.base_timestamp->ms);
    if (changes.max_timestamp)
        store_be(at + batch_layout::kMaxTimestamp, changes.max_timestamp->ms);
    if (changes.producer_id) store_be(at + batch_layout::kProducerId, changes.producer_id->value);
    if (changes.producer_epoch)
        store_be(at + batch_layout::kProducerEpoch, changes.producer_epoch->value);
    if (changes.base_sequence) store_be(at + batch_layout::kBaseSequence, *changes.base_sequence);

    const ByteView after = batch.subspan(kFirst, kCount);
    const std::uint32_t crc = crc32c_patch(
        load_be<std::uint32_t>(at + batch_layout::kCrc),
        batch.size() - batch_layout::kChecksummed,
        kFirst - batch_layout::kChecksummed,
        before,
        after
    );
    store_be(at + batch_layout::kCrc, crc);
}

void stamp_append_time(MutableByteView batch, WallTime now) {
    SEALANE_ASSERT(batch.size() >= batch_layout::kHeaderSize);
    const BatchAttributes attributes{
        load_be<std::uint16_t>(batch.data() + batch_layout::kAttributes)
    };
    patch(
        batch,
        {.attributes = attributes.with(BatchAttributes::kAppendTimeBit, true), .max_timestamp = now}
    );
}

MutableBuffer mutable_copy(ByteView batch) {
    MutableBuffer copy(batch.size());
    std::ranges::copy(batch, copy.data());
    return copy;
}

}  // namespace sealane::kafka
