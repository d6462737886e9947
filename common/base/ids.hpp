#pragma once
// Strong types for identifiers and positions: two of different kinds cannot be mixed up, and only
// the operations that mean something exist.

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sealane {

// An identifier: equality, order, and its number. `value` is public so that codecs can reach it.
template <class Tag, class Rep>
struct Id {
    using Number = Rep;
    Rep value{};
    constexpr Id() = default;
    constexpr explicit Id(Rep number) : value(number) {}
    friend constexpr auto operator<=>(const Id&, const Id&) = default;
};

// A position: an identifier that can be moved and subtracted.
template <class Tag, class Rep>
struct Position : Id<Tag, Rep> {
    using Id<Tag, Rep>::Id;
    friend constexpr auto operator<=>(const Position&, const Position&) = default;
    friend constexpr Position operator+(Position p, Rep n) {
        return Position(static_cast<Rep>(p.value + n));
    }
    friend constexpr Position operator-(Position p, Rep n) {
        return Position(static_cast<Rep>(p.value - n));
    }
    friend constexpr Rep operator-(Position a, Position b) {
        return static_cast<Rep>(a.value - b.value);
    }
    constexpr Position& operator++() {
        ++this->value;
        return *this;
    }
};

using Offset = Position<struct OffsetTag, std::int64_t>;
using LeaderEpoch = Position<struct LeaderEpochTag, std::int32_t>;
using PartitionId = Id<struct PartitionIdTag, std::int32_t>;
using BrokerId = Id<struct BrokerIdTag, std::int32_t>;
using ProducerId = Id<struct ProducerIdTag, std::int64_t>;
using ProducerEpoch = Id<struct ProducerEpochTag, std::int16_t>;
using GroupGeneration = Position<struct GroupGenerationTag, std::int32_t>;

inline constexpr Offset kNoOffset{-1};
inline constexpr LeaderEpoch kNoLeaderEpoch{-1};
inline constexpr ProducerId kNoProducerId{-1};
inline constexpr ProducerEpoch kNoProducerEpoch{-1};
inline constexpr BrokerId kNoBroker{-1};

// 128-bit topic and cluster identifiers (KIP-516). Text form: 22 characters of URL-safe base64.
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};
    friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;
    [[nodiscard]] bool is_zero() const { return *this == Uuid{}; }
    [[nodiscard]] std::string to_string() const;
    [[nodiscard]] static std::optional<Uuid> parse(std::string_view text);
};

struct TopicPartition {
    std::string topic;
    PartitionId partition{};
    friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
    [[nodiscard]] std::string to_string() const {
        return topic + "-" + std::to_string(partition.value);
    }
};

}  // namespace sealane

template <class Tag, class Rep>
struct std::hash<sealane::Id<Tag, Rep>> {
    std::size_t operator()(const sealane::Id<Tag, Rep>& id) const noexcept {
        return std::hash<Rep>{}(id.value);
    }
};
