#include "common/base/buffer.hpp"

namespace sealane {

BufferSlice BufferSlice::copy_of(ByteView bytes) {
    if (bytes.empty()) return {};
    MutableBuffer block(bytes.size());
    std::memcpy(block.data(), bytes.data(), bytes.size());
    return std::move(block).freeze();
}

BufferSlice BufferChain::joined() const {
    if (slices_.empty()) return {};
    if (slices_.size() == 1) return slices_.front();
    MutableBuffer block(size_);
    std::size_t at = 0;
    for (const BufferSlice& slice : slices_) {
        std::memcpy(block.data() + at, slice.data(), slice.size());
        at += slice.size();
    }
    return std::move(block).freeze();
}

BufferSlice ByteWriter::freeze() && {
    // The string itself becomes the owner: no copy.
    auto owner = std::make_shared<std::string>(std::move(bytes_));
    const ByteView view = as_bytes(*owner);
    std::shared_ptr<const std::byte[]> bytes(std::move(owner), nullptr);
    return {std::move(bytes), view};
}

}  // namespace sealane
