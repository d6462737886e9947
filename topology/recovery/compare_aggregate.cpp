#include "topology/recovery/compare_aggregate.hpp"

#include "common/kafka/messages/mirror.hpp"
#include "topology/recovery/record_stream.hpp"

#include <algorithm>

namespace sealane::topology {
namespace {

using runtime::Task;
using Run = kafka::MirrorRunsResponse::Run;

constexpr std::int64_t kTellEvery = 2000;

// The runs of one origin in a target partition, by target offset.
struct OriginRuns {
    std::vector<Run> runs;
    // The source offset behind a target offset; nothing when another origin wrote it.
    [[nodiscard]] std::optional<Offset> source_of(Offset target) const {
        const auto after = std::ranges::upper_bound(runs, target, {}, &Run::target_base_offset);
        if (after == runs.begin()) return std::nullopt;
        const Run& run = *std::prev(after);
        const Offset source = run.source_base_offset + (target - run.target_base_offset);
        return source < run.source_end_offset ? std::optional(source) : std::nullopt;
    }
    [[nodiscard]] Offset next_source() const {
        return runs.empty() ? Offset(0) : runs.back().source_end_offset;
    }
    // Whether the mirror knowingly left [from, to) out: markers, compaction, or its ledger.
    [[nodiscard]] bool explains_hole(Offset from, Offset to) const {
        return std::ranges::any_of(runs, [&](const Run& run) {
            return run.hole_reason != kafka::kNoHole && run.hole_base_offset <= from &&
                   to <= run.source_base_offset;
        });
    }
};

bool is_origin(
    const kafka::MirrorOrigin& origin,
    const std::string& cluster_id,
    const Uuid& topic_id,
    const TopicPartition& source
) {
    return origin.cluster_id == cluster_id && origin.topic_id == topic_id &&
           origin.topic_name == source.topic && origin.partition_index == source.partition;
}

Task<Result<OriginRuns>> read_runs(
    ComparedSides sides, const PartitionVerdict& verdict, std::string cluster_id
) {
    // A topic that was deleted and made anew is another origin: what the old one left is not
    // compared.
    const client::TopicInfo* const topic = sides.source.metadata().topic(verdict.source.topic);
    const Uuid topic_id = topic == nullptr ? Uuid{} : topic->id;
    OriginRuns found;
    Offset from = sides.target_extent.start;
    while (true) {
        SEALANE_CO_TRY(
            const auto leader, co_await sides.target.leader(verdict.target, sides.deadline)
        );
        kafka::MirrorRunsRequest request;
        request.topic_name = verdict.target.topic;
        request.partition_index = verdict.target.partition;
        request.from_offset = from;
        SEALANE_CO_TRY(
            const auto answer,
            co_await sides.target.send_to(
                leader.broker, client::Lane::kControl, request, sides.deadline
            )
        );
        if (answer.error_code != ErrorCode::kNone)
            co_return fail(answer.error_code, "reading the offset map");
        if (answer.runs.empty()) co_return found;
        for (const Run& run : answer.runs) {
            const auto& origin = answer.origins.at(static_cast<std::size_t>(run.origin_index));
            if (is_origin(origin, cluster_id, topic_id, verdict.source)) found.runs.push_back(run);
            from = run.target_base_offset + (run.source_end_offset - run.source_base_offset);
        }
    }
}

// Walks the target's records of the origin and the source's records side by side.
class SideBySide {
 public:
    SideBySide(
        RecordStream& source,
        const OriginRuns& runs,
        PartitionVerdict& verdict,
        const ComparedSides& sides
    )
        : source_(source),
          runs_(runs),
          verdict_(verdict),
          source_extent_(sides.source_extent),
          compacted_(sides.compacted) {}

    Task<Status> take(const kafka::Record& ours, Offset wanted, Instant deadline) {
        if (wanted < source_extent_.start) {
            ++verdict_.only_at_target;
            co_return Status{};
        }
        while (true) {
            SEALANE_CO_CHECK(co_await fill(deadline));
            if ((!theirs_ || theirs_->record.offset > wanted) && compacted_) {
                ++verdict_.superseded;
                co_return Status{};
            }
            if (!theirs_ || theirs_->record.offset > wanted) {
                verdict_.differs(
                    "target offset " + std::to_string(ours.offset.value) +
                    " maps to source offset " + std::to_string(wanted.value) +
                    ", which is not there or was there already"
                );
                co_return Status{};
            }
            if (theirs_->record.offset == wanted) break;
            missing_at_target();
        }
        const std::string what = difference_of(theirs_->record, ours);
        if (what.empty()) {
            ++verdict_.compared;
        } else {
            verdict_.differs(
                "source offset " + std::to_string(wanted.value) + ": " + what + " differs"
            );
        }
        theirs_.reset();
        co_return Status{};
    }
    // What is left of the source: behind if the mirror has not been there yet, else missing.
    Task<Status> finish(Instant deadline) {
        while (true) {
            SEALANE_CO_CHECK(co_await fill(deadline));
            if (!theirs_) co_return Status{};
            if (theirs_->record.offset < runs_.next_source()) {
                missing_at_target();
            } else {
                ++verdict_.behind;
                theirs_.reset();
            }
        }
    }

 private:
    Task<Status> fill(Instant deadline) {
        if (!theirs_) {
            SEALANE_CO_TRY(theirs_, co_await source_.next(deadline));
        }
        co_return Status{};
    }
    void missing_at_target() {
        const Offset at = theirs_->record.offset;
        if (compacted_) {
            ++verdict_.superseded;
        } else if (!runs_.explains_hole(at, at + 1)) {
            verdict_.differs("source offset " + std::to_string(at.value) + " is not at the target");
        }
        theirs_.reset();
    }

    RecordStream& source_;
    const OriginRuns& runs_;
    PartitionVerdict& verdict_;
    LogExtent source_extent_;
    bool compacted_;
    std::optional<client::ConsumerRecord> theirs_;
};

Task<Status> walk(
    RecordStream& target,
    SideBySide& sides,
    const OriginRuns& runs,
    PartitionVerdict& verdict,
    std::function<void(std::int64_t)> progress,
    Instant deadline
) {
    while (true) {
        SEALANE_CO_TRY(const auto ours, co_await target.next(deadline));
        if (!ours) co_return co_await sides.finish(deadline);
        const auto wanted = runs.source_of(ours->record.offset);
        if (!wanted) continue;
        SEALANE_CO_CHECK(co_await sides.take(ours->record, *wanted, deadline));
        if (verdict.compared % kTellEvery == 0) progress(verdict.compared);
    }
}

}  // namespace

Task<Status> compare_aggregate(
    ComparedSides sides, PartitionVerdict& verdict, std::function<void(std::int64_t)> progress
) {
    const std::string cluster_id = sides.source.metadata().cluster_id();
    SEALANE_CO_TRY(const OriginRuns runs, co_await read_runs(sides, verdict, cluster_id));
    RecordStream source(
        sides.source, verdict.source, sides.source_extent.start, sides.source_extent.end
    );
    RecordStream target(
        sides.target, verdict.target, sides.target_extent.start, sides.target_extent.end
    );
    SideBySide both(source, runs, verdict, sides);
    const Status status = co_await walk(target, both, runs, verdict, progress, sides.deadline);
    co_await source.stop();
    co_await target.stop();
    co_return status;
}

}  // namespace sealane::topology
