#include "tests/simulation/scenario/recording_clients.hpp"

#include "common/client/committed_offsets.hpp"
#include "common/client/group_consumer.hpp"
#include "common/client/list_offsets.hpp"
#include "common/client/producer.hpp"

#include <deque>

namespace sealane::simulation {
namespace {

using runtime::Task;

constexpr Duration kPatient = 24h;
constexpr std::size_t kBatchBytes = 2048;     // fits the smallest segments
constexpr std::size_t kTooLarge = 1'100'000;  // max.message.bytes is 1,048,588

// Refusals that are certain: the record is not in the log and will not be.
bool is_definite(ErrorCode code) {
    return code == ErrorCode::kMessageTooLarge || code == ErrorCode::kRecordListTooLarge ||
           code == ErrorCode::kInvalidTopicException || code == ErrorCode::kInvalidRecord ||
           code == ErrorCode::kPolicyViolation;
}

class RecordingWriter final : public Program {
 public:
    RecordingWriter(
        SimWorld& world,
        const WriterPlan& plan,
        std::string name,
        Recording& all,
        ClientControl& control
    )
        : world_(world),
          plan_(plan),
          name_(std::move(name)),
          all_(all),
          control_(control),
          cluster_(world, recording_client_options(all.bootstrap)),
          producer_(
              cluster_,
              {.batch_bytes = kBatchBytes,
               .linger = 2ms,
               .delivery_timeout = plan.impatient ? Duration(4s) : kPatient}
          ) {}

    Task<Status> run() override {
        while (!control_.stop && !gone()) {
            co_await write_one();
            if (pending_.size() > kPendingMax) co_await settle_oldest();
            co_await world_.sleep(Duration(world_.rng().between(1'000'000, plan_.pace_max.count()))
            );
        }
        while (!pending_.empty() && !gone()) co_await settle_oldest();
        control_.finished = true;
        co_return Status{};
    }

 private:
    static constexpr std::size_t kPendingMax = 20;
    struct Pending {
        TopicPartition partition;
        std::string value;
        client::PendingDelivery delivery;
    };

    [[nodiscard]] bool gone() const {
        const auto found = all_.dropped.find(plan_.topic);
        return found != all_.dropped.end() && found->second;
    }
    // As far as this client's own metadata goes; looked up anew now and then.
    Task<std::uint64_t> known_partitions() {
        if (world_.rng().chance(1, 64))
            (void)co_await cluster_.refresh({plan_.topic}, world_.now() + 1s);
        const auto topic = co_await cluster_.topic(plan_.topic, world_.now() + 5s);
        co_return topic ? topic->partitions.size() : 0;
    }
    Task<void> write_one() {
        const std::uint64_t count = co_await known_partitions();
        if (count == 0) co_return;
        const TopicPartition to{
            plan_.topic, PartitionId(static_cast<std::int32_t>(world_.rng().below(count)))
        };
        const std::string value = name_ + "#" + std::to_string(number_++);
        const bool large = plan_.too_large && world_.rng().chance(1, 50);
        // Sizes vary, so that batches and segments end anywhere.
        const std::string pad(large ? kTooLarge : world_.rng().below(200), 'x');
        all_.history.send(world_.now(), name_, to, value);
        auto queued = co_await producer_.enqueue(
            to.topic,
            to.partition,
            kafka::text_record(plan_.own_keys ? value + pad : pad, value, world_.wall()),
            world_.now() + kPatient
        );
        if (queued) {
            pending_.push_back({to, value, *std::move(queued)});
            co_return;
        }
        // It never left the buffer.
        all_.history.fail(world_.now(), name_, to, value);
        if (!large) complain(to, value, queued.error());
        co_await world_.sleep(100ms);
    }
    Task<void> settle_oldest() {
        Pending oldest = std::move(pending_.front());
        pending_.pop_front();
        while (!oldest.delivery.is_done() && !gone())
            (void)co_await oldest.delivery.wait(world_.now() + 500ms);
        const Instant now = world_.now();
        if (!oldest.delivery.is_done()) {
            all_.history.info(now, name_, oldest.partition, oldest.value);
            co_return;
        }
        const auto delivery = co_await oldest.delivery.wait();
        if (delivery) {
            ++all_.acknowledged;
            all_.history.ack(now, name_, oldest.partition, oldest.value, delivery->offset);
        } else if (is_definite(delivery.error().code())) {
            all_.history.fail(now, name_, oldest.partition, oldest.value);
            if (!plan_.too_large) complain(oldest.partition, oldest.value, delivery.error());
        } else {
            all_.history.info(now, name_, oldest.partition, oldest.value);
            if (!plan_.impatient) complain(oldest.partition, oldest.value, delivery.error());
        }
    }
    // A patient writer must never be refused.
    void complain(const TopicPartition& to, const std::string& value, const Error& error) {
        if (!all_.promises(to.topic)) return;
        all_.violations.push_back(
            {"failed-write", value + " to " + to.to_string() + ": " + error.to_string()}
        );
    }

