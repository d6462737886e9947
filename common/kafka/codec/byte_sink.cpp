#include "common/kafka/codec/byte_sink.hpp"

#include <array>

namespace sealane::kafka {

void ByteSink::grow(std::size_t count) {
    const std::size_t used = size();
    MutableBuffer larger(std::max(block_.size() * 2, used + count));
    std::memcpy(larger.data(), block_.data(), used);
    block_ = std::move(larger);
    cursor_ = block_.data() + used;
    end_ = block_.data() + block_.size();
}

void ByteSink::insert_size(std::size_t start) {
    const std::size_t written = size() - start;
    std::array<std::byte, kMaxVarlongBytes> prefix{};
    const std::size_t length = write_uvarint(prefix.data(), written);
    reserve(length);
    std::byte* at = block_.data() + start;
    std::memmove(at + length, at, written);
    std::memcpy(at, prefix.data(), length);
    cursor_ += length;
}

BufferSlice ByteSink::joined() && {
    SEALANE_ASSERT(references_.empty());
    return std::move(block_).freeze(size());
}

BufferChain ByteSink::chain() && {
    const BufferSlice written = std::move(block_).freeze(size());
    BufferChain chain;
    std::size_t from = 0;
    for (Reference& reference : references_) {
        chain.append(written.slice(from, reference.at - from));
        chain.append(std::move(reference.slice));
        from = reference.at;
    }
    chain.append(written.from(from));
    return chain;
}

BufferChain ByteSink::framed_chain() && {
    std::size_t total = size();
    for (const Reference& reference : references_) total += reference.slice.size();
    SEALANE_ASSERT(size() >= sizeof(std::int32_t) && total <= INT32_MAX);
    store_be(block_.data(), static_cast<std::int32_t>(total - sizeof(std::int32_t)));
    return std::move(*this).chain();
}

}  // namespace sealane::kafka
