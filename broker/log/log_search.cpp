// Finding records by time, and digests of ranges.

#include "broker/log/batch_stream.hpp"
#include "broker/log/log_inner.hpp"
#include "broker/log/segment_name.hpp"
#include "common/base/endian.hpp"
#include "common/kafka/records/record_reader.hpp"

namespace sealane::broker {

using runtime::Task;

namespace {

// The first record of `batch` that is not below `from` and has at least this timestamp.
Result<std::optional<TimestampOffset>> first_record_at(
    const kafka::RecordBatch& batch, WallTime at, Offset from
) {
    SEALANE_TRY(auto reader, kafka::RecordReader::open(batch));
    for (;;) {
        SEALANE_TRY(const auto record, reader.next());
        if (!record) return std::nullopt;
        if (record->offset < from || record->timestamp < at) continue;
        return TimestampOffset{record->offset, record->timestamp, batch->leader_epoch()};
    }
}

}  // namespace

Task<Result<std::optional<TimestampOffset>>> PartitionLog::Inner::offset_for_timestamp(
    WallTime at, Offset up_to
) {
    for (;;) {
        co_await wait_swapped();
        if (closed) co_return fail(Error::stopped());
        const std::uint64_t cuts_before = cuts;
        auto found = co_await search_timestamp(at, up_to);
        if (cuts == cuts_before) co_return found;
    }
}

Task<Result<std::optional<TimestampOffset>>> PartitionLog::Inner::search_timestamp(
    WallTime at, Offset up_to
) {
    const std::vector<SegmentPtr> now = segments;
    const Offset limit = std::min(up_to, end);
    for (const SegmentPtr& segment : now) {
        if (segment->base >= limit) break;
        SEALANE_CO_CHECK(co_await files.load_max_timestamp(*segment));
        if (segment->max_timestamp < at) continue;
        SEALANE_CO_TRY(const Offset floor, co_await files.floor_offset(*segment, at));
        SEALANE_CO_TRY(
            const std::uint32_t position,
            co_await files.floor_position(*segment, std::max(floor, log_start))
        );
        SEALANE_CO_TRY(const auto file, co_await files.log(*segment));
        BatchStream stream(file, position, segment->size, CrcCheck::kYes);
        for (;;) {
            SEALANE_CO_TRY(const auto batch, co_await stream.next());
            if (!batch || batch->view().base_offset() >= limit) break;
            if (batch->view().last_offset() < log_start) continue;
            if (batch->view().max_timestamp() < at) continue;
            SEALANE_CO_TRY(const auto found, first_record_at(*batch, at, log_start));
            if (found && found->offset >= limit) co_return std::nullopt;
            if (found) co_return found;
        }
    }
    co_return std::nullopt;
}

Task<Result<std::optional<TimestampOffset>>> PartitionLog::Inner::max_timestamp_record() {
    for (;;) {
        co_await wait_swapped();
        if (closed) co_return fail(Error::stopped());
        const std::uint64_t cuts_before = cuts;
        const auto latest = co_await largest_timestamp();
        if (cuts != cuts_before) continue;
        SEALANE_CO_CHECK(latest);
        if (latest->ms < 0) co_return std::nullopt;
        co_return co_await offset_for_timestamp(*latest, end);
    }
}

// The largest timestamp of any record; -1: none. Batches that compaction has emptied keep theirs.
Task<Result<WallTime>> PartitionLog::Inner::largest_timestamp() {
    std::vector<SegmentPtr> by_time = segments;
    for (const SegmentPtr& segment : by_time) {
        SEALANE_CO_CHECK(co_await files.load_max_timestamp(*segment));
    }
    std::ranges::sort(by_time, std::ranges::greater{}, [](const SegmentPtr& segment) {
        return segment->max_timestamp;
    });
    WallTime latest;
    for (const SegmentPtr& segment : by_time) {
        if (segment->max_timestamp <= latest) break;
        if (segment->max_timestamp_offset >= log_start && segment->base >= rewritten_to) {
            latest = segment->max_timestamp;
            break;
        }
        SEALANE_CO_TRY(const auto file, co_await files.log(*segment));
        BatchStream stream(file, 0, segment->size, CrcCheck::kNo);
        for (;;) {
            SEALANE_CO_TRY(const auto batch, co_await stream.next());
            if (!batch) break;
            if (batch->view().record_count() == 0 || batch->view().last_offset() < log_start) {
                continue;
            }
            latest = std::max(latest, batch->view().max_timestamp());
        }
    }
    co_return latest;
}

Task<Result<RangeDigest>> PartitionLog::Inner::digest_of_range(Offset from, Offset to) {
    const auto turn = co_await turns.take();  // the last entries are in memory until saved
    SEALANE_CO_CHECK(check_usable());
    SEALANE_CO_CHECK(co_await files.save_indexes(active()));
    RangeDigest digest;
    for (std::size_t i = segment_index(from); i < segments.size(); ++i) {
        if (segments[i]->base >= to) break;
        SEALANE_CO_CHECK(co_await digest_segment(segments[i], from, to, digest));
    }
    co_return digest;
}

Task<Status> PartitionLog::Inner::digest_segment(
    SegmentPtr segment, Offset from, Offset to, RangeDigest& digest
) {
    constexpr std::uint64_t kEntriesAtOnce = 4096;
    const std::string name = files.path(segment->base, kDigestSuffix);
    SEALANE_CO_TRY(
        const std::shared_ptr<runtime::File> file,
        co_await shared.world.files().open(name, runtime::OpenMode::kRead)
    );
    SEALANE_CO_TRY(const std::uint64_t size, file->size());
    if (size < DigestHeader::kSize) co_return Status{};
    const std::uint64_t count = (size - DigestHeader::kSize) / DigestEntry::kSize;
    const std::int64_t relative = from - segment->base;
    const auto is_below = [relative](ByteView entry) {
        return load_be<std::uint32_t>(entry.data()) < relative;
    };
    SEALANE_CO_TRY(
        const auto below,
        co_await find_last_entry(file, DigestHeader::kSize, DigestEntry::kSize, count, is_below)
    );
    for (std::uint64_t number = below ? below->number + 1 : 0; number < count;) {
        const std::uint64_t entries = std::min(kEntriesAtOnce, count - number);
        SEALANE_CO_TRY(
            const BufferSlice bytes,
            co_await file->read_at(
                DigestHeader::kSize + number * DigestEntry::kSize,
                static_cast<std::size_t>(entries) * DigestEntry::kSize
            )
        );
        for (std::size_t at = 0; at + DigestEntry::kSize <= bytes.size();
             at += DigestEntry::kSize) {
            SEALANE_CO_TRY(
                const DigestEntry entry,
                DigestEntry::decode(segment->base, bytes.view().subspan(at, DigestEntry::kSize))
            );
            if (entry.batch.last_offset >= to) co_return Status{};
            digest.hash = chain(digest.hash, Uuid{}, entry.batch);
            ++digest.batches;
            digest.bytes += entry.batch.length;
            if (digest.first_offset == kNoOffset) digest.first_offset = entry.batch.base_offset;
            digest.next_offset = entry.batch.last_offset + 1;
        }
        number += entries;
    }
    co_return Status{};
}

}  // namespace sealane::broker
