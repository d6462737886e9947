#include "mirror/link/producer_half.hpp"

#include "common/client/backoff.hpp"

#include <algorithm>
#include <utility>

namespace sealane::mirror {

using runtime::Task;

namespace {

constexpr Duration kPatience = 10s;
constexpr Duration kSilence = 20s;
constexpr Duration kPingEvery = 5s;
constexpr Duration kLinkStateEvery = 1s;
constexpr Duration kTopicRetry = 1s;

Verdict worse(Verdict a, Verdict b) {
    constexpr auto rank = [](Verdict v) {
        switch (v) {
            case Verdict::kPromoted:
                return 0;
            case Verdict::kOk:
                return 1;
            case Verdict::kStarting:
                return 2;
            case Verdict::kLagging:
                return 3;
            case Verdict::kPaused:
                return 4;
            case Verdict::kStalled:
                return 5;
            case Verdict::kBroken:
                return 6;
        }
        return 6;
    };
    return rank(a) >= rank(b) ? a : b;
}

}  // namespace

ProducerHalf::ProducerHalf(HalfContext context, GapLedger& ledger)
    : ledger_(ledger),
      log_(context.world.log("mirror.link")),
      tasks_(context.world),
      board_(std::move(context)),
      topics_(board_),
      groups_(board_) {}

void ProducerHalf::start() {
    apart_since_ = board_.world().now();
    tasks_.on_stop([this] {
        if (board_.stream != nullptr) board_.stream->close();
        board_.changed.notify_all();
    });
    tasks_.spawn([this] { return run(); });
}

Task<void> ProducerHalf::stop() {
    co_await tasks_.stop_and_join();
}

Task<void> ProducerHalf::run() {
    client::Backoff backoff(100ms, 5s);
    while (!tasks_.stopping()) {
        const Instant began = board_.world().now();
        const Status ended = co_await run_session();
        if (tasks_.stopping()) co_return;
        apart_since_ = board_.world().now();
        const std::string why = ended ? "ended" : ended.error().to_string();
        if (why != trouble_)
            log_.info(
                "halves apart, trying again", {{"link", board_.context.half.link}, {"why", why}}
            );
        trouble_ = why;
        if (board_.world().now() - began > 10s) backoff.reset();
        co_await tasks_.sleep(backoff.next(board_.world().rng()));
    }
}

Task<Status> ProducerHalf::run_session() {
    SEALANE_CO_CHECK(co_await register_target());
    const Instant deadline = board_.world().now() + kPatience;
    auto connected = co_await board_.world().network().connect(
        board_.context.half.socket, std::nullopt, deadline
    );
    if (!connected) co_return fail(connected.error().in("consumer half"));
    runtime::TaskGroup session(board_.world());
    FrameStream stream(board_.world(), session, *std::move(connected));
    Appender appender(board_, session);
    PositionKeeper positions(board_, ledger_, session);
    board_.stream = &stream;
    if (tasks_.stopping()) stream.close();
    Status status = co_await greet(stream);
    if (status) status = co_await register_link();
    if (status) {
        trouble_.clear();
        apart_since_.reset();
        log_.info(
            "halves joined",
            {{"link", board_.context.half.link},
             {"source", board_.source_cluster_id},
             {"target", board_.target_cluster_id}}
        );
        stream.send(Credit{static_cast<std::int64_t>(board_.context.half.queue_bytes)});
        board_.restart_copies();
        session.on_stop([this] { board_.changed.notify_all(); });
        session.spawn([&appender] { return appender.send_loop(); });
        session.spawn([&appender] { return appender.answer_loop(); });
        session.spawn([&positions] { return positions.loop(); });
        session.spawn([this, &session] { return control_loop(session); });
        session.spawn([this, &session] { return credit_loop(session); });
        session.spawn([this, &session] { return group_loop(session); });
        status = co_await read_loop(stream);
    }
    session.stop();
    co_await session.join();
    appender.abandon();
    board_.stream = nullptr;
    board_.restart_copies();
    give_credit();  // the next session begins with a whole queue
    co_return status;
}

// Whether the target can be written by a link at all.
Task<Status> ProducerHalf::register_target() {
    kafka::MirrorLinksRequest request;
    request.link_name = board_.context.half.link;
    const auto answer =
        co_await board_.context.cluster.send_any(request, board_.world().now() + kPatience);
    refused_ = !answer && answer.error().code() == ErrorCode::kUnsupportedVersion;
    if (refused_)
        co_return fail(
            ErrorCode::kUnsupported,
            "target cluster " + board_.context.half.cluster +
                " does not serve the mirror API to this principal: it is no Sealane cluster "
                "(links into Apache Kafka are not supported), or mirror.principals lacks the "
                "principal"
        );
    if (!answer) co_return fail(answer.error().in("target cluster " + board_.context.half.cluster));
    board_.target_cluster_id = answer->cluster_id;
    co_return Status{};
}

Task<Status> ProducerHalf::greet(FrameStream& stream) {
    const HalfConfig& half = board_.context.half;
    Hello hello;
    hello.link = half.link;
    hello.kind = static_cast<std::int8_t>(half.kind);
    hello.domain = board_.context.config.domain;
    hello.topics_include = half.topics_include;
    hello.topics_exclude = half.topics_exclude;
    hello.groups_include = half.groups_include;
    hello.groups_exclude = half.groups_exclude;
    stream.send(hello);
    SEALANE_CO_TRY(const Frame frame, co_await stream.read(board_.world().now() + 2 * kPatience));
    const auto* welcome = std::get_if<Welcome>(&frame);
    if (welcome == nullptr) co_return fail(ErrorCode::kMalformed, "the first frame is no Welcome");
    if (welcome->refusal)
        co_return fail(
            ErrorCode::kInvalidRequest, "the consumer half refuses: " + *welcome->refusal
        );
    if (welcome->protocol_version != kFrameProtocolVersion)
        co_return fail(ErrorCode::kUnsupportedVersion, "the halves speak different versions");
    if (welcome->cluster_id.empty())
        co_return fail(ErrorCode::kUnsupported, "the source cluster has no cluster id");
    if (welcome->cluster_id == board_.target_cluster_id)
        co_return fail(ErrorCode::kInvalidRequest, "source and target are the same cluster");
    board_.source_cluster_id = welcome->cluster_id;
    co_return Status{};
}

Task<Status> ProducerHalf::register_link() {
    kafka::AlterMirrorLinkRequest request;
    request.link_name = board_.context.half.link;
    request.operation = kafka::kLinkUpsert;
    request.kind = static_cast<std::int8_t>(board_.context.half.kind);
    request.source_cluster_id = board_.source_cluster_id;
    SEALANE_CO_TRY(
        const auto answer,
        co_await board_.context.cluster.send_any(request, board_.world().now() + kPatience)
    );
    // Without an active controller, for instance, it is only for now.
    refused_ = answer.error_code != ErrorCode::kNone && !is_retriable(answer.error_code);
    if (answer.error_code != ErrorCode::kNone)
        co_return fail(answer.error_code, answer.error_message.value_or(""));
    board_.link_state = answer.link_state;
    board_.link_epoch = answer.link_epoch;
    board_.link_state_stale = false;
    link_was_missing_ = false;
    link_was_older_ = false;
    co_return Status{};
}

Task<Status> ProducerHalf::read_loop(FrameStream& stream) {
    while (!tasks_.stopping()) {
        SEALANE_CO_TRY(const Frame frame, co_await stream.read(board_.world().now() + kSilence));
        SEALANE_CO_CHECK(take(frame));
    }
    co_return fail(Error::stopped());
}

Status ProducerHalf::take(const Frame& frame) {
    const Instant now = board_.world().now();
    if (const auto* data = std::get_if<Data>(&frame)) {
        take_data(*data);
    } else if (const auto* topics = std::get_if<Topics>(&frame)) {
        topics_.on_topics(*topics);
    } else if (const auto* started = std::get_if<Started>(&frame)) {
        if (auto* carried = board_.by_id(started->assignment))
            carried->copy.on_started(now, *started);
    } else if (const auto* ends = std::get_if<Ends>(&frame)) {
        if (auto* carried = board_.by_id(ends->assignment))
            carried->copy.on_ends(now, ends->high_watermark);
    } else if (const auto* stopped = std::get_if<Stopped>(&frame)) {
        if (auto* carried = board_.by_id(stopped->assignment)) carried->copy.on_stopped(*stopped);
        board_.changed.notify_all();
    } else if (const auto* groups = std::get_if<Groups>(&frame)) {
        groups_.on_groups(*groups);
    } else if (!std::holds_alternative<Ping>(frame)) {
        return fail(ErrorCode::kMalformed, "a frame that only the producer half sends");
    }
    return {};
}

void ProducerHalf::take_data(const Data& data) {
    if (auto* carried = board_.by_id(data.assignment)) {
        carried->copy.on_data(board_.world().now(), data);
        if (carried->copy.assignment() != data.assignment)  // it stopped itself over this data
            board_.stream->send(Unassign{data.assignment});
    } else {
        stray_bytes_ += static_cast<std::int64_t>(data.records.size());
        board_.stream->send(Unassign{data.assignment});
    }
    board_.changed.notify_all();
}

Task<void> ProducerHalf::control_loop(runtime::TaskGroup& session) {
    Instant next_state = board_.world().now();
    Instant next_ping = next_state;
    Instant next_topics = next_state;
    while (!session.stopping()) {
        const Instant now = board_.world().now();
        if (board_.link_state_stale || now >= next_state) {
            co_await follow_link_state();
            next_state = board_.world().now() + kLinkStateEvery;
        }
        if (topics_.has_work() && now >= next_topics) {
            co_await topics_.follow();
            next_topics = board_.world().now() + (topics_.has_work() ? kTopicRetry : Duration(0));
        }
        if (now >= next_ping && board_.stream != nullptr) {
            board_.stream->send(Ping{});
            next_ping = now + kPingEvery;
        }
        co_await board_.changed.wait_until(board_.world().now() + 500ms);
    }
}

Task<void> ProducerHalf::credit_loop(runtime::TaskGroup& session) {
    while (!session.stopping()) {
        give_credit();
        co_await board_.changed.wait_until(board_.world().now() + 1s);
    }
}

Task<void> ProducerHalf::group_loop(runtime::TaskGroup& session) {
    while (!session.stopping()) {
        co_await groups_.follow();
        co_await session.sleep(board_.context.config.group_interval);
    }
}

Task<void> ProducerHalf::follow_link_state() {
    kafka::MirrorLinksRequest request;
    request.link_name = board_.context.half.link;
    const auto answer =
        co_await board_.context.cluster.send_any(request, board_.world().now() + kPatience);
    if (!answer) co_return;  // the target cannot be reached: appends tell
    board_.link_state_stale = false;
    if (answer->links.empty()) {
        // A broker may not know yet what was registered through another one. If it is deleted under
        // us: a new session registers it again, if this half still runs then.
        const bool again = std::exchange(link_was_missing_, true);
        if (again && board_.stream != nullptr) board_.stream->close();
        co_return;
    }
    link_was_missing_ = false;
    const auto& link = answer->links.front();
    if (link.epoch == board_.link_epoch && link.state == board_.link_state) co_return;
    const bool older = link.epoch < board_.link_epoch;
    const bool older_before = std::exchange(link_was_older_, older);
    if (older && !older_before) co_return;
    log_.info(
        "link changed at the target",
        {{"link", link.name}, {"state", static_cast<int>(link.state)}, {"epoch", link.epoch}}
    );
    board_.link_state = link.state;
    board_.link_epoch = link.epoch;
    // Resumed or unpinned: what was stopped is looked at again.
    for (auto& [name, topic] : board_.topics) {
        topic.ready = false;
        topic.cause.reset();
    }
    for (auto& [key, carried] : board_.copies) carried.copy.forgive();
    topics_.look_again();
    board_.restart_copies();
}

void ProducerHalf::give_credit() {
    std::int64_t bytes = std::exchange(stray_bytes_, 0);
    for (auto& [key, carried] : board_.copies) bytes += carried.copy.release();
    if (bytes > 0 && board_.stream != nullptr) board_.stream->send(Credit{bytes});
}

Verdict ProducerHalf::own_verdict(Instant now) const {
    if (board_.link_state == kafka::kLinkPromoted || board_.link_state == kafka::kLinkPromoting)
        return Verdict::kPromoted;
    if (refused_ || board_.link_state == kafka::kLinkBroken) return Verdict::kBroken;
    if (board_.link_state == kafka::kLinkPaused) return Verdict::kPaused;
    if (!apart_since_) return Verdict::kOk;
    return now - *apart_since_ >= board_.context.config.stalled_after ? Verdict::kStalled
                                                                      : Verdict::kStarting;
}

LinkStatus ProducerHalf::status() const {
    const HalfConfig& half = board_.context.half;
    const Instant now = board_.world().now();
    const PartitionCopy::Limits limits{
        board_.context.config.lagging_records,
        board_.context.config.lagging_age,
        board_.context.config.stalled_after
    };
    LinkStatus status;
    status.link = half.link;
    status.role = "producer";
    status.cluster = half.cluster;
    status.kind = name_of(half.kind);
    status.socket = half.socket.to_string();
    status.connected = !apart_since_;
    status.cause = trouble_;
    status.source_cluster_id = board_.source_cluster_id;
    status.target_cluster_id = board_.target_cluster_id;
    status.link_state = board_.link_state;
    status.link_epoch = board_.link_epoch;
    status.gaps = board_.gaps;
    status.groups = groups_.status();
    status.verdict = own_verdict(now);
    const bool settled = status.verdict == Verdict::kPromoted || status.verdict == Verdict::kPaused;
    for (const auto& [name, topic] : board_.topics) {
        status.topics.push_back(
            {topic.source, topic.target, topic.cause.value_or(StopCause{}), topic.trouble}
        );
        if (topic.cause && !settled) status.verdict = Verdict::kBroken;
        if (topic.cause && status.cause.empty())
            status.cause = topic.source + ": " + topic.cause->detail;
    }
    for (const auto& [key, carried] : board_.copies) {
        PartitionStatus one = partition_status(key, carried, now, limits);
        status.lag_records += one.lag_records;
        status.lag_bytes += one.lag_bytes;
        status.lag_ms = std::max(status.lag_ms, one.lag_ms);
        status.copied_records += one.copied_records;
        status.copied_bytes += one.copied_bytes;
        status.queued_bytes += static_cast<std::int64_t>(carried.copy.queued_bytes());
        if (!settled) status.verdict = worse(status.verdict, one.verdict);
        if (status.cause.empty() && one.cause.cause != Cause::kNone)
            status.cause = one.source_topic + "-" + std::to_string(one.partition.value) + ": " +
                           std::string(name_of(one.cause.cause)) + ": " + one.cause.detail;
        if (status.cause.empty() && !one.trouble.empty())
            status.cause =
                one.source_topic + "-" + std::to_string(one.partition.value) + ": " + one.trouble;
        status.partitions.push_back(std::move(one));
    }
    return status;
}

PartitionStatus ProducerHalf::partition_status(
    const std::pair<std::string, PartitionId>& key,
    const CarriedPartition& carried,
    Instant now,
    const PartitionCopy::Limits& limits
) {
    const PartitionCopy& copy = carried.copy;
    PartitionStatus one;
    one.source_topic = key.first;
    one.target_topic = carried.target_topic;
    one.partition = key.second;
    one.verdict = copy.verdict(now, limits);
    one.cause = copy.cause().value_or(StopCause{});
    one.trouble = copy.trouble();
    one.position = copy.lag().position();
    one.source_end = copy.lag().source_end();
    one.lag_records = copy.lag().records();
    one.lag_bytes = copy.lag().bytes();
    one.lag_ms = to_ms(copy.lag().age(now));
    one.copied_records = copy.lag().copied_records();
    one.copied_bytes = copy.lag().copied_bytes();
    return one;
}

}  // namespace sealane::mirror
