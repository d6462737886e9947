#pragma once
// The snapshot files of a log directory. A file appears under its name only when it is whole and
// durable; until then it is `.part`. A shell.

#include "broker/quorum/control_batches.hpp"
#include "common/runtime/files.hpp"
#include "common/runtime/log.hpp"

#include <memory>
#include <optional>
#include <string>

namespace sealane::broker::quorum {

class SnapshotStore {
 public:
    explicit SnapshotStore(runtime::FileSystem& files) : files_(&files) {}

    // Finds the newest snapshot; unfinished and older files go.
    [[nodiscard]] runtime::Task<Status> open(std::string directory);
    [[nodiscard]] const std::optional<SnapshotId>& latest() const { return latest_; }

    // A whole file, written durably.
    [[nodiscard]] runtime::Task<Status> write(SnapshotId id, BufferSlice bytes);
    // kCorrupt names the file; kSnapshotNotFound.
    [[nodiscard]] runtime::Task<Result<SnapshotContent>> read(SnapshotId id) const;

    struct Chunk {
        std::int64_t size = 0;  // of the whole file
        BufferSlice bytes;
    };
    // kSnapshotNotFound, kPositionOutOfRange.
    [[nodiscard]] runtime::Task<Result<Chunk>> read_chunk(
        SnapshotId id, std::int64_t position, std::size_t most
    ) const;

    // A snapshot that comes in pieces: position 0 begins anew.
    [[nodiscard]] runtime::Task<Status> write_part(
        SnapshotId id, std::int64_t position, BufferSlice bytes
    );
    // Checks the pieces as a whole and makes the file. kCorrupt: they are no snapshot.
    [[nodiscard]] runtime::Task<Result<SnapshotContent>> finish_parts(SnapshotId id);

    // All but the latest.
    [[nodiscard]] runtime::Task<Status> remove_older();

 private:
    [[nodiscard]] std::string path(SnapshotId id) const {
        return directory_ + "/" + snapshot_file_name(id);
    }
    [[nodiscard]] runtime::Task<Status> publish(SnapshotId id, std::string part);

    runtime::FileSystem* files_;
    std::string directory_;
    std::optional<SnapshotId> latest_;
    std::unique_ptr<runtime::File> part_;
};

}  // namespace sealane::broker::quorum
