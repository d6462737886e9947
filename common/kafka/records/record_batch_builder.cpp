#include "common/kafka/records/record_batch_builder.hpp"

#include "common/base/crc32c.hpp"
#include "common/base/varint.hpp"
#include "common/kafka/records/compression.hpp"

#include <array>

namespace sealane::kafka {

struct RecordBatchBuilder::Parts {
    WallTime timestamp;
    std::optional<ByteView> key;
    std::optional<ByteView> value;
    const std::vector<RecordHeader>* headers = nullptr;
};

namespace {

std::size_t varint_size(std::int64_t number) {
    return uvarint_size(zigzag(number));
}
std::size_t bytes_size(const std::optional<ByteView>& bytes) {
    if (!bytes) return varint_size(-1);
    return varint_size(static_cast<std::int64_t>(bytes->size())) + bytes->size();
}
std::optional<ByteView> view_of(const std::optional<BufferSlice>& slice) {
    return slice ? std::optional(slice->view()) : std::nullopt;
}

void put_varint(ByteWriter& out, std::int64_t number) {
    std::array<std::byte, kMaxVarlongBytes> room;
    const std::size_t size = write_uvarint(room.data(), zigzag(number));
    out.append(ByteView(room).first(size));
}
void put_bytes(ByteWriter& out, const std::optional<ByteView>& bytes) {
    if (!bytes) return put_varint(out, -1);
    put_varint(out, static_cast<std::int64_t>(bytes->size()));
    out.append(*bytes);
}

std::size_t headers_size(const std::vector<RecordHeader>* headers) {
    if (headers == nullptr) return varint_size(0);
    std::size_t size = varint_size(static_cast<std::int64_t>(headers->size()));
    for (const RecordHeader& header : *headers)
        size += bytes_size(as_bytes(header.key)) + bytes_size(view_of(header.value));
    return size;
}
void put_headers(ByteWriter& out, const std::vector<RecordHeader>* headers) {
    if (headers == nullptr) return put_varint(out, 0);
    put_varint(out, static_cast<std::int64_t>(headers->size()));
    for (const RecordHeader& header : *headers) {
        put_bytes(out, as_bytes(header.key));
        put_bytes(out, view_of(header.value));
    }
}

}  // namespace

RecordBatchBuilder::RecordBatchBuilder(BatchOptions options) : options_(options) {}

bool RecordBatchBuilder::add(const Record& record) {
    return append(
        next_delta_, {record.timestamp, view_of(record.key), view_of(record.value), &record.headers}
    );
}

bool RecordBatchBuilder::add_at(Offset offset, const Record& record) {
    const std::int64_t delta = offset - options_.base_offset;
    SEALANE_ASSERT(delta >= next_delta_ && delta <= INT32_MAX);
    return append(
        delta, {record.timestamp, view_of(record.key), view_of(record.value), &record.headers}
    );
}

bool RecordBatchBuilder::add(
    WallTime timestamp, std::optional<ByteView> key, std::optional<ByteView> value
) {
    return append(next_delta_, {timestamp, key, value, nullptr});
}

bool RecordBatchBuilder::append(std::int64_t offset_delta, const Parts& parts) {
    if (offset_delta > INT32_MAX) return false;
    const WallTime base = empty() ? parts.timestamp : base_timestamp_;
    // Wraps for times that no clock shows; the reader's sum wraps back.
    const auto timestamp_delta = static_cast<std::int64_t>(
        static_cast<std::uint64_t>(parts.timestamp.ms) - static_cast<std::uint64_t>(base.ms)
    );
    const std::size_t body = 1 + varint_size(timestamp_delta) + varint_size(offset_delta) +
                             bytes_size(parts.key) + bytes_size(parts.value) +
                             headers_size(parts.headers);
    const std::size_t whole = body + varint_size(static_cast<std::int64_t>(body));
    if (!empty() && size() + whole > options_.size_limit) return false;

    put_varint(records_, static_cast<std::int64_t>(body));
    records_.append_zeros(1);  // attributes
    put_varint(records_, timestamp_delta);
    put_varint(records_, offset_delta);
    put_bytes(records_, parts.key);
    put_bytes(records_, parts.value);
    put_headers(records_, parts.headers);

    base_timestamp_ = base;
    max_timestamp_ = empty() ? parts.timestamp : std::max(max_timestamp_, parts.timestamp);
    next_delta_ = offset_delta + 1;
    ++count_;
    return true;
}

Result<RecordBatch> RecordBatchBuilder::build() && {
    SEALANE_ASSERT(!empty());
    namespace at = batch_layout;
    BufferSlice records = std::move(records_).freeze();
    if (options_.codec != Codec::kNone) {
        SEALANE_TRY(records, compress(options_.codec, records.view(), options_.compression_level));
    }
    MutableBuffer block(at::kHeaderSize + records.size());
    const BatchAttributes attributes =
        BatchAttributes{static_cast<std::uint16_t>(options_.codec)}
            .with(
                BatchAttributes::kAppendTimeBit,
                options_.timestamp_type == TimestampType::kLogAppendTime
            )
            .with(BatchAttributes::kTransactionalBit, options_.transactional)
            .with(BatchAttributes::kControlBit, options_.control);
    std::byte* const to = block.data();
    store_be(to + at::kBaseOffset, options_.base_offset.value);
    store_be(to + at::kLength, static_cast<std::int32_t>(block.size() - at::kLengthEnd));
    store_be(to + at::kLeaderEpoch, options_.leader_epoch.value);
    store_be(to + at::kMagic, kBatchMagic);
    store_be(to + at::kAttributes, attributes.bits);
    store_be(to + at::kLastOffsetDelta, static_cast<std::int32_t>(next_delta_ - 1));
    store_be(to + at::kBaseTimestamp, base_timestamp_.ms);
    store_be(to + at::kMaxTimestamp, max_timestamp_.ms);
    store_be(to + at::kProducerId, options_.producer_id.value);
    store_be(to + at::kProducerEpoch, options_.producer_epoch.value);
    store_be(to + at::kBaseSequence, options_.base_sequence);
    store_be(to + at::kRecordCount, count_);
    std::ranges::copy(records.view(), to + at::kRecords);
    store_be(to + at::kCrc, crc32c(block.view().subspan(at::kChecksummed)));
    return RecordBatch::parse(std::move(block).freeze());
}

}  // namespace sealane::kafka
