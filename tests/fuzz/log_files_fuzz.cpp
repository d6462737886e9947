// Every decoder of what lies in a data directory, and a whole log opened over hostile files: no
// crash, no unbounded work, and what decodes encodes to the same.

#include "broker/log/checkpoint_text.hpp"
#include "broker/log/digest_chain.hpp"
#include "broker/log/offset_index.hpp"
#include "broker/log/segment_name.hpp"
#include "broker/log/time_index.hpp"
#include "tests/unit/broker/log/log_bench.hpp"

namespace sealane::broker {
namespace {

void decode_all(ByteView bytes) {
    if (const auto index = OffsetIndex::decode(bytes)) {
        SEALANE_ASSERT(std::ranges::equal(index->encode(0).view(), bytes));
        (void)index->floor(17);
    }
    if (const auto times = TimeIndex::decode(bytes)) {
        SEALANE_ASSERT(std::ranges::equal(times->encode(0).view(), bytes));
        (void)times->floor(WallTime{17});
    }
    (void)DigestHeader::decode(bytes);
    (void)DigestEntry::decode(Offset(5), bytes);
    const std::string_view text = as_text(bytes);
    (void)parse_segment_file_name(text);
    (void)parse_partition_directory(text);
    if (const auto points = decode_offset_checkpoint(text)) {
        SEALANE_ASSERT(*decode_offset_checkpoint(encode_offset_checkpoint(*points)) == *points);
    }
    if (const auto cache = decode_epoch_checkpoint(text)) {
        SEALANE_ASSERT(encode_epoch_checkpoint(*cache) == text || text.back() != '\n');
    }
    (void)decode_partition_metadata(text);
    (void)decode_log_bounds(text);
    (void)decode_directory_identity(text);
}

// The first byte says which file the rest becomes; the log has a few good batches.
void open_over(ByteView bytes) {
    static const std::array<std::string_view, 6> kFiles{
        "00000000000000000000.log",
        "00000000000000000000.index",
        "00000000000000000000.timeindex",
        "00000000000000000000.digest",
        "leader-epoch-checkpoint",
        "00000000000000000009.log",
    };
    LogConfig config;
    config.index_interval_bytes = 100;
    LogBench bench(config);
    SEALANE_ASSERT(bench.open().has_value());
    for (int i = 0; i < 6; ++i) SEALANE_ASSERT(bench.append(make_batch("v")).has_value());
    SEALANE_ASSERT(bench.world.run(bench.log->prepare_checkpoint()).has_value());
    bench.drop();
    const auto selector = std::to_integer<std::size_t>(bytes[0]);
    const std::string path = bench.path(kFiles[selector % kFiles.size()]);
    const bool clean = (selector & 0x80U) != 0;
    const Offset recovery_point((selector & 0x40U) != 0 ? 6 : 0);
    bench.world.run([](FakeFileSystem& files, std::string name) -> runtime::Task<void> {
        (void)co_await files.open(std::move(name), runtime::OpenMode::kCreate);
    }(bench.world.files(), path));
    std::string& content = bench.world.files().content(path);
    if ((selector & 0x20U) != 0 && content.size() >= bytes.size()) {
        content.replace(content.size() - bytes.size(), bytes.size(), as_text(bytes));
    } else {
        content = as_text(bytes.subspan(1));
    }
    if (!bench.open(recovery_point, clean)) return;
    for (Offset at = bench.log->log_start_offset(); at < bench.log->end_offset();) {
        const auto got = bench.read(at, 100);
        if (!got || got->records.empty()) break;
        SEALANE_ASSERT(got->next_offset > at);
        at = got->next_offset;
    }
    (void)bench.world.run(bench.log->offset_for_timestamp(WallTime{1}, Offset(100)));
    (void)bench.append(make_batch("more"));
}

}  // namespace
}  // namespace sealane::broker

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const sealane::ByteView bytes(reinterpret_cast<const std::byte*>(data), size);
    sealane::broker::decode_all(bytes);
    if (size > 1 && size < 4096) sealane::broker::open_over(bytes);
    return 0;
}
