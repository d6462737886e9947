// Looking at stored batches before anybody gets them: their checksums, and that they are the ones
// which their digest entries were made for. Checksums leave offsets out, and a batch of another
// place or partition has a good one; a batch that was dropped has none.

#include "broker/log/digest_reader.hpp"
#include "broker/log/log_inner.hpp"
#include "broker/log/segment_name.hpp"

namespace sealane::broker {

using runtime::Task;

Task<Status> PartitionLog::Inner::verify(
    SegmentPtr segment, std::uint64_t at, BufferSlice bytes, Offset from
) {
    const std::uint64_t cuts_before = cuts;
    const auto checked = co_await check_stored(segment, at, std::move(bytes), from);
    // What was cut or dropped meanwhile is nobody's damage; the reader begins again.
    if (checked || cuts != cuts_before || segment->dropped) co_return Status{};
    if (checked.error().code() == ErrorCode::kCorrupt) ++figures.corrupt_reads;
    log.error(
        "stored batch is corrupt",
        {{"partition", opening.topic_partition.to_string()}, {"cause", checked.error()}}
    );
    co_return checked;
}

Task<Status> PartitionLog::Inner::check_stored(
    SegmentPtr segment, std::uint64_t at, BufferSlice bytes, Offset from
) {
    DigestReader digest(opening.topic_id, segment->base);
    // What is not in the file yet, as it is before the first wait.
    if (segment->active != nullptr) {
        digest.append(BufferSlice::copy_of(segment->active->pending_digest));
    }
    SEALANE_CO_CHECK(
        co_await digest.open(shared.world.files(), files.path(segment->base, kDigestSuffix))
    );
    SEALANE_CO_CHECK(co_await digest.seek(std::max(from, segment->base)));
    for (std::size_t i = 0; i < bytes.size();) {
        const auto batch = kafka::RecordBatchView::parse(bytes.view().subspan(i));
        SEALANE_ASSERT(batch.has_value());  // select() parsed it
        const auto position = static_cast<std::uint32_t>(at + i);
        const auto where = [&] {
            return files.path(segment->base, kLogSuffix) + " at position " +
                   std::to_string(position) + " (offset " +
                   std::to_string(batch->base_offset().value) + ")";
        };
        if (const auto right = batch->check_crc(); !right) {
            co_return fail(ErrorCode::kCorrupt, where() + ": " + right.error().detail());
        }
        SEALANE_CO_TRY(const auto expected, co_await digest.next());
        if (expected && *expected != BatchFacts::of(*batch, position)) {
            co_return fail(
                ErrorCode::kCorrupt,
                where() + ": not the batch that was written there, which begins at offset " +
                    std::to_string(expected->base_offset.value)
            );
        }
        i += batch->size();
    }
    co_return Status{};
}

}  // namespace sealane::broker
