#include "broker/quorum/snapshot_store.hpp"

namespace sealane::broker::quorum {

using runtime::OpenMode;
using runtime::Task;

namespace {

constexpr std::string_view kPart = ".part";
// Of a snapshot of our own, which may be written while one of the leader's arrives.
constexpr std::string_view kOwnPart = ".own.part";
constexpr std::uint64_t kLargestSnapshot = 1ULL << 30U;

Error not_found(const Error& cause, SnapshotId id) {
    if (cause.code() != ErrorCode::kNotFound) return cause;
    return Error(ErrorCode::kSnapshotNotFound, snapshot_file_name(id));
}

}  // namespace

Task<Status> SnapshotStore::open(std::string directory) {
    directory_ = std::move(directory);
    SEALANE_CO_TRY(const auto entries, co_await files_->list(directory_));
    for (const auto& entry : entries) {
        const std::string_view name = entry.name;
        if (name.ends_with(kPart))
            SEALANE_CO_CHECK(co_await files_->remove(directory_ + "/" + entry.name));
        const auto id = parse_snapshot_file_name(name);
        if (id && (!latest_ || *latest_ < *id)) latest_ = id;
    }
    co_return co_await remove_older();
}

Task<Status> SnapshotStore::write(SnapshotId id, BufferSlice bytes) {
    const std::string part = path(id) + std::string(kOwnPart);
    {
        SEALANE_CO_TRY(auto file, co_await files_->open(part, OpenMode::kCreate));
        SEALANE_CO_CHECK(co_await file->truncate(0));
        SEALANE_CO_CHECK(co_await file->write_at(0, std::move(bytes)));
        SEALANE_CO_CHECK(co_await file->sync());
    }
    co_return co_await publish(id, part);
}

Task<Status> SnapshotStore::publish(SnapshotId id, std::string part) {
    SEALANE_CO_CHECK(co_await files_->rename(std::move(part), path(id)));
    SEALANE_CO_CHECK(co_await files_->sync_directory(directory_));
    if (!latest_ || *latest_ < id) latest_ = id;
    co_return Status{};
}

Task<Result<SnapshotContent>> SnapshotStore::read(SnapshotId id) const {
    const auto bytes = co_await runtime::read_file(*files_, path(id), kLargestSnapshot);
    if (!bytes) co_return fail(not_found(bytes.error(), id));
    co_return parse_snapshot(id, *bytes);
}

Task<Result<SnapshotStore::Chunk>> SnapshotStore::read_chunk(
    SnapshotId id, std::int64_t position, std::size_t most
) const {
    auto file = co_await files_->open(path(id), OpenMode::kRead);
    if (!file) co_return fail(not_found(file.error(), id));
    SEALANE_CO_TRY(const std::uint64_t size, (*file)->size());
    Chunk chunk;
    chunk.size = static_cast<std::int64_t>(size);
    if (position < 0 || position >= chunk.size) {
        co_return fail(ErrorCode::kPositionOutOfRange, snapshot_file_name(id));
    }
    SEALANE_CO_TRY(
        chunk.bytes, co_await (*file)->read_at(static_cast<std::uint64_t>(position), most)
    );
    co_return chunk;
}

Task<Status> SnapshotStore::write_part(SnapshotId id, std::int64_t position, BufferSlice bytes) {
    if (position == 0) {
        part_.reset();
        SEALANE_CO_TRY(
            part_, co_await files_->open(path(id) + std::string(kPart), OpenMode::kCreate)
        );
        SEALANE_CO_CHECK(co_await part_->truncate(0));
    }
    if (part_ == nullptr) co_return fail(ErrorCode::kIo, "no part of a snapshot is open");
    co_return co_await part_->write_at(static_cast<std::uint64_t>(position), std::move(bytes));
}

Task<Result<SnapshotContent>> SnapshotStore::finish_parts(SnapshotId id) {
    if (part_ == nullptr) co_return fail(ErrorCode::kIo, "no part of a snapshot is open");
    SEALANE_CO_TRY(const std::uint64_t size, part_->size());
    SEALANE_CO_TRY(
        const BufferSlice bytes, co_await part_->read_at(0, static_cast<std::size_t>(size))
    );
    SEALANE_CO_TRY(SnapshotContent content, parse_snapshot(id, bytes));
    SEALANE_CO_CHECK(co_await part_->sync());
    part_.reset();
    SEALANE_CO_CHECK(co_await publish(id, path(id) + std::string(kPart)));
    co_return content;
}

Task<Status> SnapshotStore::remove_older() {
    SEALANE_CO_TRY(const auto entries, co_await files_->list(directory_));
    for (const auto& entry : entries) {
        const auto id = parse_snapshot_file_name(entry.name);
        if (!id || id == latest_) continue;
        const auto removed = co_await files_->remove(directory_ + "/" + entry.name);
        if (!removed && removed.error().code() != ErrorCode::kNotFound) {
            co_return fail(removed.error());
        }
    }
    co_return Status{};
}

}  // namespace sealane::broker::quorum
