#pragma once
// CheckedStream: the batches of a sealed segment in order, their checksums checked, and that each
// is the one its digest entry was made for (as far as there are entries).

#include "broker/log/batch_stream.hpp"
#include "broker/log/digest_reader.hpp"
#include "broker/log/segment.hpp"

#include <string>

namespace sealane::broker {

class CheckedStream {
 public:
    [[nodiscard]] static runtime::Task<Result<CheckedStream>> open(
        const SegmentFiles& files, std::shared_ptr<Segment> segment, Uuid topic_id
    );
    // The next batch; nothing at the end. kCorrupt names file and position; the disk's errors.
    [[nodiscard]] runtime::Task<Result<std::optional<kafka::RecordBatch>>> next();
    [[nodiscard]] std::uint64_t position() const { return stream_.position(); }

 private:
    CheckedStream(std::string name, BatchStream stream, DigestReader digest)
        : name_(std::move(name)), stream_(std::move(stream)), digest_(std::move(digest)) {}
    std::string name_;
    BatchStream stream_;
    DigestReader digest_;
};

}  // namespace sealane::broker
