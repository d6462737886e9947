#include "common/runtime_asio/tls_stream.hpp"

#include "common/runtime_asio/steady_clock.hpp"

namespace sealane::asio_runtime {
namespace {

using runtime::Task;
using Step = TlsSession::Step;

constexpr std::size_t kBatchSize = 256 << 10;    // plaintext a system call
constexpr std::size_t kScratchSize = 272 << 10;  // the same encrypted
constexpr std::size_t kSpareScratches = 4;
constexpr std::byte kHandshakeRecord{0x16};  // RFC 8446, 5.1
constexpr auto kPartingLimit = 500ms;
constexpr std::size_t kPartingBytes = 256 << 10;

// True while it lives; for the flags that say who uses the stream.
class Mark {
 public:
    explicit Mark(bool& flag) : flag_(flag) {
        SEALANE_ASSERT(!flag_);
        flag_ = true;
    }
    ~Mark() { flag_ = false; }
    Mark(const Mark&) = delete;
    Mark& operator=(const Mark&) = delete;

 private:
    bool& flag_;
};

}  // namespace

std::vector<std::byte> TlsScratch::take() {
    std::vector<std::byte> buffer;
    if (spare_.empty()) {
        buffer.reserve(kScratchSize);
    } else {
        buffer = std::move(spare_.back());
        spare_.pop_back();
    }
    return buffer;
}

void TlsScratch::give(std::vector<std::byte> buffer) {
    if (spare_.size() == kSpareScratches || buffer.capacity() < kScratchSize) return;
    buffer.clear();
    spare_.push_back(std::move(buffer));
}

TlsStream::TlsStream(
    std::unique_ptr<SocketStream> plain,
    std::shared_ptr<const runtime::TlsIdentity> identity,
    std::shared_ptr<TlsScratch> scratch
)
    : plain_(std::move(plain)),
      identity_(std::move(identity)),
      scratch_(std::move(scratch)),
      peer_(plain_->peer()) {
    peer_.tls = true;
}

Task<Status> TlsStream::handshake(BlockingPool& pool, Handshake how, Instant deadline) {
    session_ = std::make_shared<TlsSession>(
        how.context,
        how.role,
        TlsParty{identity_->domain, peer_.address, how.server_name, identity_->certificate_file}
    );
    const Status status = co_await exchange_flights(pool, how.role, deadline);
    if (status) {
        peer_.principal = session_->peer_principal();
        session_->release_input();
        established_ = true;
        co_return status;
    }
    if (session_->error()) co_await part();
    plain_->close();
    co_return status;
}

Task<Status> TlsStream::exchange_flights(BlockingPool& pool, TlsRole role, Instant deadline) {
    for (bool first = true;; first = false) {
        Step step = Step::kNeedsInput;
        if (role == TlsRole::kClient || !first) {
            const Mark mark(handshaking_);
            step = co_await pool.run([session = session_] { return session->handshake(); });
        }
        SEALANE_CO_CHECK(co_await flush(deadline));
        if (step == Step::kFailed) co_return fail(*session_->error());
        if (step == Step::kDone) co_return Status{};
        if (step == Step::kNeedsInput) {
            const Status came = co_await fetch_input(deadline);
            if (!came && came.error().is_stopped()) co_return came;
            if (!came) {
                // The code stays: a peer that dies in its handshake is a broken connection.
                const ErrorCode code = came.error().code() == ErrorCode::kEndOfStream
                                           ? ErrorCode::kConnectionReset
                                           : came.error().code();
                co_return fail(
                    code,
                    "TLS domain '" + identity_->domain + "': " + came.error().detail() +
                        " during the TLS handshake" +
                        (role == TlsRole::kClient ? " (a plain listener?)" : "")
                );
            }
            if (first) SEALANE_CO_CHECK(check_first_bytes(role));
        }
    }
}

Status TlsStream::check_first_bytes(TlsRole role) const {
    if (role == TlsRole::kClient || session_->input().front() == kHandshakeRecord) return {};
    return fail(tls_error(session_->party(), "the peer speaks plaintext to a TLS listener"));
}

Task<Status> TlsStream::fetch_input(Instant deadline) {
    for (bool wait_first = plain_->probably_empty();; wait_first = false) {
        if (!wait_first) {
            SEALANE_CO_TRY(const std::size_t count, plain_->read_now(session_->input_space()));
            session_->input_came(count);
            if (count > 0) co_return Status{};
        }
        session_->release_input();
        const Status ready = co_await plain_->wait_readable(deadline);
        if (!ready && !wait_first) co_return ready;
    }
}

// Sends the alert and then waits for the peer to close. Closing at once, with bytes of the peer
// still unread, would make the kernel send a reset that can overtake the alert, and the peer would
// never learn the reason.
Task<void> TlsStream::part() {
    const Instant deadline = steady_now() + kPartingLimit;
    if (!co_await flush(deadline)) co_return;
    plain_->finish_writing();
    std::array<std::byte, 4096> ignored;
    for (std::size_t total = 0; total < kPartingBytes;) {
        const auto count = co_await plain_->read_some(ignored, deadline);
        if (!count) co_return;
        total += *count;
    }
}

Task<Result<std::size_t>> TlsStream::read_some(MutableByteView into, Instant deadline) {
    SEALANE_ASSERT(!into.empty() && session_);
    const Mark mark(reading_);
    if (plain_->reads_too_long()) co_await plain_->take_read_turn();
    while (plain_->is_open()) {
        std::size_t count = 0;
        const Step step = session_->read(into, count);
        if (session_->has_output()) flush_now();  // an answer of the protocol itself
        switch (step) {
            case Step::kDone:
                co_return count;
            case Step::kEnded:
                co_return fail(ErrorCode::kEndOfStream, peer_.address + " closed the connection");
            case Step::kFailed:
                co_return fail(*session_->error());
            case Step::kNeedsInput:
                break;
        }
        SEALANE_CO_CHECK(co_await fetch_input(deadline));
    }
    co_return fail(Error::stopped());
}

Task<Status> TlsStream::write(BufferChain bytes, Instant deadline) {
    SEALANE_ASSERT(session_);
    const Mark mark(writing_);
    RecordPieces pieces(bytes, scratch_->staging());
    while (!pieces.at_end()) {
        if (!plain_->is_open()) co_return fail(Error::stopped());
        SEALANE_CO_CHECK(encrypt_batch(pieces));
        const Status status = co_await flush(deadline);
        if (!status) co_return fail(reason_for(status.error()));
    }
    co_return Status{};
}

Status TlsStream::encrypt_batch(RecordPieces& pieces) {
    if (!session_->has_output()) (void)session_->take_output(scratch_->take());
    for (std::size_t left = kBatchSize; left > 0 && !pieces.at_end();) {
        const ByteView piece = pieces.next(left);
        if (session_->write(piece) != Step::kDone) return fail(*session_->error());
        // Only gathered pieces and the last one are not whole records.
        left -= std::min(left, std::max(piece.size(), kTlsRecordSize));
    }
    return {};
}

Task<Status> TlsStream::flush(Instant deadline) {
    Status status;
    while (status && session_->has_output()) {
        std::vector<std::byte> sending = session_->take_output({});
        status = co_await plain_->write_view(sending, deadline);
        scratch_->give(std::move(sending));
    }
    co_return status;
}

void TlsStream::flush_now() {
    if (writing_) return;  // the writer takes it along
    const std::vector<std::byte> sending = session_->take_output({});
    session_->return_output(ByteView(sending).subspan(plain_->write_now(sending)));
}

// A peer that refuses us says so and closes; a write may notice the closing first. The reason then
// lies unread in the socket, unless a reader is there to find it.
Error TlsStream::reason_for(Error write_error) {
    if (write_error.code() != ErrorCode::kConnectionReset || reading_) return write_error;
    while (!session_->error()) {
        std::size_t count = 0;
        if (session_->read(scratch_->staging(), count) == Step::kDone) continue;
        if (session_->error()) break;
        const auto came = plain_->read_now(session_->input_space());
        if (!came || *came == 0) return write_error;
        session_->input_came(*came);
    }
    return *session_->error();
}

void TlsStream::close() {
    if (session_ && !handshaking_ && plain_->is_open()) {
        session_->say_goodbye();
        flush_now();
    }
    plain_->close();
}

}  // namespace sealane::asio_runtime
