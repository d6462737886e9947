#pragma once
// LatestValues: two sides of a replica link whose topic is compacted. Each side drops what later
// records of the same key supersede, when it comes to it; equal are the latest values. A decider.

#include "common/kafka/records/record.hpp"
#include "topology/recovery/link_verifier.hpp"

#include <string>
#include <unordered_map>

namespace sealane::topology {

class LatestValues {
 public:
    // Keys kept at most; a partition with more is not compared.
    static constexpr std::size_t kMostKeys = 4'000'000;

    // A record of one side, in offset order. kOutOfBounds: too many keys.
    [[nodiscard]] Status at_source(const kafka::Record& record);
    [[nodiscard]] Status at_target(const kafka::Record& record);

    // Keys that end differently: with a value that the other side lacks, or has another one of.
    // Not among them: keys written at or above `open_from`, which one side may not have seen.
    struct Judgement {
        std::int64_t open = 0;  // keys that cannot be told yet
        std::vector<std::string> differences;
    };
    [[nodiscard]] Judgement judge(Offset open_from) const;

 private:
    struct Latest {
        Offset offset = kNoOffset;
        bool live = false;  // it has a value; without one it is as good as absent
    };
    struct Sides {
        Latest source;
        Latest target;
    };
    [[nodiscard]] Status note(const kafka::Record& record, Latest Sides::* side);
    std::unordered_map<std::string, Sides> keys_;
};

}  // namespace sealane::topology
