#include "tests/simulation/scenario/replica_watch.hpp"

#include <gtest/gtest.h>

namespace sealane::simulation {
namespace {

std::string kinds(ReplicaWatch& watch) {
    std::string all;
    for (const auto& one : watch.take()) all += one.kind + " ";
    return all;
}

TEST(ReplicaWatch, CommittedRecordsAreNotCut) {
    ReplicaWatch watch;
    watch.may_cut = [](std::string_view topic) { return topic == "weak-one"; };
    const std::string cut = "broker.replication replica truncates partition=";
    watch.on_line("b1/2", cut + "t-0 leader=2 log_end=9 high_watermark=5 to=5");
    watch.on_line("b1/2", cut + "weak-one-0 leader=2 log_end=9 high_watermark=5 to=3");
    EXPECT_EQ(kinds(watch), "");
    watch.on_line("b1/2", cut + "t-0 leader=2 log_end=9 high_watermark=5 to=4");
    watch.on_line(
        "b1/2",
        "broker.replication replica begins anew partition=t-0 log_end=9 high_watermark=5 to=0"
    );
    EXPECT_EQ(kinds(watch), "cut-committed cut-committed ");
}

TEST(ReplicaWatch, SoundDisksMakeNoDamage) {
    ReplicaWatch watch;
    watch.was_hurt = [](std::string_view host) { return host == "b2"; };
    watch.on_line("b2/1", "log ERROR log is offline partition=t-0 cause=IO");
    EXPECT_EQ(kinds(watch), "");
    watch.on_line("b1/1", "log ERROR log is offline partition=t-0 cause=CORRUPT");
    watch.on_line("b1/1", "log ERROR a log cannot be opened partition=t-0 cause=CORRUPT");
    EXPECT_EQ(kinds(watch), "false-damage false-damage ");
}

}  // namespace
}  // namespace sealane::simulation
