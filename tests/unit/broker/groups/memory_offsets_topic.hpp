#pragma once
// __consumer_offsets in memory: what is "on disk" outlives the coordinators that use it, appends
// and syncs take time and fail on demand, and leadership comes and goes as a test says.

#include "broker/coordinator/coordinator_log.hpp"
#include "common/base/endian.hpp"
#include "common/kafka/records/record_batch.hpp"
#include "common/runtime/world.hpp"

#include <map>
#include <set>

namespace sealane::broker::groups {

struct StoredLog {
    std::optional<Leadership> led;  // by the node of the test
    Offset start{0};
    Offset end{0};
    Offset durable{0};
    std::map<Offset, BufferSlice> batches;  // by base offset
    int appends = 0;
    int rolls = 0;
    [[nodiscard]] std::size_t bytes() const {
        std::size_t sum = 0;
        for (const auto& [base, batch] : batches) sum += batch.size();
        return sum;
    }
    // What a power loss leaves.
    void crash() {
        std::erase_if(batches, [this](const auto& each) { return each.first >= durable; });
        end = durable;
    }
};

struct Faults {
    std::optional<ErrorCode> append;
    std::optional<ErrorCode> sync;
    std::optional<ErrorCode> remove;
    std::optional<ErrorCode> create;
    Duration sync_time = 2ms;
    Duration read_time = 1ms;
};

class MemoryLog final : public CoordinatorLog {
 public:
    MemoryLog(runtime::World& world, StoredLog& stored, Faults& faults)
        : world_(world), stored_(stored), faults_(faults), mine_(*stored.led) {}

    runtime::Task<Result<Offset>> append(BufferSlice batch, AppendOrigin /*origin*/) override {
        co_await world_.sleep(100us);
        if (!leads()) co_return fail(ErrorCode::kNotLeaderOrFollower);
        if (faults_.append) co_return fail(*faults_.append);
        MutableBuffer copy(batch.size());
        std::memcpy(copy.data(), batch.data(), batch.size());
        store_be(copy.data(), stored_.end.value);
        const BufferSlice placed = std::move(copy).freeze();
        const auto parsed = kafka::RecordBatch::parse(placed);
        if (!parsed) co_return fail(parsed.error());
        stored_.batches.emplace(stored_.end, placed);
        stored_.end = (*parsed)->next_offset();
        ++stored_.appends;
        co_return stored_.end;
    }
    runtime::Task<Status> wait_durable(Offset end, Instant deadline) override {
        if (!leads()) co_return fail(ErrorCode::kNotLeaderOrFollower);
        if (stored_.durable >= end) co_return Status{};
        const Offset synced = stored_.end;
        co_await world_.sleep_until(std::min(deadline, world_.now() + faults_.sync_time));
        if (!leads()) co_return fail(ErrorCode::kNotLeaderOrFollower);
        if (faults_.sync) co_return fail(*faults_.sync);
        if (world_.now() >= deadline) co_return fail(ErrorCode::kRequestTimedOut);
        stored_.durable = std::max(stored_.durable, synced);
        co_return Status{};
    }
    runtime::Task<Result<BufferSlice>> read(Offset from, std::size_t max_bytes) override {
        co_await world_.sleep(faults_.read_time);
        if (!leads()) co_return fail(ErrorCode::kNotLeaderOrFollower);
        BufferChain chain;
        for (auto at = stored_.batches.lower_bound(from); at != stored_.batches.end(); ++at) {
            if (!chain.empty() && chain.size() + at->second.size() > max_bytes) break;
            chain.append(at->second);
        }
        co_return chain.joined();
    }
    runtime::Task<Status> roll() override {
        ++stored_.rolls;
        co_return Status{};
    }
    runtime::Task<Status> delete_before(Offset start) override {
        if (faults_.remove) co_return fail(*faults_.remove);
        if (start > durable_offset()) co_return fail(ErrorCode::kOffsetOutOfRange);
        std::erase_if(stored_.batches, [&](const auto& each) { return each.first < start; });
        stored_.start = start;
        co_return Status{};
    }
    Offset start_offset() const override { return stored_.start; }
    Offset end_offset() const override { return stored_.end; }
    Offset durable_offset() const override { return leads() ? stored_.durable : Offset(0); }

 private:
    [[nodiscard]] bool leads() const { return stored_.led == mine_; }
    runtime::World& world_;
    StoredLog& stored_;
    Faults& faults_;
    Leadership mine_;
};

class MemoryOffsetsTopic final : public CoordinatorTopic {
 public:
    explicit MemoryOffsetsTopic(runtime::World& world) : world_(world), changed_(world.waits()) {}

    runtime::Task<Result<std::int32_t>> ensure(std::int32_t partitions) override {
        co_await world_.sleep(1ms);
        if (faults.create) co_return fail(*faults.create);
        ++creations;
        if (logs.empty()) {
            logs.resize(static_cast<std::size_t>(partitions));
            for (std::int32_t i = 0; i < partitions; ++i)
                if (leads_new) lead(PartitionId(i), LeaderEpoch(0));
        }
        co_return partition_count();
    }
    std::int32_t partition_count() const override { return static_cast<std::int32_t>(logs.size()); }
    Leaderships led() const override {
        Leaderships all;
        for (std::size_t i = 0; i < logs.size(); ++i)
            if (logs[i].led) all.emplace(PartitionId(static_cast<std::int32_t>(i)), *logs[i].led);
        return all;
    }
    std::optional<Leadership> leadership(PartitionId partition) const override {
        return logs.at(static_cast<std::size_t>(partition.value)).led;
    }
    runtime::Event& changed() override { return changed_; }
    bool is_in_touch() const override { return in_touch; }
    Result<std::unique_ptr<CoordinatorLog>> open(PartitionId partition, Leadership leadership)
        override {
        StoredLog& log = logs.at(static_cast<std::size_t>(partition.value));
        ++opens;
        if (!ready || log.led != leadership) return fail(ErrorCode::kNotLeaderOrFollower);
        return std::make_unique<MemoryLog>(world_, log, faults);
    }
    bool topic_exists(const std::string& topic) const override { return !deleted.contains(topic); }

    // What the metadata says from now on.
    void lead(PartitionId partition, LeaderEpoch epoch) {
        logs.at(static_cast<std::size_t>(partition.value)).led = Leadership{Uuid{}, epoch};
        changed_.notify_all();
    }
    void lose(PartitionId partition) {
        logs.at(static_cast<std::size_t>(partition.value)).led.reset();
        changed_.notify_all();
    }

    std::vector<StoredLog> logs;
    std::set<std::string> deleted;
    Faults faults;
    bool leads_new = true;  // partitions of a topic that is made now
    bool ready = true;      // what the metadata says is led is led
    bool in_touch = true;
    int opens = 0;
    int creations = 0;

 private:
    runtime::World& world_;
    runtime::Event changed_;
};

}  // namespace sealane::broker::groups
