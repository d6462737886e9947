#include "broker/replication/isr_proposals.hpp"

#include <algorithm>
#include <string>

namespace sealane::broker {

using kafka::AlterPartitionRequest;
using kafka::AlterPartitionResponse;
using runtime::Task;

namespace {

constexpr Duration kRetryPause = 100ms;

std::string text_of(const std::vector<IsrMember>& isr) {
    std::string text;
    for (const IsrMember& member : isr) {
        if (!text.empty()) text += ',';
        text += std::to_string(member.id.value);
    }
    return text;
}

}  // namespace

IsrProposals::IsrProposals(
    runtime::World& world,
    PartitionTable& table,
    const ReplicationConfig& config,
    const ReplicationPorts& ports
)
    : world_(world),
      table_(table),
      config_(config),
      ports_(ports),
      log_(world.log("broker.replication")),
      tasks_(world) {}

void IsrProposals::start() {
    tasks_.on_stop([this] { table_.context().isr_wanted.notify_all(); });
    tasks_.spawn([this] { return run(); });
}

Task<void> IsrProposals::stop() {
    co_await tasks_.stop_and_join();
}

Task<void> IsrProposals::run() {
    while (!tasks_.stopping()) {
        const std::vector<Proposed> all = collect();
        if (all.empty()) {
            (void)co_await table_.context().isr_wanted.wait_until(
                world_.now() + config_.lag_max / 2
            );
            continue;
        }
        const auto answer = co_await ports_.alter_partition(request_of(all));
        if (answer && take(all, *answer)) continue;
        for (const Proposed& proposed : all) proposed.partition->on_isr_unanswered();
        if (!answer && !answer.error().is_stopped()) {
            log_.info("in-sync sets not proposed", {{"error", answer.error()}});
        }
        (void)co_await tasks_.sleep(kRetryPause);
    }
}

// Fenced brokers and those that go down may not be in an in-sync set.
std::optional<std::int64_t> IsrProposals::epoch_of(BrokerId broker) const {
    if (broker == table_.context().self) return ports_.broker_epoch();
    const auto& image = table_.image();
    const BrokerState* state = image == nullptr ? nullptr : image->broker(broker);
    if (state == nullptr || state->fenced || state->in_controlled_shutdown) return std::nullopt;
    return state->epoch;
}

std::vector<IsrProposals::Proposed> IsrProposals::collect() const {
    std::vector<Proposed> all;
    for (const auto& [id, partition] : table_.all()) {
        if (!partition->leads() || partition->replica_count() < 2) continue;
        auto proposal =
            partition->propose_isr([this](BrokerId broker) { return epoch_of(broker); });
        if (proposal) all.push_back({partition, *std::move(proposal)});
    }
    return all;
}

AlterPartitionRequest IsrProposals::request_of(const std::vector<Proposed>& all) const {
    AlterPartitionRequest request;
    request.broker_id = table_.context().self;
    request.broker_epoch = ports_.broker_epoch();
    for (const auto& [partition, proposal] : all) {
        if (request.topics.empty() || request.topics.back().topic_id != partition->topic_id()) {
            request.topics.emplace_back().topic_id = partition->topic_id();
        }
        auto& asked = request.topics.back().partitions.emplace_back();
        asked.partition_index = partition->id().partition;
        asked.leader_epoch = proposal.leader_epoch;
        asked.partition_epoch = proposal.partition_epoch;
        for (const IsrMember& member : proposal.isr) {
            asked.new_isr_with_epochs.push_back({member.id, member.broker_epoch});
        }
    }
    return request;
}

bool IsrProposals::take(const std::vector<Proposed>& all, const AlterPartitionResponse& answer) {
    if (answer.error_code != ErrorCode::kNone) {
        log_.info("in-sync sets refused", {{"error", Error(answer.error_code)}});
        return false;
    }
    std::vector<bool> answered(all.size(), false);
    bool again = false;
    for (const auto& topic : answer.topics) {
        for (const auto& data : topic.partitions) {
            const auto found = std::ranges::find_if(all, [&](const Proposed& proposed) {
                return proposed.partition->topic_id() == topic.topic_id &&
                       proposed.partition->id().partition == data.partition_index;
            });
            if (found == all.end()) continue;
            answered[static_cast<std::size_t>(found - all.begin())] = true;
            take_one(*found, data);
            // Whoever refuses now may well refuse in the next moment: a controller on this very
            // node answers without a wait, and asking it at once would keep everybody else from
            // running.
            again = again || data.error_code != ErrorCode::kNone;
        }
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (answered[i]) continue;
        all[i].partition->on_isr_unanswered();
        again = true;
    }
    return !again;
}

void IsrProposals::take_one(
    const Proposed& proposed, const AlterPartitionResponse::PartitionData& data
) {
    const std::size_t before = proposed.partition->leadership().isr().size();
    IsrAnswer answer;
    answer.error = data.error_code;
    answer.leader_epoch = data.leader_epoch;
    answer.partition_epoch = data.partition_epoch;
    answer.isr = data.isr;
    proposed.partition->on_isr_answer(answer);
    if (data.error_code != ErrorCode::kNone) {
        log_.info(
            "in-sync set refused",
            {{"partition", proposed.partition->id().to_string()},
             {"isr", text_of(proposed.proposal.isr)},
             {"error", Error(data.error_code)}}
        );
        return;
    }
    const bool shrinks = data.isr.size() < before;
    if (data.isr.size() != before) ++(shrinks ? shrinks_ : expands_);
    log_.info(
        shrinks ? "in-sync set shrinks" : "in-sync set grows",
        {{"partition", proposed.partition->id().to_string()},
         {"isr", text_of(proposed.proposal.isr)}}
    );
}

}  // namespace sealane::broker
