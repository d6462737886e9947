#pragma once
// The visitor that fills a message with random values that its version can carry, for round-trip
// tests. Fields that do not exist in the version keep their default. The same seed gives the same
// message everywhere.

#include "common/base/rng.hpp"
#include "common/kafka/codec/field_spec.hpp"
#include "common/kafka/codec/member_types.hpp"

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
        if (spec.tagged() && one_in(3)) return;
        if constexpr (kIsOptional<T>) {
            if (spec.nullable.has(version_) && one_in(4)) {
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
    [[gnu::noinline]] void value(T& out) {
        if constexpr (std::same_as<T, std::string>) {
            out = text();
        } else if constexpr (std::same_as<T, BufferSlice>) {
            out = bytes();
        } else if constexpr (std::same_as<T, Uuid>) {
            out = uuid();
        } else if constexpr (kIsVector<T>) {
            out.clear();
            for (std::uint64_t left = below(4); left > 0; --left) value(out.emplace_back());
        } else if constexpr (Struct<T>) {
            body(out);
        } else if constexpr (std::same_as<T, bool>) {
            out = one_in(2);
        } else if constexpr (std::same_as<T, double>) {
            out = static_cast<double>(below(1'000'000)) / 8 - 60'000;
        } else if constexpr (std::same_as<T, ErrorCode>) {
            out = static_cast<ErrorCode>(static_cast<std::int32_t>(below(134)) - 1);
        } else {
            out = from_wire<T>(static_cast<WireNumberOf<T>>(next()));
        }
    }
    [[nodiscard]] bool one_in(std::uint64_t whole);
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);
    [[nodiscard]] std::uint64_t next();
    [[nodiscard]] std::size_t length();
    [[nodiscard]] std::string text();
    [[nodiscard]] BufferSlice bytes();
    [[nodiscard]] Uuid uuid();

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
