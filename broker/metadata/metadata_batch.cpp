#include "broker/metadata/metadata_batch.hpp"

#include "common/kafka/records/record_batch_builder.hpp"
#include "common/kafka/records/record_reader.hpp"

#include <algorithm>

namespace sealane::broker {

namespace {

constexpr std::size_t kSnapshotBatchRecords = 1000;

Result<BufferSlice> batch_of(std::span<const MetadataRecord> records, WallTime now) {
    kafka::RecordBatchBuilder builder(kafka::BatchOptions{});
    for (const MetadataRecord& record : records) {
        SEALANE_TRY(const BufferSlice value, encode_metadata_record(record));
        if (!builder.add(now, std::nullopt, value.view())) {
            return fail(ErrorCode::kRecordListTooLarge, "too many metadata records at once");
        }
    }
    SEALANE_TRY(const kafka::RecordBatch batch, std::move(builder).build());
    return batch.bytes();
}

}  // namespace

Result<BufferSlice> metadata_batch(const std::vector<MetadataRecord>& records, WallTime now) {
    return batch_of(records, now);
}

Result<std::vector<BufferSlice>> metadata_batches(
    const std::vector<MetadataRecord>& records, WallTime now
) {
    std::vector<BufferSlice> batches;
    const std::span<const MetadataRecord> all(records);
    for (std::size_t from = 0; from < all.size(); from += kSnapshotBatchRecords) {
        const std::size_t count = std::min(kSnapshotBatchRecords, all.size() - from);
        SEALANE_TRY(BufferSlice batch, batch_of(all.subspan(from, count), now));
        batches.push_back(std::move(batch));
    }
    return batches;
}

Status apply_metadata_batch(Image& image, const kafka::RecordBatch& batch) {
    if (batch->is_control()) return {};
    SEALANE_TRY(auto reader, kafka::RecordReader::open(batch));
    for (;;) {
        SEALANE_TRY(const auto record, reader.next());
        if (!record) return {};
        if (!record->value) return fail(ErrorCode::kCorrupt, "metadata record without a value");
        SEALANE_TRY(const auto change, decode_metadata_record(*record->value));
        if (change) SEALANE_CHECK(image.apply(*change));
    }
}

}  // namespace sealane::broker
