// The writer: records to all partitions in turn at a fixed rate, no more than a window of each
// partition unanswered. Tells the run of every pause between two acknowledgements of a partition.

#include "common/client/producer.hpp"
#include "common/runtime/task_group.hpp"
#include "tests/chaos/client/history.hpp"
#include "tests/chaos/client/parts.hpp"

#include <algorithm>
#include <deque>

namespace sealane::chaos {
namespace {

using runtime::Task;

constexpr std::size_t kWindow = 1000;  // records of one partition on their way
constexpr Duration kGap = 100ms;       // shorter pauses are not told
constexpr Duration kTick = 5ms;
constexpr Duration kPatience = 60s;  // of the last flush

class Writer {
 public:
    Writer(runtime::World& world, const Options& options)
        : world_(world),
          options_(options),
          cluster_(world, options.access),
          producer_(cluster_, {.delivery_timeout = 300s}),
          history_(options.history, options.name),
          collectors_(world) {
        for (std::int32_t i = 0; i < options.partitions; ++i) {
            auto& lane = lanes_.emplace_back(std::make_unique<PartitionLane>(world.waits()));
            lane->where = {options.topic, PartitionId(i)};
            lane->last = world.now();
        }
    }

    Task<int> run(Stop& stop) {
        for (auto& lane : lanes_) {
            collectors_.spawn([this, &lane = *lane] { return collect(lane); });
        }
        collectors_.spawn([this] { return tell(); });
        co_await send_until(stop);
        if (const Status flushed = co_await producer_.flush(world_.now() + kPatience); !flushed)
            say("error the last flush: " + flushed.error().to_string());
        co_await producer_.stop();
        collectors_.stop();
        for (auto& lane : lanes_) lane->changed.notify_all();
        co_await collectors_.join();
        co_await cluster_.stop();
        say("sent " + std::to_string(sent_));
        co_return 0;
    }

 private:
    struct UnderWay {
        std::string name;
        client::PendingDelivery delivery;
    };
    struct PartitionLane {
        explicit PartitionLane(runtime::WaitQueue& waits) : changed(waits) {}
        TopicPartition where;
        std::deque<UnderWay> under_way;
        Instant last;  // acknowledgement
        runtime::Event changed;
    };

    Task<void> send_until(Stop& stop) {
        const Instant began = world_.now();
        std::int64_t owed = 0;
        std::size_t turn = 0;
        while (!co_await stop.wait_until(world_.now() + kTick)) {
            const std::int64_t due =
                (world_.now() - began).count() / 1000 * options_.rate / 1'000'000;
            for (; owed < due; ++owed) co_await send(*lanes_[turn++ % lanes_.size()]);
        }
    }

    Task<void> send(PartitionLane& lane) {
        if (lane.under_way.size() >= kWindow) co_return;
        std::string name = options_.name + "#" + std::to_string(sent_++);
        history_.record(world_.now(), "send", lane.where, name);
        const std::string value = value_of(name);
        auto pending = co_await producer_.enqueue(
            lane.where.topic,
            lane.where.partition,
            kafka::text_record(std::nullopt, value),
            world_.now() + kPatience
        );
        if (!pending) {
            say("error " + name + " was refused: " + pending.error().to_string());
            history_.record(world_.now(), "fail", lane.where, name);
            co_return;
        }
        lane.under_way.push_back({std::move(name), std::move(*pending)});
        lane.changed.notify_all();
    }

    // Takes the outcomes of one partition in the order of its sends.
    Task<void> collect(PartitionLane& lane) {
        while (!collectors_.stopping() || !lane.under_way.empty()) {
            if (lane.under_way.empty()) {
                (void)co_await lane.changed.wait_until(Instant::never());
                continue;
            }
            const auto outcome = co_await lane.under_way.front().delivery.wait();
            const std::string name = std::move(lane.under_way.front().name);
            lane.under_way.pop_front();
            settle(lane, name, outcome);
        }
    }

    void settle(
        PartitionLane& lane, const std::string& name, const Result<client::Delivery>& outcome
    ) {
        const Instant now = world_.now();
        if (!outcome) {
            say("error " + name + " was not delivered: " + outcome.error().to_string());
            history_.record(now, "info", lane.where, name);
            return;
        }
        if (now - lane.last > kGap) {
            say("gap " + std::to_string(lane.where.partition.value) + " " +
                std::to_string(stamp(lane.last)) + " " + std::to_string(stamp(now)));
        }
        lane.last = now;
        history_.record(now, "ack", lane.where, name, outcome->offset);
    }

    // Since when some partition waits.
    Task<void> tell() {
        while (co_await collectors_.sleep(100ms)) {
            const auto oldest =
                std::ranges::min_element(lanes_, {}, [](const auto& lane) { return lane->last; });
            say("oldest " + std::to_string(stamp((*oldest)->last)));
            history_.flush();
        }
    }

    runtime::World& world_;
    const Options& options_;
    client::ClusterClient cluster_;
    client::Producer producer_;
    History history_;
    runtime::TaskGroup collectors_;
    std::vector<std::unique_ptr<PartitionLane>> lanes_;
    std::int64_t sent_ = 0;
};

}  // namespace

Task<int> write(runtime::World& world, Stop& stop, Options options) {
    Writer writer(world, options);
    co_return co_await writer.run(stop);
}

}  // namespace sealane::chaos
