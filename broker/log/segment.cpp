#include "broker/log/segment.hpp"

#include "broker/log/segment_name.hpp"
#include "common/base/endian.hpp"
#include "common/kafka/records/record_batch.hpp"

namespace sealane::broker {

using runtime::File;
using runtime::OpenMode;
using runtime::Task;

namespace {
// Index entries are written out in pieces of this many, digest entries of this many bytes.
constexpr std::size_t kIndexPiece = 512;
constexpr std::size_t kDigestPiece = 16U << 10U;
}  // namespace

std::string SegmentFiles::path(Offset base, std::string_view suffix) const {
    return directory_ + "/" + segment_file_name(base, suffix);
}

Task<Result<std::shared_ptr<File>>> SegmentFiles::log(Segment& segment) const {
    if (segment.log_file.is_open()) {
        return cache_->use(segment.log_file, {}, OpenMode::kReadWrite);
    }
    return cache_->use(segment.log_file, path(segment.base, kLogSuffix), OpenMode::kReadWrite);
}

void SegmentFiles::note_batch(Segment& segment, const kafka::RecordBatchView& batch) const {
    ActiveParts& active = *segment.active;
    const auto position = static_cast<std::uint32_t>(segment.size);
    const auto last = static_cast<std::uint32_t>(batch.last_offset() - segment.base);
    if (segment.size == 0) active.first_timestamp = batch.max_timestamp();
    if (batch.max_timestamp() > segment.max_timestamp) {
        segment.max_timestamp = batch.max_timestamp();
        segment.max_timestamp_offset = batch.last_offset();
    }
    if (active.bytes_since_index > index_interval_) {
        active.index.append({last, position});
        if (segment.max_timestamp.ms >= 0) {
            active.time_index.append_if_later(
                {segment.max_timestamp,
                 static_cast<std::uint32_t>(segment.max_timestamp_offset - segment.base)}
            );
        }
        active.bytes_since_index = 0;
    }
    active.bytes_since_index += static_cast<std::uint32_t>(batch.size());
    const BatchFacts facts = BatchFacts::of(batch, position);
    active.chain = chain(active.chain, topic_id_, facts);
    std::array<std::byte, DigestEntry::kSize> entry;
    DigestEntry{facts, active.chain}.encode(segment.base, entry);
    active.pending_digest.append(as_text(entry));
    segment.size += batch.size();
}

bool SegmentFiles::save_is_due(const Segment& segment) const {
    const ActiveParts& active = *segment.active;
    return active.index.entries().size() - active.saved_index >= kIndexPiece ||
           active.pending_digest.size() >= kDigestPiece;
}

Task<Status> SegmentFiles::save_digest(Segment& segment) const {
    ActiveParts& active = *segment.active;
    if (active.pending_digest.empty()) co_return Status{};
    SEALANE_CO_TRY(
        auto file,
        co_await cache_->use(
            active.digest_file, path(segment.base, kDigestSuffix), OpenMode::kCreate
        )
    );
    BufferChain bytes;
    if (active.saved_digest == 0) {
        bytes.append(DigestHeader{segment.base, topic_id_, active.before}.encode());
    }
    bytes.append(BufferSlice::copy_of(active.pending_digest));
    const std::uint64_t size = bytes.size();
    SEALANE_CO_CHECK(co_await file->write_at(active.saved_digest, std::move(bytes)));
    active.saved_digest += size;
    active.indexes_dirty = true;
    active.pending_digest.clear();
    co_return Status{};
}

Task<Status> SegmentFiles::save_indexes(Segment& segment) const {
    ActiveParts& active = *segment.active;
    if (active.index.entries().size() > active.saved_index) {
        SEALANE_CO_TRY(
            auto file,
            co_await cache_->use(
                active.index_file, path(segment.base, kIndexSuffix), OpenMode::kCreate
            )
        );
        SEALANE_CO_CHECK(co_await file->write_at(
            active.saved_index * OffsetIndex::kEntrySize, active.index.encode(active.saved_index)
        ));
        active.saved_index = active.index.entries().size();
        active.indexes_dirty = true;
    }
    if (active.time_index.entries().size() > active.saved_time_index) {
        SEALANE_CO_TRY(
            auto file,
            co_await cache_->use(
                active.time_index_file, path(segment.base, kTimeIndexSuffix), OpenMode::kCreate
            )
        );
        SEALANE_CO_CHECK(co_await file->write_at(
            active.saved_time_index * TimeIndex::kEntrySize,
            active.time_index.encode(active.saved_time_index)
        ));
        active.saved_time_index = active.time_index.entries().size();
        active.indexes_dirty = true;
    }
    co_return co_await save_digest(segment);
}

Task<Status> SegmentFiles::finish_indexes(Segment& segment) const {
    ActiveParts& active = *segment.active;
    if (segment.max_timestamp.ms >= 0) {
        active.time_index.append_if_later(
            {segment.max_timestamp,
             static_cast<std::uint32_t>(segment.max_timestamp_offset - segment.base)}
        );
    }
    SEALANE_CO_CHECK(co_await save_indexes(segment));
    co_return co_await trim_files(segment);
}

Task<Status> SegmentFiles::trim_files(Segment& segment) const {
    ActiveParts& active = *segment.active;
    struct Part {
        CachedFile& slot;
        std::string_view suffix;
        std::uint64_t size;
    };
    const std::array<Part, 3> parts{
        Part{active.index_file, kIndexSuffix, active.saved_index * OffsetIndex::kEntrySize},
        Part{
            active.time_index_file,
            kTimeIndexSuffix,
            active.saved_time_index * TimeIndex::kEntrySize
        },
        Part{active.digest_file, kDigestSuffix, active.saved_digest},
    };
    for (const Part& part : parts) {
        SEALANE_CO_TRY(
            auto file,
            co_await cache_->use(part.slot, path(segment.base, part.suffix), OpenMode::kCreate)
        );
        SEALANE_CO_TRY(const std::uint64_t size, file->size());
        if (size == part.size) continue;
        SEALANE_CO_CHECK(co_await file->truncate(part.size));
        active.indexes_dirty = true;
    }
    co_return Status{};
}

Task<Status> SegmentFiles::sync_indexes(Segment& segment) const {
    if (segment.active != nullptr) {
        if (!segment.active->indexes_dirty) co_return Status{};
        segment.active->indexes_dirty = false;
    }
    for (const auto suffix : {kIndexSuffix, kTimeIndexSuffix, kDigestSuffix}) {
        SEALANE_CO_TRY(
            auto file,
            co_await cache_->files().open(path(segment.base, suffix), OpenMode::kReadWrite)
        );
        SEALANE_CO_CHECK(co_await file->sync());
    }
    co_return Status{};
}

Task<Result<std::vector<std::string>>> SegmentFiles::mark_deleted(
    Segment& segment, const std::vector<std::string>& extra_suffixes
) const {
    std::vector<std::string> suffixes{
        std::string(kLogSuffix),
        std::string(kIndexSuffix),
        std::string(kTimeIndexSuffix),
        std::string(kDigestSuffix)
    };
    suffixes.insert(suffixes.end(), extra_suffixes.begin(), extra_suffixes.end());
    cache_->forget(segment.log_file);
    segment.active.reset();
    std::vector<std::string> renamed;
    for (const std::string& suffix : suffixes) {
        const std::string from = path(segment.base, suffix);
        std::string to = from + std::string(kDeletedSuffix);
        if (const auto status = co_await cache_->files().rename(from, to); status) {
            renamed.push_back(std::move(to));
        } else if (status.error().code() != ErrorCode::kNotFound) {
            co_return fail(status.error().in("renaming " + from));
        }
    }
    co_return renamed;
}

}  // namespace sealane::broker
