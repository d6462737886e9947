#pragma once
// FileCache: the open files of all logs, at most so many: ten thousand partitions do not hold ten
// thousand descriptors. A file in use or with unsynced bytes is not closed: a sync through another
// descriptor could miss a write error (errors are reported once per open file).

#include "common/runtime/files.hpp"

#include <list>
#include <memory>
#include <string>

namespace sealane::broker {

class FileCache;

// A place for one file's handle, part of whoever uses the file. Not movable: the cache points here.
class CachedFile {
 public:
    CachedFile() = default;
    ~CachedFile();
    CachedFile(const CachedFile&) = delete;
    CachedFile& operator=(const CachedFile&) = delete;
    // While pinned the file stays open once it is.
    void pin(bool on) { pinned_ = on; }
    [[nodiscard]] bool is_open() const { return file_ != nullptr; }

 private:
    friend class FileCache;
    std::shared_ptr<runtime::File> file_;
    FileCache* cache_ = nullptr;
    std::list<CachedFile*>::iterator place_;
    bool pinned_ = false;
};

class FileCache {
 public:
    FileCache(runtime::FileSystem& files, std::size_t max_open)
        : files_(files), max_open_(max_open) {}
    FileCache(const FileCache&) = delete;
    FileCache& operator=(const FileCache&) = delete;

    // The open file; opens it when needed. Callers keep the pointer while they use it; `slot`
    // outlives the call.
    [[nodiscard]] runtime::Task<Result<std::shared_ptr<runtime::File>>> use(
        CachedFile& slot, std::string path, runtime::OpenMode mode
    );
    // Lets go of the handle (before the file is renamed, replaced or removed).
    void forget(CachedFile& slot);
    [[nodiscard]] std::size_t open_files() const { return recent_.size(); }
    [[nodiscard]] runtime::FileSystem& files() { return files_; }

 private:
    void keep(CachedFile& slot, std::shared_ptr<runtime::File> file);
    void close_least_recent();
    runtime::FileSystem& files_;
    std::size_t max_open_;
    std::list<CachedFile*> recent_;  // most recently used first
};

}  // namespace sealane::broker
