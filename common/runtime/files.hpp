#pragma once
// Files, as the programs see them. Implemented over Linux files (with a small pool for calls that
// block) in common/runtime_asio, and as virtual disks that lose unsynced data in tests/simulation.
//
// Durability contract: written bytes survive a crash only after File::sync; created, renamed and
// removed names only after FileSystem::sync_directory. A failed sync is never retried as if it
// could succeed: the caller treats the file as lost since its last good sync.

#include "common/base/buffer.hpp"
#include "common/runtime/task.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sealane::runtime {

// One open file. At most one write or truncate at a time and at most one sync at a time; a sync
// may run beside a write and then covers the writes that had ended when it was called. Reads may
// go on beside all of them. Destroying it closes it and does no other I/O.
class File {
 public:
    virtual ~File() = default;
    // Reads up to `count` bytes at `at`; fewer only at the end of the file.
    [[nodiscard]] virtual Task<Result<BufferSlice>> read_at(
        std::uint64_t at, std::size_t count
    ) = 0;
    // Writes all bytes at `at`. kNoSpace or kIo leave an unknown part of them written.
    [[nodiscard]] virtual Task<Status> write_at(std::uint64_t at, BufferChain bytes) = 0;
    // fdatasync: all bytes and the size are durable when it succeeds.
    [[nodiscard]] virtual Task<Status> sync() = 0;
    [[nodiscard]] virtual Task<Status> truncate(std::uint64_t size) = 0;
    [[nodiscard]] virtual Result<std::uint64_t> size() const = 0;
};

struct DirectoryEntry {
    std::string name;
    bool is_directory = false;
    std::uint64_t size = 0;
    friend auto operator<=>(const DirectoryEntry&, const DirectoryEntry&) = default;
};

// Held while it lives; keeps other processes out of a data directory.
class FileLock {
 public:
    virtual ~FileLock() = default;
};

enum class OpenMode { kRead, kReadWrite, kCreate, kCreateExclusive };

class FileSystem {
 public:
    virtual ~FileSystem() = default;
    [[nodiscard]] virtual Task<Result<std::unique_ptr<File>>> open(
        std::string path, OpenMode mode
    ) = 0;
    [[nodiscard]] virtual Task<Status> rename(std::string from, std::string to) = 0;
    [[nodiscard]] virtual Task<Status> remove(std::string path) = 0;            // kNotFound
    [[nodiscard]] virtual Task<Status> remove_tree(std::string path) = 0;       // absent is fine
    [[nodiscard]] virtual Task<Status> make_directories(std::string path) = 0;  // present is fine
    [[nodiscard]] virtual Task<Status> sync_directory(std::string path) = 0;
    // Sorted by name.
    [[nodiscard]] virtual Task<Result<std::vector<DirectoryEntry>>> list(std::string path) = 0;
    [[nodiscard]] virtual Task<Result<std::uint64_t>> free_bytes(std::string path) = 0;
    [[nodiscard]] virtual Task<Result<std::uint64_t>> total_bytes(std::string path) = 0;
    // kLocked when another process (or another holder in this one) has it.
    [[nodiscard]] virtual Task<Result<std::unique_ptr<FileLock>>> lock(std::string path) = 0;
};

// Replaces `path` so that a crash leaves the old content or the new, never a mix: temporary file,
// sync, rename, directory sync.
[[nodiscard]] Task<Status> write_file_atomically(
    FileSystem& files, std::string path, BufferSlice content
);
// The whole file; kOutOfBounds when larger than `limit`.
[[nodiscard]] Task<Result<BufferSlice>> read_file(
    FileSystem& files, std::string path, std::uint64_t limit
);

}  // namespace sealane::runtime
