#pragma once
// The state of a partition, and the states of a topic's partitions as a sequence whose copies share
// what did not change: changing one of ten thousand partitions copies one block, not all of them.

#include "common/base/ids.hpp"

#include <cstddef>
#include <iterator>
#include <memory>
#include <vector>

namespace sealane::broker {

// Reserved directory ids: no real directory has them.
inline constexpr Uuid kUnassignedDirectory{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
// The replica's log is damaged or its disk failed; what it had does not count any more.
inline constexpr Uuid kLostDirectory{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}};

struct PartitionState {
    std::vector<BrokerId> replicas;  // in assignment order: the first is the preferred leader
    std::vector<BrokerId> isr;       // never empty while there is a leader
    // Eligible leader replicas (KIP-966): not in sync, but they have every committed record.
    std::vector<BrokerId> elr;
    std::vector<BrokerId> last_known_elr;  // who led last, when the ISR has nobody
    std::vector<BrokerId> adding;          // of a reassignment under way
    std::vector<BrokerId> removing;
    BrokerId leader = kNoBroker;
    // Rises with every change of leadership; persisted, never goes back for one topic id.
    LeaderEpoch leader_epoch{0};
    std::int32_t partition_epoch = 0;  // rises with every change
    bool recovering = false;           // an unclean leader has not said yet that it recovered
    std::vector<Uuid> directories;     // of the replicas, same order; zero or reserved: unknown

    [[nodiscard]] bool is_reassigning() const { return !adding.empty() || !removing.empty(); }
    friend bool operator==(const PartitionState&, const PartitionState&) = default;
};

// How many replicas must be in sync before records count as committed, `min_insync` being
// min.insync.replicas of the topic. Replicas that a reassignment adds do not count before they are
// taken over: growing a topic from one replica to three must not stop its writes. Brokers and
// controller must use the same rule, or the ELR promises too much.
[[nodiscard]] std::size_t effective_min_isr(const PartitionState& state, std::int32_t min_insync);

// index = partition id. Copies are cheap and share blocks; change() and append() copy the block
// that they touch when anybody else has it.
class PartitionList {
 public:
    class Iterator {
     public:
        using value_type = PartitionState;
        using difference_type = std::ptrdiff_t;
        using reference = const PartitionState&;
        using pointer = const PartitionState*;
        using iterator_category = std::forward_iterator_tag;
        Iterator() = default;
        Iterator(const PartitionList* of, std::size_t index) : of_(of), index_(index) {}
        reference operator*() const { return (*of_)[index_]; }
        pointer operator->() const { return &(*of_)[index_]; }
        Iterator& operator++() {
            ++index_;
            return *this;
        }
        Iterator operator++(int) {
            Iterator before = *this;
            ++index_;
            return before;
        }
        friend bool operator==(const Iterator&, const Iterator&) = default;

     private:
        const PartitionList* of_ = nullptr;
        std::size_t index_ = 0;
    };

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    // The index must be below size(); checked.
    [[nodiscard]] const PartitionState& operator[](std::size_t index) const;
    [[nodiscard]] const PartitionState& at(std::size_t index) const { return (*this)[index]; }
    [[nodiscard]] Iterator begin() const { return {this, 0}; }
    [[nodiscard]] Iterator end() const { return {this, size_}; }

    // Valid until the sequence is copied or changed again.
    [[nodiscard]] PartitionState& change(std::size_t index);
    PartitionState& append(PartitionState state);

    friend bool operator==(const PartitionList& a, const PartitionList& b);

 private:
    static constexpr std::size_t kBlock = 64;
    using Block = std::vector<PartitionState>;
    [[nodiscard]] Block& own(std::size_t block);

    std::vector<std::shared_ptr<Block>> blocks_;
    std::size_t size_ = 0;
};

}  // namespace sealane::broker
