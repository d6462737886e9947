#pragma once
// The visitor that writes a message as bytes. A value that has no place in the version is dropped,
// except in requests, where it is an error unless its field is kIgnorable: dropping it would
// change what is asked for. Included by instantiate.hpp.

#include "common/kafka/codec/byte_sink.hpp"
#include "common/kafka/codec/failure.hpp"
#include "common/kafka/codec/field_spec.hpp"
#include "common/kafka/codec/member_types.hpp"

#include <bit>

namespace sealane::kafka {

class Encoder {
 public:
    enum class Slices : std::uint8_t { kCopy, kRefer };
    struct Options {
        std::int16_t version;
        bool flexible;
        bool strict;  // a value without a place is an error
        Slices slices;
    };
    Encoder(Options options, ByteSink& sink) : options_(options), sink_(sink) {}

    template <Struct S>
    void body(const S& object) {
        const Frame outer = frame_;
        frame_ = {DefaultsScope(object), 0};
        S::fields(*this, object);
        if (options_.flexible) tag_section(object);
        frame_ = outer;
    }

    template <class T, class... Attributes>
    [[gnu::always_inline]] void field(const char* name, const T& member, Attributes... attributes) {
        const FieldSpec spec(attributes...);
        if (!spec.versions.has(options_.version)) {
            if (options_.strict && !spec.ignorable && !frame_.defaults.holds_default(member)) {
                fail(name, "has no place in this version");
            }
            return;
        }
        if (spec.tagged()) {
            if (!frame_.defaults.holds_default(member)) ++frame_.tagged;
            return;
        }
        value(name, member, spec);
    }

    [[nodiscard]] const Failure& failure() const { return failure_; }

 private:
    // The struct that is being visited.
    struct Frame {
        DefaultsScope defaults;
        std::uint32_t tagged = 0;  // fields for the tag section
    };

    struct TagWriter {
        Encoder& encoder;

        template <class T, class... Attributes>
        [[gnu::always_inline]] void field(
            const char* name, const T& member, Attributes... attributes
        ) {
            const FieldSpec spec(attributes...);
            if (!spec.tagged() || !spec.versions.has(encoder.options_.version)) return;
            if (encoder.frame_.defaults.holds_default(member)) return;
            encoder.sink_.uvarint(static_cast<std::uint32_t>(spec.tag));
            encoder.tagged_value(name, member, spec);
        }
    };

    template <Struct S>
    [[gnu::always_inline]] void tag_section(const S& object) {
        sink_.uvarint(frame_.tagged);
        if (frame_.tagged != 0) [[unlikely]]
            tags(object);
    }
    template <Struct S>
    [[gnu::noinline]] void tags(const S& object) {
        // The size stands before the payload, so slices inside must be copied.
        const Slices outer = std::exchange(options_.slices, Slices::kCopy);
        TagWriter writer{*this};
        S::fields(writer, object);
        options_.slices = outer;
    }
    template <class T>
    void tagged_value(const char* name, const T& member, const FieldSpec& spec) {
        const std::size_t start = sink_.size();
        if constexpr (kIsOptional<T>) {
            if constexpr (Struct<typename T::value_type>) {
                sink_.uvarint(member ? 1 : 0);
                if (member) nested(name, *member);
                sink_.insert_size(start);
                return;
            }
        }
        value(name, member, spec);
        sink_.insert_size(start);
    }

    template <class T>
    [[gnu::always_inline]] void value(const char* name, const T& member, const FieldSpec& spec) {
        if constexpr (kIsOptional<T>) {
            const bool nullable = spec.nullable.has(options_.version);
            if (!member) {
                if (!nullable) return fail(name, "is null, which this version does not allow");
                null<typename T::value_type>(spec);
            } else {
                if constexpr (Struct<typename T::value_type>) {
                    if (nullable) sink_.number(std::int8_t{1});
                }
                present(name, *member, spec);
            }
        } else {
            present(name, member, spec);
        }
    }
    template <class T>
    void null(const FieldSpec& spec) {
        if constexpr (Struct<T>) {
            sink_.number(std::int8_t{-1});
        } else if (options_.flexible && !spec.never_flexible) {
            sink_.uvarint(0);
        } else if constexpr (std::same_as<T, std::string>) {
            sink_.number(std::int16_t{-1});
        } else {
            sink_.number(std::int32_t{-1});
        }
    }

    template <class T>
    [[gnu::always_inline]] void present(const char* name, const T& value, const FieldSpec& spec) {
        if constexpr (std::same_as<T, std::string>) {
            text(name, value, options_.flexible && !spec.never_flexible);
        } else if constexpr (std::same_as<T, BufferSlice>) {
            slice(name, value);
        } else if constexpr (kIsVector<T>) {
            array(name, value);
        } else if constexpr (Struct<T>) {
            nested(name, value);
        } else if constexpr (std::same_as<T, bool>) {
            sink_.number(static_cast<std::int8_t>(value ? 1 : 0));
        } else if constexpr (std::same_as<T, double>) {
            sink_.number(std::bit_cast<std::uint64_t>(value));
        } else if constexpr (std::same_as<T, Uuid>) {
            sink_.bytes(std::as_bytes(std::span(value.bytes)));
        } else {
            sink_.number(to_wire(value));
        }
    }

    template <Struct S>
    void nested(const char* name, const S& value) {
        const bool failed_before = static_cast<bool>(failure_);
        body(value);
        if (failure_ && !failed_before) [[unlikely]]
            failure_.within(name);
    }
    template <class T>
    void array(const char* name, const std::vector<T>& values) {
        if (failure_) return;
        if (!length(name, values.size())) return;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if constexpr (Struct<T>) {
                body(values[i]);
            } else {
                present("", values[i], FieldSpec());
            }
            if (failure_) [[unlikely]]
                return failure_.within(name, i);
        }
    }

    bool length(const char* name, std::size_t count);
    void text(const char* name, std::string_view value, bool flexible);
    void slice(const char* name, const BufferSlice& value);
    void fail(const char* name, const char* what);

    Options options_;
    ByteSink& sink_;
    Frame frame_;
    Failure failure_;
};

}  // namespace sealane::kafka
