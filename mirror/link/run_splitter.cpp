#include "mirror/link/run_splitter.hpp"

#include "common/kafka/records/batch_cursor.hpp"

#include <algorithm>

namespace sealane::mirror {
namespace {

std::string at(Offset offset) {
    return std::to_string(offset.value);
}

StopCause corrupt(const Error& error, Offset position) {
    return {Cause::kCorrupt, error.to_string(), position, kNoOffset};
}

}  // namespace

RunSplitter::RunSplitter(Rules rules, std::optional<Offset> position, Offset read_from)
    : rules_(std::move(rules)), expected_(position), read_position_(read_from) {
    if (position && *position < read_from) hole_reason_ = kafka::kHoleInLedger;
}

RunSplitter::Outcome RunSplitter::split(const BufferSlice& records) {
    Outcome outcome;
    kafka::BatchCursor cursor(records, kafka::Truncation::kIsError);
    std::size_t run_begin = 0;  // in bytes, of the newest run
    bool run_open = false;
    while (true) {
        const std::size_t begin = cursor.position();
        auto next = cursor.next();
        if (!next) {
            outcome.stop = corrupt(next.error(), read_position_);
            return outcome;
        }
        if (!*next) return outcome;
        const kafka::RecordBatchView batch = (*next)->view();
        if (batch.next_offset() <= read_position_) continue;
        outcome.stop = check_position(batch);
        if (outcome.stop) return outcome;
        const std::vector<std::string> chain = take_chain(batch);
        const auto carried = is_carried(batch, chain);
        if (!carried) {
            outcome.stop = StopCause{
                carried.error().code() == ErrorCode::kUnsupported ? Cause::kTransactional
                                                                  : Cause::kCorrupt,
                carried.error().detail(),
                batch.base_offset(),
                batch.next_offset()
            };
            return outcome;
        }
        if (!*carried) {
            pass_over(batch);
            run_open = false;
            continue;
        }
        const bool joins =
            run_open && hole_reason_ == kafka::kNoHole && outcome.runs.back().origin_chain == chain;
        if (!joins) {
            const Offset expected = expected_.value_or(kNoOffset);
            outcome.runs.push_back(
                {expected, batch.base_offset(), batch.base_offset(), hole_reason_, chain, {}, 0}
            );
            run_begin = begin;
            run_open = true;
        }
        SourceRun& run = outcome.runs.back();
        run.end = batch.next_offset();
        run.record_count += batch.record_count();
        run.records = records.slice(run_begin, cursor.position() - run_begin);
        expected_ = read_position_ = batch.next_offset();
        hole_reason_ = kafka::kNoHole;
    }
}

std::optional<StopCause> RunSplitter::check_position(const kafka::RecordBatchView& batch) {
    const bool first = std::exchange(first_, false);
    if (batch.base_offset() < read_position_) {
        // Reading may begin inside a batch where the log start does; it is carried whole.
        const bool fits = first && (!expected_ || batch.base_offset() >= *expected_);
        if (fits) {
            if (expected_ == batch.base_offset()) hole_reason_ = kafka::kNoHole;
            return std::nullopt;
        }
        return StopCause{
            Cause::kDiverged,
            "the source has a batch from " + at(batch.base_offset()) + " to " +
                at(batch.last_offset()) + " where one begins at " + at(read_position_) +
                " at the target",
            read_position_,
            kNoOffset
        };
    }
    if (batch.base_offset() == read_position_) return std::nullopt;
    if (!expected_) return std::nullopt;  // nothing was promised before the first batch
    if (!rules_.source_compacts)
        return StopCause{
            Cause::kHole,
            "offsets " + at(read_position_) + " to " + at(batch.base_offset() - 1) +
                " are missing in the source",
            read_position_,
            batch.base_offset()
        };
    hole_reason_ = std::max(hole_reason_, kafka::kHoleCompacted);
    return std::nullopt;
}

Result<bool> RunSplitter::is_carried(
    const kafka::RecordBatchView& batch, const std::vector<std::string>& chain
) {
    if (rules_.kind == LinkKind::kReplica) return true;
    if (batch.is_control()) {
        SEALANE_TRY(const auto run, kafka::run_announced_by(batch));
        announced_ = {};
        if (run) {
            announced_.chain.push_back(run->origin.cluster_id);
            announced_.chain.insert(
                announced_.chain.end(), run->origin_chain.begin(), run->origin_chain.end()
            );
            announced_.crcs = run->batch_crcs;
        }
        return false;
    }
    if (batch.is_transactional())
        return fail(
            ErrorCode::kUnsupported,
            "the source topic has transactional records; an aggregate link does not carry them"
        );
    return std::ranges::find(chain, rules_.target_cluster_id) == chain.end();
}

std::vector<std::string> RunSplitter::take_chain(const kafka::RecordBatchView& batch) {
    if (batch.is_control() || announced_.at == announced_.crcs.size()) return {};
    // An announcement covers the batches with the checksums it lists, in that order.
    if (announced_.crcs[announced_.at] != static_cast<std::int32_t>(batch.crc())) {
        announced_ = {};
        return {};
    }
    ++announced_.at;
    return announced_.chain;
}

void RunSplitter::pass_over(const kafka::RecordBatchView& batch) {
    read_position_ = batch.next_offset();
    if (expected_) hole_reason_ = std::max(hole_reason_, kafka::kHoleControlBatches);
}

}  // namespace sealane::mirror
