#pragma once
// KeyMap: the latest offset of each key of a log's dirty part. Bounded: open addressing in one
// block that is allocated once. Keys are XXH3-128 with a seed of this run, so that nobody can
// choose two keys which look alike. A core.

#include "common/base/buffer.hpp"
#include "common/base/ids.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

namespace sealane::broker {

class KeyMap {
 public:
    static constexpr std::size_t kSlotBytes = 24;

    // For `keys` keys if `max_bytes` are enough; for at least one. Pages are taken as they fill.
    KeyMap(std::uint64_t keys, std::size_t max_bytes, std::uint64_t seed);

    // How many keys that are not here yet may still come.
    [[nodiscard]] std::size_t room() const { return most_ - used_; }
    [[nodiscard]] std::size_t size() const { return used_; }
    // The key was last seen at `at`. Offsets must not decrease. Needs room() unless it is known.
    void put(ByteView key, Offset at);
    // kNoOffset: it is not here.
    [[nodiscard]] Offset latest(ByteView key) const;

 private:
    struct Slot {
        std::uint64_t high;
        std::uint64_t low;
        std::int64_t next;  // the offset after the latest one; 0: the slot is empty
    };
    static_assert(sizeof(Slot) == kSlotBytes);
    struct Release {
        void operator()(Slot* slots) const;
    };
    // Its slot, or the empty one where it would go.
    [[nodiscard]] Slot& find(ByteView key, Slot& hash) const;

    std::size_t slots_;
    std::size_t most_;
    std::size_t used_ = 0;
    std::uint64_t seed_;
    std::unique_ptr<Slot[], Release> table_;
};

}  // namespace sealane::broker
