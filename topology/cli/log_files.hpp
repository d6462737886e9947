#pragma once
// Real log files as records: which files a demo feeds, and their lines one by one. Files ending in
// .gz are read through zlib. Lines keep their bytes; only the final newline is the separator.

#include "common/base/result.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sealane::topology {

struct LogFile {
    std::string path;
    std::string topic;  // logs.system, logs.packages, or logs.files for files that a person named
};

// This machine's own logs and package changelogs, sorted by path; changelogs are limited to the
// first `changelogs_max` (a machine has thousands).
[[nodiscard]] std::vector<LogFile> find_machine_logs(std::size_t changelogs_max);
// Files that a person named; kNotFound names the first that cannot be read.
[[nodiscard]] Result<std::vector<LogFile>> named_logs(const std::vector<std::string>& paths);

// Reads lines; a line longer than kLongestLine is cut into several records, never dropped.
class LineReader {
 public:
    static constexpr std::size_t kLongestLine = 256U << 10U;
    [[nodiscard]] static Result<LineReader> open(const std::string& path);
    // The next line without its newline; nothing at the end. kIo when the file cannot be read on.
    [[nodiscard]] Result<std::optional<std::string>> next();

 private:
    struct Close {
        void operator()(void* file) const;
    };
    LineReader(std::string path, void* file) : path_(std::move(path)), file_(file) {}
    // Reads the next piece of the file; false at its end.
    [[nodiscard]] Result<bool> fill();
    std::string path_;
    std::string buffer_;
    std::size_t at_ = 0;
    std::unique_ptr<void, Close> file_;
};

}  // namespace sealane::topology
