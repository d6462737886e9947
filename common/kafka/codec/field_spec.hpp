#pragma once
// What a message says about one of its fields: in which versions it exists, where it may be null,
// its tag (KIP-482), and marks. Messages hand these attributes to a visitor:
//
//     io.field("Metadata", m.metadata, Since{0}, NullableSince{0});
//     io.field("ClusterId", m.cluster_id, Since{12}, NullableSince{12}, Tagged{0}, kIgnorable);
//
// The default of a field is the initialiser of its member. Tagged fields stand in ascending
// order of their tags within a struct.

#include <cstdint>

namespace sealane::kafka {

inline constexpr std::int16_t kLastVersion = INT16_MAX;

// A closed range of versions; first > last: none.
struct VersionRange {
    std::int16_t first = 0;
    std::int16_t last = kLastVersion;
    [[nodiscard]] constexpr bool has(std::int16_t version) const {
        return first <= version && version <= last;
    }
    [[nodiscard]] constexpr bool empty() const { return first > last; }
    friend constexpr bool operator==(const VersionRange&, const VersionRange&) = default;
};
inline constexpr VersionRange kNoVersions{1, 0};

// The versions in which a field exists; every field names one of these two, first.
struct Since {
    std::int16_t first;
};
struct Between {
    std::int16_t first;
    std::int16_t last;
};
// The versions in which a field may be null (its member is a std::optional).
struct NullableSince {
    std::int16_t first;
};
struct NullableBetween {
    std::int16_t first;
    std::int16_t last;
};
// The field lives in the tag section, in all versions in which it exists.
struct Tagged {
    std::int32_t tag;
};
// Tags from here on are Sealane's own: fields between its nodes that others skip (KIP-482).
inline constexpr std::int32_t kPrivateTag = 10'000;
// An encoder may drop the field's value where the version has no place for it. Only requests
// need the mark: all other messages are dropped into older versions silently.
struct Ignorable {};
// The printer shows "(secret)" instead of the value.
struct Secret {};
// A BufferSlice that holds record batches (encoded like other bytes).
struct Records {};
// A string that keeps its int16 length in flexible versions.
struct NeverFlexible {};
inline constexpr Ignorable kIgnorable;
inline constexpr Secret kSecret;
inline constexpr Records kRecords;
inline constexpr NeverFlexible kNeverFlexible;

// All attributes of one field together. Built from constants, so that visitors fold it away.
struct FieldSpec {
    VersionRange versions = kNoVersions;
    VersionRange nullable = kNoVersions;
    std::int32_t tag = -1;  // -1: not tagged
    bool ignorable = false;
    bool secret = false;
    bool records = false;
    bool never_flexible = false;

    constexpr FieldSpec() = default;
    template <class... Attributes>
    constexpr explicit FieldSpec(Attributes... attributes) {
        (set(attributes), ...);
    }
    [[nodiscard]] constexpr bool tagged() const { return tag >= 0; }

 private:
    constexpr void set(Since range) { versions = {range.first, kLastVersion}; }
    constexpr void set(Between range) { versions = {range.first, range.last}; }
    constexpr void set(NullableSince range) { nullable = {range.first, kLastVersion}; }
    constexpr void set(NullableBetween range) { nullable = {range.first, range.last}; }
    constexpr void set(Tagged tagged) { tag = tagged.tag; }
    constexpr void set(Ignorable) { ignorable = true; }
    constexpr void set(Secret) { secret = true; }
    constexpr void set(Records) { records = true; }
    constexpr void set(NeverFlexible) { never_flexible = true; }
};

}  // namespace sealane::kafka
