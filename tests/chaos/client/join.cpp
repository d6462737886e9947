// A member of a group that commits what it got, bunch by bunch. Unlike librdkafka it tells the
// generation, so the checker sees whether two members owned one partition at the same time.

#include "common/client/committed_offsets.hpp"
#include "common/client/group_consumer.hpp"
#include "tests/chaos/client/history.hpp"
#include "tests/chaos/client/parts.hpp"

namespace sealane::chaos {
namespace {

using runtime::Task;

constexpr Duration kCommitInterval = 100ms;

class Member {
 public:
    Member(runtime::World& world, const Options& options)
        : world_(world),
          options_(options),
          cluster_(world, options.access),
          consumer_(cluster_, group_options(options)),
          history_(options.history, options.name) {}

    Task<int> run(Stop& stop) {
        Instant due = world_.now() + kCommitInterval;
        while (!stop.requested()) {
            const auto records = co_await consumer_.poll(world_.now() + 100ms);
            if (!records) {
                say("trouble " + records.error().to_string());
                co_await world_.sleep(100ms);
                continue;
            }
            co_await notice_assignment();
            take(*records);
            if (world_.now() < due) continue;
            co_await commit();
            due = world_.now() + kCommitInterval;
        }
        co_await commit();
        co_await consumer_.stop();
        co_await cluster_.stop();
        say("read " + std::to_string(count_));
        co_return 0;
    }

 private:
    static client::GroupOptions group_options(const Options& options) {
        client::GroupOptions group;
        group.group_id = options.group;
        group.topics = {options.topic};
        group.session_timeout = 10s;
        group.heartbeat_interval = 500ms;
        group.auto_commit = false;
        group.consumer.max_wait = 200ms;
        return group;
    }

    // poll() rebalances inside: what it returned belongs to the assignment of now.
    Task<void> notice_assignment() {
        const auto generation = consumer_.membership().generation();
        if (generation == generation_) co_return;
        generation_ = generation;
        positions_.clear();
        history_.assign(world_.now(), options_.group, generation, consumer_.assigned());
        const Instant asked = world_.now();
        const auto told = co_await client::fetch_committed(
            cluster_, options_.group, consumer_.assigned(), asked + 5s
        );
        if (!told) co_return;
        Positions offsets;
        for (const auto& [where, committed] : *told) offsets[where] = committed.offset;
        history_.offsets(world_.now(), "committed", options_.group, offsets, asked);
    }

    void take(const std::vector<client::ConsumerRecord>& records) {
        if (records.empty()) return;
        history_.poll(world_.now(), records);
        count_ += static_cast<std::int64_t>(records.size());
        for (const auto& one : records) positions_[one.partition] = one.record.offset + 1;
    }

    Task<void> commit() {
        if (positions_.empty()) co_return;
        // A refusal promises nothing: the partitions may have moved on.
        if (co_await consumer_.commit(world_.now() + 5s))
            history_.offsets(world_.now(), "commit", options_.group, positions_, world_.now());
        positions_.clear();
    }

    runtime::World& world_;
    const Options& options_;
    client::ClusterClient cluster_;
    client::GroupConsumer consumer_;
    History history_;
    GroupGeneration generation_{-1};
    Positions positions_;
    std::int64_t count_ = 0;
};

}  // namespace

Task<int> join(runtime::World& world, Stop& stop, Options options) {
    Member member(world, options);
    co_return co_await member.run(stop);
}

}  // namespace sealane::chaos
