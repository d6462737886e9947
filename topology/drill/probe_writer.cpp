#include "topology/drill/probe_writer.hpp"

#include <charconv>

namespace sealane::topology {
namespace {

using runtime::Task;

constexpr std::string_view kPrefix = "probe ";

client::ProducerOptions producer_options() {
    client::ProducerOptions options;
    options.linger = 1ms;
    options.delivery_timeout = 1h;  // a move ends it, not time
    return options;
}

}  // namespace

std::string probe_text(std::size_t number, std::size_t size) {
    std::string text = std::string(kPrefix) + std::to_string(number) + " ";
    if (text.size() < size) text.resize(size, '.');
    return text;
}

std::int64_t probe_number(std::string_view text) {
    if (!text.starts_with(kPrefix)) return -1;
    text.remove_prefix(kPrefix.size());
    std::int64_t number = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end != text.data() + text.size() && *end == ' ' ? number : -1;
}

ProbeWriter::Stay::Stay(client::ClusterClient& cluster, runtime::World& world, bool is_primary)
    : producer(cluster, producer_options()),
      tasks(world),
      queued(world.waits()),
      primary(is_primary) {}

ProbeWriter::ProbeWriter(runtime::World& world, ProbePlan plan, DrillLog& log)
    : world_(world), plan_(std::move(plan)), log_(log) {}

Task<void> ProbeWriter::write_to(client::ClusterClient& cluster, bool primary) {
    co_await leave();
    std::vector<std::size_t> again;
    for (std::size_t number = 0; number < log_.probes.size(); ++number) {
        if (!log_.probes[number].acked) again.push_back(number);
    }
    stay_ = std::make_unique<Stay>(cluster, world_, primary);
    Stay* const stay = stay_.get();
    stay->tasks.spawn([this, stay, again] { return generate(stay, again); });
    stay->tasks.spawn([this, stay] { return settle(stay); });
}

Task<bool> ProbeWriter::send(Stay* stay, std::size_t number) {
    Probe& probe = log_.probes[number];
    ++probe.attempts;
    auto record =
        kafka::text_record(std::nullopt, probe_text(number, plan_.record_bytes), world_.wall());
    auto queued = co_await stay->producer.enqueue(
        plan_.topic, log_.probes[number].partition, std::move(record), Instant::never()
    );
    if (!queued) co_return false;
    stay->waiting.push_back({number, *std::move(queued)});
    stay->queued.notify_all();
    co_return true;
}

Task<void> ProbeWriter::generate(Stay* stay, std::vector<std::size_t> again) {
    for (const std::size_t number : again) {
        if (!co_await send(stay, number)) co_return;
    }
    const Duration gap = Duration(1'000'000'000 / plan_.records_per_second);
    Instant due = world_.now();
    while (!finishing_) {
        const std::size_t number = log_.probes.size();
        Probe probe;
        probe.partition = PartitionId(static_cast<std::int32_t>(number) % plan_.partitions);
        probe.sent = world_.now();
        log_.probes.push_back(probe);
        if (!co_await send(stay, number)) co_return;
        due = due + gap;
        if (due > world_.now() && !co_await stay->tasks.sleep(due - world_.now())) co_return;
    }
}

Task<void> ProbeWriter::settle(Stay* stay) {
    while (!stay->tasks.stopping()) {
        if (stay->waiting.empty()) {
            (void)co_await stay->queued.wait_until(world_.now() + 1s);
            continue;
        }
        auto [number, delivery] = stay->waiting.front();
        const auto outcome = co_await delivery.wait();
        stay->waiting.pop_front();
        if (!outcome) continue;  // unknown: sent again after a move
        Probe& probe = log_.probes[number];
        if (probe.acked) continue;
        probe.acked = world_.now();
        probe.acked_by_primary = stay->primary;
        ++acknowledged_;
        if (!stay->primary && !first_ack_by_standby_) first_ack_by_standby_ = world_.now();
    }
}

Task<void> ProbeWriter::finish(Instant deadline) {
    finishing_ = true;
    while (acknowledged_ < static_cast<std::int64_t>(log_.probes.size()) && world_.now() < deadline
    ) {
        co_await world_.sleep(10ms);
    }
}

Task<void> ProbeWriter::leave() {
    if (!stay_) co_return;
    stay_->tasks.stop();
    stay_->queued.notify_all();
    co_await stay_->producer.stop();
    co_await stay_->tasks.join();
    stay_.reset();
}

Task<void> ProbeWriter::stop() {
    finishing_ = true;
    co_await leave();
}

}  // namespace sealane::topology
