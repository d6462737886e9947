#pragma once
// FakeFileSystem: files in memory that behave like a disk at its worst. Unsynced bytes and names
// may vanish at a crash, in pieces; the n-th operation can fail or be the last one that happens.

#include "common/base/rng.hpp"
#include "common/runtime/files.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sealane::broker {

class FakeFileSystem : public runtime::FileSystem {
 public:
    explicit FakeFileSystem(runtime::Executor executor) : executor_(std::move(executor)) {}

    // From operation number `step` on (counted from 1): kIo and kNoSpace fail that one operation
    // (or, with `count`, that many); a failed write leaves its first half.
    void fail_at(std::uint64_t step, ErrorCode code, std::uint64_t count = 1) {
        fail_from_ = step;
        fail_until_ = step + count;
        fail_code_ = code;
    }
    // Operation `step` happens half and everything after it fails: the process is dying.
    void die_at(std::uint64_t step) { die_at_ = step; }
    // Fails operations of this kind ("write", "sync", ...) on paths that contain `part`.
    void fail_matching(std::string kind, std::string part, ErrorCode code) {
        match_kind_ = std::move(kind);
        match_path_ = std::move(part);
        match_code_ = code;
    }
    void heal() {
        fail_from_ = fail_until_ = die_at_ = 0;
        match_kind_.clear();
        dead_ = false;
    }
    [[nodiscard]] std::uint64_t steps() const { return steps_; }
    [[nodiscard]] bool dead() const { return dead_; }

    // The machine stops: what was not synced survives in part, as `rng` says. Open files are lost.
    void crash(Rng& rng);
    // The process alone stops: everything written survives.
    void kill() { heal(); }

    // Direct access for tests that damage files.
    [[nodiscard]] std::string& content(const std::string& path) { return names_.at(path)->bytes; }
    [[nodiscard]] bool has(const std::string& path) const { return names_.contains(path); }
    [[nodiscard]] std::vector<std::string> paths() const;

    [[nodiscard]] runtime::Task<Result<std::unique_ptr<runtime::File>>> open(
        std::string path, runtime::OpenMode mode
    ) override;
    [[nodiscard]] runtime::Task<Status> rename(std::string from, std::string to) override;
    [[nodiscard]] runtime::Task<Status> remove(std::string path) override;
    [[nodiscard]] runtime::Task<Status> remove_tree(std::string path) override;
    [[nodiscard]] runtime::Task<Status> make_directories(std::string path) override;
    [[nodiscard]] runtime::Task<Status> sync_directory(std::string path) override;
    [[nodiscard]] runtime::Task<Result<std::vector<runtime::DirectoryEntry>>> list(std::string path
    ) override;
    [[nodiscard]] runtime::Task<Result<std::uint64_t>> free_bytes(std::string path) override;
    [[nodiscard]] runtime::Task<Result<std::uint64_t>> total_bytes(std::string path) override;
    [[nodiscard]] runtime::Task<Result<std::unique_ptr<runtime::FileLock>>> lock(std::string path
    ) override;

 private:
    friend class FakeFile;
    friend class FakeLock;
    struct Change {
        bool truncates = false;
        std::uint64_t at = 0;
        std::string bytes;
    };
    struct Inode {
        std::string bytes;    // what readers see
        std::string durable;  // as of the last sync
        std::vector<Change> pending;
    };
    // A change of a name that its directory has not synced; applied to durable names in order.
    struct NameChange {
        std::string directory;
        std::string path;
        std::shared_ptr<Inode> inode;  // null: removed
        std::string old_path;          // a rename takes this name away at the same moment
        bool is_directory = false;     // renamed with everything below it
    };
    // Counts the operation; its error when it is to fail. `half`: the operation happens in part.
    [[nodiscard]] Status step(std::string_view kind, const std::string& path, bool& half);
    [[nodiscard]] runtime::Task<void> yield() const;
    using Names = std::map<std::string, std::shared_ptr<Inode>>;
    static void move_below(Names& names, const std::string& from, const std::string& to);
    void change_name(const std::string& path, std::shared_ptr<Inode> inode);
    void make_durable(const NameChange& change);
    static void apply(std::string& bytes, const Change& change);

    runtime::Executor executor_;
    std::map<std::string, std::shared_ptr<Inode>> names_;
    std::map<std::string, std::shared_ptr<Inode>> durable_names_;
    std::vector<NameChange> name_changes_;
    std::set<std::string> directories_;
    std::set<std::string> locks_;
    std::uint64_t steps_ = 0;
    std::uint64_t fail_from_ = 0;
    std::uint64_t fail_until_ = 0;
    ErrorCode fail_code_ = ErrorCode::kIo;
    std::uint64_t die_at_ = 0;
    bool dead_ = false;
    std::string match_kind_;
    std::string match_path_;
    ErrorCode match_code_ = ErrorCode::kIo;
};

}  // namespace sealane::broker
