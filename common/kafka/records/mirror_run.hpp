#pragma once
// The control batch that precedes every run of mirrored batches in an aggregate topic. Its record's
// key is int16 version 0 and int16 type 0x5EA1 (four bytes, as consumers demand of control keys
// that they may skip); its value is int16 version 0 and a MirrorRunRecord.
//
// One append holds the control batch and its data batches. A crash may cut it short, so the record
// is an announcement only: a data batch belongs to the run when it follows without a gap and has
// the announced checksum (the CRC covers neither base offset nor leader epoch, so it is known
// before the append).

#include "common/kafka/messages/mirror.hpp"
#include "common/kafka/records/record_batch.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

inline constexpr std::int16_t kRunControlType = 0x5EA1;

struct MirrorRunRecord {
    static constexpr MessageSchema kSchema{
        "MirrorRunRecord", MessageKind::kData, kRunControlType, {0, 0}, 0
    };

    std::string link_name;
    MirrorOrigin origin;
    std::vector<std::string> origin_chain;  // cluster ids behind the source, nearest first
    // Below source_base_offset only with a reason, or -1 in the first run of an origin.
    Offset expected_source_offset{};
    Offset source_base_offset{};
    Offset source_last_offset{};
    LeaderEpoch source_epoch = kNoLeaderEpoch;  // of the last batch
    std::int8_t hole_reason = kNoHole;
    std::vector<std::int32_t> batch_crcs;  // of the data batches, in order

    static void fields(auto& io, auto& m) {
        io.field("LinkName", m.link_name, Since{0});
        io.field("Origin", m.origin, Since{0});
        io.field("OriginChain", m.origin_chain, Since{0});
        io.field("ExpectedSourceOffset", m.expected_source_offset, Since{0});
        io.field("SourceBaseOffset", m.source_base_offset, Since{0});
        io.field("SourceLastOffset", m.source_last_offset, Since{0});
        io.field("SourceEpoch", m.source_epoch, Since{0});
        io.field("HoleReason", m.hole_reason, Since{0});
        io.field("BatchCrcs", m.batch_crcs, Since{0});
    }
    friend bool operator==(const MirrorRunRecord&, const MirrorRunRecord&) = default;
};

// The control batch, at base offset 0.
[[nodiscard]] Result<RecordBatch> build_run_batch(const MirrorRunRecord& run, WallTime at);

// The run that `batch` announces; nothing when it is no control batch of this type. kCorruptMessage
// or kMalformed: it is one and does not decode.
[[nodiscard]] Result<std::optional<MirrorRunRecord>> run_announced_by(const RecordBatchView& batch);

}  // namespace sealane::kafka
