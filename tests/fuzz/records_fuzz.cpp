// Any bytes as record batches and as compressed streams. What the validation accepts must read,
// carry the same records when built again, and keep a right checksum when it is patched; nothing
// may allocate beyond its limit.

#include "common/base/crc32c.hpp"
#include "common/kafka/records/batch_cursor.hpp"
#include "common/kafka/records/batch_patch.hpp"
#include "common/kafka/records/compression.hpp"
#include "common/kafka/records/produce_validation.hpp"
#include "common/kafka/records/record_batch_builder.hpp"

#include <cstdint>

namespace {

using namespace sealane;
using namespace sealane::kafka;

constexpr std::size_t kLimit = 1U << 20U;

void walk(const BufferSlice& bytes, Truncation truncation) {
    BatchCursor cursor(bytes, truncation);
    for (;;) {
        const auto batch = cursor.next();
        if (!batch || !*batch) return;
        (void)(*batch)->view().check_crc();
        (void)read_records(**batch, kLimit);
    }
}

void build_again(const RecordBatch& batch) {
    const auto records = read_records(batch, kLimit);
    SEALANE_ASSERT(records.has_value());
    RecordBatchBuilder builder({});
    for (const Record& record : *records) SEALANE_ASSERT(builder.add(record));
    const auto built = std::move(builder).build();
    SEALANE_ASSERT(built.has_value());
    const auto again = read_records(*built, 2 * kLimit);
    SEALANE_ASSERT(again.has_value() && again->size() == records->size());
    for (std::size_t i = 0; i < records->size(); ++i) SEALANE_ASSERT((*again)[i] == (*records)[i]);
}

void patch_it(const RecordBatch& batch) {
    MutableBuffer block = mutable_copy(batch.bytes().view());
    assign_offsets(block.view(), Offset(12345), LeaderEpoch(6));
    patch(block.view(), {.producer_id = ProducerId(9), .base_sequence = 77});
    stamp_append_time(block.view(), WallTime{5});
    SEALANE_ASSERT(RecordBatch::parse(std::move(block).freeze())->view().check_crc().has_value());
}

// The fuzzer cannot guess a CRC: the batch at the front gets a right one.
BufferSlice with_right_checksum(ByteView bytes) {
    MutableBuffer block = mutable_copy(bytes);
    const auto parsed = RecordBatchView::parse(block.view());
    if (parsed) {
        const ByteView covered = parsed->bytes().subspan(batch_layout::kChecksummed);
        store_be(block.data() + batch_layout::kCrc, crc32c(covered));
    }
    return std::move(block).freeze();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const ByteView bytes = std::as_bytes(std::span(data, size));
    walk(BufferSlice::copy_of(bytes), Truncation::kIsError);
    walk(BufferSlice::copy_of(bytes), Truncation::kIsEnd);
    const auto codec = static_cast<Codec>(data[0] % 5);
    const auto plain = decompress(codec, bytes.subspan(1), kLimit);
    SEALANE_ASSERT(!plain || plain->size() <= kLimit);

    ProduceRules rules;
    rules.deep = true;
    rules.decompressed_limit = kLimit;
    const auto accepted = validate_produced(with_right_checksum(bytes), rules);
    if (!accepted) return 0;
    build_again(*accepted);
    patch_it(*accepted);
    return 0;
}
