#pragma once
// A virtual disk. Bytes are durable after File::sync, names after sync_directory; a crash keeps
// for every unsynced sector either its old or its new content, and an arbitrary prefix of the
// name changes that were not synced. Faults are switched on and off by the scenario.

#include "common/base/rng.hpp"
#include "common/base/time.hpp"
#include "common/runtime/files.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace sealane::simulation {

// The content of one file, shared by its name and its open handles.
class Inode {
 public:
    [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }
    void write(std::uint64_t at, ByteView bytes);
    void truncate(std::uint64_t size);
    void sync();
    // A sync that failed: as on ext4, XFS and Btrfs (fsyncgate) the pages count as clean, so that
    // no later sync writes them; only writing them again does.
    void fail_sync();
    // What a crash leaves: each unsynced sector old or new, decided by `keep` of 8.
    void crash(Rng& rng, std::uint64_t keep_of_8);
    void flip_bit(std::uint64_t at) { bytes_[at] ^= std::byte{0x10}; }
    // Bytes that are on the medium as they are read: rot can hurt them.
    [[nodiscard]] std::size_t synced_size() const { return std::min(synced_size_, bytes_.size()); }
    [[nodiscard]] bool is_dirty(std::uint64_t at) const { return before_.contains(at / kSector); }

 private:
    static constexpr std::size_t kSector = 512;
    void remember(std::size_t first, std::size_t end);

    std::vector<std::byte> bytes_;
    std::size_t synced_size_ = 0;
    std::map<std::size_t, std::vector<std::byte>> before_;  // sector -> content at the last sync
    std::set<std::size_t> given_up_;  // of those, the ones that no sync will write
};

class Disk {
 public:
    static constexpr std::uint64_t kNoLimit = 1ULL << 40U;
    struct Faults {
        bool write_fails = false;  // EIO
        bool sync_fails = false;   // EIO
        std::uint64_t capacity = kNoLimit;
        Duration latency = 50us;  // of a write or read
        Duration sync_latency = 300us;
    };
    Faults faults;
    // Paths that contain this are not kept by sync; empty: an honest disk.
    std::string lies_about;

    void crash(Rng& rng);
    // An empty disk in its place. The process must not run.
    void wipe();
    // Bit rot: flips one bit of durable data in a file whose path is `wanted`. Answers where; empty
    // when no such file has any.
    using PathFilter = std::function<bool(const std::string& path)>;
    std::string rot(Rng& rng, const PathFilter& wanted);
    // Told of every file whose name became durable, with its content: how programs replace small
    // files. For observers.
    std::function<void(const std::string& path, ByteView content)> on_durable_name;
    [[nodiscard]] std::uint64_t used() const;
    [[nodiscard]] bool has_room(std::size_t bytes) const {
        return faults.capacity == kNoLimit || used() + bytes <= faults.capacity;
    }

    // The calls of runtime::FileSystem, without waiting.
    [[nodiscard]] Result<std::shared_ptr<Inode>> open(
        const std::string& path, runtime::OpenMode mode
    );
    [[nodiscard]] Status rename(const std::string& from, const std::string& to);
    [[nodiscard]] Status remove(const std::string& path);
    void remove_tree(const std::string& path);
    void make_directories(const std::string& path);
    void sync_directory(const std::string& path);
    [[nodiscard]] Result<std::vector<runtime::DirectoryEntry>> list(const std::string& path) const;
    [[nodiscard]] std::set<std::string>& locks() { return locks_; }
    // Null: no such file. For observers.
    [[nodiscard]] const Inode* find(const std::string& path) const;

 private:
    struct NameChange {
        enum class Kind { kLink, kUnlink, kMakeDirectory } kind;
        std::string path;
        std::shared_ptr<Inode> inode;
        bool goes_on = false;  // one rename together with the next: both survive, or neither
    };
    void change(NameChange change);
    // So many changes, and the rest of the rename that ends there.
    [[nodiscard]] std::size_t whole_renames(std::size_t count) const;
    void announce(const NameChange& change) const;
    static void apply(
        std::map<std::string, std::shared_ptr<Inode>>& names, const NameChange& change
    );

    // A directory is a name with no inode.
    std::map<std::string, std::shared_ptr<Inode>> names_;
    std::map<std::string, std::shared_ptr<Inode>> durable_names_;
    std::vector<NameChange> unsynced_;
    std::set<std::string> locks_;
};

}  // namespace sealane::simulation
