// Putting cleaned segments in place of those they were made from. What is durable at any moment:
//
//   cleaning/                the new files, not all of them yet: nothing has happened
//   cleaned-<base>-<end>/    all of them, synced: from this one rename on the new ones count
//   <base>.log ...           renamed over the old ones; the others of [base, end) marked deleted
//
// An opening completes the second and forgets the first, as often as it takes.

#include "broker/log/log_cleaning.hpp"
#include "broker/log/segment_name.hpp"

namespace sealane::broker {

using runtime::Task;

namespace {

constexpr std::string_view kCleanedPrefix = "cleaned-";

std::string cleaned_name(Offset base, Offset end) {
    const std::string first = segment_file_name(base, "");
    const std::string last = segment_file_name(end, "");
    return std::string(kCleanedPrefix) + first.substr(0, first.size() - 1) + "-" +
           last.substr(0, last.size() - 1);
}

struct CleanedName {
    Offset base;
    Offset end;
};
std::optional<CleanedName> parse_cleaned_name(std::string_view name) {
    if (!name.starts_with(kCleanedPrefix)) return std::nullopt;
    name.remove_prefix(kCleanedPrefix.size());
    const auto dash = name.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto base = parse_decimal(name.substr(0, dash));
    const auto end = parse_decimal(name.substr(dash + 1));
    if (!base || !end || *end <= *base) return std::nullopt;
    return CleanedName{Offset(*base), Offset(*end)};
}

}  // namespace

Task<void> PartitionLog::Inner::wait_swapped() {
    // Ends: the swap waits for the disk only.
    while (swapping && !closed) (void)co_await changed.wait_until(Instant::never());
}

Task<Status> PartitionLog::Inner::put_in_place(Cleaning& work, std::size_t at, std::size_t count) {
    auto& fs = shared.world.files();
    const auto turn = co_await turns.take();
    co_await wait_sync_idle();
    SEALANE_CO_CHECK(goes_on(work));
    const Offset base = work.facts[at].base;
    const Offset group_end = work.facts[at + count - 1].next_base;
    const std::string name = cleaned_name(base, group_end);
    SEALANE_CO_CHECK(co_await fs.rename(path(kCleaningDirectory), path(name)));
    // From here on a failure leaves the log between old and new.
    swapping = true;
    ++cuts;
    const auto begin = segments.begin() + static_cast<std::ptrdiff_t>(segment_index(base));
    const std::vector<SegmentPtr> old(begin, begin + static_cast<std::ptrdiff_t>(count));
    for (const SegmentPtr& segment : old) {
        segment->dropped = true;
        shared.file_cache.forget(segment->log_file);
    }
    const Status swapped = co_await swap_files(name, old);
    if (swapped) {
        const auto from = segments.begin() + static_cast<std::ptrdiff_t>(segment_index(base));
        *from = work.out->sealed();
        segments.erase(from + 1, from + static_cast<std::ptrdiff_t>(count));
        tail.drop_below(group_end);
    } else {
        go_offline(swapped.error().in("putting cleaned segments in place in " + files.directory()));
    }
    hints.fill({});
    work.cuts = ++cuts;
    swapping = false;
    changed.notify_all();
    if (!swapped) co_return fail(ErrorCode::kKafkaStorageError, offline->to_string());
    co_return Status{};
}

Task<Status> PartitionLog::Inner::swap_files(std::string name, std::span<const SegmentPtr> old) {
    auto& fs = shared.world.files();
    SEALANE_CO_CHECK(co_await fs.sync_directory(files.directory()));
    SEALANE_CO_CHECK(co_await place_files(name));
    const std::vector<std::string> suffixes = state_suffixes();
    const Instant gone_at =
        shared.world.now() + std::chrono::milliseconds(opening.config.file_delete_delay_ms);
    for (const SegmentPtr& segment : old.subspan(1)) {
        SEALANE_CO_TRY(auto renamed, co_await files.mark_deleted(*segment, suffixes));
        for (std::string& file : renamed) deleted.push_back({std::move(file), gone_at});
    }
    SEALANE_CO_CHECK(co_await fs.sync_directory(files.directory()));
    co_return co_await fs.remove_tree(path(name));
}

Task<Status> PartitionLog::Inner::place_files(std::string name) {
    auto& fs = shared.world.files();
    SEALANE_CO_TRY(const auto entries, co_await fs.list(path(name)));
    for (const auto& entry : entries) {
        SEALANE_CO_CHECK(co_await fs.rename(path(name) + "/" + entry.name, path(entry.name)));
    }
    co_return Status{};
}

// What a crash left of a cleaning, before anything else is looked at.
Task<Result<bool>> PartitionLog::Inner::settle_cleanings(
    std::span<const runtime::DirectoryEntry> entries
) {
    auto& fs = shared.world.files();
    bool found = false;
    for (const auto& entry : entries) {
        if (!entry.is_directory) continue;
        const auto parsed = parse_cleaned_name(entry.name);
        if (!parsed && entry.name != kCleaningDirectory) continue;
        found = true;
        if (parsed) {
            SEALANE_CO_CHECK(co_await complete_cleaning(entry.name, parsed->base, parsed->end));
        } else {
            SEALANE_CO_CHECK(co_await fs.remove_tree(path(entry.name)));
        }
    }
    co_return found;
}

Task<Status> PartitionLog::Inner::complete_cleaning(
    std::string name, Offset base, Offset group_end
) {
    auto& fs = shared.world.files();
    SEALANE_CO_CHECK(co_await place_files(name));
    SEALANE_CO_TRY(const auto entries, co_await fs.list(files.directory()));
    for (const auto& entry : entries) {
        const auto file = parse_segment_file_name(entry.name);
        if (!file || file->base <= base || file->base >= group_end) continue;
        if (file->suffix.contains('.')) continue;  // what people were asked to look at
        SEALANE_CO_CHECK(co_await fs.remove(path(entry.name)));
    }
    SEALANE_CO_CHECK(co_await fs.sync_directory(files.directory()));
    SEALANE_CO_CHECK(co_await fs.remove_tree(path(name)));
    log.info(
        "completed a cleaning that a crash had interrupted",
        {{"partition", opening.topic_partition.to_string()},
         {"first_offset", base},
         {"end_offset", group_end}}
    );
    co_return Status{};
}

}  // namespace sealane::broker
