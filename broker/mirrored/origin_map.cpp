// OriginMap: runs per origin, found by binary search on either side.
#include "broker/mirrored/origin_map.hpp"

#include "common/base/assert.hpp"

#include <algorithm>

namespace sealane::broker {

void OriginMap::begin_run(
    const kafka::MirrorOrigin& origin, OriginRun run, LeaderEpoch source_epoch
) {
    SEALANE_ASSERT(
        by_target_.empty() ||
        origins_[by_target_.back().origin].runs.back().target_end() <= run.target_base
    );
    run.count = 0;
    open_ = OpenRun{index_of(origin), run, source_epoch};
}

void OriginMap::extend(std::int64_t count) {
    SEALANE_ASSERT(open_ && count > 0);
    PerOrigin& of = origins_[open_->origin];
    if (open_->run.count == 0) {
        SEALANE_ASSERT(of.runs.empty() || of.runs.back().source_end() <= open_->run.source_base);
        of.runs.push_back(open_->run);
        by_target_.push_back({open_->run.target_base, open_->origin});
    }
    open_->run.count += count;
    of.runs.back().count = open_->run.count;
    of.position = {open_->run.source_end(), open_->epoch, open_->run.target_end()};
}

void OriginMap::trim_to(Offset start) {
    while (!by_target_.empty()) {
        PerOrigin& of = origins_[by_target_.front().origin];
        const bool is_open = open_ && open_->run.count > 0 &&
                             open_->run.target_base == by_target_.front().target_base;
        if (is_open || of.runs.front().target_end() > start) return;
        of.runs.pop_front();
        by_target_.pop_front();
    }
}

void OriginMap::clear() {
    *this = OriginMap();
}

std::optional<OriginPosition> OriginMap::position(const kafka::MirrorOrigin& origin) const {
    const PerOrigin* of = find(origin);
    if (of == nullptr || of->position.target_end == kNoOffset) return std::nullopt;
    return of->position;
}

std::vector<std::pair<kafka::MirrorOrigin, OriginPosition>> OriginMap::positions() const {
    std::vector<std::pair<kafka::MirrorOrigin, OriginPosition>> all;
    for (const PerOrigin& of : origins_)
        if (of.position.target_end != kNoOffset) all.emplace_back(of.origin, of.position);
    return all;
}

std::optional<Offset> OriginMap::to_target(const kafka::MirrorOrigin& origin, Offset source) const {
    const PerOrigin* of = find(origin);
    if (of == nullptr || of->position.target_end == kNoOffset) return std::nullopt;
    if (source > of->position.next) return std::nullopt;
    const auto run = std::ranges::upper_bound(of->runs, source, {}, &OriginRun::source_end);
    if (run == of->runs.end()) return of->position.target_end;
    // The first run that ends after it holds it, or begins behind the hole that it lies in.
    return run->target_base + std::max<std::int64_t>(0, source - run->source_base);
}

std::optional<OriginMap::Source> OriginMap::to_source(Offset target) const {
    const auto after = std::ranges::upper_bound(by_target_, target, {}, &RunStart::target_base);
    if (after == by_target_.begin()) return std::nullopt;
    const PerOrigin& of = origins_[std::prev(after)->origin];
    const OriginRun* run = run_holding(of, target);
    if (run == nullptr) return std::nullopt;
    return Source{of.origin, run->source_base + (target - run->target_base)};
}

std::vector<OriginMap::FoundRun> OriginMap::runs_from(
    const kafka::MirrorOrigin* origin, Offset from, std::size_t limit
) const {
    std::vector<FoundRun> found;
    if (origin != nullptr) {
        const PerOrigin* of = find(*origin);
        if (of == nullptr) return found;
        auto run = std::ranges::upper_bound(of->runs, from, {}, &OriginRun::source_end);
        for (; run != of->runs.end() && found.size() < limit; ++run)
            found.push_back({of->origin, *run});
        return found;
    }
    auto start = std::ranges::upper_bound(by_target_, from, {}, &RunStart::target_base);
    if (start != by_target_.begin()) --start;
    for (; start != by_target_.end() && found.size() < limit; ++start) {
        const PerOrigin& of = origins_[start->origin];
        const OriginRun* run = run_holding(of, start->target_base);
        SEALANE_ASSERT(run != nullptr);
        if (run->target_end() > from) found.push_back({of.origin, *run});
    }
    return found;
}

const OriginMap::PerOrigin* OriginMap::find(const kafka::MirrorOrigin& origin) const {
    const auto found = std::ranges::find(origins_, origin, &PerOrigin::origin);
    return found == origins_.end() ? nullptr : &*found;
}

std::size_t OriginMap::index_of(const kafka::MirrorOrigin& origin) {
    const auto found = std::ranges::find(origins_, origin, &PerOrigin::origin);
    if (found == origins_.end()) {
        origins_.push_back({origin, {}, {}});
        return origins_.size() - 1;
    }
    return static_cast<std::size_t>(found - origins_.begin());
}

const OriginRun* OriginMap::run_holding(const PerOrigin& of, Offset target) {
    const auto run = std::ranges::upper_bound(of.runs, target, {}, &OriginRun::target_end);
    if (run == of.runs.end() || run->target_base > target) return nullptr;
    return &*run;
}

}  // namespace sealane::broker
