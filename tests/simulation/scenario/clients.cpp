// Writer and reader programs: real clients over the simulated network.

#include "common/client/consumer.hpp"
#include "common/client/list_offsets.hpp"
#include "common/client/producer.hpp"
#include "tests/simulation/scenario/programs.hpp"

#include <deque>

namespace sealane::simulation {
namespace {

using checker::WriterHistory;
using checker::WrittenRecord;

using runtime::Task;

client::ClientOptions client_options(const runtime::Endpoint& bootstrap, bool writes) {
    client::ClientOptions options;
    options.create_topics = writes;
    options.bootstrap = {bootstrap};
    options.connect_timeout = 2s;
    options.request_timeout = 5s;
    return options;
}

client::ConsumerOptions reading_options() {
    client::ConsumerOptions options;
    options.max_wait = 50ms;
    return options;
}

class Writer final : public Program {
 public:
    Writer(
        SimWorld& world,
        std::string name,
        const runtime::Endpoint& bootstrap,
        TopicPartition partition,
        WriterHistory& history,
        WriterControl& control
    )
        : world_(world),
          name_(std::move(name)),
          partition_(std::move(partition)),
          history_(history),
          control_(control),
          cluster_(world, client_options(bootstrap, true)),
          producer_(cluster_, {.linger = 2ms, .delivery_timeout = 24h}) {}

    Task<Status> run() override {
        while (!control_.stop) {
            co_await write_one();
            if (pending_.size() > kPendingMax) co_await settle_oldest();
            co_await world_.sleep(Duration(world_.rng().between(1'000'000, 40'000'000)));
        }
        while (!pending_.empty()) co_await settle_oldest();
        control_.finished = true;
        co_return Status{};
    }

 private:
    static constexpr std::size_t kPendingMax = 20;

    Task<void> write_one() {
        const std::int64_t number = history_.sent;
        // Sizes vary, so that batches and segments end anywhere.
        const std::string text = WrittenRecord{name_, number}.text();
        const std::string pad(world_.rng().below(200), 'x');
        auto record = kafka::text_record(pad, text, world_.wall());
        ++history_.sent;
        auto queued = co_await producer_.enqueue(
            partition_.topic, partition_.partition, record, world_.now() + 24h
        );
        if (queued) {
            pending_.push_back({number, *std::move(queued)});
        } else {
            control_.failures.push_back(name_ + ": " + queued.error().to_string());
            co_await world_.sleep(100ms);
        }
    }
    Task<void> settle_oldest() {
        auto [number, pending] = std::move(pending_.front());
        pending_.pop_front();
        const auto delivery = co_await pending.wait();
        if (delivery) {
            history_.acknowledged[number] = delivery->offset;
        } else {
            control_.failures.push_back(
                name_ + "#" + std::to_string(number) + ": " + delivery.error().to_string()
            );
        }
    }

    SimWorld& world_;
    std::string name_;
    TopicPartition partition_;
    WriterHistory& history_;
    WriterControl& control_;
    client::ClusterClient cluster_;
    client::Producer producer_;
    std::deque<std::pair<std::int64_t, client::PendingDelivery>> pending_;
};

class Reader final : public Program {
 public:
    Reader(
        SimWorld& world, const runtime::Endpoint& bootstrap, TopicPartition partition, ReadOut& out
    )
        : world_(world),
          partition_(std::move(partition)),
          out_(out),
          cluster_(world, client_options(bootstrap, false)),
          consumer_(cluster_, reading_options()) {}

    Task<Status> run() override {
        const Status status = co_await read();
        if (!status) out_.error = status.error();
        out_.done = true;
        co_return Status{};
    }

 private:
    Task<Status> read() {
        const Instant limit = world_.now() + 20s;
        SEALANE_CO_TRY(
            const auto end,
            co_await client::list_offset(cluster_, partition_, client::StartAt::latest(), limit)
        );
        SEALANE_CO_TRY(
            const auto start,
            co_await client::list_offset(cluster_, partition_, client::StartAt::earliest(), limit)
        );
        consumer_.assign(partition_, client::StartAt::at(start.offset));
        world_.log("reader").info(
            "reading",
            {{"partition", partition_.to_string()}, {"from", start.offset}, {"to", end.offset}}
        );
        while (consumer_.position(partition_).value_or(start.offset) < end.offset) {
            if (world_.now() > limit)
                co_return fail(ErrorCode::kDeadlineExceeded, "reading " + partition_.to_string());
            SEALANE_CO_TRY(const auto records, co_await consumer_.poll(world_.now() + 1s));
            for (const auto& record : records) {
                const std::string_view text =
                    record.record.value ? record.record.value->text() : "";
                out_.content.push_back({record.record.offset, WrittenRecord::parse(text)});
            }
        }
        co_return Status{};
    }

    SimWorld& world_;
    TopicPartition partition_;
    ReadOut& out_;
    client::ClusterClient cluster_;
    client::Consumer consumer_;
};

}  // namespace

SimProcess::Factory writer_program(
    std::string name,
    runtime::Endpoint bootstrap,
    TopicPartition partition,
    WriterHistory& history,
    WriterControl& control
) {
    return [=, &history, &control](SimWorld& world) {
        return std::make_unique<Writer>(world, name, bootstrap, partition, history, control);
    };
}

SimProcess::Factory reader_program(
    runtime::Endpoint bootstrap, TopicPartition partition, ReadOut& out
) {
    return [=, &out](SimWorld& world) {
        return std::make_unique<Reader>(world, bootstrap, partition, out);
    };
}

}  // namespace sealane::simulation
