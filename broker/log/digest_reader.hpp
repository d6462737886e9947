#pragma once
// DigestReader: the entries of one segment's digest file in order, each checked against the one
// before it. A digest that does not fit itself proves nothing: it ends early.

#include "broker/log/digest_chain.hpp"
#include "common/runtime/world.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace sealane::broker {

class DigestReader {
 public:
    DigestReader(Uuid topic_id, Offset base) : topic_id_(topic_id), base_(base) {}

    // A file that is missing, or another segment's, has no entries.
    [[nodiscard]] runtime::Task<Status> open(runtime::FileSystem& files, std::string name);
    // Entries that are not in the file yet; they come after those of the file, or instead of it.
    void append(BufferSlice entries);
    // The next entry is that of the batch which holds `at`, or of the first one after it.
    [[nodiscard]] runtime::Task<Status> seek(Offset at);
    // Loads the first thousand entries at or after a position in the segment: next_loaded() then
    // gives them, whatever becomes of the file.
    [[nodiscard]] runtime::Task<Status> load_from(std::uint32_t position);
    [[nodiscard]] std::optional<BatchFacts> next_loaded();
    [[nodiscard]] runtime::Task<Result<std::optional<BatchFacts>>> next();

 private:
    // Behind the entries for which `is_before` holds.
    [[nodiscard]] runtime::Task<Status> skip(std::function<bool(ByteView)> is_before);
    void drop_later(const std::function<bool(ByteView)>& is_before);

    Uuid topic_id_;
    Offset base_;
    std::shared_ptr<runtime::File> file_;
    std::uint64_t position_ = DigestHeader::kSize;
    BufferSlice window_;
    BufferSlice later_;
    std::optional<DigestHash> before_later_;  // of the last entry that was left out of it
    std::uint32_t next_position_ = 0;         // after the last entry that was given
    std::optional<DigestHash> hash_;          // before the next entry; none: it is taken on trust
};

}  // namespace sealane::broker
