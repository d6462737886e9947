#pragma once
// CleanedSegment: the files of a segment that will replace others, written beside the log. Batches
// in, in order; nothing of it counts before the log has put them in place.

#include "broker/log/segment.hpp"
#include "common/kafka/records/record_batch.hpp"

#include <string>

namespace sealane::broker {

class CleanedSegment {
 public:
    // In `files`' directory, which exists and is empty. `chain`: the digest before it.
    CleanedSegment(SegmentFiles files, Offset base, DigestHash chain);

    [[nodiscard]] runtime::Task<Status> begin();
    // kOutOfBounds when it would become larger than 2 GiB.
    [[nodiscard]] runtime::Task<Status> add(BufferSlice batch);
    // Everything is durable afterwards, with the directory's names.
    [[nodiscard]] runtime::Task<Status> finish();

    // Where the last batch ends; the base before the first.
    [[nodiscard]] Offset end() const { return end_; }
    [[nodiscard]] std::uint64_t size() const { return segment_.size; }
    // After finish(): the same segment, as one of the log's.
    [[nodiscard]] std::shared_ptr<Segment> sealed() const;

 private:
    [[nodiscard]] runtime::Task<Status> flush();
    SegmentFiles files_;
    Segment segment_;
    Offset end_;
    BufferChain pending_;
    std::uint64_t written_ = 0;
};

}  // namespace sealane::broker
