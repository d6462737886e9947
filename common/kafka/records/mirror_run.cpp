#include "common/kafka/records/mirror_run.hpp"

#include "common/base/endian.hpp"
#include "common/kafka/codec/instantiate.hpp"
#include "common/kafka/records/control_record.hpp"
#include "common/kafka/records/record_reader.hpp"

#include <array>

namespace sealane::kafka {

template struct MessageCodec<MirrorRunRecord>;

namespace {
constexpr std::int16_t kVersion = 0;
constexpr std::size_t kVersionSize = sizeof kVersion;
}  // namespace

Result<RecordBatch> build_run_batch(const MirrorRunRecord& run, WallTime at) {
    SEALANE_TRY(const BufferSlice body, encode(run, kVersion));
    std::array<std::byte, kVersionSize> version;
    store_be(version.data(), kVersion);
    ByteWriter value(kVersionSize + body.size());
    value.append(version);
    value.append(body.view());
    const BufferSlice bytes = std::move(value).freeze();
    return build_control_batch({}, kRunControlType, at, bytes.view());
}

Result<std::optional<MirrorRunRecord>> run_announced_by(const RecordBatchView& batch) {
    if (!batch.is_control()) return std::nullopt;
    SEALANE_TRY(const RecordBatch owned, RecordBatch::parse(BufferSlice::copy_of(batch.bytes())));
    SEALANE_TRY(const auto records, read_records(owned));
    if (records.size() != 1) return std::nullopt;
    SEALANE_TRY(const ControlType type, control_type_of(records.front()));
    if (static_cast<std::int16_t>(type) != kRunControlType) return std::nullopt;
    const auto& value = records.front().value;
    if (!value || value->size() < kVersionSize)
        return fail(ErrorCode::kMalformed, "a mirror run record without a value");
    const auto version = load_be<std::int16_t>(value->data());
    SEALANE_TRY(MirrorRunRecord run, decode<MirrorRunRecord>(value->from(kVersionSize), version));
    return run;
}

}  // namespace sealane::kafka
