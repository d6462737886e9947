#pragma once
// Small files of secrets and keys beside a program: read when they are first used and again when
// they change, as certificates are. Blocks for one small file.

#include "common/base/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace sealane::identity {

// Who else than its owner may read it.
enum class FileSecrecy : std::uint8_t { kSecret, kPublic };

// At most 1 MiB. kPermissionDenied: a secret that others than its owner can read; kNotFound, kIo,
// kOutOfBounds.
[[nodiscard]] Result<std::string> read_small_file(const std::string& path, FileSecrecy secrecy);

// What changes when a file is written or replaced.
struct FileStamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = -1;  // -1: absent
    std::int64_t modified_ns = 0;
    friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
[[nodiscard]] FileStamp stamp_of(const std::string& path);

// The content of a file, parsed. A change that cannot be used leaves what was there before.
template <class Content>
class WatchedFile {
 public:
    using Parse = std::function<Result<Content>(std::string_view text)>;
    WatchedFile(std::string path, FileSecrecy secrecy, Parse parse)
        : path_(std::move(path)), secrecy_(secrecy), parse_(std::move(parse)) {}

    // Looks again when the file has changed. An error: the file is not usable, and nothing is there
    // from before; or it has just become unusable (told once, then the old content again).
    [[nodiscard]] Result<std::shared_ptr<const Content>> get() {
        const FileStamp now = stamp_of(path_);
        if (content_ != nullptr && now == seen_) return content_;
        seen_ = now;
        auto text = read_small_file(path_, secrecy_);
        if (!text) return fail(std::move(text).error());
        auto parsed = parse_(*text);
        if (!parsed) return fail(parsed.error().in(path_));
        content_ = std::make_shared<const Content>(*std::move(parsed));
        return content_;
    }
    // What was read last, changed or not; null: nothing.
    [[nodiscard]] std::shared_ptr<const Content> latest() const { return content_; }

 private:
    std::string path_;
    FileSecrecy secrecy_;
    Parse parse_;
    FileStamp seen_;
    std::shared_ptr<const Content> content_;
};

}  // namespace sealane::identity