    SimWorld& world_;
    const WriterPlan& plan_;
    std::string name_;
    Recording& all_;
    ClientControl& control_;
    client::ClusterClient cluster_;
    client::Producer producer_;
    std::deque<Pending> pending_;
    std::int64_t number_ = 0;
};

void record_poll(
    SimWorld& world,
    Recording& all,
    const std::string& name,
    const std::vector<client::ConsumerRecord>& records
) {
    if (records.empty()) return;
    all.history.poll(name);
    for (const client::ConsumerRecord& one : records) {
        all.history.polled(
            world.now(),
            name,
            one.partition,
            one.record.value ? one.record.value->text() : "",
            one.record.offset
        );
    }
}

client::ConsumerOptions short_polls() {
    client::ConsumerOptions options;
    options.max_wait = 100ms;
    return options;
}

class AssignedReader final : public Program {
 public:
    AssignedReader(
        SimWorld& world, std::string topic, std::string name, Recording& all, ClientControl& control
    )
        : world_(world),
          topic_(std::move(topic)),
          name_(std::move(name)),
          all_(all),
          control_(control),
          cluster_(world, recording_client_options(all.bootstrap)),
          consumer_(cluster_, short_polls()) {}

    Task<Status> run() override {
        assign_all();
        while (!control_.stop) {
            const auto records = co_await consumer_.poll(world_.now() + 300ms);
            if (records) {
                record_poll(world_, all_, name_, *records);
            } else {
                complain(records.error());
                co_await world_.sleep(100ms);
                assign_all();
            }
            if (world_.now() >= start_over_) assign_all();
        }
        control_.finished = true;
        co_return Status{};
    }

 private:
    void assign_all() {
        start_over_ = world_.now() + Duration(world_.rng().between(1'000'000'000, 20'000'000'000));
        std::vector<TopicPartition> partitions;
        for (std::int32_t p = 0; p < all_.partitions[topic_]; ++p)
            partitions.push_back({topic_, PartitionId(p)});
        all_.history.assign(world_.now(), name_, "", GroupGeneration(-1), partitions);
        for (const TopicPartition& one : partitions)
            consumer_.assign(one, client::StartAt::earliest());
    }
    // A position that was read once never disappears again.
    void complain(const Error& error) {
        const bool lost = error.code() == ErrorCode::kOffsetOutOfRange ||
                          error.code() == ErrorCode::kFencedLeaderEpoch ||
                          error.code() == ErrorCode::kCorruptMessage;
        world_.log("reader").info("poll failed", {{"error", error}});
        if (lost && all_.promises(topic_))
            all_.violations.push_back({"lost-position", name_ + ": " + error.to_string()});
    }

