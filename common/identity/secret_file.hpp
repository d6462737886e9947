#pragma once
// Small files of secrets and keys beside a program: read when they are first used and again when
// they change, as certificates are. Blocks for one small file.

#include "common/base/result.hpp"
#include "common/identity/file_stamp.hpp"

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
