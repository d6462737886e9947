// SourceSession: greeting, assignments, and the data path. What it tells beside (topics, ends,
// groups) is in source_reports.cpp.

#include "mirror/link/source_session.hpp"

#include "common/client/list_offsets.hpp"

#include <algorithm>

namespace sealane::mirror {

using client::FetchedPartition;
using client::StartAt;
using runtime::Task;

namespace {

constexpr Duration kPatience = 10s;
constexpr Duration kSilence = 20s;  // the peer pings every few seconds
constexpr std::size_t kDataFrameBytes = 4U << 20U;

client::ConsumerOptions consumer_options() {
    client::ConsumerOptions options;
    options.max_wait = 250ms;
    options.buffer_bytes = 16U << 20U;
    return options;
}

Stopped stopped(Cause cause, std::string detail, Offset position, Offset resume = kNoOffset) {
    Stopped why;
    why.cause = static_cast<std::int8_t>(cause);
    why.detail = std::move(detail);
    why.position = position;
    why.resume_offset = resume;
    return why;
}

// All batches in one slice. Those of one fetch lie side by side in its block and are not copied:
// the slice keeps them alive.
BufferSlice one_slice(BufferChain batches) {
    const auto& parts = batches.slices();
    for (std::size_t i = 1; i < parts.size(); ++i) {
        if (parts[i - 1].data() + parts[i - 1].size() != parts[i].data()) return batches.joined();
    }
    const ByteView all(parts.front().data(), batches.size());
    auto owner = std::make_shared<BufferChain>(std::move(batches));
    return {std::shared_ptr<const std::byte[]>(std::move(owner), all.data()), all};
}

bool refuses_for_good(ErrorCode code) {
    return code == ErrorCode::kTopicAuthorizationFailed ||
           code == ErrorCode::kClusterAuthorizationFailed ||
           code == ErrorCode::kUnsupportedForMessageFormat || code == ErrorCode::kInvalidRecord;
}

}  // namespace

SourceSession::SourceSession(HalfContext& context, std::unique_ptr<runtime::Stream> stream)
    : context_(context),
      log_(context.world.log("mirror.source")),
      tasks_(context.world),
      stream_(context.world, tasks_, std::move(stream)),
      consumer_(context.cluster, consumer_options()),
      admin_(context.cluster),
      topics_(context.half.topics_include, context.half.topics_exclude),
      groups_(context.half.groups_include, context.half.groups_exclude),
      changed_(context.world.waits()) {
    tasks_.on_stop([this] { changed_.notify_all(); });
}

Task<Status> SourceSession::run() {
    Status status = co_await greet();
    if (status) {
        greeted_ = true;
        tasks_.spawn([this] { return poll_loop(); });
        tasks_.spawn([this] { return topic_loop(); });
        if (!groups_.takes_nothing()) tasks_.spawn([this] { return group_loop(); });
        status = co_await read_loop();
    }
    co_await stream_.flush(context_.world.now() + 1s);
    tasks_.stop();
    co_await consumer_.stop();
    co_await tasks_.join();
    greeted_ = false;
    co_return status;
}

Task<Status> SourceSession::greet() {
    SEALANE_CO_TRY(Frame frame, co_await stream_.read(context_.world.now() + kPatience));
    const auto* hello = std::get_if<Hello>(&frame);
    if (hello == nullptr) co_return fail(ErrorCode::kMalformed, "the first frame is no Hello");
    Welcome welcome;
    welcome.domain = context_.config.domain;
    if (hello->protocol_version != kFrameProtocolVersion) {
        welcome.refusal =
            "this half speaks protocol version " + std::to_string(kFrameProtocolVersion);
    } else if (hello->link != context_.half.link) {
        welcome.refusal = "this socket belongs to link " + context_.half.link;
    } else if (hello->kind != static_cast<std::int8_t>(context_.half.kind)) {
        welcome.refusal = "the consumer half has the other kind of link";
    }
    if (!welcome.refusal) {
        const Status known =
            co_await context_.cluster.refresh_all(context_.world.now() + kPatience);
        if (!known) co_return fail(known.error().in("source cluster " + context_.half.cluster));
        welcome.cluster_id = context_.cluster.metadata().cluster_id();
        asked_topics_ = NameFilter(hello->topics_include, hello->topics_exclude);
        asked_groups_ = NameFilter(hello->groups_include, hello->groups_exclude);
    }
    stream_.send(welcome);
    if (welcome.refusal) co_return fail(ErrorCode::kInvalidRequest, *welcome.refusal);
    co_return Status{};
}

Task<Status> SourceSession::read_loop() {
    while (!tasks_.stopping()) {
        SEALANE_CO_TRY(const Frame frame, co_await stream_.read(context_.world.now() + kSilence));
        SEALANE_CO_CHECK(take(frame));
    }
    co_return fail(Error::stopped());
}

Status SourceSession::take(const Frame& frame) {
    if (const auto* credit = std::get_if<Credit>(&frame)) {
        if (credit->bytes < 0 || credit->bytes > INT64_MAX - std::max<std::int64_t>(credit_, 0))
            return fail(ErrorCode::kMalformed, "credit out of range");
        credit_ += credit->bytes;
        if (first_credit_ == 0) first_credit_ = credit->bytes;
        changed_.notify_all();
    } else if (const auto* what = std::get_if<Assign>(&frame)) {
        if (!topics_.takes(what->topic) || !asked_topics_.takes(what->topic))
            return fail(ErrorCode::kMalformed, "assignment of a topic that may not leave");
        const TopicPartition partition{what->topic, what->partition};
        consumer_.unassign(partition);
        assigned_[partition] = Assigned{*what, false};
        tasks_.spawn([this, copy = *what] { return begin(copy); });
    } else if (const auto* gone = std::get_if<Unassign>(&frame)) {
        const auto found = std::ranges::find_if(assigned_, [gone](const auto& entry) {
            return entry.second.what.assignment == gone->assignment;
        });
        if (found != assigned_.end()) drop(TopicPartition(found->first));
    } else if (!std::holds_alternative<Ping>(frame)) {
        return fail(ErrorCode::kMalformed, "a frame that only the consumer half sends");
    }
    return {};
}

Task<void> SourceSession::begin(Assign what) {
    const TopicPartition partition{what.topic, what.partition};
    client::Backoff backoff(100ms, 5s);
    while (!tasks_.stopping() && current(partition, what.assignment) != nullptr) {
        const Status begun = co_await try_begin(what);
        if (begun || tasks_.stopping()) co_return;
        log_.info(
            "assignment waits for the source",
            {{"link", context_.half.link},
             {"partition", partition.to_string()},
             {"error", begun.error()}}
        );
        if (refuses_for_good(begun.error().code())) {
            stop_assignment(
                what.assignment, stopped(Cause::kRefused, begun.error().to_string(), what.offset)
            );
            co_return;
        }
        co_await tasks_.sleep(backoff.next(context_.world.rng()));
    }
}

Task<Status> SourceSession::try_begin(Assign what) {
    const TopicPartition partition{what.topic, what.partition};
    const Instant deadline = context_.world.now() + kPatience;
    const auto topic = co_await admin_.describe_topic(what.topic, deadline);
    if (!topic && topic.error().code() == ErrorCode::kUnknownTopicOrPartition) {
        stop_assignment(
            what.assignment,
            stopped(Cause::kTopicDeleted, "the source has no topic " + what.topic, what.offset)
        );
        co_return Status{};
    }
    if (!topic) co_return fail(topic.error());
    if (topic->id != what.topic_id) {
        stop_assignment(
            what.assignment,
            stopped(
                Cause::kTopicRecreated,
                "the source's topic id is " + topic->id.to_string() + " now, not " +
                    what.topic_id.to_string(),
                what.offset
            )
        );
        co_return Status{};
    }
    SEALANE_CO_TRY(
        const auto first,
        co_await client::list_offset(context_.cluster, partition, StartAt::earliest(), deadline)
    );
    SEALANE_CO_TRY(
        const auto end,
        co_await client::list_offset(context_.cluster, partition, StartAt::latest(), deadline)
    );
    SEALANE_CO_TRY(const bool whole, co_await history_holds(what, end.offset));
    Assigned* assigned = current(partition, what.assignment);
    if (assigned == nullptr || !whole) co_return Status{};
    const Offset from = what.offset == kNoOffset ? first.offset : what.offset;
    if (from < first.offset || from > end.offset) {
        const bool expired = from < first.offset;
        const std::string range = "the source holds offsets " + std::to_string(first.offset.value) +
                                  " to " + std::to_string(end.offset.value - 1) +
                                  ", the mirror is at " + std::to_string(from.value);
        stop_assignment(
            what.assignment,
            stopped(
                expired ? Cause::kExpired : Cause::kTruncated,
                range,
                from,
                expired ? first.offset : kNoOffset
            )
        );
        co_return Status{};
    }
    Started started;
    started.assignment = what.assignment;
    started.offset = from;
    started.log_start = first.offset;
    started.high_watermark = end.offset;
    stream_.send(started);
    assigned->started = true;
    consumer_.assign(partition, StartAt::at(from, what.last_epoch));
    co_return Status{};
}

// Whether the record before the position is still the one that was copied, as far as leader epochs
// can tell (KIP-101); stops the assignment when not.
Task<Result<bool>> SourceSession::history_holds(Assign what, Offset log_end) {
    if (what.last_epoch < LeaderEpoch(0) || what.offset < Offset(0)) co_return true;
    const TopicPartition partition{what.topic, what.partition};
    SEALANE_CO_TRY(
        const auto known,
        co_await client::epoch_end(
            context_.cluster, partition, what.last_epoch, context_.world.now() + kPatience
        )
    );
    const bool unknown = known.end == kNoOffset;
    if (unknown ? what.offset == log_end : known.end >= what.offset) co_return true;
    const std::string epoch = std::to_string(what.last_epoch.value);
    stop_assignment(
        what.assignment,
        stopped(
            Cause::kTruncated,
            unknown ? "the source has no leader epoch " + epoch + " any more"
                    : "leader epoch " + epoch + " ends at " + std::to_string(known.end.value) +
                          " in the source, the mirror is at " + std::to_string(what.offset.value),
            unknown ? what.offset : known.end
        )
    );
    co_return false;
}

Task<void> SourceSession::poll_loop() {
    while (!tasks_.stopping()) {
        auto fetched = co_await consumer_.poll_batches(context_.world.now() + 1s);
        if (!fetched) {
            if (fetched.error().is_stopped()) co_return;
            log_.warning("fetching failed", {{"error", fetched.error()}});
            co_await tasks_.sleep(1s);
            continue;
        }
        if (*fetched) co_await forward(**std::move(fetched));
    }
}

Task<void> SourceSession::forward(FetchedPartition fetched) {
    const auto found = assigned_.find(fetched.partition);
    if (found == assigned_.end() || !found->second.started) co_return;
    const Assign what = found->second.what;
    if (fetched.error) {
        const ErrorCode code = fetched.error->code();
        if (code == ErrorCode::kFencedLeaderEpoch && fetched.cut_at) {
            stop_assignment(
                what.assignment,
                stopped(Cause::kTruncated, fetched.error->to_string(), *fetched.cut_at)
            );
        } else if (code == ErrorCode::kCorruptMessage) {
            stop_assignment(
                what.assignment, stopped(Cause::kCorrupt, fetched.error->to_string(), fetched.from)
            );
        } else {
            // Looked at afresh: log start, end and topic id tell what happened.
            found->second.started = false;
            Assign again = what;
            again.offset = fetched.from;
            tasks_.spawn([this, again] { return begin(again); });
        }
        co_return;
    }
    if (!fetched.topic_id.is_zero() && fetched.topic_id != what.topic_id) {
        stop_assignment(
            what.assignment,
            stopped(Cause::kTopicRecreated, "the source's topic id changed", fetched.from)
        );
        co_return;
    }
    std::size_t next = 0;
    while (next < fetched.batches.size()) {
        BufferChain records;
        while (next < fetched.batches.size() &&
               (records.empty() || records.size() + fetched.batches[next].size() <= kDataFrameBytes)
        )
            records.append(fetched.batches[next++].bytes());
        const auto bytes = static_cast<std::int64_t>(records.size());
        const bool wanted = co_await wait_for_credit(what.assignment, bytes);
        if (!wanted || current(fetched.partition, what.assignment) == nullptr) co_return;
        credit_ -= bytes;
        sent_bytes_ += bytes;
        Data data;
        data.assignment = what.assignment;
        data.log_start = fetched.log_start_offset;
        data.high_watermark = fetched.high_watermark;
        data.records = one_slice(std::move(records));
        stream_.send(data);
    }
}

// True when `bytes` may go out. What is larger than the whole queue goes out when everything else
// has come back as credit; the credit is negative then until it is through.
Task<bool> SourceSession::wait_for_credit(std::int64_t assignment, std::int64_t bytes) {
    while (!tasks_.stopping() && !stream_.broken()) {
        const bool nothing_out = first_credit_ > 0 && credit_ >= first_credit_;
        if (credit_ >= bytes || nothing_out) co_return true;
        co_await changed_.wait_until(context_.world.now() + 1s);
        const bool assigned = std::ranges::any_of(assigned_, [assignment](const auto& entry) {
            return entry.second.what.assignment == assignment;
        });
        if (!assigned) co_return false;
    }
    co_return false;
}

void SourceSession::stop_assignment(std::int64_t assignment, Stopped why) {
    for (const auto& [partition, assigned] : assigned_) {
        if (assigned.what.assignment != assignment) continue;
        log_.warning(
            "partition stopped",
            {{"link", context_.half.link},
             {"partition", partition.to_string()},
             {"cause", name_of(static_cast<Cause>(why.cause))},
             {"detail", why.detail}}
        );
        why.assignment = assignment;
        stream_.send(why);
        drop(TopicPartition(partition));
        return;
    }
}

void SourceSession::drop(const TopicPartition& partition) {
    consumer_.unassign(partition);
    assigned_.erase(partition);
    changed_.notify_all();
}

SourceSession::Assigned* SourceSession::current(
    const TopicPartition& partition, std::int64_t assignment
) {
    const auto found = assigned_.find(partition);
    if (found == assigned_.end() || found->second.what.assignment != assignment) return nullptr;
    return &found->second;
}

}  // namespace sealane::mirror
