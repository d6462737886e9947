#include "broker/log/log_directory.hpp"

#include "tests/unit/broker/log/log_bench.hpp"

namespace sealane::broker {
namespace {

Uuid id(std::uint8_t number) {
    Uuid uuid;
    uuid.bytes[0] = 1;
    uuid.bytes[15] = number;
    return uuid;
}

struct DirectoryBench {
    DirectoryBench() { config.path = "/data"; }
    ~DirectoryBench() { drop(); }
    Status open() {
        drop();
        directory = std::make_unique<LogDirectory>(world, config);
        return world.run(directory->open([](const TopicPartition&, const Uuid&) {
            return LogSettings{};
        }));
    }
    void drop() {
        world.drop_all();
        directory.reset();
    }
    Result<PartitionLog*> create(int number) {
        return world.run(directory->create(
            {"topic", PartitionId(number)}, id(static_cast<std::uint8_t>(number)), {}
        ));
    }
    Result<AppendOutcome> append(int number, std::string_view text) {
        return world.run(directory->find({"topic", PartitionId(number)})
                             ->append(make_batch(text), LeaderEpoch(0), AppendOrigin::kClient));
    }
    FakeWorld world;
    LogDirectoryConfig config;
    std::unique_ptr<LogDirectory> directory;
};

TEST(LogDirectory, FindsItsLogsAgainAfterACleanStop) {
    DirectoryBench bench;
    ASSERT_TRUE(bench.open());
    const Uuid cluster = bench.directory->cluster_id();
    EXPECT_FALSE(cluster.is_zero());
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(bench.create(i));
        for (int k = 0; k <= i; ++k) ASSERT_TRUE(bench.append(i, "x"));
    }
    ASSERT_TRUE(bench.world.run(bench.directory->close()));
    EXPECT_TRUE(bench.world.files().has("/data/.kafka_cleanshutdown"));
    ASSERT_TRUE(bench.open());
    EXPECT_FALSE(bench.world.files().has("/data/.kafka_cleanshutdown"));
    EXPECT_EQ(bench.directory->cluster_id(), cluster);
    ASSERT_EQ(bench.directory->logs().size(), 20U);
    for (const auto& [partition, log] : bench.directory->logs()) {
        EXPECT_EQ(log->end_offset(), Offset(partition.partition.value + 1));
        EXPECT_EQ(log->figures().recovered_bytes, 0U);
        EXPECT_EQ(log->topic_id(), id(static_cast<std::uint8_t>(partition.partition.value)));
    }
    ASSERT_TRUE(bench.append(3, "more"));
    bench.drop();
    Rng rng(5);
    bench.world.files().crash(rng);
    ASSERT_TRUE(bench.open());  // killed: the note is gone, the tail is checked
    EXPECT_GE(bench.directory->find({"topic", PartitionId(3)})->end_offset(), Offset(4));
}

TEST(LogDirectory, RefusesADirectoryThatIsHeldOrForeign) {
    DirectoryBench bench;
    ASSERT_TRUE(bench.open());
    LogDirectory second(bench.world, bench.config);
    const auto held = bench.world.run(second.open([](const TopicPartition&, const Uuid&) {
        return LogSettings{};
    }));
    ASSERT_FALSE(held);
    EXPECT_EQ(held.error().code(), ErrorCode::kLocked);
    ASSERT_TRUE(bench.world.run(bench.directory->close()));

    bench.config.node_id = BrokerId(2);
    const auto other_node = bench.open();
    ASSERT_FALSE(other_node);
    EXPECT_EQ(other_node.error().code(), ErrorCode::kBadConfig);
    EXPECT_NE(other_node.error().detail().find("node.id is 2"), std::string::npos);

    bench.config.node_id = BrokerId(1);
    bench.config.cluster_id = id(77);
    const auto other_cluster = bench.open();
    ASSERT_FALSE(other_cluster);
    EXPECT_EQ(other_cluster.error().code(), ErrorCode::kBadConfig);
    EXPECT_NE(other_cluster.error().detail().find("cluster.id"), std::string::npos);
}

TEST(LogDirectory, DeletedLogsGoInTwoStepsAndMayBeMadeAgain) {
    DirectoryBench bench;
    ASSERT_TRUE(bench.open());
    ASSERT_TRUE(bench.create(1));
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(bench.append(1, "x"));
    ASSERT_TRUE(bench.world.run(bench.directory->find({"topic", PartitionId(1)})->sync()));
    ASSERT_TRUE(bench.world.run(bench.directory->checkpoint()));
    ASSERT_TRUE(bench.world.run(bench.directory->remove({"topic", PartitionId(1)})));
    EXPECT_EQ(bench.directory->find({"topic", PartitionId(1)}), nullptr);
    const auto left = [&bench] {
        return std::ranges::count_if(bench.world.files().paths(), [](const std::string& path) {
            return path.contains("-delete/");
        });
    };
    EXPECT_GT(left(), 0);
    EXPECT_EQ(
        bench.world.run(bench.directory->remove({"topic", PartitionId(1)})).error().code(),
        ErrorCode::kUnknownTopicOrPartition
    );
    ASSERT_TRUE(bench.create(1));
    EXPECT_EQ(bench.append(1, "new")->base_offset, Offset(0));
    ASSERT_TRUE(bench.world.run(bench.directory->find({"topic", PartitionId(1)})->sync()));
    bench.drop();
    ASSERT_TRUE(bench.open());  // the old recovery point is not the new log's
    EXPECT_TRUE(bench.directory->failed().empty());
    EXPECT_FALSE(bench.directory->find({"topic", PartitionId(1)})->offline_cause());
    EXPECT_EQ(bench.directory->find({"topic", PartitionId(1)})->end_offset(), Offset(1));
    bench.world.advance(bench.config.checkpoint_interval + Duration(1s));
    bench.world.settle();
    EXPECT_EQ(left(), 0);
}

TEST(LogDirectory, OneBadLogDoesNotFailTheOthers) {
    DirectoryBench bench;
    ASSERT_TRUE(bench.open());
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(bench.create(i));
        ASSERT_TRUE(bench.append(i, "x"));
    }
    ASSERT_TRUE(bench.world.run(bench.directory->close()));
    bench.world.files().content("/data/topic-1/partition.metadata") = "nonsense";
    ASSERT_TRUE(bench.open());
    EXPECT_EQ(bench.directory->logs().size(), 2U);
    ASSERT_EQ(bench.directory->failed().size(), 1U);
    EXPECT_FALSE(bench.create(1));
    EXPECT_FALSE(bench.world.run(bench.directory->close()));
    EXPECT_FALSE(bench.world.files().has("/data/.kafka_cleanshutdown"));
}

