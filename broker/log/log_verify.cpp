// Looking at stored batches before anybody gets them: their checksums, always; and the first time
// in this process that each is the one that its digest entry was made for (checksums leave offsets
// out, and a batch of another place or partition has a good one).

#include "broker/log/digest_reader.hpp"
#include "broker/log/log_inner.hpp"
#include "broker/log/segment_name.hpp"

namespace sealane::broker {

using runtime::Task;

Task<Status> PartitionLog::Inner::verify(SegmentPtr segment, std::uint64_t at, BufferSlice bytes) {
    const std::uint64_t end_at = at + bytes.size();
    const bool known = at >= segment->verified_from && end_at <= segment->verified_to;
    const std::uint64_t cuts_before = cuts;
    const auto checked = co_await check_stored(segment, at, std::move(bytes), known);
    // What was cut or dropped meanwhile is nobody's damage; the reader begins again.
    if (cuts != cuts_before || segment->dropped) co_return Status{};
    if (!checked) {
        if (checked.error().code() == ErrorCode::kCorrupt) ++figures.corrupt_reads;
        log.error(
            "stored batch is corrupt",
            {{"partition", opening.topic_partition.to_string()}, {"cause", checked.error()}}
        );
        co_return checked;
    }
    if (known) co_return Status{};
    // One interval is remembered: it grows with sequential readers, others start it anew.
    const bool touches = at <= segment->verified_to && end_at >= segment->verified_from;
    if (touches) {
        segment->verified_from = std::min(segment->verified_from, at);
        segment->verified_to = std::max(segment->verified_to, end_at);
    } else if (end_at - at > segment->verified_to - segment->verified_from) {
        segment->verified_from = at;
        segment->verified_to = end_at;
    }
    co_return Status{};
}

Task<Status> PartitionLog::Inner::check_stored(
    SegmentPtr segment, std::uint64_t at, BufferSlice bytes, bool known
) {
    DigestReader digest(opening.topic_id, segment->base);
    const std::uint64_t digested = known ? 0 : segment->digested;
    if (at < digested) {
        SEALANE_CO_CHECK(
            co_await digest.open(shared.world.files(), files.path(segment->base, kDigestSuffix))
        );
        SEALANE_CO_CHECK(co_await digest.seek(static_cast<std::uint32_t>(at)));
    }
    for (std::size_t i = 0; i < bytes.size();) {
        const auto batch = kafka::RecordBatchView::parse(bytes.view().subspan(i));
        SEALANE_ASSERT(batch.has_value());  // select() parsed it
        const auto position = static_cast<std::uint32_t>(at + i);
        const std::string where = files.path(segment->base, kLogSuffix) + " at position " +
                                  std::to_string(position) + " (offset " +
                                  std::to_string(batch->base_offset().value) + ")";
        if (const auto right = batch->check_crc(); !right) {
            co_return fail(ErrorCode::kCorrupt, where + ": " + right.error().detail());
        }
        std::optional<BatchFacts> expected;
        if (position < digested) {
            SEALANE_CO_TRY(expected, co_await digest.next());
        }
        if (expected && *expected != BatchFacts::of(*batch, position)) {
            co_return fail(ErrorCode::kCorrupt, where + ": not the batch that was written there");
        }
        i += batch->size();
    }
    co_return Status{};
}

}  // namespace sealane::broker
