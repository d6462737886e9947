// Which limit holds for whom, and how long clients rest that are above it.

#include "broker/quotas/client_quotas.hpp"

#include <gtest/gtest.h>

namespace sealane::broker::quotas {
namespace {

const QuotaName kDefault{true, ""};
QuotaName named(std::string name) {
    return {false, std::move(name)};
}
Instant at(Duration time) {
    return Instant{} + time;
}

TEST(QuotaTable, TheMostPreciseEntityWins) {
    // Each entity is tried in this order; the value tells which one it was.
    const std::vector<QuotaEntity> order{
        {named("u"), named("c"), {}},
        {named("u"), kDefault, {}},
        {named("u"), {}, {}},
        {kDefault, named("c"), {}},
        {kDefault, kDefault, {}},
        {kDefault, {}, {}},
        {{}, named("c"), {}},
        {{}, kDefault, {}},
    };
    QuotaTable table;
    EXPECT_FALSE(table.limit(kProducerByteRate, "u", "c"));
    for (std::size_t i = 0; i < order.size(); ++i) {
        table.set(order[i], kProducerByteRate, static_cast<double>(i + 1));
        // Another key changes nothing.
        table.set(order[i], kConsumerByteRate, 99);
    }
    for (std::size_t i = 0; i < order.size(); ++i) {
        EXPECT_EQ(table.limit(kProducerByteRate, "u", "c")->value, static_cast<double>(i + 1));
        table.remove(order[i], kProducerByteRate);
    }
    EXPECT_FALSE(table.limit(kProducerByteRate, "u", "c"));
}

TEST(QuotaTable, DefaultsGiveEverybodyALimitOfTheirOwn) {
    QuotaTable table;
    table.set({kDefault, {}, {}}, kProducerByteRate, 10);
    EXPECT_NE(
        table.limit(kProducerByteRate, "a", "c")->bucket,
        table.limit(kProducerByteRate, "b", "c")->bucket
    );
    EXPECT_EQ(
        table.limit(kProducerByteRate, "a", "c")->bucket,
        table.limit(kProducerByteRate, "a", "d")->bucket
    ) << "clients of a user share the user's";
    table.set({named("a"), kDefault, {}}, kProducerByteRate, 10);
    EXPECT_NE(
        table.limit(kProducerByteRate, "a", "c")->bucket,
        table.limit(kProducerByteRate, "a", "d")->bucket
    );
    table.set({{}, {}, kDefault}, kConnectionCreationRate, 5);
    table.set({{}, {}, named("10.0.0.1")}, kConnectionCreationRate, 7);
    EXPECT_EQ(table.connection_limit("10.0.0.1")->value, 7);
    EXPECT_EQ(table.connection_limit("10.0.0.2")->value, 5);
}

TEST(RateMeter, MeasuresOverTenSecondsAndForgets) {
    RateMeter meter;
    meter.record(at(1s), 1000);
    EXPECT_DOUBLE_EQ(meter.rate(at(1s)), 100);  // as if ten seconds had passed
    for (int second = 2; second <= 20; ++second) meter.record(at(1s * second), 1000);
    EXPECT_NEAR(meter.rate(at(20s)), 1000, 110);
    EXPECT_DOUBLE_EQ(meter.rate(at(40s)), 0);
}

TEST(RateMeter, RestBringsTheRateDownToTheLimit) {
    RateMeter meter;
    meter.record(at(1s), 3000);
    EXPECT_EQ(meter.excess(at(1s), 300), Duration::zero());
    // 300 a second, twice what is allowed: rest for as long as was measured.
    EXPECT_EQ(meter.excess(at(1s), 150), 10s);
    EXPECT_EQ(meter.excess(at(1s), 0.001), Duration(3600s)) << "never for ever";
}

TEST(ClientQuotas, ClientsAboveTheirLimitRest) {
    QuotaTable table;
    table.set({named("u"), {}, {}}, kProducerByteRate, 1000);
    ClientQuotas used;
    const QuotaClient limited{"u", "c"};
    EXPECT_EQ(used.use(table, kProducerByteRate, {"other", "c"}, 1e9, at(1s)), Duration::zero());
    EXPECT_EQ(used.use(table, kProducerByteRate, limited, 10'000, at(1s)), Duration::zero());
    EXPECT_EQ(used.use(table, kProducerByteRate, limited, 5'000, at(1s)), 5s);
    EXPECT_EQ(used.throttled(), 1U);
    // Kept over time, the limit holds: bytes that got through a minute.
    double sent = 0;
    Instant now = at(20s);
    while (now < at(80s)) {
        const Duration rest = used.use(table, kProducerByteRate, limited, 2000, now);
        sent += 2000;
        now = now + (rest + 10ms);
    }
    EXPECT_LT(sent, 60 * 1000 * 1.25);
    EXPECT_GT(sent, 60 * 1000 * 0.75);
}

TEST(ClientQuotas, WhatWasNotGivenDoesNotCount) {
    QuotaTable table;
    table.set({{}, kDefault, {}}, kConsumerByteRate, 100);
    ClientQuotas used;
    const QuotaClient client{"u", "c"};
    EXPECT_GT(used.use(table, kConsumerByteRate, client, 5000, at(1s)), Duration::zero());
    used.take_back(table, kConsumerByteRate, client, 5000);
    EXPECT_EQ(used.use(table, kConsumerByteRate, client, 900, at(1s)), Duration::zero());
}

TEST(ClientQuotas, TimeIsLimitedInPerCentAndBySecondsAtMost) {
    QuotaTable table;
    table.set({named("u"), {}, {}}, kRequestPercentage, 10);
    ClientQuotas used;
    EXPECT_EQ(used.use_time(table, {"u", ""}, 100ms, at(1s)), Duration::zero());
    EXPECT_EQ(used.use_time(table, {"u", ""}, 5s, at(1s)), 1s);
}

TEST(ClientQuotas, ConnectionsOfAnAddressAreLimited) {
    QuotaTable table;
    table.set({{}, {}, kDefault}, kConnectionCreationRate, 2);
    ClientQuotas used;
    int welcome = 0;
    for (int i = 0; i < 100; ++i) {
        if (used.connect(table, "10.0.0.1", at(1s)) == Duration::zero()) ++welcome;
    }
    EXPECT_EQ(welcome, 20);
    EXPECT_EQ(used.connect(table, "10.0.0.2", at(1s)), Duration::zero());
}

TEST(ClientQuotas, MetersAreBounded) {
    QuotaTable table;
    table.set({kDefault, {}, {}}, kProducerByteRate, 1000);
    ClientQuotas used;
    for (int i = 0; i < 12'000; ++i) {
        (void
        )used.use(table, kProducerByteRate, {"u" + std::to_string(i), ""}, 1, at(1ms * (i + 1)));
    }
    EXPECT_EQ(used.meters(), ClientQuotas::kMostMeters);
    (void)used.use(table, kProducerByteRate, {"late", ""}, 1, at(2h));
    EXPECT_EQ(used.meters(), 1U);
}

}  // namespace
}  // namespace sealane::broker::quotas
