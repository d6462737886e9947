// Decisions of the authorizer: one question to tables of entries of which most are about others.
//
//     acl_bench --benchmark_format=json

#include "common/identity/acl_table.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace sealane::identity {
namespace {

AclEntry entry_of(std::int64_t number, PatternType pattern) {
    AclEntry entry;
    entry.resource_type = ResourceType::kTopic;
    const std::string text = std::to_string(number);
    entry.resource_name =
        pattern == PatternType::kPrefixed ? "team-" + text + "-" : "topic-" + text;
    entry.pattern_type = pattern;
    entry.principal = "User:user-" + std::to_string(number % 100);
    entry.host = std::string(kWildcard);
    entry.operation = number % 2 == 0 ? AclOperation::kRead : AclOperation::kWrite;
    entry.permission = AclPermission::kAllow;
    return entry;
}

// Half literal, half prefixed. Names of the prefixes have up to five lengths, as digits have.
AclTable table_of(std::int64_t entries) {
    AclTable table;
    for (std::int64_t i = 0; i < entries; ++i) {
        Uuid id;
        id.bytes[0] = 1;
        for (std::size_t byte = 0; byte < 4; ++byte) {
            id.bytes[byte + 1] = static_cast<std::uint8_t>(i >> (8 * byte));
        }
        const auto pattern = i % 2 == 0 ? PatternType::kLiteral : PatternType::kPrefixed;
        table.add(id, entry_of(i / 2, pattern));
    }
    return table;
}

// The questions change, so that no cache of the processor makes it look better than it is.
void ask(benchmark::State& state, const std::string& before, const std::string& behind) {
    const std::int64_t entries = state.range(0);
    const AclTable table = table_of(entries);
    std::vector<std::string> names;
    std::vector<std::string> users;
    for (std::int64_t i = 0; i < 256; ++i) {
        const std::int64_t number = i * 7919 % (entries / 2);
        names.push_back(before + std::to_string(number) + behind);
        users.push_back("User:user-" + std::to_string(number % 100));
    }
    std::size_t turn = 0;
    for (auto _ : state) {
        const std::size_t which = turn++ % names.size();
        const AclAnswer answer = table.ask(
            {.principal = users[which],
             .host = "127.0.0.1",
             .operation = AclOperation::kDescribe,
             .resource_type = ResourceType::kTopic,
             .resource_name = names[which]}
        );
        benchmark::DoNotOptimize(answer);
    }
    state.SetItemsProcessed(state.iterations());
}

void literal(benchmark::State& state) {
    ask(state, "topic-", "");
}
void prefixed(benchmark::State& state) {
    ask(state, "team-", "-orders");
}
void nobody_named(benchmark::State& state) {
    ask(state, "other-", "");
}

BENCHMARK(literal)->Arg(10)->Arg(1000)->Arg(10'000);
BENCHMARK(prefixed)->Arg(10)->Arg(1000)->Arg(10'000);
BENCHMARK(nobody_named)->Arg(10)->Arg(1000)->Arg(10'000);

}  // namespace
}  // namespace sealane::identity

BENCHMARK_MAIN();
