#include "common/runtime_asio/linux_file.hpp"

#include "common/runtime_asio/error_map.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <span>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace sealane::asio_runtime {
namespace {

using runtime::Task;

constexpr mode_t kFileMode = 0640;
constexpr std::size_t kPartsPerCall = 1024;         // IOV_MAX
constexpr std::size_t kTrustedReadSize = 64 << 10;  // larger reads are cut to the file's size first

int flags_of(runtime::OpenMode mode) {
    switch (mode) {
        case runtime::OpenMode::kRead:
            return O_RDONLY;
        case runtime::OpenMode::kReadWrite:
            return O_RDWR;
        case runtime::OpenMode::kCreate:
            return O_RDWR | O_CREAT;
        case runtime::OpenMode::kCreateExclusive:
            return O_RDWR | O_CREAT | O_EXCL;
    }
    return O_RDONLY;
}

// How far a read came and why it stopped there.
struct ReadState {
    std::size_t got = 0;
    bool at_end = false;
    int error_number = 0;
};

// Reads until `into` is full, the file ends or an error (EAGAIN with RWF_NOWAIT: not cached).
void read_on(int fd, std::uint64_t at, MutableByteView into, int flags, ReadState& state) {
    while (state.got < into.size()) {
        iovec part{into.data() + state.got, into.size() - state.got};
        const ssize_t count = ::preadv2(fd, &part, 1, static_cast<off_t>(at + state.got), flags);
        if (count > 0) {
            state.got += static_cast<std::size_t>(count);
        } else if (count == 0) {
            state.at_end = true;
            return;
        } else if (errno != EINTR) {
            state.error_number = errno;
            return;
        }
    }
}

// 0 or the error number. The kernel does not write through the parts.
int write_all(int fd, std::uint64_t at, const BufferChain& bytes) {
    std::vector<iovec> parts;
    parts.reserve(bytes.slices().size());
    for (const BufferSlice& slice : bytes.slices()) {
        parts.push_back({const_cast<std::byte*>(slice.data()), slice.size()});
    }
    std::span<iovec> left(parts);
    while (!left.empty()) {
        const ssize_t count = ::pwritev(
            fd,
            left.data(),
            static_cast<int>(std::min(left.size(), kPartsPerCall)),
            static_cast<off_t>(at)
        );
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno;
        if (count == 0) return EIO;
        at += static_cast<std::uint64_t>(count);
        auto done = static_cast<std::size_t>(count);
        while (done > 0) {
            const std::size_t step = std::min(done, left.front().iov_len);
            left.front().iov_base = static_cast<std::byte*>(left.front().iov_base) + step;
            left.front().iov_len -= step;
            if (left.front().iov_len == 0) left = left.subspan(1);
            done -= step;
        }
    }
    return 0;
}

Status status_of(int error_number, std::string_view action, const std::string& path) {
    if (error_number == 0) return {};
    return fail(file_error(error_number, std::string(action) + path));
}

}  // namespace

OpenFile::~OpenFile() {
    ::close(fd);
}

Result<std::shared_ptr<OpenFile>> open_file(const std::string& path, runtime::OpenMode mode) {
    const int fd = ::open(path.c_str(), flags_of(mode) | O_CLOEXEC, kFileMode);
    if (fd < 0) return fail(file_error(errno, "open " + path));
    return std::make_shared<OpenFile>(fd, path);
}

Task<Result<BufferSlice>> LinuxFile::read_at(std::uint64_t at, std::size_t count) {
    if (count > kTrustedReadSize) {
        SEALANE_CO_TRY(const std::uint64_t end, size());
        count = static_cast<std::size_t>(std::min<std::uint64_t>(count, end - std::min(at, end)));
    }
    auto buffer = std::make_shared<MutableBuffer>(count);
    ReadState state;
    if (can_read_inline_) {
        read_on(file_->fd, at, buffer->view(), RWF_NOWAIT, state);
        if (state.error_number == EOPNOTSUPP) can_read_inline_ = false;
    }
    const bool cold = state.error_number == EAGAIN || state.error_number == EOPNOTSUPP;
    if (cold || (state.got < count && !state.at_end && state.error_number == 0)) {
        state.error_number = 0;
        state = co_await pool_.run([file = file_, at, buffer, state]() mutable {
            read_on(file->fd, at, buffer->view(), 0, state);
            return state;
        });
    }
    SEALANE_CO_CHECK(status_of(state.error_number, "read ", file_->path));
    co_return std::move(*buffer).freeze(state.got);
}

Task<Status> LinuxFile::write_at(std::uint64_t at, BufferChain bytes) {
    co_return status_of(write_all(file_->fd, at, bytes), "write ", file_->path);
}

Task<Status> LinuxFile::sync() {
    co_return co_await pool_.run([file = file_] {
        return status_of(::fdatasync(file->fd) == 0 ? 0 : errno, "fdatasync ", file->path);
    });
}

Task<Status> LinuxFile::truncate(std::uint64_t size) {
    co_return co_await pool_.run([file = file_, size] {
        const int failed = ::ftruncate(file->fd, static_cast<off_t>(size));
        return status_of(failed == 0 ? 0 : errno, "truncate ", file->path);
    });
}

Result<std::uint64_t> LinuxFile::size() const {
    struct stat status{};
    if (::fstat(file_->fd, &status) != 0) return fail(file_error(errno, "stat " + file_->path));
    return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace sealane::asio_runtime
