#pragma once
// DigestReader: the entries of one segment's digest file in order, each checked against the one
// before it. A digest that does not fit itself proves nothing: it ends early.

#include "broker/log/digest_chain.hpp"
#include "common/runtime/world.hpp"

#include <memory>
#include <optional>
#include <string>

namespace sealane::broker {

class DigestReader {
 public:
    DigestReader(Uuid topic_id, Offset base) : topic_id_(topic_id), base_(base) {}

    // A file that is missing, or another segment's, has no entries.
    [[nodiscard]] runtime::Task<Status> open(runtime::FileSystem& files, std::string name);
    // The next entry is that of the batch which holds `at`, or of the first one after it.
    [[nodiscard]] runtime::Task<Status> seek(Offset at);
    [[nodiscard]] runtime::Task<Result<std::optional<BatchFacts>>> next();

 private:
    Uuid topic_id_;
    Offset base_;
    std::shared_ptr<runtime::File> file_;
    std::uint64_t position_ = DigestHeader::kSize;
    BufferSlice window_;
    DigestHash hash_{};
};

}  // namespace sealane::broker
