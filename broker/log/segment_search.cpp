// Lookups in the index files of segments, and loading them again when a log is opened.

#include "broker/log/batch_stream.hpp"
#include "broker/log/segment.hpp"
#include "broker/log/segment_name.hpp"
#include "common/base/endian.hpp"

namespace sealane::broker {

using runtime::File;
using runtime::OpenMode;
using runtime::Task;

namespace {
constexpr std::uint64_t kMaxIndexFile = 256U << 20U;
constexpr std::uint64_t kBlockEntries = 256;  // read at once at the end of a search
}  // namespace

Task<Result<std::optional<FoundEntry>>> find_last_entry(
    std::shared_ptr<File> file,
    std::uint64_t first_byte,
    std::size_t entry_size,
    std::uint64_t count,
    std::function<bool(ByteView)> holds
) {
    // Entries below `low` hold, entries from `high` on do not.
    std::uint64_t low = 0;
    std::uint64_t high = count;
    while (high - low > kBlockEntries) {
        const std::uint64_t middle = low + (high - low) / 2;
        SEALANE_CO_TRY(
            const BufferSlice entry,
            co_await file->read_at(first_byte + middle * entry_size, entry_size)
        );
        if (entry.size() == entry_size && holds(entry.view())) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const std::uint64_t from = low == 0 ? 0 : low - 1;
    SEALANE_CO_TRY(
        const BufferSlice block,
        co_await file->read_at(
            first_byte + from * entry_size, static_cast<std::size_t>(high - from) * entry_size
        )
    );
    std::optional<FoundEntry> found;
    for (std::size_t at = 0; at + entry_size <= block.size(); at += entry_size) {
        if (!holds(block.view().subspan(at, entry_size))) break;
        found = FoundEntry{from + at / entry_size, block.slice(at, entry_size)};
    }
    co_return found;
}

Task<Result<std::uint32_t>> SegmentFiles::floor_position(Segment& segment, Offset offset) const {
    const auto relative =
        static_cast<std::uint32_t>(std::clamp<std::int64_t>(offset - segment.base, 0, INT32_MAX));
    if (segment.active != nullptr) co_return segment.active->index.floor(relative);
    auto file = co_await cache_->files().open(path(segment.base, kIndexSuffix), OpenMode::kRead);
    if (!file) co_return 0U;  // without an index the segment is read from its start
    SEALANE_CO_TRY(const std::uint64_t size, (*file)->size());
    SEALANE_CO_TRY(
        const auto found,
        co_await find_last_entry(
            std::move(*file),
            0,
            OffsetIndex::kEntrySize,
            size / OffsetIndex::kEntrySize,
            [relative](ByteView entry) { return load_be<std::uint32_t>(entry.data()) <= relative; }
        )
    );
    if (!found) co_return 0U;
    const auto position = load_be<std::uint32_t>(found->bytes.data() + 4);
    co_return position < segment.size ? position : 0U;
}

Task<Result<Offset>> SegmentFiles::floor_offset(Segment& segment, WallTime at) const {
    if (segment.active != nullptr) {
        const auto entry = segment.active->time_index.floor(at);
        co_return entry ? segment.base + entry->relative_offset : segment.base;
    }
    auto file =
        co_await cache_->files().open(path(segment.base, kTimeIndexSuffix), OpenMode::kRead);
    if (!file) co_return segment.base;
    SEALANE_CO_TRY(const std::uint64_t size, (*file)->size());
    SEALANE_CO_TRY(
        const auto found,
        co_await find_last_entry(
            std::move(*file),
            0,
            TimeIndex::kEntrySize,
            size / TimeIndex::kEntrySize,
            [at](ByteView entry) { return load_be<std::int64_t>(entry.data()) <= at.ms; }
        )
    );
    if (!found) co_return segment.base;
    co_return segment.base + load_be<std::uint32_t>(found->bytes.data() + 8);
}

Task<Status> SegmentFiles::load_max_timestamp(Segment& segment) const {
    if (segment.max_timestamp_known) co_return Status{};
    auto file =
        co_await cache_->files().open(path(segment.base, kTimeIndexSuffix), OpenMode::kRead);
    if (file) {
        SEALANE_CO_TRY(const std::uint64_t size, (*file)->size());
        if (size >= TimeIndex::kEntrySize) {
            const std::uint64_t last = size / TimeIndex::kEntrySize - 1;
            SEALANE_CO_TRY(
                const BufferSlice entry,
                co_await (*file)->read_at(last * TimeIndex::kEntrySize, TimeIndex::kEntrySize)
            );
            if (entry.size() == TimeIndex::kEntrySize) {
                segment.max_timestamp = WallTime{load_be<std::int64_t>(entry.data())};
                segment.max_timestamp_offset =
                    segment.base + load_be<std::uint32_t>(entry.data() + 8);
            }
        }
    }
    segment.max_timestamp_known = true;
    co_return Status{};
}

Task<DigestHash> SegmentFiles::chain_after(Segment& segment) const {
    if (segment.active != nullptr) co_return segment.active->chain;
    auto file = co_await cache_->files().open(path(segment.base, kDigestSuffix), OpenMode::kRead);
    if (!file) co_return DigestHash{};
    const auto size = (*file)->size();
    if (!size || *size < DigestHeader::kSize) co_return DigestHash{};
    const std::uint64_t entries = (*size - DigestHeader::kSize) / DigestEntry::kSize;
    const std::uint64_t at =
        entries == 0 ? 0 : DigestHeader::kSize + (entries - 1) * DigestEntry::kSize;
    const std::size_t length = entries == 0 ? DigestHeader::kSize : DigestEntry::kSize;
    const auto bytes = co_await (*file)->read_at(at, length);
    if (!bytes || bytes->size() != length) co_return DigestHash{};
    if (entries == 0) {
        const auto header = DigestHeader::decode(bytes->view());
        co_return header ? header->before : DigestHash{};
    }
    const auto entry = DigestEntry::decode(segment.base, bytes->view());
    co_return entry ? entry->hash : DigestHash{};
}

Task<Result<bool>> SegmentFiles::load_digest(Segment& segment, std::uint32_t until) const {
    ActiveParts& active = *segment.active;
    auto opened = co_await cache_->use(
        active.digest_file, path(segment.base, kDigestSuffix), OpenMode::kCreate
    );
    if (!opened) co_return fail(opened.error());
    auto file = *opened;
    SEALANE_CO_TRY(const std::uint64_t size, file->size());
    SEALANE_CO_TRY(const BufferSlice head, co_await file->read_at(0, DigestHeader::kSize));
    const auto header = DigestHeader::decode(head.view());
    if (!header || header->segment_base != segment.base || header->topic_id != topic_id_) {
        co_return false;
    }
    active.before = header->before;
    active.chain = header->before;
    active.saved_digest = DigestHeader::kSize;
    if (until == 0) co_return true;
    SEALANE_CO_TRY(
        const auto found,
        co_await find_last_entry(
            file,
            DigestHeader::kSize,
            DigestEntry::kSize,
            (size - DigestHeader::kSize) / DigestEntry::kSize,
            [until](ByteView entry) { return load_be<std::uint32_t>(entry.data() + 8) < until; }
        )
    );
    if (!found) co_return false;
    const auto entry = DigestEntry::decode(segment.base, found->bytes.view());
    if (!entry || entry->batch.position + entry->batch.length != until) co_return false;
    active.chain = entry->hash;
    active.saved_digest = DigestHeader::kSize + (found->number + 1) * DigestEntry::kSize;
    co_return true;
}

Task<Result<bool>> SegmentFiles::load_active(Segment& segment, Offset trusted) const {
    ActiveParts& active = *segment.active;
    const auto read = [this, &segment](std::string_view suffix) {
        return runtime::read_file(cache_->files(), path(segment.base, suffix), kMaxIndexFile);
    };
    const auto index_bytes = co_await read(kIndexSuffix);
    const auto time_bytes = co_await read(kTimeIndexSuffix);
    if (!index_bytes || !time_bytes) co_return false;
    auto index = OffsetIndex::decode(index_bytes->view().first(
        index_bytes->size() / OffsetIndex::kEntrySize * OffsetIndex::kEntrySize
    ));
    auto times = TimeIndex::decode(
        time_bytes->view().first(time_bytes->size() / TimeIndex::kEntrySize * TimeIndex::kEntrySize)
    );
    if (!index || !times) co_return false;
    // Scanning begins again at the batch of the last entry below the trusted offset, if that is
    // what the segment holds there: an index that missed a power loss may be of other batches.
    const std::int64_t below = std::clamp<std::int64_t>(trusted - segment.base, 0, INT32_MAX) - 1;
    const std::uint32_t start = below < 0 ? 0 : index->floor(static_cast<std::uint32_t>(below));
    if (start == 0 || start >= segment.size) co_return false;
    index->truncate(start + 1);
    const Offset last_offset = segment.base + index->entries().back().relative_offset;
    times->truncate(index->entries().back().relative_offset + 1);
    SEALANE_CO_TRY(const auto file, co_await log(segment));
    BatchStream stream(file, start, segment.size, CrcCheck::kYes);
    const auto there = co_await stream.next();
    if (!there || !*there || (*there)->view().last_offset() != last_offset) co_return false;
    SEALANE_CO_TRY(const bool digest_reaches, co_await load_digest(segment, start));
    if (!digest_reaches) co_return false;
    active.index = *std::move(index);
    active.time_index = *std::move(times);
    active.saved_index = active.index.entries().size();
    active.saved_time_index = active.time_index.entries().size();
    if (!active.time_index.entries().empty()) {
        const auto& latest = active.time_index.entries().back();
        segment.max_timestamp = latest.timestamp;
        segment.max_timestamp_offset = segment.base + latest.relative_offset;
    }
    segment.size = start;
    co_return true;
}

}  // namespace sealane::broker
