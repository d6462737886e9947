#include "common/kafka/records/record_reader.hpp"

#include "common/base/text.hpp"
#include "common/base/varint.hpp"
#include "common/kafka/records/compression.hpp"

namespace sealane::kafka {
namespace {

// Reads the fields of one record; after a failed read all further ones fail too.
class FieldReader {
 public:
    explicit FieldReader(const BufferSlice& bytes) : bytes_(bytes) {}

    std::int64_t number(std::size_t max_bytes) {
        const auto read = read_uvarint(bytes_.view().subspan(at_), max_bytes);
        if (!read) {
            give_up();
            return 0;
        }
        at_ += read->length;
        return unzigzag(read->value);
    }
    std::int32_t varint() { return static_cast<std::int32_t>(number(kMaxVarintBytes)); }
    std::int64_t varlong() { return number(kMaxVarlongBytes); }
    void skip(std::size_t count) {
        if (count > left()) return give_up();
        at_ += count;
    }
    // Length -1: nothing.
    std::optional<BufferSlice> bytes() {
        const std::int32_t length = varint();
        if (!ok_ || length == -1) return std::nullopt;
        if (length < 0 || static_cast<std::size_t>(length) > left()) {
            give_up();
            return std::nullopt;
        }
        const std::size_t first = at_;
        at_ += static_cast<std::size_t>(length);
        return bytes_.slice(first, static_cast<std::size_t>(length));
    }
    [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }
    [[nodiscard]] std::size_t position() const { return at_; }
    [[nodiscard]] bool ok() const { return ok_; }
    void give_up() {
        ok_ = false;
        at_ = bytes_.size();
    }

 private:
    const BufferSlice& bytes_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

constexpr std::size_t kMinHeaderBytes = 2;
constexpr std::size_t kMinRecordBytes = 7;  // with its length byte

std::vector<RecordHeader> read_headers(FieldReader& in) {
    std::vector<RecordHeader> headers;
    const std::int32_t count = in.varint();
    if (count < 0 || static_cast<std::size_t>(count) > in.left() / kMinHeaderBytes) {
        in.give_up();
        return headers;
    }
    headers.reserve(static_cast<std::size_t>(count));
    for (std::int32_t i = 0; i < count && in.ok(); ++i) {
        const auto key = in.bytes();
        if (!key) in.give_up();
        auto value = in.bytes();
        if (in.ok()) headers.push_back({std::string(key->text()), std::move(value)});
    }
    return headers;
}

// Sums of untrusted numbers wrap instead of being undefined.
std::int64_t wrapping_sum(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

std::optional<Record> read_body(const RecordBatchView& batch, const BufferSlice& body) {
    FieldReader in(body);
    Record record;
    in.skip(1);  // attributes, none defined
    const std::int64_t timestamp_delta = in.varlong();
    const std::int32_t offset_delta = in.varint();
    record.key = in.bytes();
    record.value = in.bytes();
    record.headers = read_headers(in);
    if (!in.ok() || in.left() != 0) return std::nullopt;
    if (offset_delta < 0 || offset_delta > batch.last_offset_delta()) return std::nullopt;
    record.offset = batch.base_offset() + offset_delta;
    record.timestamp = batch.timestamp_type() == TimestampType::kLogAppendTime
                           ? batch.max_timestamp()
                           : WallTime{wrapping_sum(batch.base_timestamp().ms, timestamp_delta)};
    return record;
}

}  // namespace

Result<RecordReader> RecordReader::open(const RecordBatch& batch, std::size_t decompressed_limit) {
    BufferSlice records = batch.bytes().from(batch_layout::kRecords);
    // A batch emptied by compaction has no stream at all.
    if (batch->codec() != Codec::kNone && batch->record_count() > 0) {
        SEALANE_TRY(records, decompress(batch->codec(), records.view(), decompressed_limit));
    }
    const auto count = static_cast<std::size_t>(batch->record_count());
    if (count > records.size() / kMinRecordBytes)
        return fail(
            ErrorCode::kCorruptMessage,
            concat(
                "batch at offset ",
                batch->base_offset().value,
                " counts ",
                count,
                " records in ",
                records.size(),
                " bytes"
            )
        );
    return RecordReader(batch, std::move(records));
}

Result<std::optional<Record>> RecordReader::next() {
    const auto corrupt = [this](std::string_view what) {
        return fail(
            ErrorCode::kCorruptMessage,
            concat(
                "batch at offset ",
                batch_->base_offset().value,
                ", record ",
                batch_->record_count() - left_,
                ": ",
                what
            )
        );
    };
    if (left_ == 0) {
        if (at_ != records_.size()) return corrupt("bytes follow the last record");
        return std::nullopt;
    }
    const auto read = read_uvarint(records_.view().subspan(at_), kMaxVarintBytes);
    if (!read) return corrupt("no length");
    const std::int64_t length = unzigzag(read->value);
    const std::size_t first = at_ + read->length;
    if (length < 0 || static_cast<std::size_t>(length) > records_.size() - first)
        return corrupt("length beyond the batch");
    auto record = read_body(batch_.view(), records_.slice(first, static_cast<std::size_t>(length)));
    if (!record) return corrupt("fields do not parse");
    at_ = first + static_cast<std::size_t>(length);
    --left_;
    return record;
}

Result<std::vector<Record>> read_records(const RecordBatch& batch, std::size_t decompressed_limit) {
    SEALANE_TRY(RecordReader reader, RecordReader::open(batch, decompressed_limit));
    std::vector<Record> records;
    records.reserve(static_cast<std::size_t>(batch->record_count()));
    for (;;) {
        SEALANE_TRY(std::optional<Record> record, reader.next());
        if (!record) return records;
        records.push_back(*std::move(record));
    }
}

}  // namespace sealane::kafka
