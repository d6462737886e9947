#pragma once
// LinuxFile: one open file (runtime::File) and the descriptor that it shares with work on the pool.

#include "common/runtime/files.hpp"
#include "common/runtime_asio/blocking_pool.hpp"

#include <memory>
#include <string>

namespace sealane::asio_runtime {

// Closed when the last owner is gone: a file may be destroyed while a thread still syncs it.
struct OpenFile {
    OpenFile(int descriptor, std::string name) : fd(descriptor), path(std::move(name)) {}
    ~OpenFile();
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;

    const int fd;
    const std::string path;
};

// Blocks. Creates with mode 0640.
[[nodiscard]] Result<std::shared_ptr<OpenFile>> open_file(
    const std::string& path, runtime::OpenMode mode
);

class LinuxFile final : public runtime::File {
 public:
    LinuxFile(std::shared_ptr<OpenFile> file, BlockingPool& pool)
        : file_(std::move(file)), pool_(pool) {}

    [[nodiscard]] runtime::Task<Result<BufferSlice>> read_at(std::uint64_t at, std::size_t count)
        override;
    [[nodiscard]] runtime::Task<Status> write_at(std::uint64_t at, BufferChain bytes) override;
    [[nodiscard]] runtime::Task<Status> sync() override;
    [[nodiscard]] runtime::Task<Status> truncate(std::uint64_t size) override;
    [[nodiscard]] Result<std::uint64_t> size() const override;

 private:
    std::shared_ptr<OpenFile> file_;
    BlockingPool& pool_;
    bool can_read_inline_ = true;  // false: the file system knows no RWF_NOWAIT
};

}  // namespace sealane::asio_runtime
