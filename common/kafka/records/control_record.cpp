#include "common/kafka/records/control_record.hpp"

#include "common/kafka/records/record_reader.hpp"

#include <array>
#include <utility>

namespace sealane::kafka {
namespace {

constexpr std::size_t kKeySize = 4;
constexpr std::int16_t kVersion = 0;
constexpr std::size_t kMarkerSize = 6;  // version and coordinator epoch

}  // namespace

Result<ControlType> control_type_of(const Record& record) {
    if (!record.key || record.key->size() < kKeySize)
        return fail(ErrorCode::kCorruptMessage, "control record without a key");
    return static_cast<ControlType>(load_be<std::int16_t>(record.key->data() + 2));
}

Result<RecordBatch> build_control_batch(
    BatchOptions options, std::int16_t type, WallTime at, ByteView value
) {
    options.control = true;
    options.codec = Codec::kNone;
    std::array<std::byte, kKeySize> key;
    store_be(key.data(), kVersion);
    store_be(key.data() + 2, type);
    RecordBatchBuilder builder(options);
    SEALANE_ASSERT(builder.add(at, ByteView(key), value));
    return std::move(builder).build();
}

Result<RecordBatch> build_transaction_marker(
    BatchOptions options, ControlType type, WallTime at, std::int32_t coordinator_epoch
) {
    SEALANE_ASSERT(type == ControlType::kAbort || type == ControlType::kCommit);
    options.transactional = true;
    std::array<std::byte, kMarkerSize> value;
    store_be(value.data(), kVersion);
    store_be(value.data() + 2, coordinator_epoch);
    return build_control_batch(options, std::to_underlying(type), at, value);
}

Result<std::optional<TransactionMarker>> transaction_marker_of(const RecordBatchView& batch) {
    if (!batch.is_control() || !batch.is_transactional() || !batch.has_producer())
        return std::nullopt;
    SEALANE_TRY(const RecordBatch owned, RecordBatch::parse(BufferSlice::copy_of(batch.bytes())));
    SEALANE_TRY(RecordReader reader, RecordReader::open(owned));
    SEALANE_TRY(const std::optional<Record> record, reader.next());
    if (!record) return std::nullopt;
    SEALANE_TRY(const ControlType type, control_type_of(*record));
    if (type != ControlType::kAbort && type != ControlType::kCommit) return std::nullopt;
    if (!record->value || record->value->size() < kMarkerSize)
        return fail(ErrorCode::kCorruptMessage, "transaction marker without coordinator epoch");
    return TransactionMarker{
        type == ControlType::kCommit, load_be<std::int32_t>(record->value->data() + 2)
    };
}

}  // namespace sealane::kafka
