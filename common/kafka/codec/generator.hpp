#pragma once
// The visitor that fills a message with random values that its version can carry, for round-trip
// tests. Fields that do not exist in the version keep their default. The same seed gives the same
// message everywhere.

#include "common/base/rng.hpp"
#include "common/kafka/codec/field_spec.hpp"
#include "common/kafka/codec/member_types.hpp"

#include <array>
#include <string>

namespace sealane::kafka {

class Generator {
 public:
    Generator(Rng& rng, std::int16_t version) : rng_(rng), version_(version) {}

    template <Struct S>
    void body(S& object) {
        S::fields(*this, object);
    }

    template <class T, class... Attributes>
    void field(const char*, T& member, Attributes... attributes) {
        const FieldSpec spec(attributes...);
        if (!spec.versions.has(version_)) return;
        if (spec.tagged() && rng_.chance(1, 3)) return;
        if constexpr (kIsOptional<T>) {
            if (spec.nullable.has(version_) && rng_.chance(1, 4)) {
                member.reset();
                return;
            }
            value(member.emplace(typename T::value_type()));
        } else {
            value(member);
        }
    }

 private:
    template <class T>
    void value(T& out) {
        if constexpr (std::same_as<T, std::string>) {
            out.clear();
            for (std::size_t left = length(); left > 0; --left) {
                out += static_cast<char>('a' + rng_.below(26));
            }
        } else if constexpr (std::same_as<T, BufferSlice>) {
            MutableBuffer bytes(length());
            for (std::byte& byte : bytes.view()) byte = static_cast<std::byte>(rng_.next());
            out = std::move(bytes).freeze();
        } else if constexpr (std::same_as<T, Uuid>) {
            for (std::uint8_t& byte : out.bytes) byte = static_cast<std::uint8_t>(rng_.next());
        } else if constexpr (kIsVector<T>) {
            out.clear();
            for (std::uint64_t left = rng_.below(4); left > 0; --left) value(out.emplace_back());
        } else if constexpr (Struct<T>) {
            body(out);
        } else if constexpr (std::same_as<T, bool>) {
            out = rng_.chance(1, 2);
        } else if constexpr (std::same_as<T, double>) {
            out = static_cast<double>(rng_.between(-1'000'000, 1'000'000)) / 8;
        } else if constexpr (std::same_as<T, ErrorCode>) {
            out = static_cast<ErrorCode>(rng_.between(-1, 133));
        } else {
            out = from_wire<T>(static_cast<WireNumberOf<T>>(rng_.next()));
        }
    }
    // Lengths around the places where length prefixes change their size.
    [[nodiscard]] std::size_t length() {
        constexpr std::array<std::size_t, 7> kLengths{0, 1, 3, 7, 126, 127, 130};
        return kLengths.at(rng_.below(kLengths.size()));
    }

    Rng& rng_;
    std::int16_t version_;
};

template <class M>
[[nodiscard]] M generate(Rng& rng, std::int16_t version) {
    M message;
    Generator(rng, version).body(message);
    return message;
}

}  // namespace sealane::kafka
