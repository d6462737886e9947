#include "broker/log/stored_record.hpp"

#include "common/base/varint.hpp"
#include "common/kafka/records/compression.hpp"
#include "common/kafka/records/record_reader.hpp"

#include <array>

namespace sealane::broker {

namespace {

// Reads numbers and lengths off the front; after a failed read all further ones fail too.
class Front {
 public:
    explicit Front(ByteView bytes) : left_(bytes) {}
    std::int64_t number(std::size_t max_bytes) {
        const auto read = read_uvarint(left_, max_bytes);
        if (!read) return give_up();
        left_ = left_.subspan(read->length);
        return unzigzag(read->value);
    }
    std::int64_t varint() { return number(kMaxVarintBytes); }
    ByteView take(std::int64_t size) {
        if (size < 0 || static_cast<std::uint64_t>(size) > left_.size()) {
            give_up();
            return {};
        }
        const ByteView taken = left_.first(static_cast<std::size_t>(size));
        left_ = left_.subspan(taken.size());
        return taken;
    }
    [[nodiscard]] ByteView left() const { return left_; }
    [[nodiscard]] bool ok() const { return ok_; }

 private:
    std::int64_t give_up() {
        ok_ = false;
        left_ = {};
        return 0;
    }
    ByteView left_;
    bool ok_ = true;
};

void put_varint(ByteWriter& out, std::int64_t number) {
    std::array<std::byte, kMaxVarlongBytes> room;
    const std::size_t size = write_uvarint(room.data(), zigzag(number));
    out.append(ByteView(room).first(size));
}

}  // namespace

Result<StoredRecordView> read_stored_record(ByteView records, const kafka::RecordBatchView& batch) {
    const auto broken = [&batch] {
        return fail(
            ErrorCode::kCorruptMessage,
            "the batch at offset " + std::to_string(batch.base_offset().value) +
                " holds bytes that are no records"
        );
    };
    Front whole(records);
    Front in(whole.take(whole.varint()));
    if (!whole.ok()) return broken();
    StoredRecordView record;
    record.bytes = records.first(records.size() - whole.left().size());
    (void)in.take(1);  // attributes, none defined
    record.time_delta = in.number(kMaxVarlongBytes);
    record.after_time = in.left();
    const std::int64_t offset_delta = in.varint();
    if (const std::int64_t size = in.varint(); size >= 0) record.key = in.take(size);
    if (const std::int64_t size = in.varint(); size >= 0) {
        record.has_value = true;
        (void)in.take(size);
    }
    if (!in.ok() || offset_delta < 0 || offset_delta > batch.last_offset_delta()) return broken();
    record.offset_delta = static_cast<std::int32_t>(offset_delta);
    return record;
}

void append_with_time(ByteWriter& out, const StoredRecordView& record, std::int64_t time_delta) {
    const std::size_t body = 1 + uvarint_size(zigzag(time_delta)) + record.after_time.size();
    put_varint(out, static_cast<std::int64_t>(body));
    out.append_zeros(1);
    put_varint(out, time_delta);
    out.append(record.after_time);
}

Result<BufferSlice> plain_records(const kafka::RecordBatch& batch) {
    BufferSlice records = batch.bytes().from(kafka::batch_layout::kRecords);
    // A batch emptied by compaction has no stream at all.
    if (batch->codec() == kafka::Codec::kNone || batch->record_count() == 0) return records;
    return kafka::decompress(batch->codec(), records.view(), kafka::kDefaultDecompressedLimit);
}

}  // namespace sealane::broker
