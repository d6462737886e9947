#include "common/client/fetch_positions.hpp"

#include "common/base/text.hpp"
#include "common/kafka/records/batch_cursor.hpp"

namespace sealane::client {

void FetchPositions::assign(const TopicPartition& partition, StartAt start) {
    State state;
    state.start = start;
    state.generation = next_generation_++;
    if (start.kind == StartAt::Kind::kOffset) {
        state.next = start.offset;
        state.last_epoch = start.epoch;
        state.validated = start.epoch == kNoLeaderEpoch;
    }
    const State* before = find(partition);
    if (before != nullptr) state.paused = before->paused;
    partitions_[partition] = state;
    std::erase_if(failures_, [&](const auto& failed) { return failed.partition == partition; });
}

void FetchPositions::unassign(const TopicPartition& partition) {
    partitions_.erase(partition);
    std::erase_if(failures_, [&](const auto& failed) { return failed.partition == partition; });
}

FetchPositions::State* FetchPositions::find(const TopicPartition& partition) {
    const auto found = partitions_.find(partition);
    return found == partitions_.end() ? nullptr : &found->second;
}

bool FetchPositions::is_assigned(const TopicPartition& partition) const {
    return partitions_.contains(partition);
}

std::vector<TopicPartition> FetchPositions::assigned() const {
    std::vector<TopicPartition> all;
    for (const auto& [partition, state] : partitions_) all.push_back(partition);
    return all;
}

void FetchPositions::pause(const TopicPartition& partition, bool paused) {
    if (State* state = find(partition)) state->paused = paused;
}

std::optional<Offset> FetchPositions::position(const TopicPartition& partition) const {
    const auto found = partitions_.find(partition);
    return found == partitions_.end() ? std::nullopt : found->second.next;
}

LeaderEpoch FetchPositions::last_epoch(const TopicPartition& partition) const {
    const auto found = partitions_.find(partition);
    return found == partitions_.end() ? kNoLeaderEpoch : found->second.last_epoch;
}

std::map<TopicPartition, StartAt> FetchPositions::unresolved() const {
    std::map<TopicPartition, StartAt> places;
    for (const auto& [partition, state] : partitions_) {
        if (!state.next && !state.failed) places.emplace(partition, state.start);
    }
    return places;
}

void FetchPositions::resolved(
    const TopicPartition& partition, std::uint64_t generation, Offset offset
) {
    State* state = find(partition);
    if (state == nullptr || state->generation != generation || state->next) return;
    state->next = offset;
}

std::vector<TopicPartition> FetchPositions::unvalidated() const {
    std::vector<TopicPartition> all;
    for (const auto& [partition, state] : partitions_) {
        if (!state.validated && !state.failed && state.leader_epoch.value >= 0)
            all.push_back(partition);
    }
    return all;
}

void FetchPositions::leader_known(
    const TopicPartition& partition, LeaderEpoch epoch, const Uuid& topic_id
) {
    State* state = find(partition);
    if (state == nullptr || state->failed) return;
    if (!state->topic_id.is_zero() && !topic_id.is_zero() && state->topic_id != topic_id)
        return fail(
            partition,
            Error(
                ErrorCode::kInconsistentTopicId,
                concat(partition.topic, " was deleted and created again")
            )
        );
    if (!topic_id.is_zero()) state->topic_id = topic_id;
    if (epoch <= state->leader_epoch) return;
    // Under the epoch that wrote what was read last, nothing of it can have been cut.
    if (state->last_epoch.value >= 0 && state->last_epoch != epoch) state->validated = false;
    state->leader_epoch = epoch;
}

void FetchPositions::validated(
    const TopicPartition& partition, LeaderEpoch epoch, Offset epoch_end
) {
    State* state = find(partition);
    if (state == nullptr || state->failed || !state->next || state->validated) return;
    if (epoch == state->last_epoch && epoch_end >= *state->next) {
        state->validated = true;
        return;
    }
    FetchedPartition cut = failure(
        partition,
        *state,
        Error(
            ErrorCode::kFencedLeaderEpoch,
            concat(
                partition.to_string(),
                " was cut below offset ",
                state->next->value,
                ", which was read under leader epoch ",
                state->last_epoch.value
            )
        )
    );
    if (epoch_end.value >= 0) {
        cut.cut_at = std::min(epoch_end, *state->next);
        cut.cut_epoch = epoch;
    }
    failures_.push_back(std::move(cut));
}

void FetchPositions::skip_validation(const TopicPartition& partition) {
    if (State* state = find(partition)) state->validated = true;
}

std::vector<FetchPositions::Wanted> FetchPositions::wanted() const {
    std::vector<Wanted> all;
    for (const auto& [partition, state] : partitions_) {
        if (!state.next || !state.validated || state.paused || state.failed) continue;
        all.push_back(
            {partition, *state.next, state.leader_epoch, state.last_epoch, state.generation}
        );
    }
    return all;
}

std::optional<FetchedPartition> FetchPositions::take(
    const Wanted& asked, const kafka::FetchResponse::PartitionData& answer
) {
    State* state = find(asked.partition);
    if (state == nullptr || state->failed || !is_current(asked.partition, asked.generation) ||
        state->next != asked.offset)
        return std::nullopt;
    if (answer.error_code != ErrorCode::kNone)
        return failure(
            asked.partition,
            *state,
            Error(
                answer.error_code,
                concat("fetch ", asked.partition.to_string(), " at ", asked.offset.value)
            )
        );
    const BufferSlice records = answer.records.value_or(BufferSlice{});
    if (records.empty()) return std::nullopt;
    auto batches = batches_of(records, asked.offset);
    if (!batches)
        return failure(asked.partition, *state, batches.error().in(asked.partition.to_string()));
    if (batches->empty()) return std::nullopt;

    FetchedPartition fetched;
    fetched.partition = asked.partition;
    fetched.topic_id = state->topic_id;
    fetched.from = asked.offset;
    fetched.next = batches->back()->next_offset();
    fetched.high_watermark = answer.high_watermark;
    fetched.last_stable_offset = answer.last_stable_offset;
    fetched.log_start_offset = answer.log_start_offset;
    if (answer.aborted_transactions) fetched.aborted = *answer.aborted_transactions;
    fetched.bytes = records.size();
    state->next = fetched.next;
    state->last_epoch = batches->back()->leader_epoch();
    fetched.batches = *std::move(batches);
    return fetched;
}

// Whole batches from `from` on, in order, with right checksums.
Result<std::vector<kafka::RecordBatch>> FetchPositions::batches_of(
    const BufferSlice& records, Offset from
) {
    std::vector<kafka::RecordBatch> batches;
    kafka::BatchCursor cursor(records, kafka::Truncation::kIsEnd);
    Offset expected = from;
    bool any = false;
    for (;;) {
        SEALANE_TRY(std::optional<kafka::RecordBatch> batch, cursor.next());
        if (!batch) break;
        any = true;
        if ((*batch)->last_offset() < from) continue;
        const bool first = batches.empty();
        if (!first && (*batch)->base_offset() < expected)
            return sealane::fail(
                ErrorCode::kCorruptMessage,
                concat("batch at ", (*batch)->base_offset().value, " after ", expected.value)
            );
        SEALANE_CHECK((*batch)->check_crc());
        expected = (*batch)->next_offset();
        batches.push_back(*std::move(batch));
    }
    if (!any)
        return sealane::fail(
            ErrorCode::kMessageTooLarge, "the next batch is larger than the broker returns"
        );
    return batches;
}

FetchedPartition FetchPositions::failure(
    const TopicPartition& partition, State& state, Error error
) {
    state.failed = true;
    FetchedPartition failed;
    failed.partition = partition;
    failed.topic_id = state.topic_id;
    failed.error = std::move(error);
    failed.from = state.next.value_or(kNoOffset);
    failed.next = failed.from;
    return failed;
}

void FetchPositions::fail(const TopicPartition& partition, Error error) {
    State* state = find(partition);
    if (state == nullptr || state->failed) return;
    failures_.push_back(failure(partition, *state, std::move(error)));
}

bool FetchPositions::is_current(const TopicPartition& partition, std::uint64_t generation) const {
    const auto found = partitions_.find(partition);
    return found != partitions_.end() && found->second.generation == generation;
}

std::uint64_t FetchPositions::generation(const TopicPartition& partition) const {
    const auto found = partitions_.find(partition);
    return found == partitions_.end() ? 0 : found->second.generation;
}

std::vector<FetchedPartition> FetchPositions::take_failures() {
    return std::exchange(failures_, {});
}

}  // namespace sealane::client
