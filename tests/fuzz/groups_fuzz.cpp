// Any bytes as records of __consumer_offsets: what decodes must encode to the same again, and a
// coordinator that replays it must live on: be written anew and replayed to the same state, and end
// everybody's session. And any bytes as a subscribed pattern.

#include "broker/coordinator/name_pattern.hpp"
#include "broker/groups/coordinator_core.hpp"
#include "common/base/assert.hpp"

#include <cstdint>
#include <span>

namespace {

using namespace sealane;
using namespace sealane::broker::groups;

constexpr Instant kBegin{1'000'000'000};
constexpr int kMostTicks = 100;

// A byte of length, then so many bytes.
std::optional<BufferSlice> take(ByteView& bytes) {
    if (bytes.empty()) return std::nullopt;
    const std::size_t size =
        std::min<std::size_t>(std::to_integer<std::size_t>(bytes[0]), bytes.size() - 1);
    BufferSlice taken = BufferSlice::copy_of(bytes.subspan(1, size));
    bytes = bytes.subspan(1 + size);
    return taken;
}

std::vector<CoordinatorRecord> live(const CoordinatorCore& core) {
    std::vector<CoordinatorRecord> records;
    for (Effects& part : core.snapshot(SIZE_MAX))
        for (CoordinatorRecord& record : part.records) records.push_back(std::move(record));
    return records;
}

void round_trip(const CoordinatorRecord& record) {
    // Any time before 1970 means that no expiry was given.
    const auto* offset = std::get_if<OffsetRecord>(&record);
    if (offset != nullptr && offset->value && offset->value->expires.ms < 0 &&
        offset->value->expires != WallTime{})
        return;
    const auto encoded = encode_record(record);
    SEALANE_ASSERT(encoded);
    const auto again = decode_record(encoded->key, encoded->value);
    SEALANE_ASSERT(again && *again && **again == record);
}

void live_on(CoordinatorCore& core) {
    CoordinatorCore rewritten{GroupConfig{}};
    for (const Effects& part : core.snapshot(200))
        for (const CoordinatorRecord& record : part.records) rewritten.apply(record);
    SEALANE_ASSERT(live(rewritten) == live(core));
    SEALANE_ASSERT(rewritten.live_bytes() == core.live_bytes());
    core.begin(kBegin);
    Instant now = kBegin;
    for (int i = 0; i < kMostTicks && core.next_wake() != Instant::never(); ++i) {
        now = std::max(now, core.next_wake());
        Effects effects;
        core.tick({now, WallTime{0}}, effects);
        for (const CoordinatorRecord& record : effects.records) core.apply(record);
    }
    for (const ListedGroup& group : core.list()) {
        (void)core.describe(group.group_id);
        (void)core.describe_consumer(group.group_id);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ByteView bytes = std::as_bytes(std::span(data, size));
    const auto pattern =
        sealane::broker::NamePattern::parse("pattern", std::string(as_text(bytes)));
    if (pattern) (void)pattern->matches(std::string(249, 'a'));
    CoordinatorCore core{GroupConfig{}};
    while (auto key = take(bytes)) {
        auto value = take(bytes);
        if (value && value->empty()) value.reset();
        const auto record = decode_record(*key, value);
        if (!record || !*record) continue;
        round_trip(**record);
        core.apply(**record);
    }
    live_on(core);
    return 0;
}