TEST(LogDirectory, CreatingTwiceIsTheSameLogAndAnotherIdIsRefused) {
    DirectoryBench bench;
    ASSERT_TRUE(bench.open());
    const auto first = bench.create(1);
    EXPECT_EQ(*first, *bench.create(1));
    const auto other =
        bench.world.run(bench.directory->create({"topic", PartitionId(1)}, id(200), {}));
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code(), ErrorCode::kAlreadyExists);
}

TEST(LogDirectory, CrashAtEveryOperationOfADirectorysLife) {
    const auto life = [](DirectoryBench& bench, std::map<int, int>& durable) {
        if (!bench.open()) return;
        for (int i = 0; i < 3; ++i) {
            if (!bench.create(i)) return;
            durable[i] = 0;
            for (int k = 0; k < 4; ++k) {
                if (!bench.append(i, "v" + std::to_string(k))) return;
            }
            PartitionLog* log = bench.directory->find({"topic", PartitionId(i)});
            if (!bench.world.run(log->sync())) return;
            durable[i] = 4;
            if (!bench.world.run(bench.directory->checkpoint())) return;
        }
        durable.erase(1);
        if (!bench.world.run(bench.directory->remove({"topic", PartitionId(1)}))) return;
        (void)bench.world.run(bench.directory->close());
    };
    std::uint64_t steps = 0;
    {
        DirectoryBench bench;
        std::map<int, int> durable;
        life(bench, durable);
        steps = bench.world.files().steps();
        EXPECT_TRUE(bench.world.files().has("/data/.kafka_cleanshutdown"));
    }
    for (std::uint64_t step = 1; step <= steps; ++step) {
        for (std::uint64_t seed = 0; seed < 3; ++seed) {
            DirectoryBench bench;
            bench.world.files().die_at(step);
            std::map<int, int> durable;
            life(bench, durable);
            bench.drop();
            Rng rng(step * 10 + seed);
            bench.world.files().crash(rng);
            const std::string where =
                "step " + std::to_string(step) + " seed " + std::to_string(seed);
            const auto opened = bench.open();
            ASSERT_TRUE(opened) << where << ": " << opened.error().to_string();
            ASSERT_TRUE(bench.directory->failed().empty())
                << where << ": " << bench.directory->failed().begin()->second.to_string();
            for (const auto& [number, count] : durable) {
                ASSERT_TRUE(bench.create(number)) << where;
                PartitionLog* log = bench.directory->find({"topic", PartitionId(number)});
                EXPECT_GE(log->end_offset(), Offset(count)) << where;
                EXPECT_FALSE(log->offline_cause()) << where;
            }
        }
    }
}

