#include "common/runtime_asio/linux_files.hpp"

#include "common/runtime_asio/error_map.hpp"
#include "common/runtime_asio/file_lock.hpp"
#include "common/runtime_asio/linux_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <sys/statvfs.h>
#include <system_error>
#include <unistd.h>

namespace sealane::asio_runtime {
namespace {

using runtime::Task;
namespace fs = std::filesystem;

Status status_of(const std::error_code& error, const std::string& what) {
    if (!error) return {};
    return fail(file_error(error.value(), what));
}

Status sync_directory_now(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return fail(file_error(errno, "open directory " + path));
    const OpenFile closer(fd, path);
    if (::fsync(fd) != 0) return fail(file_error(errno, "fsync directory " + path));
    return {};
}

Result<std::vector<runtime::DirectoryEntry>> list_now(const std::string& path) {
    std::error_code error;
    std::vector<runtime::DirectoryEntry> entries;
    for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
        std::error_code gone;  // a file removed since it was listed is left out
        runtime::DirectoryEntry entry;
        entry.name = at->path().filename().string();
        entry.is_directory = at->is_directory(gone);
        if (!gone && !entry.is_directory) entry.size = at->file_size(gone);
        const bool irregular = gone && at->exists();
        if (irregular) entry.size = 0;
        if (!gone || irregular) entries.push_back(std::move(entry));
    }
    SEALANE_CHECK(status_of(error, "list " + path));
    std::ranges::sort(entries);
    return entries;
}

using SpaceStatus = struct statvfs;  // the function hides the type's name

Result<std::uint64_t> space_now(const std::string& path, fsblkcnt_t SpaceStatus::* blocks) {
    SpaceStatus status{};
    if (::statvfs(path.c_str(), &status) != 0) return fail(file_error(errno, "statvfs " + path));
    return static_cast<std::uint64_t>(status.*blocks) * status.f_frsize;
}

}  // namespace

Task<Result<std::unique_ptr<runtime::File>>> LinuxFileSystem::open(
    std::string path, runtime::OpenMode mode
) {
    SEALANE_CO_TRY(auto file, co_await pool_.run([path, mode] { return open_file(path, mode); }));
    co_return std::make_unique<LinuxFile>(std::move(file), pool_);
}

Task<Status> LinuxFileSystem::rename(std::string from, std::string to) {
    co_return co_await pool_.run([from, to]() -> Status {
        if (::rename(from.c_str(), to.c_str()) == 0) return {};
        return fail(file_error(errno, "rename " + from + " to " + to));
    });
}

Task<Status> LinuxFileSystem::remove(std::string path) {
    co_return co_await pool_.run([path]() -> Status {
        if (std::remove(path.c_str()) == 0) return {};
        return fail(file_error(errno, "remove " + path));
    });
}

Task<Status> LinuxFileSystem::remove_tree(std::string path) {
    co_return co_await pool_.run([path] {
        std::error_code error;
        fs::remove_all(path, error);
        return status_of(error, "remove tree " + path);
    });
}

Task<Status> LinuxFileSystem::make_directories(std::string path) {
    co_return co_await pool_.run([path] {
        std::error_code error;
        fs::create_directories(path, error);
        return status_of(error, "make directory " + path);
    });
}

Task<Status> LinuxFileSystem::sync_directory(std::string path) {
    co_return co_await pool_.run([path] { return sync_directory_now(path); });
}

Task<Result<std::vector<runtime::DirectoryEntry>>> LinuxFileSystem::list(std::string path) {
    co_return co_await pool_.run([path] { return list_now(path); });
}

Task<Result<std::uint64_t>> LinuxFileSystem::free_bytes(std::string path) {
    co_return co_await pool_.run([path] { return space_now(path, &SpaceStatus::f_bavail); });
}

Task<Result<std::uint64_t>> LinuxFileSystem::total_bytes(std::string path) {
    co_return co_await pool_.run([path] { return space_now(path, &SpaceStatus::f_blocks); });
}

Task<Result<std::unique_ptr<runtime::FileLock>>> LinuxFileSystem::lock(std::string path) {
    co_return co_await pool_.run([path] { return lock_file(path); });
}

}  // namespace sealane::asio_runtime
