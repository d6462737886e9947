#include "topology/recovery/latest_values.hpp"

#include <algorithm>

namespace sealane::topology {

Status LatestValues::note(const kafka::Record& record, Latest Sides::* side) {
    if (!record.key) return {};  // compaction drops it
    const auto [entry, fresh] = keys_.try_emplace(std::string(record.key->text()));
    if (fresh && keys_.size() > kMostKeys) {
        return fail(
            ErrorCode::kOutOfBounds,
            "more than " + std::to_string(kMostKeys) +
                " keys in a compacted partition: too many to compare"
        );
    }
    entry->second.*side = Latest{record.offset, record.value.has_value()};
    return {};
}

Status LatestValues::at_source(const kafka::Record& record) {
    return note(record, &Sides::source);
}
Status LatestValues::at_target(const kafka::Record& record) {
    return note(record, &Sides::target);
}

LatestValues::Judgement LatestValues::judge(Offset open_from) const {
    Judgement judgement;
    std::vector<std::pair<Offset, std::string>> found;
    for (const auto& [key, sides] : keys_) {
        const Offset source = sides.source.live ? sides.source.offset : kNoOffset;
        const Offset target = sides.target.live ? sides.target.offset : kNoOffset;
        if (source == target) continue;
        if (std::max(sides.source.offset, sides.target.offset) >= open_from) {
            ++judgement.open;
            continue;
        }
        const auto said = [](Offset at) {
            return at == kNoOffset ? std::string("nothing")
                                   : "the value at offset " + std::to_string(at.value);
        };
        found.emplace_back(
            std::max(source, target),
            "a key ends with " + said(source) + " at the source and " + said(target) +
                " at the target"
        );
    }
    std::ranges::sort(found);
    for (auto& [at, what] : found) judgement.differences.push_back(std::move(what));
    return judgement;
}

}  // namespace sealane::topology
