#include "tests/simulation/world/disk.hpp"

#include <algorithm>

namespace sealane::simulation {

void Inode::remember(std::size_t first, std::size_t end) {
    for (std::size_t sector = first / kSector; sector * kSector < end; ++sector) {
        given_up_.erase(sector);
        if (before_.contains(sector)) continue;
        const std::size_t from = std::min(sector * kSector, synced_size_);
        const std::size_t to = std::min({(sector + 1) * kSector, synced_size_, bytes_.size()});
        std::vector<std::byte> old;
        if (from < to) {
            old.assign(
                bytes_.begin() + static_cast<std::ptrdiff_t>(from),
                bytes_.begin() + static_cast<std::ptrdiff_t>(to)
            );
        }
        before_.emplace(sector, std::move(old));
    }
}

void Inode::write(std::uint64_t at, ByteView bytes) {
    const std::size_t end = at + bytes.size();
    remember(std::min<std::size_t>(at, bytes_.size()), end);
    if (bytes_.size() < end) bytes_.resize(end);
    std::ranges::copy(bytes, bytes_.begin() + static_cast<std::ptrdiff_t>(at));
}

void Inode::truncate(std::uint64_t size) {
    remember(
        std::min<std::size_t>(size, bytes_.size()), std::max<std::size_t>(size, bytes_.size())
    );
    bytes_.resize(size);
}

void Inode::sync() {
    std::erase_if(before_, [this](const auto& one) { return !given_up_.contains(one.first); });
    synced_size_ = bytes_.size();
}

void Inode::fail_sync() {
    for (const auto& [sector, old] : before_) given_up_.insert(sector);
}

void Inode::crash(Rng& rng, std::uint64_t keep_of_8) {
    const std::vector<std::byte> newest = bytes_;
    std::size_t size = synced_size_;
    std::vector<std::byte> after = newest;
    after.resize(std::max(newest.size(), synced_size_));
    for (const auto& [sector, old] : before_) {
        const std::size_t from = sector * kSector;
        const std::size_t to = std::min(from + kSector, after.size());
        const bool keeps = rng.chance(keep_of_8, 8) && !given_up_.contains(sector);
        if (keeps) {
            size = std::max(size, std::min(to, newest.size()));
            continue;
        }
        for (std::size_t i = from; i < to; ++i) {
            after[i] = i - from < old.size() ? old[i - from] : std::byte{0};
        }
    }
    after.resize(size);
    bytes_ = std::move(after);
    given_up_.clear();
    sync();
}

void Disk::apply(std::map<std::string, std::shared_ptr<Inode>>& names, const NameChange& change) {
    if (change.kind == NameChange::Kind::kUnlink) {
        names.erase(change.path);
    } else {
        names[change.path] = change.inode;
    }
}

void Disk::change(NameChange change) {
    apply(names_, change);
    unsynced_.push_back(std::move(change));
}

void Disk::announce(const NameChange& change) const {
    if (on_durable_name && change.kind == NameChange::Kind::kLink && change.inode)
        on_durable_name(change.path, change.inode->bytes());
}

std::size_t Disk::whole_renames(std::size_t count) const {
    while (count > 0 && unsynced_[count - 1].goes_on) ++count;
    return count;
}

void Disk::crash(Rng& rng) {
    // Journaling file systems replay name changes in order: a prefix survives.
    const std::size_t survive = whole_renames(rng.below(unsynced_.size() + 1));
    std::vector<NameChange> kept = std::move(unsynced_);
    kept.resize(survive);
    for (const NameChange& change : kept) apply(durable_names_, change);
    unsynced_.clear();
    names_ = durable_names_;
    const std::uint64_t keep_of_8 = rng.below(9);
    for (auto& [path, inode] : names_) {
        if (inode) inode->crash(rng, keep_of_8);
    }
    for (const NameChange& change : kept) announce(change);
    locks_.clear();
}

void Disk::wipe() {
    names_.clear();
    durable_names_.clear();
    unsynced_.clear();
    locks_.clear();
    faults = {};
}

std::string Disk::rot(Rng& rng, const PathFilter& wanted) {
    std::uint64_t total = 0;
    for (const auto& [path, inode] : names_) {
        if (inode && wanted(path)) total += inode->synced_size();
    }
    // Sectors that wait for their sync are in the page cache: not rotten, but another try.
    for (int tries = 0; total > 0 && tries < 8; ++tries) {
        std::uint64_t at = rng.below(total);
        for (const auto& [path, inode] : names_) {
            if (!inode || !wanted(path)) continue;
            if (at >= inode->synced_size()) {
                at -= inode->synced_size();
                continue;
            }
            if (inode->is_dirty(at)) break;
            inode->flip_bit(at);
            return path + "@" + std::to_string(at);
        }
    }
    return {};
}

const Inode* Disk::find(const std::string& path) const {
    const auto found = names_.find(path);
    return found == names_.end() ? nullptr : found->second.get();
}

std::uint64_t Disk::used() const {
    std::uint64_t sum = 0;
    for (const auto& [path, inode] : names_) {
        if (inode) sum += inode->bytes().size();
    }
    return sum;
}

Result<std::shared_ptr<Inode>> Disk::open(const std::string& path, runtime::OpenMode mode) {
    const auto found = names_.find(path);
    const bool exists = found != names_.end();
    if (exists && !found->second) return fail(ErrorCode::kIo, path + " is a directory");
    if (mode == runtime::OpenMode::kRead || mode == runtime::OpenMode::kReadWrite) {
        if (!exists) return fail(ErrorCode::kNotFound, path);
        return found->second;
    }
    if (exists) {
        if (mode == runtime::OpenMode::kCreateExclusive)
            return fail(ErrorCode::kAlreadyExists, path);
        return found->second;
    }
    const auto slash = path.rfind('/');
    if (slash != std::string::npos && slash > 0 && !names_.contains(path.substr(0, slash))) {
        return fail(ErrorCode::kNotFound, path + ": no such directory");
    }
    auto inode = std::make_shared<Inode>();
    change({NameChange::Kind::kLink, path, inode});
    return inode;
}

Status Disk::rename(const std::string& from, const std::string& to) {
    if (!names_.contains(from)) return fail(ErrorCode::kNotFound, from);
    // A directory moves with everything in it.
    std::vector<std::pair<std::string, std::shared_ptr<Inode>>> moved;
    for (const auto& [path, inode] : names_) {
        if (path == from || path.starts_with(from + "/")) moved.emplace_back(path, inode);
    }
    for (const auto& [path, inode] : moved) {
        change({NameChange::Kind::kLink, to + path.substr(from.size()), inode, true});
    }
    for (const auto& [path, inode] : moved) {
        change({NameChange::Kind::kUnlink, path, nullptr, true});
    }
    unsynced_.back().goes_on = false;
    return {};
}

Status Disk::remove(const std::string& path) {
    if (!names_.contains(path)) return fail(ErrorCode::kNotFound, path);
    change({NameChange::Kind::kUnlink, path, nullptr});
    return {};
}

void Disk::remove_tree(const std::string& path) {
    std::vector<std::string> gone;
    for (const auto& [name, inode] : names_) {
        if (name == path || name.starts_with(path + "/")) gone.push_back(name);
    }
    std::ranges::reverse(gone);
    for (const auto& name : gone) change({NameChange::Kind::kUnlink, name, nullptr});
}

void Disk::make_directories(const std::string& path) {
    for (std::size_t at = path.find('/', 1);; at = path.find('/', at + 1)) {
        const std::string part = path.substr(0, at);
        if (!part.empty() && !names_.contains(part)) {
            change({NameChange::Kind::kMakeDirectory, part, nullptr});
        }
        if (at == std::string::npos) return;
    }
}

void Disk::sync_directory(const std::string& path) {
    // Everything up to the last change inside that directory reaches the journal.
    std::size_t count = 0;
    for (std::size_t i = 0; i < unsynced_.size(); ++i) {
        const std::string& name = unsynced_[i].path;
        const auto slash = name.rfind('/');
        if (name == path || (slash != std::string::npos && name.substr(0, slash) == path))
            count = i + 1;
    }
    count = whole_renames(count);
    for (std::size_t i = 0; i < count; ++i) {
        apply(durable_names_, unsynced_[i]);
        announce(unsynced_[i]);
    }
    unsynced_.erase(unsynced_.begin(), unsynced_.begin() + static_cast<std::ptrdiff_t>(count));
}

Result<std::vector<runtime::DirectoryEntry>> Disk::list(const std::string& path) const {
    if (!names_.contains(path)) return fail(ErrorCode::kNotFound, path);
    std::vector<runtime::DirectoryEntry> entries;
    const std::string prefix = path + "/";
    for (auto at = names_.lower_bound(prefix); at != names_.end() && at->first.starts_with(prefix);
         ++at) {
        const std::string name = at->first.substr(prefix.size());
        if (name.find('/') != std::string::npos) continue;
        entries.push_back({name, !at->second, at->second ? at->second->bytes().size() : 0});
    }
    std::ranges::sort(entries);
    return entries;
}

}  // namespace sealane::simulation
