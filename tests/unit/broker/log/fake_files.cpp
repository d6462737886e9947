#include "tests/unit/broker/log/fake_files.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sealane::broker {

using runtime::OpenMode;
using runtime::Task;

namespace {
std::string parent_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash);
}
}  // namespace

class FakeLock : public runtime::FileLock {
 public:
    FakeLock(FakeFileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}
    ~FakeLock() override { files_.locks_.erase(path_); }

 private:
    FakeFileSystem& files_;
    std::string path_;
};

class FakeFile : public runtime::File {
 public:
    FakeFile(FakeFileSystem& files, std::string path, std::shared_ptr<FakeFileSystem::Inode> inode)
        : files_(files), path_(std::move(path)), inode_(std::move(inode)) {}

    Task<Result<BufferSlice>> read_at(std::uint64_t at, std::size_t count) override {
        co_await files_.yield();
        if (files_.dead_) co_return fail(ErrorCode::kIo, "dead");
        const std::string& bytes = inode_->bytes;
        if (at >= bytes.size()) co_return BufferSlice();
        co_return BufferSlice::copy_of(std::string_view(bytes).substr(at, count));
    }
    Task<Status> write_at(std::uint64_t at, BufferChain bytes) override {
        co_await files_.yield();
        bool half = false;
        const Status status = files_.step("write", path_, half);
        if (!status && !half) co_return status;
        FakeFileSystem::Change change{false, at, std::string(bytes.joined().text())};
        if (half) change.bytes.resize(change.bytes.size() / 2);
        FakeFileSystem::apply(inode_->bytes, change);
        inode_->pending.push_back(std::move(change));
        co_return status;
    }
    Task<Status> sync() override {
        // What was written before the call is durable after it, not more. When it fails, what is
        // read is still there, but counts as written: no later sync writes it (fsyncgate).
        const std::size_t covered = inode_->pending.size();
        co_await files_.yield();
        bool half = false;
        const Status done = files_.step("sync", path_, half);
        auto& pending = inode_->pending;
        const auto end =
            pending.begin() + static_cast<std::ptrdiff_t>(std::min(covered, pending.size()));
        if (done) {
            for (auto change = pending.begin(); change != end; ++change)
                FakeFileSystem::apply(inode_->durable, *change);
        }
        if (!files_.dead()) pending.erase(pending.begin(), end);
        co_return done;
    }
    Task<Status> truncate(std::uint64_t size) override {
        co_await files_.yield();
        bool half = false;
        SEALANE_CO_CHECK(files_.step("truncate", path_, half));
        FakeFileSystem::Change change{true, size, {}};
        FakeFileSystem::apply(inode_->bytes, change);
        inode_->pending.push_back(std::move(change));
        co_return Status{};
    }
    [[nodiscard]] Result<std::uint64_t> size() const override { return inode_->bytes.size(); }

 private:
    FakeFileSystem& files_;
    std::string path_;
    std::shared_ptr<FakeFileSystem::Inode> inode_;
};

void FakeFileSystem::apply(std::string& bytes, const Change& change) {
    if (change.truncates) {
        bytes.resize(change.at);
        return;
    }
    if (bytes.size() < change.at + change.bytes.size()) {
        bytes.resize(change.at + change.bytes.size());
    }
    bytes.replace(change.at, change.bytes.size(), change.bytes);
}

Status FakeFileSystem::step(std::string_view kind, const std::string& path, bool& half) {
    half = false;
    if (dead_) return fail(ErrorCode::kIo, "dead");
    ++steps_;
    if (die_at_ != 0 && steps_ >= die_at_) {
        dead_ = true;
        half = true;
        return fail(ErrorCode::kIo, "died");
    }
    if (!match_kind_.empty() && kind == match_kind_ && path.contains(match_path_)) {
        half = true;
        return fail(match_code_, "injected");
    }
    if (steps_ >= fail_from_ && steps_ < fail_until_) {
        half = true;
        return fail(fail_code_, "injected");
    }
    return {};
}

