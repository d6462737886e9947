#include "broker/log/checked_stream.hpp"

#include "broker/log/segment_name.hpp"

namespace sealane::broker {

using runtime::Task;

Task<Result<CheckedStream>> CheckedStream::open(
    const SegmentFiles& files, std::shared_ptr<Segment> segment, Uuid topic_id
) {
    SEALANE_CO_TRY(auto file, co_await files.log(*segment));
    DigestReader digest(topic_id, segment->base);
    SEALANE_CO_CHECK(
        co_await digest.open(files.cache().files(), files.path(segment->base, kDigestSuffix))
    );
    co_return CheckedStream(
        files.path(segment->base, kLogSuffix),
        BatchStream(std::move(file), 0, segment->size, CrcCheck::kYes),
        std::move(digest)
    );
}

Task<Result<std::optional<kafka::RecordBatch>>> CheckedStream::next() {
    const auto at = static_cast<std::uint32_t>(stream_.position());
    auto batch = co_await stream_.next();
    const auto where = [&] { return name_ + " at position " + std::to_string(at); };
    if (!batch) co_return fail(batch.error().in(where()));
    if (!*batch) co_return std::nullopt;
    SEALANE_CO_TRY(const auto expected, co_await digest_.next());
    if (expected && *expected != BatchFacts::of((*batch)->view(), at)) {
        co_return fail(ErrorCode::kCorrupt, where() + ": not the batch that was written there");
    }
    co_return *std::move(batch);
}

}  // namespace sealane::broker
