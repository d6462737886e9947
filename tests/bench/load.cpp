#include "tests/bench/load.hpp"

#include <array>

namespace sealane::bench {
namespace {

constexpr std::array<std::string_view, 8> kWords{
    "GET /index.html ",
    "status=200 ",
    "user=guest ",
    "upstream=korea ",
    "level=info ",
    "retry=false ",
    "domain=seoul ",
    "took_us="
};

// splitmix64: numbers that do not repeat, without state.
std::uint64_t scatter(std::uint64_t value) {
    value += 0x9E3779B97F4A7C15ULL;
    value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ (value >> 27U)) * 0x94D049BB133111EBULL;
    return value ^ (value >> 31U);
}

}  // namespace

BufferSlice payload(std::size_t size, std::uint64_t number) {
    std::string text;
    text.reserve(size + 32);
    std::uint64_t seed = number;
    while (text.size() < size) {
        seed = scatter(seed);
        text += kWords[seed % kWords.size()];
        text += std::to_string(seed >> 40U);
        text += ' ';
    }
    text.resize(size);
    return BufferSlice::copy_of(text);
}

Result<kafka::RecordBatch> make_batch(const Load& load, WallTime now) {
    kafka::BatchOptions options;
    options.codec = load.codec;
    options.size_limit = load.batch_bytes;
    kafka::RecordBatchBuilder builder(options);
    for (std::uint64_t number = 0;; ++number) {
        const BufferSlice value = payload(load.record_bytes, number);
        if (!builder.add(now, std::nullopt, value.view())) break;
    }
    return std::move(builder).build();
}

std::int64_t value_bytes(const Load& load, const kafka::RecordBatch& batch) {
    return static_cast<std::int64_t>(load.record_bytes) * batch->record_count();
}

double seconds_of(Duration span) {
    return static_cast<double>(span.count()) / 1e9;
}

}  // namespace sealane::bench