    SimWorld& world_;
    std::string topic_;
    std::string name_;
    Recording& all_;
    ClientControl& control_;
    client::ClusterClient cluster_;
    client::Consumer consumer_;
    Instant start_over_;
};

client::GroupOptions group_options(const ReaderPlan& plan) {
    client::GroupOptions options;
    options.group_id = plan.group;
    options.topics = {plan.topic};
    options.session_timeout = 6s;
    options.rebalance_timeout = 6s;
    options.heartbeat_interval = 1s;
    options.auto_commit = false;
    options.consumer = short_polls();
    return options;
}

class GroupMember final : public Program {
 public:
    GroupMember(
        SimWorld& world,
        const ReaderPlan& plan,
        std::string name,
        Recording& all,
        ClientControl& control
    )
        : world_(world),
          plan_(plan),
          name_(std::move(name)),
          all_(all),
          control_(control),
          cluster_(world, recording_client_options(all.bootstrap)),
          member_(cluster_, group_options(plan)) {}

    Task<Status> run() override {
        while (!control_.stop) {
            const auto records = co_await member_.poll(world_.now() + 300ms);
            note_assignment();
            if (!records) {
                world_.log("member").info("poll failed", {{"error", records.error()}});
                co_await world_.sleep(200ms);
                continue;
            }
            record_poll(world_, all_, name_, *records);
            for (const auto& one : *records) next_[one.partition] = one.record.offset + 1;
            if (world_.rng().chance(1, 4)) co_await commit();
        }
        co_await commit();
        co_await member_.stop();
        control_.finished = true;
        co_return Status{};
    }

 private:
    void note_assignment() {
        const auto& membership = member_.membership();
        const auto assigned = member_.assigned();
        if (membership.joins() == joins_ && assigned == assigned_) return;
        joins_ = membership.joins();
        generation_ = membership.generation();
        assigned_ = assigned;
        next_.clear();
        all_.history.assign(world_.now(), name_, plan_.group, generation_, assigned_);
    }
    Task<void> commit() {
        const auto committing = next_;
        const Status done = co_await member_.commit(world_.now() + 5s);
        if (!done) co_return;
        for (const auto& [partition, offset] : committing)
            all_.history.commit(world_.now(), name_, plan_.group, partition, offset);
    }

    SimWorld& world_;
    const ReaderPlan& plan_;
    std::string name_;
    Recording& all_;
    ClientControl& control_;
    client::ClusterClient cluster_;
    client::GroupConsumer member_;
    std::uint64_t joins_ = 0;
    GroupGeneration generation_{-1};
    std::vector<TopicPartition> assigned_;
    std::map<TopicPartition, Offset> next_;
};

class RecordingObserver final : public Program {
 public:
    RecordingObserver(
        SimWorld& world,
        std::vector<std::string> groups,
        Recording& all,
        checker::Progress& high_watermarks
    )
        : world_(world),
          groups_(std::move(groups)),
          all_(all),
          high_watermarks_(high_watermarks),
          cluster_(world, recording_client_options(all.bootstrap)) {}

    Task<Status> run() override {
        while (true) {
            for (const std::string& group : groups_) co_await sample_commits(group);
            for (const auto& [topic, count] : std::map(all_.partitions)) {
                for (std::int32_t p = 0; p < count && all_.promises(topic); ++p)
                    co_await sample_end({topic, PartitionId(p)});
            }
            co_await world_.sleep(Duration(world_.rng().between(50'000'000, 800'000'000)));
        }
    }

 private:
    Task<void> sample_commits(std::string group) {
        const Instant asked = world_.now();
        const auto committed =
            co_await client::fetch_committed(cluster_, group, std::nullopt, asked + 3s);
        if (!committed) co_return;
        for (const auto& [partition, offset] : *committed) {
            all_.history.committed(
                asked, world_.now(), world_.host(), group, partition, offset.offset
            );
        }
    }
    Task<void> sample_end(TopicPartition partition) {
        const auto end = co_await client::list_offset(
            cluster_, partition, client::StartAt::latest(), world_.now() + 3s
        );
        if (end && all_.promises(partition.topic)) high_watermarks_.see(partition, end->offset);
    }

