#pragma once
// LinuxFileSystem: runtime::FileSystem over Linux. Reads that the page cache holds and all writes
// (which go into the page cache) are made inline; everything that waits for the disk runs on the
// pool. Paths stand in every error.

#include "common/runtime/files.hpp"
#include "common/runtime_asio/blocking_pool.hpp"

namespace sealane::asio_runtime {

class LinuxFileSystem final : public runtime::FileSystem {
 public:
    explicit LinuxFileSystem(BlockingPool& pool) : pool_(pool) {}

    [[nodiscard]] runtime::Task<Result<std::unique_ptr<runtime::File>>> open(
        std::string path, runtime::OpenMode mode
    ) override;
    [[nodiscard]] runtime::Task<Status> rename(std::string from, std::string to) override;
    [[nodiscard]] runtime::Task<Status> remove(std::string path) override;
    [[nodiscard]] runtime::Task<Status> remove_tree(std::string path) override;
    [[nodiscard]] runtime::Task<Status> make_directories(std::string path) override;
    [[nodiscard]] runtime::Task<Status> sync_directory(std::string path) override;
    [[nodiscard]] runtime::Task<Result<std::vector<runtime::DirectoryEntry>>> list(std::string path
    ) override;
    [[nodiscard]] runtime::Task<Result<std::uint64_t>> free_bytes(std::string path) override;
    [[nodiscard]] runtime::Task<Result<std::uint64_t>> total_bytes(std::string path) override;
    [[nodiscard]] runtime::Task<Result<std::unique_ptr<runtime::FileLock>>> lock(std::string path
    ) override;

 private:
    BlockingPool& pool_;
};

}  // namespace sealane::asio_runtime
