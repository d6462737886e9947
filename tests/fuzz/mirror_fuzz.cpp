// Any bytes as what the other half of a link sends, as batches of a source, and as the files and
// records that a target remembers origins in. What decodes must encode to something that decodes to
// the same; what the splitter accepts must chain.

#include "broker/mirrored/origin_index.hpp"
#include "common/base/assert.hpp"
#include "mirror/ledger/gap_ledger.hpp"
#include "mirror/link/frames.hpp"
#include "mirror/link/run_splitter.hpp"

#include <cstdint>

namespace {

using namespace sealane;

void frame(const BufferSlice& bytes) {
    const auto decoded = mirror::decode_frame(bytes);
    if (!decoded) return;
    const auto encoded = mirror::encode_frame(*decoded);
    SEALANE_ASSERT(encoded.has_value());
    const auto again = mirror::decode_frame(encoded->joined().from(mirror::kFrameLengthBytes));
    SEALANE_ASSERT(again.has_value() && *again == *decoded);
}

void batches(const BufferSlice& bytes, mirror::LinkKind kind) {
    mirror::RunSplitter splitter({kind, "target", false}, Offset(0), Offset(0));
    Offset next(0);
    for (const auto& run : splitter.split(bytes).runs) {
        SEALANE_ASSERT(run.expected == next && run.base >= run.expected && run.end > run.base);
        next = run.end;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(bytes), size);
    const BufferSlice all = BufferSlice::copy_of(text);
    frame(all);
    batches(all, mirror::LinkKind::kAggregate);
    batches(all, mirror::LinkKind::kReplica);
    if (const auto map = broker::OriginMap::restore(all)) {
        const auto again = broker::OriginMap::restore(map->save());
        SEALANE_ASSERT(again.has_value() && *again == *map);
    }
    broker::OriginIndex index;
    (void)index.load(all);
    if (const auto entry = mirror::parse_line(text)) {
        const auto again = mirror::parse_line(mirror::to_line(*entry));
        SEALANE_ASSERT(again.has_value() && *again == *entry);
    }
    return 0;
}
