#include "common/runtime_asio/file_lock.hpp"

#include "common/runtime_asio/error_map.hpp"
#include "common/runtime_asio/linux_file.hpp"

#include <cctype>
#include <cerrno>
#include <sys/file.h>
#include <unistd.h>

namespace sealane::asio_runtime {
namespace {

class HeldLock final : public runtime::FileLock {
 public:
    explicit HeldLock(std::shared_ptr<OpenFile> file) : file_(std::move(file)) {}

 private:
    std::shared_ptr<OpenFile> file_;
};

std::string holder_of(const OpenFile& file) {
    char text[24] = {};
    const ssize_t count = ::pread(file.fd, text, sizeof text - 1, 0);
    std::string digits;
    for (ssize_t i = 0; i < count && std::isdigit(static_cast<unsigned char>(text[i])) != 0; ++i) {
        digits.push_back(text[i]);
    }
    if (digits == std::to_string(::getpid())) return "this process (" + digits + ") already";
    return digits.empty() ? "another process" : "process " + digits;
}

}  // namespace

Result<std::unique_ptr<runtime::FileLock>> lock_file(const std::string& path) {
    SEALANE_TRY(auto file, open_file(path, runtime::OpenMode::kCreate));
    if (::flock(file->fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return fail(file_error(errno, "lock " + path));
        return fail(ErrorCode::kLocked, "lock " + path + ": held by " + holder_of(*file));
    }
    const std::string content = std::to_string(::getpid()) + "\n";
    if (::ftruncate(file->fd, 0) != 0 ||
        ::pwrite(file->fd, content.data(), content.size(), 0) < 0) {
        return fail(file_error(errno, "write " + path));
    }
    return std::make_unique<HeldLock>(std::move(file));
}

}  // namespace sealane::asio_runtime
