#include "common/telemetry/metric_registry.hpp"

#include "common/telemetry/histogram.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sealane::telemetry {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Links final : runtime::MetricSource {
    void collect(runtime::MetricSink& sink) const override {
        sink.counter("sealane_link_records_total", "Records.", 5, {{"link", "b"}});
        sink.counter("sealane_link_records_total", "Other words.", 3, {{"link", "a"}});
        sink.gauge("sealane_link_lag_records", "Lag.", lag);
        Histogram latency;
        latency.add(Duration(2ms));
        sink.histogram("sealane_link_latency_seconds", "Latency.", latency.latency_seconds());
    }
    double lag = 7;
};

TEST(MetricRegistry, WritesFamiliesInOrderWhateverTheSourcesSay) {
    Links links;
    MetricRegistry registry;
    registry.add(links);
    const std::string text = registry.to_text();
    EXPECT_THAT(
        text,
        HasSubstr("# HELP sealane_link_records_total Records.\n"
                  "# TYPE sealane_link_records_total counter\n"
                  "sealane_link_records_total{link=\"a\"} 3\n"
                  "sealane_link_records_total{link=\"b\"} 5\n")
    );
    EXPECT_THAT(text, HasSubstr("sealane_link_lag_records 7\n"));
    EXPECT_THAT(text, HasSubstr("sealane_link_latency_seconds_bucket{le=\"0.0025\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("sealane_link_latency_seconds_bucket{le=\"+Inf\"} 1\n"));
    EXPECT_LT(text.find("sealane_link_lag"), text.find("sealane_link_records"));
    links.lag = 8;
    EXPECT_THAT(registry.to_text(), HasSubstr("sealane_link_lag_records 8\n"));
}

TEST(MetricRegistry, ARemovedSourceIsNotAsked) {
    Links links;
    MetricRegistry registry;
    registry.add(links);
    registry.remove(links);
    EXPECT_EQ(registry.to_text(), "");
}

TEST(MetricRegistry, TheFirstKindOfANameHolds) {
    struct Odd final : runtime::MetricSource {
        void collect(runtime::MetricSink& sink) const override {
            sink.gauge("x", "A gauge.", 1);
            sink.counter("x", "A counter.", 2, {{"a", "b"}});
        }
    } odd;
    MetricRegistry registry;
    registry.add(odd);
    EXPECT_THAT(registry.to_text(), HasSubstr("# TYPE x gauge\nx 1\n"));
    EXPECT_THAT(registry.to_text(), Not(HasSubstr("x{")));
}

TEST(ProcessMetrics, ReportWhatTheProcessUses) {
    const ProcessMetrics process({"sealane-test", "1.2.3", "abc"});
    MetricRegistry registry;
    registry.add(process);
    const std::string text = registry.to_text();
    EXPECT_THAT(
        text,
        HasSubstr(
            "sealane_build_info{program=\"sealane-test\",revision=\"abc\",version=\"1.2.3\"} 1\n"
        )
    );
    const auto value_of = [&](const std::string& name) {
        const auto at = text.find("\n" + name + " ");
        return at == std::string::npos ? -1.0 : std::stod(text.substr(at + name.size() + 2));
    };
    EXPECT_GT(value_of("process_resident_memory_bytes"), 1e6);
    EXPECT_GE(value_of("process_open_fds"), 3);
    EXPECT_GE(value_of("process_threads"), 1);
    EXPECT_GT(value_of("process_start_time_seconds"), 1.7e9);
    EXPECT_GE(value_of("process_cpu_seconds_total"), 0);
    EXPECT_GT(value_of("process_max_fds"), 3);
}

}  // namespace
}  // namespace sealane::telemetry
