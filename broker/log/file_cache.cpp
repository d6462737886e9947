#include "broker/log/file_cache.hpp"

namespace sealane::broker {

CachedFile::~CachedFile() {
    if (cache_ != nullptr) cache_->forget(*this);
}

runtime::Task<Result<std::shared_ptr<runtime::File>>> FileCache::use(
    CachedFile& slot, std::string path, runtime::OpenMode mode
) {
    if (slot.file_ != nullptr) {
        if (slot.place_ != recent_.begin()) {
            recent_.splice(recent_.begin(), recent_, slot.place_);
        }
        co_return slot.file_;
    }
    SEALANE_CO_TRY(auto opened, co_await files_.open(std::move(path), mode));
    // Somebody else may have opened it meanwhile: one handle a file, so that errors meet there.
    if (slot.file_ == nullptr) keep(slot, std::move(opened));
    co_return slot.file_;
}

void FileCache::keep(CachedFile& slot, std::shared_ptr<runtime::File> file) {
    slot.file_ = std::move(file);
    slot.cache_ = this;
    recent_.push_front(&slot);
    slot.place_ = recent_.begin();
    if (recent_.size() > max_open_) close_least_recent();
}

void FileCache::close_least_recent() {
    for (auto at = recent_.end(); at != recent_.begin();) {
        --at;
        CachedFile& slot = **at;
        if (slot.pinned_ || slot.file_.use_count() > 1 || at == recent_.begin()) continue;
        forget(slot);
        return;
    }
}

void FileCache::forget(CachedFile& slot) {
    if (slot.cache_ == nullptr) return;
    recent_.erase(slot.place_);
    slot.cache_ = nullptr;
    slot.file_.reset();
}

}  // namespace sealane::broker