    SimWorld& world_;
    std::vector<std::string> groups_;
    Recording& all_;
    checker::Progress& high_watermarks_;
    client::ClusterClient cluster_;
};

class FinalReader final : public Program {
 public:
    FinalReader(SimWorld& world, TopicPartition partition, Recording& all, ClientControl& control)
        : world_(world),
          partition_(std::move(partition)),
          name_("final-" + partition_.to_string()),
          all_(all),
          control_(control),
          cluster_(world, recording_client_options(all.bootstrap)),
          consumer_(cluster_, short_polls()) {}

    Task<Status> run() override {
        const Status done = co_await read();
        if (!done) {
            all_.violations.push_back(
                {"unreadable", partition_.to_string() + ": " + done.error().to_string()}
            );
        }
        control_.finished = true;
        co_return Status{};
    }

 private:
    Task<Status> read() {
        const Instant limit = world_.now() + 60s;
        SEALANE_CO_TRY(
            const auto end,
            co_await client::list_offset(cluster_, partition_, client::StartAt::latest(), limit)
        );
        SEALANE_CO_TRY(
            const auto start,
            co_await client::list_offset(cluster_, partition_, client::StartAt::earliest(), limit)
        );
        all_.history.assign(world_.now(), name_, "", GroupGeneration(-1), {partition_});
        consumer_.assign(partition_, client::StartAt::at(start.offset));
        while (consumer_.position(partition_).value_or(start.offset) < end.offset) {
            if (world_.now() > limit)
                co_return fail(ErrorCode::kDeadlineExceeded, "reading it to the end");
            SEALANE_CO_TRY(const auto records, co_await consumer_.poll(world_.now() + 1s));
            record_poll(world_, all_, name_, records);
        }
        co_return Status{};
    }

    SimWorld& world_;
    TopicPartition partition_;
    std::string name_;
    Recording& all_;
    ClientControl& control_;
    client::ClusterClient cluster_;
    client::Consumer consumer_;
};

// A client that is started again is another process to the checker: it has forgotten everything.
std::string numbered(const std::string& name, int start) {
    return name + "." + std::to_string(start);
}

}  // namespace

client::ClientOptions recording_client_options(const std::vector<runtime::Endpoint>& bootstrap) {
    client::ClientOptions options;
    options.bootstrap = bootstrap;
    options.connect_timeout = 2s;
    options.request_timeout = 5s;
    options.unknown_topic_grace = 30s;  // brokers that come back late know it late
    return options;
}

SimProcess::Factory recording_writer(
    const WriterPlan& plan, Recording& recording, ClientControl& control
) {
    return [&, start = 0](SimWorld& world) mutable {
        return std::make_unique<RecordingWriter>(
            world, plan, numbered(plan.name, ++start), recording, control
        );
    };
}

SimProcess::Factory recording_reader(
    const ReaderPlan& plan, Recording& recording, ClientControl& control
) {
    return [&, start = 0](SimWorld& world) mutable -> std::unique_ptr<Program> {
        const std::string name = numbered(plan.name, ++start);
        if (plan.group.empty())
            return std::make_unique<AssignedReader>(world, plan.topic, name, recording, control);
        return std::make_unique<GroupMember>(world, plan, name, recording, control);
    };
}

SimProcess::Factory recording_observer(
    std::vector<std::string> groups, Recording& recording, checker::Progress& high_watermarks
) {
    return [&recording, &high_watermarks, groups](SimWorld& world) {
        return std::make_unique<RecordingObserver>(world, groups, recording, high_watermarks);
    };
}

SimProcess::Factory final_reader(
    const TopicPartition& partition, Recording& recording, ClientControl& control
) {
    return [&recording, &control, partition](SimWorld& world) {
        return std::make_unique<FinalReader>(world, partition, recording, control);
    };
}

}  // namespace sealane::simulation
