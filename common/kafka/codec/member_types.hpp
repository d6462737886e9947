#pragma once
// The types that members of messages may have, sorted into the kinds that visitors treat alike:
// numbers (also strong ids and error codes), text, bytes, uuids, structs, arrays, nullables.

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace sealane::kafka {

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;

template <class T>
concept StrongNumber = requires { typename T::Number; };
template <class T>
concept Number =
    (std::integral<T> && !std::same_as<T, bool>) || StrongNumber<T> || std::same_as<T, ErrorCode>;
// A nested struct of a message: it has `fields`.
template <class T>
concept Struct =
    std::is_class_v<T> && !StrongNumber<T> && !kIsOptional<T> && !kIsVector<T> &&
    !std::same_as<T, std::string> && !std::same_as<T, BufferSlice> && !std::same_as<T, Uuid>;

template <Number T>
struct WireNumber {
    using Type = T;
};
template <StrongNumber T>
struct WireNumber<T> {
    using Type = typename T::Number;
};
template <>
struct WireNumber<ErrorCode> {
    using Type = std::int16_t;
};
// The integer that stands on the wire for a number.
template <Number T>
using WireNumberOf = typename WireNumber<T>::Type;

template <Number T>
[[nodiscard]] constexpr T from_wire(WireNumberOf<T> number) {
    return static_cast<T>(number);
}
template <Number T>
[[nodiscard]] constexpr WireNumberOf<T> to_wire(T number) {
    if constexpr (StrongNumber<T>) {
        return number.value;
    } else if constexpr (std::same_as<T, ErrorCode>) {
        const ErrorCode code = is_wire_code(number) ? number : ErrorCode::kUnknownServerError;
        return static_cast<std::int16_t>(code);
    } else {
        return number;
    }
}

// A default-initialised struct of its kind: its members are the defaults of its fields.
template <Struct S>
inline const S kDefaultOf{};

// Knows the struct that is being visited, and so which members hold their default.
class DefaultsScope {
 public:
    DefaultsScope() = default;
    template <Struct S>
    explicit DefaultsScope(const S& object)
        : object_(reinterpret_cast<const std::byte*>(&object)),
          defaults_(reinterpret_cast<const std::byte*>(&kDefaultOf<S>)) {}

    // `member` is a direct member of the struct given at construction. The default is the member
    // at the same place of the default-initialised struct.
    template <class T>
    [[nodiscard]] bool holds_default(const T& member) const {
        const std::ptrdiff_t at = reinterpret_cast<const std::byte*>(&member) - object_;
        return member == *reinterpret_cast<const T*>(defaults_ + at);
    }

 private:
    const std::byte* object_ = nullptr;
    const std::byte* defaults_ = nullptr;
};

}  // namespace sealane::kafka
