#include "common/kafka/records/control_record.hpp"

#include <array>
#include <utility>

namespace sealane::kafka {
namespace {

constexpr std::size_t kKeySize = 4;
constexpr std::int16_t kVersion = 0;

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
    std::array<std::byte, 6> value;
    store_be(value.data(), kVersion);
    store_be(value.data() + 2, coordinator_epoch);
    return build_control_batch(options, std::to_underlying(type), at, value);
}

}  // namespace sealane::kafka