TEST(LogDirectory, HighWatermarksAreKeptWithTheCheckpoints) {
    DirectoryBench bench;
    ASSERT_TRUE(bench.open());
    ASSERT_TRUE(bench.create(1));
    const TopicPartition one{"topic", PartitionId(1)};
    EXPECT_FALSE(bench.directory->high_watermark(one));
    EXPECT_TRUE(bench.world.run(bench.directory->checkpoint()));
    EXPECT_FALSE(bench.world.files().has("/data/replication-offset-checkpoint"));
    bench.directory->set_high_watermarks([&one] {
        return LogDirectory::HighWatermarks{{one, Offset(42)}};
    });
    ASSERT_TRUE(bench.world.run(bench.directory->checkpoint()));
    ASSERT_TRUE(bench.open());
    EXPECT_EQ(bench.directory->high_watermark(one), Offset(42));
    // Of a log that is gone nothing is known, also after a crash right now.
    ASSERT_TRUE(bench.world.run(bench.directory->remove(one)));
    ASSERT_TRUE(bench.open());
    EXPECT_FALSE(bench.directory->high_watermark(one));
}

TEST(LogDirectory, ADamagedLogIsMovedAsideAndItsPlaceIsEmpty) {
    DirectoryBench bench;
    ASSERT_TRUE(bench.open());
    ASSERT_TRUE(bench.create(1));
    ASSERT_TRUE(bench.append(1, "kept"));
    ASSERT_TRUE(bench.world.run(bench.directory->checkpoint()));
    const TopicPartition one{"topic", PartitionId(1)};
    const auto kept = bench.world.run(bench.directory->set_aside(one));
    ASSERT_TRUE(kept) << kept.error().to_string();
    EXPECT_TRUE(kept->starts_with("/data/topic-1."));
    EXPECT_TRUE(kept->ends_with("-damaged"));
    EXPECT_TRUE(bench.world.files().has(*kept + "/00000000000000000000.log"));
    EXPECT_EQ(bench.directory->find(one), nullptr);
    ASSERT_TRUE(bench.create(1));
    EXPECT_EQ(bench.directory->find(one)->end_offset(), Offset(0));
    // The recovery point of the old log binds the new one to nothing.
    ASSERT_TRUE(bench.open());
    EXPECT_TRUE(bench.directory->failed().empty());
    EXPECT_TRUE(bench.world.files().has(*kept + "/00000000000000000000.log"));
}

}  // namespace
}  // namespace sealane::broker