Task<void> FakeFileSystem::yield() const {
    co_await boost::asio::post(executor_, boost::asio::use_awaitable);
}

void FakeFileSystem::change_name(const std::string& path, std::shared_ptr<Inode> inode) {
    if (inode) {
        names_[path] = inode;
    } else {
        names_.erase(path);
    }
    name_changes_.push_back({parent_of(path), path, std::move(inode), {}});
}

void FakeFileSystem::move_below(Names& names, const std::string& from, const std::string& to) {
    const std::string prefix = from + "/";
    Names moved;
    for (auto at = names.begin(); at != names.end();) {
        if (at->first.starts_with(prefix)) {
            moved[to + "/" + at->first.substr(prefix.size())] = at->second;
            at = names.erase(at);
        } else {
            ++at;
        }
    }
    names.insert(moved.begin(), moved.end());
}

void FakeFileSystem::make_durable(const NameChange& change) {
    if (change.is_directory) {
        move_below(durable_names_, change.old_path, change.path);
        return;
    }
    if (!change.old_path.empty()) durable_names_.erase(change.old_path);
    if (change.inode) {
        durable_names_[change.path] = change.inode;
    } else {
        durable_names_.erase(change.path);
    }
}

void FakeFileSystem::crash(Rng& rng) {
    heal();
    // Names: a beginning of what each directory had not synced, in order.
    std::map<std::string, std::size_t> left;
    for (const NameChange& change : name_changes_) ++left[change.directory];
    for (auto& [directory, count] : left) {
        count = static_cast<std::size_t>(rng.below(count + 1));
    }
    for (const NameChange& change : name_changes_) {
        if (left[change.directory] == 0) {
            if (change.is_directory) {
                directories_.erase(change.path);
                directories_.insert(change.old_path);
            }
            continue;
        }
        --left[change.directory];
        make_durable(change);
    }
    name_changes_.clear();
    names_ = durable_names_;
    // A directory whose removal was not durable is there again with what is in it.
    for (const auto& [path, inode] : names_) directories_.insert(parent_of(path));
    // Bytes: each unsynced write is kept, lost or kept in part.
    std::set<Inode*> done;
    for (auto& [path, inode] : names_) {
        if (!done.insert(inode.get()).second) continue;
        std::string bytes = inode->durable;
        for (Change& change : inode->pending) {
            if (rng.chance(1, 3)) continue;
            if (!change.truncates && rng.chance(1, 3)) {
                change.bytes.resize(static_cast<std::size_t>(rng.below(change.bytes.size() + 1)));
            }
            if (change.truncates && change.at > bytes.size()) continue;
            apply(bytes, change);
        }
        inode->bytes = inode->durable = bytes;
        inode->pending.clear();
    }
    locks_.clear();
}

std::vector<std::string> FakeFileSystem::paths() const {
    std::vector<std::string> all;
    for (const auto& [path, inode] : names_) all.push_back(path);
    return all;
}

Task<Result<std::unique_ptr<runtime::File>>> FakeFileSystem::open(std::string path, OpenMode mode) {
    co_await yield();
    if (dead_) co_return fail(ErrorCode::kIo, "dead");
    const auto found = names_.find(path);
    if (found != names_.end()) {
        if (mode == OpenMode::kCreateExclusive) co_return fail(ErrorCode::kAlreadyExists, path);
        co_return std::make_unique<FakeFile>(*this, path, found->second);
    }
    if (mode == OpenMode::kRead || mode == OpenMode::kReadWrite) {
        co_return fail(ErrorCode::kNotFound, path);
    }
    bool half = false;
    SEALANE_CO_CHECK(step("create", path, half));
    auto inode = std::make_shared<Inode>();
    change_name(path, inode);
    co_return std::make_unique<FakeFile>(*this, path, inode);
}

