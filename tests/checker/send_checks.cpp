// Values and where they are: every record's value is sent once, so that one offset of one partition
// belongs to it. Sorting (partition, offset, value) and (value, partition, offset) puts side by
// side what must agree.

#include "tests/checker/history_checks.hpp"
#include "tests/checker/report.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

namespace sealane::checker {
namespace {

// A value seen at a place by a consumer, or told to be there by an acknowledgement.
struct Sighting {
    std::uint32_t value;
    std::uint32_t partition;
    Offset offset;
    bool polled;
};

// How one send ended.
struct Fate {
    std::optional<OperationKind> kind;  // nothing: never sent
    std::uint32_t process = 0;
    std::uint32_t partition = 0;
    Offset acknowledged = kNoOffset;
    bool polled = false;
};

class SendChecks {
 public:
    SendChecks(const History& history, const HistoryOptions& options)
        : history_(history), options_(options), fates_(history.names().size()) {
        highest_polled_.resize(history.partition_count(), kNoOffset);
        for (const Operation& one : history.operations()) collect(one);
    }

    std::vector<Violation> run() {
        check_values();
        check_places();
        check_fates();
        check_order();
        return report_.take();
    }

 private:
    void collect(const Operation& one) {
        switch (one.kind) {
            case OperationKind::kSend:
                fates_[one.name] = {OperationKind::kSend, one.process, one.partition};
                sends_.push_back(&one);
                return;
            case OperationKind::kAck:
            case OperationKind::kFail:
            case OperationKind::kInfo: {
                Fate& fate = fates_[one.name];
                fate = {one.kind, one.process, one.partition, one.offset, fate.polled};
                if (one.offset != kNoOffset)
                    sightings_.push_back({one.name, one.partition, one.offset, false});
                return;
            }
            case OperationKind::kPoll:
                fates_[one.name].polled = true;
                highest_polled_[one.partition] =
                    std::max(highest_polled_[one.partition], one.offset);
                sightings_.push_back({one.name, one.partition, one.offset, true});
                return;
            case OperationKind::kAssign:
            case OperationKind::kOwn:
            case OperationKind::kCommit:
            case OperationKind::kCommitted:
                return;
        }
    }
    // Whether offsets of this partition may be given out twice.
    [[nodiscard]] bool may_change(std::uint32_t partition) const {
        return history_.is_weak(partition) || history_.is_dropped(partition);
    }
    [[nodiscard]] const std::string& text(std::uint32_t value) const {
        return history_.names().name(value);
    }

    // One value, several places.
    void check_values() {
        std::ranges::sort(sightings_, {}, [](const Sighting& s) {
            return std::tuple(s.value, !s.polled, s.partition, s.offset);
        });
        for (std::size_t i = 1; i < sightings_.size(); ++i) {
            const Sighting& a = sightings_[i - 1];
            const Sighting& b = sightings_[i];
            if (a.value != b.value) continue;
            if (a.partition == b.partition && a.offset == b.offset) continue;
            if (may_change(a.partition) || may_change(b.partition)) continue;
            const std::string where = text(a.value) + " is at " +
                                      history_.place(a.partition, a.offset) + " and at " +
                                      history_.place(b.partition, b.offset);
            // Read places come first, then those of acknowledgements.
            if (b.polled) {
                report_.add("duplicate", where);
            } else if (!was_read_at(b, i)) {
                report_.add("inconsistent-offsets", where + ", one of them by acknowledgement");
            }
        }
    }
    // Whether a consumer saw the value where this acknowledgement says.
    [[nodiscard]] bool was_read_at(const Sighting& acknowledged, std::size_t i) const {
        while (i > 0 && sightings_[i - 1].value == acknowledged.value) {
            --i;
            const Sighting& other = sightings_[i];
            if (other.partition == acknowledged.partition && other.offset == acknowledged.offset)
                return true;
        }
        return false;
    }
    // One place, several values.
    void check_places() {
        std::ranges::sort(sightings_, {}, [](const Sighting& s) {
            return std::tuple(s.partition, s.offset, s.value);
        });
        for (std::size_t i = 1; i < sightings_.size(); ++i) {
            const Sighting& a = sightings_[i - 1];
            const Sighting& b = sightings_[i];
            if (a.partition != b.partition || a.offset != b.offset || a.value == b.value) continue;
            if (may_change(a.partition)) continue;
            report_.add(
                "inconsistent-offsets",
                history_.place(a.partition, a.offset) + " holds " + text(a.value) + " and " +
                    text(b.value)
            );
        }
    }
    void check_fates() {
        for (std::uint32_t value = 0; value < fates_.size(); ++value) {
            const Fate& fate = fates_[value];
            if (!fate.kind) {
                if (fate.polled) report_.add("phantom", text(value) + " was read, nobody wrote it");
            } else if (*fate.kind == OperationKind::kFail) {
                if (fate.polled)
                    report_.add("aborted-read", text(value) + " was read, its write was refused");
            } else if (*fate.kind == OperationKind::kAck && !fate.polled) {
                check_missing(value, fate);
            }
        }
    }
    void check_missing(std::uint32_t value, const Fate& fate) {
        if (may_change(fate.partition)) return;
        if (fate.acknowledged != kNoOffset &&
            fate.acknowledged < history_.trimmed_to(fate.partition))
            return;
        const std::string what =
            text(value) + ", acknowledged at " + history_.place(fate.partition, fate.acknowledged);
        if (fate.acknowledged != kNoOffset && highest_polled_[fate.partition] > fate.acknowledged) {
            report_.add(
                "lost-write",
                what + ", was never read, though offset " +
                    std::to_string(highest_polled_[fate.partition].value) + " was"
            );
        } else if (options_.read_to_the_end) {
            report_.add("unseen", what + ", was never read");
        }
    }
    // Acknowledged sends of one process to one partition keep their order.
    void check_order() {
        std::map<std::pair<std::uint32_t, std::uint32_t>, std::pair<Offset, std::uint32_t>> last;
        for (const Operation* send : sends_) {
            const Fate& fate = fates_[send->name];
            if (fate.kind != OperationKind::kAck || fate.acknowledged == kNoOffset) continue;
            if (may_change(fate.partition)) continue;
            const auto [at, first] = last.emplace(
                std::pair(send->process, send->partition), std::pair(fate.acknowledged, send->name)
            );
            if (!first && fate.acknowledged < at->second.first) {
                report_.add(
                    "nonmonotonic-send",
                    text(send->name) + " at " + history_.place(send->partition, fate.acknowledged) +
                        " was sent after " + text(at->second.second) + " at " +
                        std::to_string(at->second.first.value)
                );
            }
            at->second = {fate.acknowledged, send->name};
        }
    }

    const History& history_;
    const HistoryOptions& options_;
    std::vector<Fate> fates_;  // by value
    std::vector<Sighting> sightings_;
    std::vector<const Operation*> sends_;
    std::vector<Offset> highest_polled_;  // by partition
    Report report_;
};

}  // namespace

std::vector<Violation> check_sends(const History& history, const HistoryOptions& options) {
    return SendChecks(history, options).run();
}

std::vector<Violation> check_history(const History& history, const HistoryOptions& options) {
    std::vector<Violation> all = check_sends(history, options);
    std::ranges::move(check_polls(history), std::back_inserter(all));
    std::ranges::move(check_groups(history), std::back_inserter(all));
    return all;
}

}  // namespace sealane::checker
