// OriginIndex. Snapshot: int16 version 0, uint32 CRC-32C of the rest, int64 next target offset of
// the awaited batch (-1: none), int32 count and int32s of the awaited checksums (count -2: none, an
// int64 end of the run instead), the map.
#include "broker/mirrored/origin_index.hpp"

#include "common/base/crc32c.hpp"
#include "common/base/endian.hpp"
#include "common/kafka/records/batch_patch.hpp"

#include <array>
#include <map>

namespace sealane::broker {
namespace {

constexpr std::int16_t kSnapshotVersion = 0;
constexpr std::size_t kCrcEnd = 6;
constexpr std::size_t kAwaitedAt = 6;
constexpr std::size_t kCountAt = 14;
constexpr std::size_t kCrcsAt = 18;
constexpr std::int32_t kCompleteRun = -2;

template <class T>
void put(ByteWriter& to, T number) {
    std::array<std::byte, sizeof(T)> room;
    store_be(room.data(), number);
    to.append(room);
}

Error does_not_continue(const kafka::MirrorRunRecord& run, std::optional<Offset> next) {
    return Error(
        ErrorCode::kOutOfOrderSequenceNumber,
        "the run starts at source offset " + std::to_string(run.expected_source_offset.value) +
            " and partition " + std::to_string(run.origin.partition_index.value) + " of " +
            run.origin.topic_name +
            (next ? " continues at " + std::to_string(next->value) : " is not here yet")
    );
}

// Nothing was before source offset 0, so a run that expects it may begin an origin as well.
bool may_begin(const kafka::MirrorRunRecord& run) {
    return run.expected_source_offset == kNoOffset || run.expected_source_offset == Offset(0);
}

}  // namespace

Result<std::optional<DuplicateAppend>> OriginIndex::admit(
    std::span<const kafka::RecordBatchView> batches, AppendOrigin origin
) {
    if (origin != AppendOrigin::kCoordinator) return std::nullopt;
    std::map<kafka::MirrorOrigin, Offset> next;  // after the runs of this append looked at so far
    std::size_t runs = 0;
    std::size_t known = 0;
    std::optional<DuplicateAppend> duplicate;
    for (const kafka::RecordBatchView& batch : batches) {
        SEALANE_TRY(const auto run, kafka::run_announced_by(batch));
        if (!run) continue;
        ++runs;
        const auto position = map_.position(run->origin);
        if (position && run->source_last_offset < position->next) {
            ++known;
            const auto base = map_.to_target(run->origin, run->source_base_offset);
            const auto last = map_.to_target(run->origin, run->source_last_offset);
            if (!duplicate) duplicate = DuplicateAppend{base.value_or(kNoOffset), kNoOffset, {}};
            duplicate->last_offset = last.value_or(kNoOffset);
            continue;
        }
        const auto earlier = next.find(run->origin);
        std::optional<Offset> expected;
        if (earlier != next.end()) {
            expected = earlier->second;
        } else if (position) {
            expected = position->next;
        }
        const bool continues =
            expected ? *expected == run->expected_source_offset : may_begin(*run);
        if (!continues) return fail(does_not_continue(*run, expected));
        next[run->origin] = run->source_last_offset + 1;
    }
    if (known == 0) return std::nullopt;
    if (known == runs) return duplicate;
    return fail(
        ErrorCode::kOutOfOrderSequenceNumber, "some runs of the append are there already, some not"
    );
}

// Whatever follows in the log shows that what lies before it has come, though compaction may have
// taken it away since: a segment's last batch always stays.
void OriginIndex::extend_complete(const kafka::RecordBatchView& batch) {
    const bool belongs = !batch.is_control() && batch.base_offset() < awaited_->complete_to;
    const Offset to =
        std::min(awaited_->complete_to, belongs ? batch.next_offset() : batch.base_offset());
    if (to > awaited_->next_target) map_.extend(to - awaited_->next_target);
    awaited_->next_target = std::max(awaited_->next_target, to);
    if (awaited_->next_target == awaited_->complete_to) awaited_.reset();
}

void OriginIndex::apply(const kafka::RecordBatchView& batch, AppendOrigin) {
    if (awaited_ && awaited_->complete_to != kNoOffset) extend_complete(batch);
    if (batch.is_control()) {
        const auto run = kafka::run_announced_by(batch);
        awaited_.reset();
        if (run && !*run) return;
        if (run && fits(**run)) {
            begin(**run, batch.next_offset());
        } else {
            ++ignored_;
        }
        return;
    }
    if (!awaited_ || awaited_->complete_to != kNoOffset) return;
    const bool follows = batch.base_offset() == awaited_->next_target &&
                         awaited_->at < awaited_->crcs.size() &&
                         static_cast<std::int32_t>(batch.crc()) == awaited_->crcs[awaited_->at];
    if (!follows) {
        awaited_.reset();
        return;
    }
    map_.extend(std::int64_t{batch.last_offset_delta()} + 1);
    awaited_->next_target = batch.next_offset();
    if (++awaited_->at == awaited_->crcs.size()) awaited_.reset();
}

void OriginIndex::begin(const kafka::MirrorRunRecord& run, Offset target_base) {
    OriginRun first;
    first.source_base = run.source_base_offset;
    first.target_base = target_base;
    first.hole_reason = run.hole_reason;
    if (run.hole_reason != kafka::kNoHole) first.hole_base = run.expected_source_offset;
    map_.begin_run(run.origin, first, run.source_epoch);
    awaited_ = Awaited{target_base, run.batch_crcs, 0, kNoOffset};
    if (run.batch_crcs.empty()) {
        awaited_->complete_to = target_base + (run.source_last_offset - run.source_base_offset) + 1;
    }
}

std::optional<BufferSlice> OriginIndex::when_cleaned(const kafka::RecordBatchView& control) const {
    const auto announced = kafka::run_announced_by(control);
    if (!announced || !*announced || (*announced)->batch_crcs.empty()) return std::nullopt;
    const Offset target = control.next_offset();
    const auto known = map_.runs_from(nullptr, target, 1);
    // One that nothing followed (a crash), or that the log start has passed, stays as it is.
    if (known.empty() || known.front().run.target_base != target) return std::nullopt;
    kafka::MirrorRunRecord complete = **announced;
    complete.source_last_offset = known.front().run.source_end() - 1;
    complete.batch_crcs.clear();
    const auto built = kafka::build_run_batch(complete, control.max_timestamp());
    if (!built) return std::nullopt;
    MutableBuffer bytes = kafka::mutable_copy(built->bytes().view());
    kafka::assign_offsets(bytes.view(), control.base_offset(), control.leader_epoch());
    // Says, as on every batch that compaction has rewritten, that it was there.
    kafka::BatchPatch marked;
    marked.attributes =
        built->view().attributes().with(kafka::BatchAttributes::kDeleteHorizonBit, true);
    kafka::patch(bytes.view(), marked);
    return std::move(bytes).freeze();
}

bool OriginIndex::fits(const kafka::MirrorRunRecord& run) const {
    const auto position = map_.position(run.origin);
    return run.source_base_offset.value >= 0 && run.source_last_offset >= run.source_base_offset &&
           (!position || run.source_base_offset >= position->next);
}

void OriginIndex::clear() {
    map_.clear();
    awaited_.reset();
    ignored_ = 0;
}

BufferSlice OriginIndex::snapshot(Offset) const {
    ByteWriter rest;
    put(rest, awaited_ ? awaited_->next_target.value : -1);
    const std::size_t left = awaited_ ? awaited_->crcs.size() - awaited_->at : 0;
    const bool complete = awaited_ && awaited_->complete_to != kNoOffset;
    put(rest, complete ? kCompleteRun : static_cast<std::int32_t>(left));
    if (complete) put(rest, awaited_->complete_to.value);
    for (std::size_t i = 0; i < left; ++i) put(rest, awaited_->crcs[awaited_->at + i]);
    rest.append(map_.save().view());
    const BufferSlice body = std::move(rest).freeze();
    ByteWriter all(kCrcEnd + body.size());
    put(all, kSnapshotVersion);
    put(all, crc32c(body.view()));
    all.append(body.view());
    return std::move(all).freeze();
}

Status OriginIndex::load(BufferSlice bytes) {
    if (bytes.size() < kCrcsAt) return fail(ErrorCode::kMalformed, "origins snapshot: too short");
    if (load_be<std::int16_t>(bytes.data()) != kSnapshotVersion)
        return fail(ErrorCode::kMalformed, "origins snapshot: unknown version");
    if (load_be<std::uint32_t>(bytes.data() + 2) != crc32c(bytes.view().subspan(kCrcEnd)))
        return fail(ErrorCode::kCorrupt, "origins snapshot: checksum does not match");
    const Offset next_target(load_be<std::int64_t>(bytes.data() + kAwaitedAt));
    auto count = load_be<std::int32_t>(bytes.data() + kCountAt);
    std::optional<Awaited> awaited;
    if (count == kCompleteRun && bytes.size() >= kCrcsAt + 8) {
        awaited =
            Awaited{next_target, {}, 0, Offset(load_be<std::int64_t>(bytes.data() + kCrcsAt))};
        count = 2;  // where the map begins
    }
    if (count < 0 || static_cast<std::size_t>(count) > (bytes.size() - kCrcsAt) / 4)
        return fail(ErrorCode::kMalformed, "origins snapshot: count beyond its end");
    if (count > 0 && !awaited) {
        awaited = Awaited{next_target, {}, 0, kNoOffset};
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
            awaited->crcs.push_back(load_be<std::int32_t>(bytes.data() + kCrcsAt + 4 * i));
    }
    SEALANE_TRY(
        OriginMap map, OriginMap::restore(bytes.from(kCrcsAt + 4 * static_cast<std::size_t>(count)))
    );
    map_ = std::move(map);
    awaited_ = std::move(awaited);
    return {};
}

}  // namespace sealane::broker
