// runtime::FileSystem and File over a virtual disk: every call takes virtual time, then acts.

#include "tests/simulation/world/sim_world.hpp"

#include <algorithm>

namespace sealane::simulation {
namespace {

using runtime::Task;

class SimFile final : public runtime::File {
 public:
    SimFile(SimWorld& world, std::shared_ptr<Inode> inode, std::string path)
        : world_(world), inode_(std::move(inode)), path_(std::move(path)) {}

    Task<Result<BufferSlice>> read_at(std::uint64_t at, std::size_t count) override {
        co_await world_.sleep(world_.disk().faults.latency);
        const auto& bytes = inode_->bytes();
        if (at >= bytes.size()) co_return BufferSlice{};
        const auto available = bytes.size() - static_cast<std::size_t>(at);
        co_return BufferSlice::copy_of(
            ByteView(bytes).subspan(static_cast<std::size_t>(at), std::min(count, available))
        );
    }
    Task<Status> write_at(std::uint64_t at, BufferChain bytes) override {
        co_await world_.sleep(world_.disk().faults.latency);
        const auto& faults = world_.disk().faults;
        if (faults.write_fails) co_return fail(ErrorCode::kIo, path_ + ": EIO (injected)");
        if (!world_.disk().has_room(bytes.size())) {
            // As real disks do: a part may have been written.
            const BufferSlice all = bytes.joined();
            inode_->write(at, all.view().first(all.size() / 2));
            co_return fail(ErrorCode::kNoSpace, path_ + ": no space left (injected)");
        }
        std::uint64_t to = at;
        for (const BufferSlice& slice : bytes.slices()) {
            inode_->write(to, slice.view());
            to += slice.size();
        }
        co_return Status{};
    }
    Task<Status> sync() override {
        co_await world_.sleep(world_.disk().faults.sync_latency);
        const auto& faults = world_.disk().faults;
        const bool bad_place = !faults.bad_paths.empty() && path_.contains(faults.bad_paths);
        if (faults.sync_fails || bad_place) {
            inode_->fail_sync();
            co_return fail(ErrorCode::kIo, path_ + ": sync failed (injected)");
        }
        const bool lie = !world_.disk().lies_about.empty() &&
                         path_.find(world_.disk().lies_about) != std::string::npos;
        if (!lie) inode_->sync();
        co_return Status{};
    }
    Task<Status> truncate(std::uint64_t size) override {
        co_await world_.sleep(world_.disk().faults.latency);
        inode_->truncate(size);
        co_return Status{};
    }
    [[nodiscard]] Result<std::uint64_t> size() const override { return inode_->bytes().size(); }

 private:
    SimWorld& world_;
    std::shared_ptr<Inode> inode_;
    std::string path_;
};

class SimLock final : public runtime::FileLock {
 public:
    SimLock(Disk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}
    ~SimLock() override { disk_.locks().erase(path_); }

 private:
    Disk& disk_;
    std::string path_;
};

}  // namespace

Task<Result<std::unique_ptr<runtime::File>>> SimWorld::open(
    std::string path, runtime::OpenMode mode
) {
    co_await sleep(disk_.faults.latency);
    SEALANE_CO_TRY(auto inode, disk_.open(path, mode));
    co_return std::make_unique<SimFile>(*this, std::move(inode), std::move(path));
}

Task<Status> SimWorld::rename(std::string from, std::string to) {
    co_await sleep(disk_.faults.latency);
    co_return disk_.rename(from, to);
}

Task<Status> SimWorld::remove(std::string path) {
    co_await sleep(disk_.faults.latency);
    co_return disk_.remove(path);
}

Task<Status> SimWorld::remove_tree(std::string path) {
    co_await sleep(disk_.faults.latency);
    disk_.remove_tree(path);
    co_return Status{};
}

Task<Status> SimWorld::make_directories(std::string path) {
    co_await sleep(disk_.faults.latency);
    disk_.make_directories(path);
    co_return Status{};
}

Task<Status> SimWorld::sync_directory(std::string path) {
    co_await sleep(disk_.faults.sync_latency);
    disk_.sync_directory(path);
    co_return Status{};
}

Task<Result<std::vector<runtime::DirectoryEntry>>> SimWorld::list(std::string path) {
    co_await sleep(disk_.faults.latency);
    co_return disk_.list(path);
}

Task<Result<std::uint64_t>> SimWorld::free_bytes(std::string) {
    const std::uint64_t used = disk_.used();
    co_return used < disk_.faults.capacity ? disk_.faults.capacity - used : 0;
}

Task<Result<std::uint64_t>> SimWorld::total_bytes(std::string) {
    co_return disk_.faults.capacity;
}

Task<Result<std::unique_ptr<runtime::FileLock>>> SimWorld::lock(std::string path) {
    if (!disk_.locks().insert(path).second) {
        co_return fail(ErrorCode::kLocked, path + " is held by another process");
    }
    co_return std::make_unique<SimLock>(disk_, std::move(path));
}

}  // namespace sealane::simulation
