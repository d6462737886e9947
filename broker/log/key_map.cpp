#include "broker/log/key_map.hpp"

#include "common/base/assert.hpp"

#include <algorithm>
#include <cstdlib>
#include <xxhash.h>

namespace sealane::broker {

namespace {

// Nine slots of ten are used at most.
constexpr std::uint64_t kUsed = 9;
constexpr std::uint64_t kOf = 10;

std::size_t slots_for(std::uint64_t keys, std::size_t max_bytes) {
    const std::uint64_t most = std::max<std::uint64_t>(max_bytes / KeyMap::kSlotBytes, 2);
    const std::uint64_t wanted = std::min(keys, most) * kOf / kUsed + 2;
    return static_cast<std::size_t>(std::min(wanted, most));
}

}  // namespace

void KeyMap::Release::operator()(Slot* slots) const {
    std::free(slots);
}

KeyMap::KeyMap(std::uint64_t keys, std::size_t max_bytes, std::uint64_t seed)
    : slots_(slots_for(keys, max_bytes)),
      most_(std::max<std::size_t>(slots_ * kUsed / kOf, 1)),
      seed_(seed),
      table_(static_cast<Slot*>(std::calloc(slots_, sizeof(Slot)))) {
    SEALANE_ASSERT(table_ != nullptr);
}

KeyMap::Slot& KeyMap::find(ByteView key, Slot& hash) const {
    const XXH128_hash_t made = XXH3_128bits_withSeed(key.data(), key.size(), seed_);
    hash = {made.high64, made.low64, 0};
    auto at = static_cast<std::size_t>((static_cast<unsigned __int128>(hash.high) * slots_) >> 64U);
    while (table_[at].next != 0 && (table_[at].high != hash.high || table_[at].low != hash.low)) {
        at = at + 1 == slots_ ? 0 : at + 1;
    }
    return table_[at];
}

void KeyMap::put(ByteView key, Offset at) {
    Slot hash;
    Slot& slot = find(key, hash);
    if (slot.next == 0) {
        SEALANE_ASSERT(room() > 0);
        ++used_;
    }
    hash.next = at.value + 1;
    slot = hash;
}

Offset KeyMap::latest(ByteView key) const {
    Slot hash;
    const Slot& slot = find(key, hash);
    return slot.next == 0 ? kNoOffset : Offset(slot.next - 1);
}

}  // namespace sealane::broker
