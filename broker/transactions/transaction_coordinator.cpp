#include "broker/transactions/transaction_coordinator.hpp"

#include "broker/coordinator/shard_set_steps.hpp"

namespace sealane::broker {

template class CoordinatorShard<transactions::TransactionMachine>;
template class ShardSet<transactions::TransactionMachine>;

namespace transactions {

using runtime::Task;

TransactionCoordinator::TransactionCoordinator(
    runtime::World& world, TransactionConfig config, CoordinatorTopic& topic, CoordinatorPorts ports
)
    : world_(world),
      ports_(std::move(ports)),
      shards_(world, config, topic, config.topic_partitions),
      tasks_(world) {}

TransactionCoordinator::~TransactionCoordinator() = default;

void TransactionCoordinator::start() {
    tasks_.on_stop([this] { shards_.changed().notify_all(); });
    shards_.start();
    tasks_.spawn([this] { return follow(); });
}

Task<void> TransactionCoordinator::stop() {
    co_await tasks_.stop_and_join();
    for (const auto& writer : writers_) writer->begin_stop();
    co_await shards_.stop();
    for (const auto& writer : writers_) co_await writer->stop();
    writers_.clear();
}

// A writer for each shard.
Task<void> TransactionCoordinator::follow() {
    while (!tasks_.stopping()) {
        std::vector<std::unique_ptr<MarkerWriter>> gone;
        for (auto& writer : writers_) {
            const bool there = std::ranges::any_of(shards_.all(), [&writer](const auto& each) {
                return each.second.get() == &writer->shard();
            });
            if (!there) gone.push_back(std::move(writer));
        }
        std::erase(writers_, nullptr);
        for (const auto& [partition, shard] : shards_.all()) {
            const bool has = std::ranges::any_of(writers_, [&shard](const auto& writer) {
                return &writer->shard() == shard.get();
            });
            if (has) continue;
            writers_.push_back(std::make_unique<MarkerWriter>(world_, shard, ports_.markers));
            writers_.back()->start();
        }
        if (gone.empty()) {
            (void)co_await shards_.changed().wait_until(Instant::never());
            continue;
        }
        for (const auto& writer : gone) co_await writer->stop();
    }
}

// Producer ids are fetched only when the answer depends on one.
template <class R, class Q>
Task<Result<R>> TransactionCoordinator::ask_with_id(Q request) {
    for (;;) {
        auto reply = co_await shards_.ask<R>(request.id, request);
        if (!reply || !reply->needs_id) co_return reply;
        auto fresh = co_await ports_.fresh_id();
        // The one code upon which every client asks again; as Kafka does.
        if (!fresh) co_return fail(ErrorCode::kCoordinatorLoadInProgress, "no producer id");
        request.fresh = *fresh;
    }
}

Task<Result<InitReply>> TransactionCoordinator::init(InitRequest request) {
    return ask_with_id<InitReply>(std::move(request));
}

Task<Result<AddReply>> TransactionCoordinator::add(AddRequest request) {
    std::string id = request.id;
    return shards_.ask<AddReply>(std::move(id), std::move(request));
}

Task<Result<EndReply>> TransactionCoordinator::end(EndRequest request) {
    return ask_with_id<EndReply>(std::move(request));
}

Task<Result<std::optional<Transaction>>> TransactionCoordinator::describe(std::string id) {
    SEALANE_CO_TRY(const Shards::ShardPtr shard, co_await shards_.shard_of(id));
    const auto look = [&id](const TransactionCore& core) -> std::optional<Transaction> {
        const auto found = core.all().find(id);
        if (found == core.all().end()) return std::nullopt;
        return found->second;
    };
    co_return co_await shard->read(look);
}

Task<Result<TransactionCoordinator::Listed>> TransactionCoordinator::list() {
    Listed all;
    SEALANE_CO_TRY(const auto shards, shards_.led());
    for (const Shards::ShardPtr& shard : shards) {
        const auto look = [](const TransactionCore& core) {
            return Listed(core.all().begin(), core.all().end());
        };
        auto listed = co_await shard->read(look);
        if (!listed && listed.error().code() == ErrorCode::kNotCoordinator) continue;
        if (!listed) co_return fail(listed.error());
        for (auto& one : *listed) all.push_back(std::move(one));
    }
    co_return all;
}

void TransactionCoordinator::collect(runtime::MetricSink& sink) const {
    std::size_t ids = 0;
    std::size_t open = 0;
    std::size_t loading = 0;
    for (const auto& [partition, shard] : shards_.all()) {
        if (!shard->loaded()) {
            ++loading;
            continue;
        }
        shard->shows([&](const TransactionCore& core) {
            ids += core.all().size();
            for (const auto& [id, transaction] : core.all())
                open += transaction.status == TransactionStatus::kOngoing ? 1 : 0;
            return true;
        });
    }
    std::size_t ending = 0;
    for (const auto& writer : writers_) ending += writer->running();
    const auto gauge = [&sink](std::string_view name, std::string_view help, std::size_t count) {
        sink.gauge(name, help, static_cast<double>(count));
    };
    gauge("sealane_transactions_ids", "Transactional ids this broker coordinates", ids);
    gauge("sealane_transactions_open", "Of them, with an open transaction", open);
    gauge("sealane_transactions_ending", "Of them, with markers being written", ending);
    gauge(
        "sealane_transactions_partitions_loading",
        "Partitions of __transaction_state not loaded yet",
        loading
    );
}

}  // namespace transactions
}  // namespace sealane::broker
