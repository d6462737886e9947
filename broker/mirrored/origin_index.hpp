#pragma once
// OriginIndex: the origin map of one partition as a state derived from its log. Appends of mirrored
// runs are admitted here, at the one moment when every earlier append has been applied: a run must
// continue its origin exactly, so that a retry cannot double and a hole cannot hide.

#include "broker/log/log_state.hpp"
#include "broker/mirrored/origin_map.hpp"
#include "common/kafka/records/mirror_run.hpp"

namespace sealane::broker {

class OriginIndex final : public LogState {
 public:
    [[nodiscard]] const OriginMap& map() const { return map_; }
    // Batches announced as runs that did not decode, or that broke the order: they count as
    // ordinary data. Always 0 unless something else wrote control batches of our type.
    [[nodiscard]] std::uint64_t ignored_announcements() const { return ignored_; }

    [[nodiscard]] std::string_view suffix() const override { return "origins"; }
    // Looks at coordinator appends (mirrored runs come as such): kOutOfOrderSequenceNumber when a
    // run does not start where its origin continues, kDuplicate when all runs are there already.
    [[nodiscard]] Result<std::optional<DuplicateAppend>> admit(
        std::span<const kafka::RecordBatchView> batches, AppendOrigin origin
    ) override;
    void apply(const kafka::RecordBatchView& batch, AppendOrigin origin) override;
    void log_starts_at(Offset start) override { map_.trim_to(start); }
    // Compaction changes the checksums that an announcement lists: one whose run is complete says
    // so instead, and lists none.
    [[nodiscard]] std::optional<BufferSlice> when_cleaned(const kafka::RecordBatchView& control
    ) const override;
    void clear() override;
    [[nodiscard]] BufferSlice snapshot(Offset end) const override;
    [[nodiscard]] Status load(BufferSlice bytes) override;

 private:
    // Data batches that the newest announcement still expects. One that was cleaned lists no
    // checksums: what lies below `complete_to` belongs to the run, as far as the log goes.
    struct Awaited {
        Offset next_target;
        std::vector<std::int32_t> crcs;
        std::size_t at = 0;
        Offset complete_to = kNoOffset;
    };
    void extend_complete(const kafka::RecordBatchView& batch);
    void begin(const kafka::MirrorRunRecord& run, Offset target_base);
    [[nodiscard]] bool fits(const kafka::MirrorRunRecord& run) const;

    OriginMap map_;
    std::optional<Awaited> awaited_;
    std::uint64_t ignored_ = 0;
};

}  // namespace sealane::broker
