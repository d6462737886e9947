#include "topology/cli/log_files.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <unistd.h>
#include <zlib.h>

namespace sealane::topology {
namespace {

namespace fs = std::filesystem;

bool is_readable_file(const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored) && fs::file_size(path, ignored) > 0 &&
           access(path.c_str(), R_OK) == 0;
}

void add_system_logs(std::vector<LogFile>& files) {
    std::error_code ignored;
    for (const char* directory : {"/var/log", "/var/log/apt"}) {
        for (const auto& entry : fs::directory_iterator(directory, ignored)) {
            const std::string name = entry.path().filename().string();
            const bool text = name.ends_with(".log") || name == "syslog" || name == "messages";
            if (text && is_readable_file(entry.path()))
                files.push_back({entry.path().string(), "logs.system"});
        }
    }
}

void add_changelogs(std::vector<LogFile>& files, std::size_t limit) {
    std::error_code ignored;
    std::vector<std::string> paths;
    for (const auto& package : fs::directory_iterator("/usr/share/doc", ignored)) {
        const fs::path changelog = package.path() / "changelog.Debian.gz";
        if (!fs::is_symlink(package.path(), ignored) && is_readable_file(changelog)) {
            paths.push_back(changelog.string());
        }
    }
    std::ranges::sort(paths);
    if (paths.size() > limit) paths.resize(limit);
    for (std::string& path : paths) files.push_back({std::move(path), "logs.packages"});
}

}  // namespace

std::vector<LogFile> find_machine_logs(std::size_t changelogs_max) {
    std::vector<LogFile> files;
    add_system_logs(files);
    add_changelogs(files, changelogs_max);
    std::ranges::sort(files, {}, &LogFile::path);
    return files;
}

Result<std::vector<LogFile>> named_logs(const std::vector<std::string>& paths) {
    std::vector<LogFile> files;
    for (const std::string& path : paths) {
        if (access(path.c_str(), R_OK) != 0) {
            return fail(ErrorCode::kNotFound, path + ": " + std::strerror(errno));
        }
        if (!fs::is_regular_file(path)) return fail(ErrorCode::kNotFound, path + " is not a file");
        files.push_back({path, "logs.files"});
    }
    return files;
}

void LineReader::Close::operator()(void* file) const {
    gzclose(static_cast<gzFile>(file));
}

Result<LineReader> LineReader::open(const std::string& path) {
    gzFile file = gzopen(path.c_str(), "rb");
    if (file == nullptr) return fail(ErrorCode::kIo, path + ": " + std::strerror(errno));
    gzbuffer(file, 128U << 10U);
    return LineReader(path, file);
}

Result<std::optional<std::string>> LineReader::next() {
    std::string line;
    while (true) {
        const auto newline = buffer_.find('\n', at_);
        const std::size_t end = newline == std::string::npos ? buffer_.size() : newline;
        const std::size_t room = kLongestLine - line.size();
        const std::size_t taken = std::min(end - at_, room);
        line.append(buffer_, at_, taken);
        at_ += taken;
        if (taken == room) return line;  // cut: the rest is the next record
        if (newline != std::string::npos) {
            ++at_;
            return line;
        }
        SEALANE_TRY(const bool more, fill());
        if (!more) return line.empty() ? std::optional<std::string>() : line;
    }
}

Result<bool> LineReader::fill() {
    auto* file = static_cast<gzFile>(file_.get());
    buffer_.resize(64U << 10U);
    at_ = 0;
    const int count = gzread(file, buffer_.data(), static_cast<unsigned>(buffer_.size()));
    if (count < 0) {
        int code = Z_OK;
        const char* message = gzerror(file, &code);
        return fail(ErrorCode::kIo, path_ + ": " + message);
    }
    buffer_.resize(static_cast<std::size_t>(count));
    return count > 0;
}

}  // namespace sealane::topology
