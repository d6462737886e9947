#include "common/identity/identity_files.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace sealane::identity {
namespace {

constexpr mode_t kPublicMode = 0644;
constexpr mode_t kSecretMode = 0600;
constexpr std::size_t kPemLimit = 1 << 20;

std::unexpected<Error> failed(std::string_view action, const std::string& path) {
    const int error_number = errno;
    const ErrorCode code = error_number == ENOENT ? ErrorCode::kNotFound
                           : error_number == EACCES || error_number == EPERM
                               ? ErrorCode::kPermissionDenied
                           : error_number == ENOSPC || error_number == EDQUOT ? ErrorCode::kNoSpace
                                                                              : ErrorCode::kIo;
    return fail(
        code,
        std::string(action) + " " + path + ": " + std::generic_category().message(error_number)
    );
}

class OpenedFile {
 public:
    explicit OpenedFile(int fd) : fd_(fd) {}
    ~OpenedFile() {
        if (fd_ >= 0) ::close(fd_);
    }
    OpenedFile(const OpenedFile&) = delete;
    OpenedFile& operator=(const OpenedFile&) = delete;
    [[nodiscard]] int get() const { return fd_; }

 private:
    int fd_;
};

Status replace_file(const std::string& path, const std::string& content, mode_t mode) {
    const std::string temporary = path + ".tmp";
    (void)::unlink(temporary.c_str());
    const OpenedFile file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (file.get() < 0) return failed("create", temporary);
    std::size_t written = 0;
    while (written < content.size()) {
        const ssize_t count =
            ::write(file.get(), content.data() + written, content.size() - written);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed("write", temporary);
        written += static_cast<std::size_t>(count);
    }
    if (::fsync(file.get()) != 0) return failed("fsync", temporary);
    if (::rename(temporary.c_str(), path.c_str()) != 0) return failed("rename to", path);
    return {};
}

}  // namespace

Status write_credential(
    const Credential& credential, const std::string& certificate_path, const std::string& key_path
) {
    SEALANE_CHECK(replace_file(key_path, credential.key_pem, kSecretMode));
    return replace_file(certificate_path, credential.certificate_pem, kPublicMode);
}

Status write_certificate(const std::string& certificate_pem, const std::string& certificate_path) {
    return replace_file(certificate_path, certificate_pem, kPublicMode);
}

Result<std::string> read_pem_file(const std::string& path) {
    const OpenedFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) return failed("open", path);
    std::string content;
    char piece[4096];
    for (;;) {
        const ssize_t count = ::read(file.get(), piece, sizeof piece);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed("read", path);
        if (count == 0) return content;
        content.append(piece, static_cast<std::size_t>(count));
        if (content.size() > kPemLimit)
            return fail(
                ErrorCode::kOutOfBounds, path + " is larger than a PEM file may be (1 MiB)"
            );
    }
}

Result<Credential> read_credential(
    const std::string& certificate_path, const std::string& key_path
) {
    Credential credential;
    SEALANE_TRY(credential.certificate_pem, read_pem_file(certificate_path));
    SEALANE_TRY(credential.key_pem, read_pem_file(key_path));
    return credential;
}

}  // namespace sealane::identity
