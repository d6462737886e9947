#pragma once
// The visitor that lists what a message says about its fields, one row per field in the order of
// the message, nested fields after the one that holds them. Paths are "Topics[].Name".

#include "common/kafka/codec/field_spec.hpp"
#include "common/kafka/codec/member_types.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sealane::kafka {

struct FieldRow {
    std::string path;
    std::string type;  // Kafka's names: "int32", "string", "[]TopicData"
    VersionRange versions;
    VersionRange nullable = kNoVersions;
    std::int32_t tag = -1;
    std::string default_value;  // "-" for zero, empty, false
    bool never_flexible = false;
    friend bool operator==(const FieldRow&, const FieldRow&) = default;
};

class SchemaDump {
 public:
    template <Struct S>
    void body(const S& defaults) {
        S::fields(*this, defaults);
    }

    template <class T, class... Attributes>
    void field(const char* name, const T& member, Attributes... attributes) {
        const FieldSpec spec(attributes...);
        using Value = typename NotNull<T>::Type;
        const std::string path = add(name, spec, type_of<Value>(), show(member));
        using Element = typename ElementOf<Value>::Type;
        if constexpr (Struct<Element>) {
            const std::string outer = std::exchange(prefix_, path + ".");
            body(kDefaultOf<Element>);
            prefix_ = outer;
        }
    }

    [[nodiscard]] std::vector<FieldRow> take() && { return std::move(rows_); }

 private:
    // Adds a row and gives its path.
    std::string add(
        const char* name, const FieldSpec& spec, std::string type, std::string default_value
    );

    template <class T>
    struct NotNull {
        using Type = T;
    };
    template <class T>
    struct NotNull<std::optional<T>> {
        using Type = T;
    };
    template <class T>
    struct ElementOf {
        using Type = T;
    };
    template <class T>
    struct ElementOf<std::vector<T>> {
        using Type = T;
    };

    template <class T>
    [[nodiscard]] [[gnu::noinline]] static std::string type_of() {
        if constexpr (kIsVector<T>) {
            return "[]" + type_of<typename T::value_type>();
        } else if constexpr (std::same_as<T, std::string>) {
            return "string";
        } else if constexpr (std::same_as<T, BufferSlice>) {
            return "bytes";
        } else if constexpr (std::same_as<T, Uuid>) {
            return "uuid";
        } else if constexpr (std::same_as<T, bool>) {
            return "bool";
        } else if constexpr (std::same_as<T, double>) {
            return "float64";
        } else if constexpr (Number<T>) {
            using N = WireNumberOf<T>;
            return (std::is_signed_v<N> ? "int" : "uint") + std::to_string(sizeof(N) * 8);
        } else {
            return std::string(struct_name<T>());
        }
    }
    // The last part of the qualified name of T, which the compiler spells "[T = a::b::Name]".
    template <class T>
    [[nodiscard]] static std::string_view struct_name() {
        std::string_view name = __PRETTY_FUNCTION__;
        name.remove_suffix(1);
        return name.substr(name.rfind(':') + 1);
    }
    template <class T>
    [[nodiscard]] [[gnu::noinline]] static std::string show(const T& value) {
        if constexpr (kIsOptional<T>) {
            return value ? show(*value) : "null";
        } else if constexpr (std::same_as<T, bool>) {
            return value ? "true" : "-";
        } else if constexpr (Number<T>) {
            return to_wire(value) == 0 ? "-" : std::to_string(to_wire(value));
        } else {
            return "-";
        }
    }

    std::string prefix_;
    std::vector<FieldRow> rows_;
};

template <class M>
[[nodiscard]] std::vector<FieldRow> schema_of() {
    SchemaDump dump;
    dump.body(kDefaultOf<M>);
    return std::move(dump).take();
}

}  // namespace sealane::kafka
