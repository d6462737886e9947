#include "broker/log/digest_reader.hpp"

#include "broker/log/segment.hpp"
#include "common/base/endian.hpp"

#include <utility>

namespace sealane::broker {

using runtime::Task;

namespace {
constexpr std::size_t kAtOnce = 1024 * DigestEntry::kSize;
}  // namespace

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

void DigestReader::append(BufferSlice entries) {
    later_ = std::move(entries);
}

Task<Status> DigestReader::seek(Offset at) {
    const std::int64_t relative = at - base_;
    const auto is_before = [relative](ByteView entry) {
        return load_be<std::uint32_t>(entry.data() + 4) < relative;
    };
    drop_later(is_before);
    co_return co_await skip(is_before);
}

void DigestReader::drop_later(const std::function<bool(ByteView)>& is_before) {
    while (later_.size() >= DigestEntry::kSize && is_before(later_.view())) {
        const auto dropped = DigestEntry::decode(base_, later_.view().first(DigestEntry::kSize));
        if (dropped) before_later_ = dropped->hash;
        later_ = later_.from(DigestEntry::kSize);
    }
}

Task<Status> DigestReader::load_from(std::uint32_t position) {
    SEALANE_CO_CHECK(co_await skip([position](ByteView entry) {
        return load_be<std::uint32_t>(entry.data() + 8) < position;
    }));
    if (!file_) co_return Status{};
    SEALANE_CO_TRY(window_, co_await file_->read_at(position_, kAtOnce));
    file_.reset();
    co_return Status{};
}

Task<Status> DigestReader::skip(std::function<bool(ByteView)> is_before) {
    if (!file_) co_return Status{};
    SEALANE_CO_TRY(const std::uint64_t size, file_->size());
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
    if (file_ && window_.size() < DigestEntry::kSize) {
        SEALANE_CO_TRY(window_, co_await file_->read_at(position_, kAtOnce));
        position_ += window_.size();
    }
    if (window_.size() < DigestEntry::kSize) {
        file_.reset();
        // Some of them have come into the file since.
        drop_later([this](ByteView entry) {
            return load_be<std::uint32_t>(entry.data() + 8) < next_position_;
        });
        window_ = std::exchange(later_, {});
        if (before_later_) hash_ = std::exchange(before_later_, std::nullopt);
    }
    co_return next_loaded();
}

std::optional<BatchFacts> DigestReader::next_loaded() {
    if (window_.size() < DigestEntry::kSize) return std::nullopt;
    const auto entry = DigestEntry::decode(base_, window_.view().first(DigestEntry::kSize));
    window_ = window_.from(DigestEntry::kSize);
    if (!entry || (hash_ && chain(*hash_, topic_id_, entry->batch) != entry->hash)) {
        file_.reset();
        window_ = later_ = {};
        return std::nullopt;
    }
    hash_ = entry->hash;
    next_position_ = entry->batch.position + entry->batch.length;
    return entry->batch;
}

}  // namespace sealane::broker