Task<Status> FakeFileSystem::rename(std::string from, std::string to) {
    co_await yield();
    const auto found = names_.find(from);
    if (found == names_.end()) {
        // A directory: move everything below it.
        bool half = false;
        SEALANE_CO_CHECK(step("rename", from, half));
        if (!directories_.contains(from)) co_return fail(ErrorCode::kNotFound, from);
        move_below(names_, from, to);
        directories_.erase(from);
        directories_.insert(to);
        NameChange change{parent_of(to), to, nullptr, from};
        change.is_directory = true;
        name_changes_.push_back(std::move(change));
        co_return Status{};
    }
    bool half = false;
    SEALANE_CO_CHECK(step("rename", from, half));
    auto inode = found->second;
    names_.erase(from);
    names_[to] = inode;
    name_changes_.push_back({parent_of(to), to, inode, from});
    co_return Status{};
}

Task<Status> FakeFileSystem::remove(std::string path) {
    co_await yield();
    bool half = false;
    if (!names_.contains(path)) co_return fail(ErrorCode::kNotFound, path);
    SEALANE_CO_CHECK(step("remove", path, half));
    change_name(path, nullptr);
    co_return Status{};
}

Task<Status> FakeFileSystem::remove_tree(std::string path) {
    co_await yield();
    bool half = false;
    SEALANE_CO_CHECK(step("remove_tree", path, half));
    for (const std::string& name : paths()) {
        if (name.starts_with(path + "/")) change_name(name, nullptr);
    }
    directories_.erase(path);
    co_return Status{};
}

Task<Status> FakeFileSystem::make_directories(std::string path) {
    co_await yield();
    bool half = false;
    if (directories_.contains(path)) co_return Status{};
    SEALANE_CO_CHECK(step("mkdir", path, half));
    for (std::string at = path; at.size() > 1; at = parent_of(at)) {
        directories_.insert(at);
        if (parent_of(at) == ".") break;
    }
    co_return Status{};
}

Task<Status> FakeFileSystem::sync_directory(std::string path) {
    co_await yield();
    bool half = false;
    SEALANE_CO_CHECK(step("sync_directory", path, half));
    std::vector<NameChange> others;
    for (NameChange& change : name_changes_) {
        if (change.directory != path) {
            others.push_back(std::move(change));
        } else {
            make_durable(change);
        }
    }
    name_changes_ = std::move(others);
    co_return Status{};
}

Task<Result<std::vector<runtime::DirectoryEntry>>> FakeFileSystem::list(std::string path) {
    co_await yield();
    if (dead_) co_return fail(ErrorCode::kIo, "dead");
    std::set<runtime::DirectoryEntry> found;
    const std::string prefix = path + "/";
    for (const auto& [name, inode] : names_) {
        if (!name.starts_with(prefix)) continue;
        const std::string rest = name.substr(prefix.size());
        if (!rest.contains('/')) found.insert({rest, false, inode->bytes.size()});
    }
    for (const std::string& directory : directories_) {
        if (!directory.starts_with(prefix)) continue;
        const std::string rest = directory.substr(prefix.size());
        if (!rest.contains('/')) found.insert({rest, true, 0});
    }
    co_return std::vector<runtime::DirectoryEntry>(found.begin(), found.end());
}

Task<Result<std::uint64_t>> FakeFileSystem::free_bytes(std::string path) {
    (void)path;
    co_return std::uint64_t{1} << 40U;
}
Task<Result<std::uint64_t>> FakeFileSystem::total_bytes(std::string path) {
    (void)path;
    co_return std::uint64_t{1} << 41U;
}

Task<Result<std::unique_ptr<runtime::FileLock>>> FakeFileSystem::lock(std::string path) {
    co_await yield();
    if (!locks_.insert(path).second) co_return fail(ErrorCode::kLocked, path);
    co_return std::make_unique<FakeLock>(*this, path);
}

}  // namespace sealane::broker
