// Derived states: snapshot files, and replaying the log above them.

#include "broker/log/batch_stream.hpp"
#include "broker/log/log_inner.hpp"
#include "broker/log/segment_name.hpp"

#include <algorithm>

namespace sealane::broker {

using runtime::Task;

namespace {
constexpr std::uint64_t kMaxSnapshot = 256U << 20U;
}

Task<Status> PartitionLog::Inner::restore_states() {
    if (opening.states.empty()) co_return Status{};
    SEALANE_CO_TRY(const auto entries, co_await shared.world.files().list(files.directory()));
    std::vector<Offset> from;
    for (LogState* state : opening.states) {
        std::vector<Offset> candidates;
        for (const auto& entry : entries) {
            const auto name = parse_segment_file_name(entry.name);
            if (name && name->suffix == state->suffix() && name->base <= end) {
                candidates.push_back(name->base);
            }
        }
        from.push_back(co_await load_newest_snapshot(*state, std::move(candidates)));
        state->log_starts_at(log_start);
    }
    const Offset begin = *std::ranges::min_element(from);
    for (std::size_t i = segment_index(begin); i < segments.size() && begin < end; ++i) {
        const SegmentPtr segment = segments[i];
        SEALANE_CO_TRY(
            const std::uint32_t position, co_await files.floor_position(*segment, begin)
        );
        SEALANE_CO_TRY(const auto file, co_await files.log(*segment));
        BatchStream stream(file, position, segment->size, CrcCheck::kNo);
        for (;;) {
            SEALANE_CO_TRY(const auto batch, co_await stream.next());
            if (!batch) break;
            for (std::size_t s = 0; s < opening.states.size(); ++s) {
                if (batch->view().base_offset() < from[s]) continue;
                opening.states[s]->apply(batch->view(), AppendOrigin::kAsIs);
            }
        }
    }
    co_return Status{};
}

Task<Offset> PartitionLog::Inner::load_newest_snapshot(
    LogState& state, std::vector<Offset> candidates
) {
    std::ranges::sort(candidates, std::ranges::greater{});
    for (const Offset at : candidates) {
        state.clear();
        const std::string name = files.path(at, state.suffix());
        auto bytes = co_await runtime::read_file(shared.world.files(), name, kMaxSnapshot);
        const auto loaded = bytes ? state.load(*std::move(bytes)) : Status(fail(bytes.error()));
        if (loaded) {
            const auto is_base = [at](const SegmentPtr& segment) { return segment->base == at; };
            if (std::ranges::none_of(segments, is_base)) closing_snapshot = at;
            co_return std::max(at, segments.front()->base);
        }
        log.warning("ignoring a snapshot", {{"file", name}, {"reason", loaded.error()}});
    }
    state.clear();
    co_return segments.front()->base;
}

std::vector<std::string> PartitionLog::Inner::state_suffixes() const {
    std::vector<std::string> suffixes;
    for (const LogState* state : opening.states) {
        suffixes.emplace_back(state->suffix());
        if (!state->segment_suffix().empty()) suffixes.emplace_back(state->segment_suffix());
    }
    return suffixes;
}

void PartitionLog::Inner::take_snapshots(Offset at) {
    // At a roll the new segment is there already.
    const std::size_t sealed = segment_index(at - 1);
    const Offset base = segments[sealed]->base;
    for (const LogState* state : opening.states) {
        if (BufferSlice file = state->segment_file(base, at); !file.empty()) {
            snapshots_to_write.push_back({at, base, state->segment_suffix(), std::move(file)});
        }
        snapshots_to_write.push_back({at, at, state->suffix(), state->snapshot(at)});
    }
}

Task<void> PartitionLog::Inner::write_snapshots() {
    auto& fs = shared.world.files();
    while (!snapshots_to_write.empty()) {
        // A snapshot says what lies below it: it must not outlive records that are not durable.
        if (snapshots_to_write.front().at > durable) co_return;
        const Snapshot snapshot = std::move(snapshots_to_write.front());
        snapshots_to_write.erase(snapshots_to_write.begin());
        const std::string name = files.path(snapshot.name, snapshot.suffix);
        const auto written = co_await runtime::write_file_atomically(fs, name, snapshot.bytes);
        if (!written) {
            log.warning(
                "no snapshot: a restart replays more", {{"file", name}, {"cause", written.error()}}
            );
        } else if (snapshot.name == snapshot.at && closing_snapshot != kNoOffset &&
                   closing_snapshot != snapshot.at) {
            (void)co_await fs.remove(files.path(closing_snapshot, snapshot.suffix));
        }
    }
}

Task<Status> PartitionLog::Inner::remove_snapshots_above(Offset limit) {
    auto& fs = shared.world.files();
    std::erase_if(snapshots_to_write, [limit](const Snapshot& s) { return s.at > limit; });
    if (opening.states.empty()) co_return Status{};
    SEALANE_CO_TRY(const auto entries, co_await fs.list(files.directory()));
    for (const auto& entry : entries) {
        const auto name = parse_segment_file_name(entry.name);
        if (!name || name->base <= limit) continue;
        const bool ours = std::ranges::any_of(opening.states, [&](const LogState* state) {
            return state->suffix() == name->suffix || state->segment_suffix() == name->suffix;
        });
        if (ours) SEALANE_CO_CHECK(co_await fs.remove(path(entry.name)));
    }
    co_return Status{};
}

// They are written again when the segment is sealed or closed.
Task<Status> PartitionLog::Inner::remove_segment_files(Offset base) {
    for (const LogState* state : opening.states) {
        if (state->segment_suffix().empty()) continue;
        const std::string name = files.path(base, state->segment_suffix());
        const Status removed = co_await shared.world.files().remove(name);
        if (!removed && removed.error().code() != ErrorCode::kNotFound) co_return removed;
    }
    co_return Status{};
}

}  // namespace sealane::broker
