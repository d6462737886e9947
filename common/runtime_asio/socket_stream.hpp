#pragma once
// SocketStream: runtime::Stream over a TCP or Unix socket, plain bytes.

#include "common/runtime/network.hpp"
#include "common/runtime_asio/descriptor.hpp"

#include <memory>
#include <span>
#include <string>
#include <sys/uio.h>

namespace sealane::asio_runtime {

class SocketStream final : public runtime::Stream {
 public:
    // `fd`: connected and non-blocking; taken over.
    SocketStream(runtime::WaitQueue& waits, int fd, runtime::Peer peer);
    SocketStream(std::shared_ptr<Descriptor> connected, runtime::Peer peer);
    ~SocketStream() override;

    [[nodiscard]] runtime::Task<Result<std::size_t>> read_some(
        MutableByteView into, Instant deadline
    ) override;
    [[nodiscard]] runtime::Task<Status> write(BufferChain bytes, Instant deadline) override;
    // The same for bytes that the caller keeps alive until this ends.
    [[nodiscard]] runtime::Task<Status> write_view(ByteView bytes, Instant deadline);
    void close() override;
    [[nodiscard]] const runtime::Peer& peer() const override { return peer_; }

    // Writes what fits at once and forgets the rest: for the last words before close().
    void write_now(ByteView bytes);
    [[nodiscard]] bool is_open() const { return descriptor_->is_open(); }

 private:
    [[nodiscard]] runtime::Task<Status> write_parts(std::span<iovec> parts, Instant deadline);
    // After `outcome` ended a wait: go on, or why not.
    [[nodiscard]] Status check(runtime::WaitQueue::Outcome outcome, std::string_view what) const;

    std::shared_ptr<Descriptor> descriptor_;
    runtime::Peer peer_;
    unsigned reads_in_a_row_ = 0;  // without waiting
    unsigned writes_in_a_row_ = 0;
};

// Options for a connected socket: TCP_NODELAY, keepalive, and on loopback the congestion control
// that suits it. What the kernel refuses is left at its default.
void tune_connected(int fd);

}  // namespace sealane::asio_runtime
