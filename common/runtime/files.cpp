#include "common/runtime/files.hpp"

#include "common/base/mutants.hpp"

namespace sealane::runtime {

namespace {

// Mutant 8: nothing that is named inside a log's directory is synced by name.
bool name_is_spared(const std::string& path) {
    return SEALANE_MUTANT(8) &&
           (path.ends_with(".snapshot") || path.ends_with(".origins") ||
            path.ends_with("leader-epoch-checkpoint") || path.ends_with("log-bounds"));
}

}  // namespace

Task<Status> write_file_atomically(FileSystem& files, std::string path, BufferSlice content) {
    const std::string temporary = path + ".tmp";
    {
        SEALANE_CO_TRY(auto file, co_await files.open(temporary, OpenMode::kCreate));
        SEALANE_CO_CHECK(co_await file->truncate(0));
        SEALANE_CO_CHECK(co_await file->write_at(0, content));
        const bool spared = (SEALANE_MUTANT(13) && path.ends_with("leader-epoch-checkpoint")) ||
                            (SEALANE_MUTANT(45) && path.ends_with("quorum-state"));
        if (!spared) SEALANE_CO_CHECK(co_await file->sync());
    }
    SEALANE_CO_CHECK(co_await files.rename(temporary, path));
    if (name_is_spared(path)) co_return Status{};
    const auto slash = path.rfind('/');
    co_return co_await files.sync_directory(
        slash == std::string::npos ? "." : path.substr(0, slash)
    );
}

Task<Result<BufferSlice>> read_file(FileSystem& files, std::string path, std::uint64_t limit) {
    SEALANE_CO_TRY(auto file, co_await files.open(path, OpenMode::kRead));
    SEALANE_CO_TRY(const std::uint64_t size, file->size());
    if (size > limit) {
        co_return fail(
            ErrorCode::kOutOfBounds,
            path + " has " + std::to_string(size) + " bytes, more than " + std::to_string(limit) +
                " expected"
        );
    }
    co_return co_await file->read_at(0, static_cast<std::size_t>(size));
}

}  // namespace sealane::runtime
