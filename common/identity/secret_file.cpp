#include "common/identity/secret_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace sealane::identity {
namespace {

constexpr std::size_t kLimit = 1 << 20;

class Descriptor {
 public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const { return fd_; }

 private:
    int fd_;
};

std::unexpected<Error> failed(const std::string& path) {
    const int number = errno;
    const ErrorCode code = number == ENOENT                      ? ErrorCode::kNotFound
                           : number == EACCES || number == EPERM ? ErrorCode::kPermissionDenied
                                                                 : ErrorCode::kIo;
    return fail(code, path + ": " + std::generic_category().message(number));
}

}  // namespace

Result<std::string> read_small_file(const std::string& path, FileSecrecy secrecy) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) return failed(path);
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) return failed(path);
    if (!S_ISREG(status.st_mode)) return fail(ErrorCode::kBadConfig, path + " is no file");
    if (secrecy == FileSecrecy::kSecret && (status.st_mode & 077U) != 0) {
        return fail(
            ErrorCode::kPermissionDenied,
            path + " can be read by others than its owner; type: chmod 600 " + path
        );
    }
    std::string content;
    char piece[4096];
    for (;;) {
        const ssize_t count = ::read(file.get(), piece, sizeof piece);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed(path);
        if (count == 0) return content;
        content.append(piece, static_cast<std::size_t>(count));
        if (content.size() > kLimit) return fail(ErrorCode::kOutOfBounds, path + " is over 1 MiB");
    }
}

}  // namespace sealane::identity
