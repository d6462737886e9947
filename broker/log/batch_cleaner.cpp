#include "broker/log/batch_cleaner.hpp"

#include "broker/log/stored_record.hpp"
#include "common/base/crc32c.hpp"
#include "common/base/endian.hpp"
#include "common/kafka/records/compression.hpp"
#include "common/kafka/records/control_record.hpp"
#include "common/kafka/records/record_reader.hpp"

#include <algorithm>
#include <vector>

namespace sealane::broker {

namespace {

namespace at = kafka::batch_layout;
using kafka::BatchAttributes;

// Sums of stored numbers wrap instead of being undefined.
std::int64_t wrapping_sum(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
std::int64_t wrapping_difference(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

struct NewHeader {
    BatchAttributes attributes;
    WallTime base_timestamp;
    WallTime max_timestamp;
    std::int32_t count = 0;
};

// The header of `batch` with these fields replaced, and other records behind it.
BufferSlice with_records(
    const kafka::RecordBatchView& batch, const NewHeader& header, ByteView records
) {
    MutableBuffer block(at::kHeaderSize + records.size());
    std::byte* const to = block.data();
    std::ranges::copy(batch.bytes().first(at::kHeaderSize), to);
    store_be(to + at::kLength, static_cast<std::int32_t>(block.size() - at::kLengthEnd));
    store_be(to + at::kAttributes, header.attributes.bits);
    store_be(to + at::kBaseTimestamp, header.base_timestamp.ms);
    store_be(to + at::kMaxTimestamp, header.max_timestamp.ms);
    store_be(to + at::kRecordCount, header.count);
    std::ranges::copy(records, to + at::kRecords);
    store_be(to + at::kCrc, crc32c(block.view().subspan(at::kChecksummed)));
    return std::move(block).freeze();
}

// The records that stay, as views into `plain`.
struct Remains {
    BufferSlice plain;
    std::vector<StoredRecordView> records;
    std::uint64_t dropped = 0;
    bool has_deletes = false;
};

WallTime latest_time(const kafka::RecordBatchView& batch, const Remains& remains) {
    if (batch.timestamp_type() == kafka::TimestampType::kLogAppendTime) {
        return batch.max_timestamp();
    }
    const auto time_of = [&batch](const StoredRecordView& record) {
        return wrapping_sum(batch.base_timestamp().ms, record.time_delta);
    };
    WallTime latest{time_of(remains.records.front())};
    for (const StoredRecordView& record : remains.records) {
        latest = std::max(latest, WallTime{time_of(record)});
    }
    return latest;
}

// `horizon`: give the batch this delete horizon; its field is the base timestamp's.
Result<BufferSlice> rebuild(
    const kafka::RecordBatchView& batch, const Remains& remains, std::optional<WallTime> horizon
) {
    NewHeader header{
        batch.attributes().with(
            BatchAttributes::kDeleteHorizonBit,
            horizon.has_value() || batch.attributes().has_delete_horizon()
        ),
        horizon.value_or(batch.base_timestamp()),
        latest_time(batch, remains),
        static_cast<std::int32_t>(remains.records.size()),
    };
    ByteWriter out(remains.plain.size());
    for (const StoredRecordView& record : remains.records) {
        if (!horizon) {
            out.append(record.bytes);
            continue;
        }
        const std::int64_t time = wrapping_sum(batch.base_timestamp().ms, record.time_delta);
        append_with_time(out, record, wrapping_difference(time, horizon->ms));
    }
    BufferSlice records = std::move(out).freeze();
    if (batch.codec() != kafka::Codec::kNone) {
        SEALANE_TRY(records, kafka::compress(batch.codec(), records.view()));
    }
    if (records.size() > static_cast<std::size_t>(INT32_MAX) - at::kHeaderSize) {
        return fail(ErrorCode::kOutOfBounds, "a cleaned batch would be larger than 2 GiB");
    }
    return with_records(batch, header, records.view());
}

// The type of a transaction marker; nothing for other control batches.
std::optional<kafka::ControlType> marker_type(const kafka::RecordBatch& batch) {
    auto reader = kafka::RecordReader::open(batch);
    if (!reader) return std::nullopt;
    const auto record = reader->next();
    if (!record || !*record) return std::nullopt;
    const auto type = kafka::control_type_of(**record);
    if (!type) return std::nullopt;
    if (*type != kafka::ControlType::kAbort && *type != kafka::ControlType::kCommit) {
        return std::nullopt;
    }
    return *type;
}

}  // namespace

BufferSlice emptied_batch(const kafka::RecordBatchView& batch) {
    const NewHeader header{
        BatchAttributes{
            static_cast<std::uint16_t>(batch.attributes().bits & ~BatchAttributes::kCodecMask)
        }
            .with(BatchAttributes::kDeleteHorizonBit, false),
        WallTime{-1},
        batch.max_timestamp(),
        0,
    };
    return with_records(batch, header, {});
}

CleanedBatch BatchCleaner::nothing_left(const kafka::RecordBatch& batch, std::uint64_t dropped)
    const {
    if (!rules_.keeps_header(batch.view())) return {{}, dropped};
    return {batch->record_count() == 0 ? batch.bytes() : emptied_batch(batch.view()), dropped};
}

Result<CleanedBatch> BatchCleaner::clean(const kafka::RecordBatch& batch) {
    if (batch->base_offset() >= rules_.mapped_to) return CleanedBatch{batch.bytes(), 0};
    if (batch->is_control()) return clean_control(batch);
    const bool aborted = transactions_.is_aborted(batch.view());
    const auto count = static_cast<std::uint64_t>(batch->record_count());
    if (aborted || count == 0) return nothing_left(batch, count);
    const bool keep_deletes =
        !batch->attributes().has_delete_horizon() || rules_.now < batch->base_timestamp();
    return thin_out(batch, keep_deletes);
}

Result<CleanedBatch> BatchCleaner::clean_control(const kafka::RecordBatch& batch) {
    if (batch->record_count() == 0) return nothing_left(batch, 0);
    const auto type = marker_type(batch);
    if (!type) return CleanedBatch{batch.bytes(), 0};  // speaks of something that is not ours
    const bool idle = transactions_.ends_nothing(batch.view(), *type == kafka::ControlType::kAbort);
    if (!idle) return CleanedBatch{batch.bytes(), 0};
    if (batch->attributes().has_delete_horizon()) {
        if (rules_.now < batch->base_timestamp()) return CleanedBatch{batch.bytes(), 0};
        return nothing_left(batch, 1);
    }
    Remains remains;
    SEALANE_TRY(remains.plain, plain_records(batch));
    SEALANE_TRY(
        const StoredRecordView record, read_stored_record(remains.plain.view(), batch.view())
    );
    remains.records.push_back(record);
    const WallTime horizon{wrapping_sum(rules_.now.ms, rules_.delete_retention_ms)};
    SEALANE_TRY(BufferSlice bytes, rebuild(batch.view(), remains, horizon));
    return CleanedBatch{std::move(bytes), 0};
}

Result<CleanedBatch> BatchCleaner::thin_out(const kafka::RecordBatch& batch, bool keep_deletes) {
    Remains remains;
    SEALANE_TRY(remains.plain, plain_records(batch));
    ByteView left = remains.plain.view();
    for (std::int32_t i = 0; i < batch->record_count(); ++i) {
        SEALANE_TRY(const StoredRecordView record, read_stored_record(left, batch.view()));
        left = left.subspan(record.bytes.size());
        const Offset offset = batch->base_offset() + record.offset_delta;
        const bool latest = record.key && rules_.latest.latest(*record.key) <= offset;
        if (!latest || (!record.has_value && !keep_deletes)) {
            ++remains.dropped;
            continue;
        }
        remains.has_deletes = remains.has_deletes || !record.has_value;
        remains.records.push_back(record);
    }
    if (!left.empty()) {
        return fail(
            ErrorCode::kCorruptMessage,
            "bytes follow the last record of the batch at offset " +
                std::to_string(batch->base_offset().value)
        );
    }
    if (remains.records.empty()) return nothing_left(batch, remains.dropped);
    const bool begins_horizon = remains.has_deletes && !batch->attributes().has_delete_horizon();
    if (remains.dropped == 0 && !begins_horizon) return CleanedBatch{batch.bytes(), 0};
    std::optional<WallTime> horizon;
    if (begins_horizon) {
        horizon = WallTime{wrapping_sum(rules_.now.ms, rules_.delete_retention_ms)};
    }
    SEALANE_TRY(BufferSlice bytes, rebuild(batch.view(), remains, horizon));
    return CleanedBatch{std::move(bytes), remains.dropped};
}

Result<bool> note_keys(
    const kafka::RecordBatch& batch, TransactionRemains& transactions, KeyMap& map
) {
    if (batch->is_control()) {
        const auto type = batch->record_count() > 0 ? marker_type(batch) : std::nullopt;
        if (type) {
            (void)transactions.ends_nothing(batch.view(), *type == kafka::ControlType::kAbort);
        }
        return true;
    }
    if (transactions.is_aborted(batch.view()) || batch->record_count() == 0) return true;
    if (static_cast<std::size_t>(batch->record_count()) > map.room()) return false;
    SEALANE_TRY(const BufferSlice plain, plain_records(batch));
    ByteView left = plain.view();
    for (std::int32_t i = 0; i < batch->record_count(); ++i) {
        SEALANE_TRY(const StoredRecordView record, read_stored_record(left, batch.view()));
        left = left.subspan(record.bytes.size());
        if (record.key) map.put(*record.key, batch->base_offset() + record.offset_delta);
    }
    return true;
}

}  // namespace sealane::broker
