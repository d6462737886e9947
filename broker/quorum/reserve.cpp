#include "broker/quorum/reserve.hpp"

namespace sealane::broker::quorum {

using runtime::Task;

Task<Status> Reserve::keep(std::string directory) {
    if (whole_) co_return Status{};
    path_ = directory + "/reserve";
    const std::uint64_t before = releases_;
    Status written;
    {
        const auto file = co_await world_.files().open(path_, runtime::OpenMode::kCreate);
        if (!file) co_return fail(file.error());
        const BufferSlice zeros = BufferSlice::copy_of(std::string(kBytes, '\0'));
        written = co_await (*file)->write_at(0, BufferChain(zeros));
    }
    if (!written) {
        (void)co_await world_.files().remove(path_);
        co_return written;
    }
    // Otherwise it was released while it was written.
    whole_ = releases_ == before;
    co_return Status{};
}

Task<bool> Reserve::release() {
    ++releases_;
    if (path_.empty()) co_return false;
    whole_ = false;
    const Status removed = co_await world_.files().remove(path_);
    co_return removed.has_value();
}

}  // namespace sealane::broker::quorum
