#include "broker/mirrored/append_bytes.hpp"

#include "common/kafka/records/batch_cursor.hpp"
#include "common/kafka/records/batch_patch.hpp"

#include <algorithm>

namespace sealane::broker {
namespace {

using Run = kafka::MirrorAppendRequest::Run;

Status check_batch(const kafka::RecordBatchView& batch, std::size_t max_batch_bytes) {
    if (batch.size() > max_batch_bytes)
        return fail(
            ErrorCode::kMessageTooLarge,
            "the batch at source offset " + std::to_string(batch.base_offset().value) + " has " +
                std::to_string(batch.size()) + " bytes, max.message.bytes is " +
                std::to_string(max_batch_bytes)
        );
    return batch.check_crc();
}

// Checks one run's batches and notes what the announcement has to say.
Result<std::vector<kafka::RecordBatch>> check_run(
    const AggregateAppend& append, const Run& run, kafka::MirrorRunRecord& announced
) {
    SEALANE_TRY(auto batches, kafka::split_batches(run.records, kafka::Truncation::kIsError));
    if (batches.empty()) return fail(ErrorCode::kInvalidRequest, "a run without batches");
    Offset next = run.source_base_offset;
    for (const kafka::RecordBatch& batch : batches) {
        SEALANE_CHECK(check_batch(batch.view(), append.max_batch_bytes));
        if (batch->base_offset() != next)
            return fail(
                ErrorCode::kInvalidRequest, "the batches of a run do not follow each other"
            );
        if (batch->is_control() || batch->is_transactional())
            return fail(
                ErrorCode::kInvalidRequest, "control and transactional batches are not aggregated"
            );
        next = batch->next_offset();
        announced.batch_crcs.push_back(static_cast<std::int32_t>(batch->crc()));
        announced.source_epoch = batch->leader_epoch();
    }
    announced.source_last_offset = next - 1;
    return batches;
}

// The announcement and then the run's batches with their producer fields cleared. The batches are
// copied once: the announcement gets its place before its checksums are known, which do not change
// its size.
Status append_run(
    const AggregateAppend& append,
    const Run& run,
    kafka::MirrorRunRecord& announced,
    ByteWriter& all
) {
    SEALANE_TRY(const auto batches, check_run(append, run, announced));
    SEALANE_TRY(const auto place, kafka::build_run_batch(announced, append.now));
    const std::size_t begin = all.size();
    all.append(place.bytes().view());
    std::size_t at = all.size();
    all.append(run.records.view());
    kafka::BatchPatch cleared;
    cleared.producer_id = kNoProducerId;
    cleared.producer_epoch = kNoProducerEpoch;
    cleared.base_sequence = kafka::kNoSequence;
    announced.batch_crcs.clear();
    for (const kafka::RecordBatch& batch : batches) {
        const MutableByteView copy = all.view().subspan(at, batch.size());
        kafka::patch(copy, cleared);
        SEALANE_TRY(const auto patched, kafka::RecordBatchView::parse(copy));
        announced.batch_crcs.push_back(static_cast<std::int32_t>(patched.crc()));
        at += batch.size();
    }
    SEALANE_TRY(const auto control, kafka::build_run_batch(announced, append.now));
    SEALANE_ASSERT(control.size() == place.size());
    std::ranges::copy(control.bytes().view(), all.view().subspan(begin).begin());
    return {};
}

}  // namespace

Result<BufferSlice> aggregate_bytes(const AggregateAppend& append) {
    std::size_t expected_size = 0;
    // With room for the announcements, so that the bytes are not moved again.
    for (const Run& run : append.partition.runs)
        expected_size += run.records.size() + run.records.size() / 16 + 512;
    ByteWriter all(expected_size);
    std::optional<Offset> next;
    for (const Run& run : append.partition.runs) {
        const bool first = run.expected_source_offset == kNoOffset && !next;
        const bool hole = !first && run.expected_source_offset != run.source_base_offset;
        const bool explained = run.hole_reason > kafka::kNoHole &&
                               run.hole_reason <= kafka::kHoleInLedger &&
                               run.expected_source_offset < run.source_base_offset;
        if (hole && !explained)
            return fail(ErrorCode::kInvalidRequest, "a hole before the run without a reason");
        if (next && run.expected_source_offset != *next)
            return fail(ErrorCode::kInvalidRequest, "the runs do not follow each other");
        kafka::MirrorRunRecord announced;
        announced.link_name = append.link_name;
        announced.origin = append.partition.origin;
        announced.origin_chain = run.origin_chain;
        announced.expected_source_offset = run.expected_source_offset;
        announced.source_base_offset = run.source_base_offset;
        announced.hole_reason = run.hole_reason;
        SEALANE_CHECK(append_run(append, run, announced, all));
        next = announced.source_last_offset + 1;
    }
    if (all.size() == 0) return fail(ErrorCode::kInvalidRequest, "no runs");
    return std::move(all).freeze();
}

Result<Offset> check_replica_run(const Run& run, std::size_t max_batch_bytes) {
    kafka::BatchCursor cursor(run.records, kafka::Truncation::kIsError);
    Offset next = run.source_base_offset;
    bool any = false;
    while (true) {
        SEALANE_TRY(const auto batch, cursor.next());
        if (!batch) break;
        SEALANE_CHECK(check_batch(batch->view(), max_batch_bytes));
        const bool follows =
            any ? (*batch)->base_offset() >= next : (*batch)->base_offset() == next;
        if (!follows)
            return fail(
                ErrorCode::kInvalidRequest, "the batches of a run do not follow each other"
            );
        next = (*batch)->next_offset();
        any = true;
    }
    if (!any) return fail(ErrorCode::kInvalidRequest, "a run without batches");
    return next;
}

}  // namespace sealane::broker
