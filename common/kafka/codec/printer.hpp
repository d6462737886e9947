#pragma once
// The visitor that shows a message as one line of JSON, with Kafka's field names in the order of
// the message. Numbers that do not fit an int32 are strings (JSON readers lose digits), bytes and
// uuids are hex, secrets are "(secret)". Included by instantiate.hpp.

#include "common/kafka/codec/codec.hpp"
#include "common/kafka/codec/member_types.hpp"

#include <string>
#include <string_view>

namespace sealane::kafka {

class Printer {
 public:
    Printer(std::int16_t version, Secrets secrets) : version_(version), secrets_(secrets) {}

    template <Struct S>
    void body(const S& object) {
        const DefaultsScope outer = defaults_;
        defaults_ = DefaultsScope(object);
        text_ += '{';
        S::fields(*this, object);
        text_ += '}';
        defaults_ = outer;
    }

    template <class T, class... Attributes>
    void field(const char* name, const T& member, Attributes... attributes) {
        const FieldSpec spec(attributes...);
        if (!spec.versions.has(version_)) return;
        if (spec.tagged() && defaults_.holds_default(member)) return;
        begin(name);
        if (spec.secret && secrets_ == Secrets::kRedact) {
            text_ += "\"(secret)\"";
        } else {
            value(member);
        }
    }

    [[nodiscard]] std::string take() && { return std::move(text_); }

 private:
    template <class N>
    static constexpr bool kAsText = sizeof(N) == 8 || std::same_as<N, std::uint32_t>;

    template <class T>
    void value(const T& member) {
        if constexpr (kIsOptional<T>) {
            if (member) {
                value(*member);
            } else {
                text_ += "null";
            }
        } else if constexpr (kIsVector<T>) {
            text_ += '[';
            for (std::size_t i = 0; i < member.size(); ++i) {
                if (i != 0) text_ += ',';
                value<typename T::value_type>(member[i]);
            }
            text_ += ']';
        } else if constexpr (Struct<T>) {
            body(member);
        } else if constexpr (std::same_as<T, bool>) {
            text_ += member ? "true" : "false";
        } else if constexpr (std::same_as<T, double>) {
            real(member);
        } else if constexpr (std::same_as<T, std::string>) {
            quoted(member);
        } else if constexpr (std::same_as<T, BufferSlice>) {
            hex(member.view());
        } else if constexpr (std::same_as<T, Uuid>) {
            hex(std::as_bytes(std::span(member.bytes)));
        } else if constexpr (kAsText<WireNumberOf<T>>) {
            text_ += '"' + std::to_string(to_wire(member)) + '"';
        } else {
            text_ += std::to_string(to_wire(member));
        }
    }

    // A comma unless first, and the name.
    void begin(const char* name);
    void quoted(std::string_view text);
    void real(double value);
    void hex(ByteView bytes);

    std::int16_t version_;
    Secrets secrets_;
    DefaultsScope defaults_;
    std::string text_;
};

}  // namespace sealane::kafka
