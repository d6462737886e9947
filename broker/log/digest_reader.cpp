#include "broker/log/digest_reader.hpp"

#include "broker/log/segment.hpp"
#include "common/base/endian.hpp"

namespace sealane::broker {

using runtime::Task;

Task<Status> DigestReader::open(runtime::FileSystem& files, std::string name) {
    auto file = co_await files.open(std::move(name), runtime::OpenMode::kRead);
    if (!file) {
        if (file.error().code() == ErrorCode::kNotFound) co_return Status{};
        co_return fail(file.error());
    }
    file_ = *std::move(file);
    SEALANE_CO_TRY(const BufferSlice bytes, co_await file_->read_at(0, DigestHeader::kSize));
    const auto header = DigestHeader::decode(bytes.view());
    if (!header || header->segment_base != base_ || header->topic_id != topic_id_) {
        file_.reset();
        co_return Status{};
    }
    hash_ = header->before;
    co_return Status{};
}

Task<Status> DigestReader::seek(Offset at) {
    if (!file_) co_return Status{};
    SEALANE_CO_TRY(const std::uint64_t size, file_->size());
    const std::int64_t relative = at - base_;
    const auto is_before = [relative](ByteView entry) {
        return load_be<std::uint32_t>(entry.data() + 4) < relative;
    };
    SEALANE_CO_TRY(
        const auto before,
        co_await find_last_entry(
            file_,
            DigestHeader::kSize,
            DigestEntry::kSize,
            (size - DigestHeader::kSize) / DigestEntry::kSize,
            is_before
        )
    );
    if (!before) co_return Status{};
    const auto entry = DigestEntry::decode(base_, before->bytes.view());
    if (entry) hash_ = entry->hash;
    position_ = DigestHeader::kSize + (before->number + 1) * DigestEntry::kSize;
    if (!entry) file_.reset();
    co_return Status{};
}

Task<Result<std::optional<BatchFacts>>> DigestReader::next() {
    if (!file_) co_return std::nullopt;
    if (window_.size() < DigestEntry::kSize) {
        constexpr std::size_t kAtOnce = 1024 * DigestEntry::kSize;
        SEALANE_CO_TRY(window_, co_await file_->read_at(position_, kAtOnce));
        position_ += window_.size();
    }
    if (window_.size() < DigestEntry::kSize) {
        file_.reset();
        co_return std::nullopt;
    }
    const auto entry = DigestEntry::decode(base_, window_.view().first(DigestEntry::kSize));
    window_ = window_.from(DigestEntry::kSize);
    if (!entry || chain(hash_, topic_id_, entry->batch) != entry->hash) {
        file_.reset();
        co_return std::nullopt;
    }
    hash_ = entry->hash;
    co_return entry->batch;
}

}  // namespace sealane::broker
