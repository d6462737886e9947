#pragma once
// File locks with flock(2): held by the open file, so a second holder in the same process is
// refused too, and released by the kernel however the process ends. The file holds the holder's
// process id for the refusal's text; it is never removed, for a removed lock file locks nothing.

#include "common/runtime/files.hpp"

namespace sealane::asio_runtime {

// Blocks on the disk, never on the other holder.
[[nodiscard]] Result<std::unique_ptr<runtime::FileLock>> lock_file(const std::string& path);

}  // namespace sealane::asio_runtime
