#pragma once
// The visitor that fills a default-initialised message from bytes. Fields that do not exist in
// the version keep their default. Unknown tagged fields are skipped. Included by instantiate.hpp.

#include "common/kafka/codec/byte_source.hpp"
#include "common/kafka/codec/field_spec.hpp"
#include "common/kafka/codec/member_types.hpp"

#include <algorithm>
#include <bit>

namespace sealane::kafka {

class Decoder {
 public:
    Decoder(const BufferSlice& bytes, std::int16_t version, bool flexible)
        : source_(bytes), version_(version), flexible_(flexible) {}

    template <Struct S>
    void body(S& object) {
        S::fields(*this, object);
        if (flexible_) tag_section(object);
    }

    template <class T, class... Attributes>
    [[gnu::always_inline]] void field(const char* name, T& member, Attributes... attributes) {
        const FieldSpec spec(attributes...);
        if (!spec.versions.has(version_) || spec.tagged()) return;
        value(name, member, spec);
    }

    [[nodiscard]] ByteSource& source() { return source_; }

 private:
    // Visits a struct for one tag that has come.
    struct TagReader {
        Decoder& decoder;
        std::uint32_t tag;
        bool known = false;

        template <class T, class... Attributes>
        [[gnu::always_inline]] void field(const char* name, T& member, Attributes... attributes) {
            const FieldSpec spec(attributes...);
            if (!spec.tagged() || static_cast<std::uint32_t>(spec.tag) != tag) return;
            if (!spec.versions.has(decoder.version_)) return;
            known = true;
            decoder.tagged_value(name, member, spec);
        }
    };

    template <Struct S>
    [[gnu::always_inline]] void tag_section(S& object) {
        const std::uint32_t count = source_.uvarint("tag count");
        if (count != 0) [[unlikely]]
            tags(object, count);
    }
    template <Struct S>
    [[gnu::noinline]] void tags(S& object, std::uint32_t count) {
        for (std::uint32_t i = 0; i < count && !source_.failed(); ++i) {
            const std::uint32_t tag = source_.uvarint("tag");
            const std::uint32_t size = source_.uvarint("tag size");
            if (size > source_.left()) {
                source_.fail_short("tagged field", size);
                return;
            }
            const std::byte* old_end = source_.narrow(size);
            TagReader reader{*this, tag};
            S::fields(reader, object);
            if (!reader.known) {
                static_cast<void>(source_.take("tagged field", size));
            } else if (source_.left() != 0) {
                source_.fail(ErrorCode::kMalformed, "tagged field", "bytes left over");
            }
            source_.widen(old_end);
        }
    }
    // A nullable struct in the tag section starts with 0 (null) or 1 as unsigned varint.
    template <class T>
    void tagged_value(const char* name, T& member, const FieldSpec& spec) {
        if constexpr (kIsOptional<T>) {
            if constexpr (Struct<typename T::value_type>) {
                if (source_.uvarint(name) == 0) {
                    member.reset();
                } else {
                    nested(name, member.emplace(typename T::value_type()));
                }
                return;
            }
        }
        value(name, member, spec);
    }

    template <class T>
    [[gnu::always_inline]] void value(const char* name, T& member, const FieldSpec& spec) {
        if constexpr (kIsOptional<T>) {
            if (!member) member.emplace(typename T::value_type());
            const bool nullable = spec.nullable.has(version_);
            if (!present(name, *member, spec, nullable)) member.reset();
        } else {
            static_cast<void>(present(name, member, spec, false));
        }
    }

    // Reads a value; false when it is null, which is a failure unless it is `nullable`.
    template <class T>
    [[gnu::always_inline]] bool present(
        const char* name, T& out, const FieldSpec& spec, bool nullable
    ) {
        if constexpr (std::same_as<T, std::string>) {
            return text(name, out, flexible_ && !spec.never_flexible, nullable);
        } else if constexpr (std::same_as<T, BufferSlice>) {
            return slice(name, out, nullable);
        } else if constexpr (kIsVector<T>) {
            return array(name, out, nullable);
        } else if constexpr (Struct<T>) {
            if (nullable && source_.number<std::int8_t>(name) < 0) return false;
            nested(name, out);
            return true;
        } else {
            fixed(name, out);
            return true;
        }
    }

    template <class T>
    [[gnu::always_inline]] void fixed(const char* name, T& out) {
        if constexpr (std::same_as<T, bool>) {
            out = source_.number<std::int8_t>(name) != 0;
        } else if constexpr (std::same_as<T, double>) {
            out = std::bit_cast<double>(source_.number<std::uint64_t>(name));
        } else if constexpr (std::same_as<T, Uuid>) {
            const std::byte* from = source_.take(name, out.bytes.size());
            if (from != nullptr) std::memcpy(out.bytes.data(), from, out.bytes.size());
        } else {
            out = from_wire<T>(source_.number<WireNumberOf<T>>(name));
        }
    }

    template <Struct S>
    void nested(const char* name, S& out) {
        if (source_.failed()) return;
        body(out);
        if (source_.failed()) [[unlikely]]
            source_.failure().within(name);
    }

    // The number of elements of an array; nothing when null or failed.
    std::optional<std::size_t> count(const char* name, std::size_t element_bytes, bool nullable);
    bool text(const char* name, std::string& out, bool flexible, bool nullable);
    bool slice(const char* name, BufferSlice& out, bool nullable);

    template <class T>
    bool array(const char* name, std::vector<T>& out, bool nullable) {
        constexpr bool kFixed = Number<T> || std::same_as<T, Uuid>;
        const auto elements = count(name, kFixed ? sizeof(WireSize<T>) : 1, nullable);
        out.clear();
        if (!elements) return source_.failed();
        // Reserves no more than about four times what the bytes that are left could justify.
        out.reserve(std::min(*elements, 4 + source_.left() * 4 / sizeof(T)));
        for (std::size_t i = 0; i < *elements; ++i) {
            element(out.emplace_back());
            if (source_.failed()) [[unlikely]] {
                source_.failure().within(name, i);
                break;
            }
        }
        return true;
    }
    template <class T>
    [[gnu::always_inline]] void element(T& out) {
        if constexpr (Struct<T>) {
            body(out);
        } else {
            static_cast<void>(present("", out, FieldSpec(), false));
        }
    }

    template <class T>
    struct WireSizeOf {
        using Type = std::byte;
    };
    template <Number T>
    struct WireSizeOf<T> {
        using Type = WireNumberOf<T>;
    };
    template <std::same_as<Uuid> T>
    struct WireSizeOf<T> {
        using Type = Uuid;
    };
    template <class T>
    using WireSize = typename WireSizeOf<T>::Type;

    ByteSource source_;
    std::int16_t version_;
    bool flexible_;
};

}  // namespace sealane::kafka
