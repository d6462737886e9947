#include "broker/replication/full_disk.hpp"

#include "broker/metadata/alter_partition.hpp"

#include <algorithm>
#include <string>

namespace sealane::broker {

using kafka::AlterPartitionRequest;
using runtime::Task;

namespace {

// Metadata that shows a set without this node ends the asking; refusals pass.
constexpr Duration kAskAgain = 100ms;
// Room for a while, not for the next batch only.
constexpr std::uint64_t kFreeBytes = 8U << 20U;
constexpr std::size_t kTrialBytes = 1U << 20U;
constexpr std::string_view kTrialFile = "/room-trial.tmp";

}  // namespace

FullDisk::FullDisk(
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

void FullDisk::start() {
    tasks_.on_stop([this] { table_.context().lacks_room.notify_all(); });
    tasks_.spawn([this] { return run(); });
}

Task<void> FullDisk::stop() {
    co_await tasks_.stop_and_join();
}

Task<void> FullDisk::run() {
    // A crash may have left it.
    (void)co_await world_.files().remove(config_.directory + std::string(kTrialFile));
    runtime::Event& told = table_.context().lacks_room;
    while (!tasks_.stopping()) {
        if (!table_.context().disk_full) {
            (void)co_await told.wait_until(Instant::never());
            continue;
        }
        pace_.on_full(world_.now());
        if (auto request = withdrawals(); !request.topics.empty()) {
            co_await leave(std::move(request));
        }
        if (tasks_.stopping()) co_return;
        if (world_.now() >= pace_.try_at()) {
            co_await try_disk();
            continue;
        }
        const bool left = !withdrawals().topics.empty();
        const Instant again = left ? world_.now() + kAskAgain : Instant::never();
        (void)co_await told.wait_until(std::min(again, pace_.try_at()));
    }
}

std::vector<PartitionPtr> FullDisk::waiting() const {
    std::vector<PartitionPtr> all;
    if (!table_.context().disk_full) return all;
    for (const auto& [id, partition] : table_.all()) {
        if (partition->replica_count() > 1 && !partition->closed()) all.push_back(partition);
    }
    return all;
}

AlterPartitionRequest FullDisk::withdrawals() const {
    AlterPartitionRequest request;
    request.broker_id = table_.context().self;
    request.broker_epoch = ports_.broker_epoch();
    const auto& image = table_.image();
    if (image == nullptr) return request;
    for (const PartitionPtr& partition : waiting()) {
        const PartitionId index = partition->id().partition;
        const PartitionState* state = image->partition(partition->topic_id(), index);
        if (state == nullptr) continue;
        auto asked = withdrawal(*state, index, request.broker_id);
        if (!asked) continue;
        if (request.topics.empty() || request.topics.back().topic_id != partition->topic_id()) {
            request.topics.emplace_back().topic_id = partition->topic_id();
        }
        request.topics.back().partitions.push_back(*std::move(asked));
    }
    return request;
}

Task<void> FullDisk::leave(AlterPartitionRequest request) {
    const auto answer = co_await ports_.alter_partition(std::move(request));
    if (!answer || answer->error_code != ErrorCode::kNone) {
        const Error cause = answer ? Error(answer->error_code) : answer.error();
        if (!cause.is_stopped()) {
            log_.info("the disk is full; in-sync sets not left", {{"error", cause}});
        }
        co_return;
    }
    for (const auto& topic : answer->topics) {
        const auto named = table_.image()->topic(topic.topic_id);
        for (const auto& data : topic.partitions) {
            const ErrorCode code = data.error_code;
            const bool out = code == ErrorCode::kNone || code == ErrorCode::kNewLeaderElected;
            if (!out || named == nullptr) continue;
            log_.warning(
                "the disk is full: replica leaves the in-sync set",
                {{"topic", named->name},
                 {"partition", data.partition_index},
                 {"led", code == ErrorCode::kNewLeaderElected ? "yes" : "no"}}
            );
        }
    }
}

Task<void> FullDisk::try_disk() {
    const Status fits = co_await write_something();
    const Status removed =
        co_await world_.files().remove(config_.directory + std::string(kTrialFile));
    const bool room = fits && removed;
    pace_.on_tried(world_.now(), room ? FullDiskPace::Found::kRoom : FullDiskPace::Found::kNone);
    if (!room) {
        log_.debug("the disk is still full", {{"error", (fits ? removed : fits).error()}});
        co_return;
    }
    const auto all = waiting();
    table_.context().disk_full = false;
    log_.info("the disk has room again", {{"replicas", all.size()}});
    (void)co_await table_.finish();
}

Task<Status> FullDisk::write_something() {
    // Nothing is written before there is plenty: what is left may be just what others need.
    const auto free = co_await world_.files().free_bytes(config_.directory);
    if (free && *free < kFreeBytes) {
        co_return fail(ErrorCode::kNoSpace, std::to_string(*free) + " bytes are free");
    }
    SEALANE_CO_CHECK(co_await ports_.keep_reserve());
    SEALANE_CO_TRY(
        const auto file,
        co_await world_.files().open(
            config_.directory + std::string(kTrialFile), runtime::OpenMode::kCreate
        )
    );
    // A quota is not in that number.
    const BufferSlice bytes = BufferSlice::copy_of(std::string(kTrialBytes, '\0'));
    co_return co_await file->write_at(0, BufferChain(bytes));
}

}  // namespace sealane::broker
