#include "mirror/ledger/gap_ledger.hpp"

#include <algorithm>

namespace sealane::mirror {

using runtime::Task;

namespace {
constexpr std::uint64_t kMaxLedgerBytes = 256ULL << 20U;
constexpr Duration kTurnPatience = 60s;
}  // namespace

GapLedger::GapLedger(runtime::World& world, std::string directory)
    : world_(world), directory_(std::move(directory)), written_(world.waits()) {}

Task<Status> GapLedger::open() {
    runtime::FileSystem& files = world_.files();
    SEALANE_CO_CHECK(co_await files.make_directories(directory_));
    const std::string path = directory_ + "/gaps.jsonl";
    SEALANE_CO_TRY(file_, co_await files.open(path, runtime::OpenMode::kCreate));
    SEALANE_CO_CHECK(co_await files.sync_directory(directory_));
    SEALANE_CO_TRY(
        const BufferSlice bytes, co_await runtime::read_file(files, path, kMaxLedgerBytes)
    );
    std::string_view rest = bytes.text();
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        if (end == std::string_view::npos) break;  // cut short by a crash: its gap was not passed
        auto entry = parse_line(rest.substr(0, end));
        if (!entry)
            co_return fail(
                ErrorCode::kCorrupt,
                path + ": line " + std::to_string(entries_.size() + 1) + ": " +
                    entry.error().detail() + "; repair or move the file away"
            );
        entries_.push_back(*std::move(entry));
        rest.remove_prefix(end + 1);
        size_ += end + 1;
    }
    if (size_ < bytes.size()) SEALANE_CO_CHECK(co_await file_->truncate(size_));
    co_return Status{};
}

Task<Status> GapLedger::add(GapEntry entry) {
    const Instant deadline = world_.now() + kTurnPatience;
    while (writing_) {
        if (world_.now() >= deadline) co_return fail(ErrorCode::kDeadlineExceeded, "gap ledger");
        co_await written_.wait_until(deadline);
    }
    const bool known = std::ranges::any_of(entries_, [&entry](const GapEntry& other) {
        return other.link == entry.link && other.source_topic_id == entry.source_topic_id &&
               other.partition == entry.partition && other.from == entry.from &&
               other.to == entry.to;
    });
    if (known) co_return Status{};
    writing_ = true;
    const std::string line = to_line(entry) + "\n";
    Status done = co_await file_->write_at(size_, BufferChain(BufferSlice::copy_of(line)));
    if (done) done = co_await file_->sync();
    if (done) {
        size_ += line.size();
        entries_.push_back(std::move(entry));
    }
    writing_ = false;
    written_.notify_all();
    co_return done;
}

}  // namespace sealane::mirror
