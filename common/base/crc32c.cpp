#include "common/base/crc32c.hpp"

#include <isa-l/crc.h>

#include <array>

namespace sealane {
namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78;  // reflected

// A 32x32 matrix over GF(2): column i is what bit i becomes.
using Matrix = std::array<std::uint32_t, 32>;

constexpr std::uint32_t times(const Matrix& m, std::uint32_t v) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; v != 0; ++i, v >>= 1U) {
        if ((v & 1U) != 0) sum ^= m[i];
    }
    return sum;
}

constexpr Matrix square(const Matrix& m) {
    Matrix s{};
    for (std::size_t i = 0; i < 32; ++i) s[i] = times(m, m[i]);
    return s;
}

// kZeros[k]: the effect on a raw CRC register of 2^k zero bytes.
constexpr std::array<Matrix, 64> make_zeros() {
    Matrix one_bit{};
    one_bit[0] = kPolynomial;
    for (std::size_t i = 1; i < 32; ++i) one_bit[i] = 1U << (i - 1);
    std::array<Matrix, 64> zeros{};
    zeros[0] = square(square(square(one_bit)));
    for (std::size_t k = 1; k < 64; ++k) zeros[k] = square(zeros[k - 1]);
    return zeros;
}

const std::array<Matrix, 64> kZeros = make_zeros();

std::uint32_t shift_by_zero_bytes(std::uint32_t crc, std::uint64_t count) {
    for (std::size_t k = 0; count != 0; ++k, count >>= 1U) {
        if ((count & 1U) != 0) crc = times(kZeros[k], crc);
    }
    return crc;
}

// The raw CRC register (no inversions) over bytes, starting at `state`.
std::uint32_t raw_crc(ByteView bytes, std::uint32_t state) {
    constexpr std::size_t kMaxCall = 1U << 30U;  // isa-l takes an int
    while (!bytes.empty()) {
        const std::size_t n = bytes.size() < kMaxCall ? bytes.size() : kMaxCall;
        // isa-l reads only; its signature lacks the const.
        auto* data =
            const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(bytes.data()));
        state = crc32_iscsi(data, static_cast<int>(n), state);
        bytes = bytes.subspan(n);
    }
    return state;
}

}  // namespace

std::uint32_t crc32c(ByteView bytes, std::uint32_t seed) {
    return ~raw_crc(bytes, ~seed);
}

std::uint32_t crc32c_combine(std::uint32_t crc_a, std::uint32_t crc_b, std::uint64_t length_b) {
    return shift_by_zero_bytes(crc_a, length_b) ^ crc_b;
}

std::uint32_t crc32c_patch(
    std::uint32_t crc,
    std::uint64_t length,
    std::uint64_t at,
    ByteView old_bytes,
    ByteView new_bytes
) {
    SEALANE_ASSERT(old_bytes.size() == new_bytes.size() && at + old_bytes.size() <= length);
    const std::uint32_t difference = raw_crc(old_bytes, 0) ^ raw_crc(new_bytes, 0);
    return crc ^ shift_by_zero_bytes(difference, length - at - old_bytes.size());
}

}  // namespace sealane
