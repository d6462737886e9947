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

    // The pieces of the above, for streams on top of this one. read_now: 0 when nothing is there.
    [[nodiscard]] Result<std::size_t> read_now(MutableByteView into);
    // True once after a small read that took all there was: most probably nothing has come since,
    // and waiting finds out as well as another call would. Read after that wait in any case.
    [[nodiscard]] bool probably_empty();
    [[nodiscard]] runtime::Task<Status> wait_readable(Instant deadline);
    // To be asked once a read: true after many that did not wait; then take_read_turn() lets the
    // rest of the shard run.
    [[nodiscard]] bool reads_too_long();
    [[nodiscard]] runtime::Task<void> take_read_turn();
    // Writes what fits at once and returns how much that was.
    std::size_t write_now(ByteView bytes);
    // No more writes: the peer sees the end of the stream behind what was written.
    void finish_writing();
    [[nodiscard]] bool is_open() const { return descriptor_->is_open(); }

 private:
    [[nodiscard]] runtime::Task<Status> write_parts(std::span<iovec> parts, Instant deadline);
    // After `outcome` ended a wait: go on, or why not.
    [[nodiscard]] Status check(runtime::WaitQueue::Outcome outcome, std::string_view what) const;

    std::shared_ptr<Descriptor> descriptor_;
    runtime::Peer peer_;
    bool expect_nothing_ = false;  // the last read took all there was
    unsigned reads_in_a_row_ = 0;  // without waiting
    unsigned writes_in_a_row_ = 0;
};

// Options for a connected socket: TCP_NODELAY, keepalive, and on loopback the congestion control
// that suits it. What the kernel refuses is left at its default.
void tune_connected(int fd);

}  // namespace sealane::asio_runtime
