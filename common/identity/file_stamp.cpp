#include "common/identity/file_stamp.hpp"

#include <sys/stat.h>

namespace sealane::identity {

FileStamp stamp_of(const std::string& path) {
    struct stat status{};
    if (path.empty() || ::stat(path.c_str(), &status) != 0) return {};
    return {
        status.st_dev,
        status.st_ino,
        status.st_size,
        std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec
    };
}

}  // namespace sealane::identity
