// Linux files: round trips, errors with their paths, locks.

#include "tests/unit/common/runtime_asio/world_fixture.hpp"

#include <fcntl.h>
#include <fstream>
#include <unistd.h>

namespace sealane::asio_runtime {
namespace {

using runtime::OpenMode;
using runtime::Task;

class Files : public WorldTest {
 protected:
    runtime::FileSystem& files() { return world_.files(); }
};

TEST_F(Files, WhatIsWrittenIsRead) {
    run([this]() -> Task<void> {
        auto file = *co_await files().open(path("a"), OpenMode::kCreate);
        BufferChain chain;
        for (int i = 0; i < 2500; ++i) chain.append(BufferSlice::copy_of(std::to_string(i) + ","));
        EXPECT_TRUE(co_await file->write_at(3, chain));
        EXPECT_TRUE(co_await file->sync());
        EXPECT_EQ(*file->size(), 3 + chain.size());
        const auto all = co_await file->read_at(0, 1 << 20);
        EXPECT_EQ(all->size(), 3 + chain.size());
        EXPECT_EQ(
            all->text().substr(0, 9),
            std::string_view(
                "\0\0\0"
                "0,1,2,",
                9
            )
        );
        EXPECT_EQ((*co_await file->read_at(5, 4)).text(), "1,2,");
        EXPECT_TRUE((*co_await file->read_at(1 << 20, 10)).empty());
        EXPECT_TRUE(co_await file->truncate(5));
        EXPECT_EQ(*file->size(), 5U);
    });
}

TEST_F(Files, ColdPagesAreRead) {
    run([this]() -> Task<void> {
        const std::string content(3 << 20, 'c');
        auto file = *co_await files().open(path("cold"), OpenMode::kCreate);
        EXPECT_TRUE(co_await file->write_at(0, BufferSlice::copy_of(content)));
        EXPECT_TRUE(co_await file->sync());
        const int fd = ::open(path("cold").c_str(), O_RDONLY);
        EXPECT_EQ(::posix_fadvise(fd, 1 << 20, 1 << 20, POSIX_FADV_DONTNEED), 0);
        ::close(fd);
        EXPECT_EQ((*co_await file->read_at(0, 4 << 20)).text(), content);
    });
}

TEST_F(Files, HugeReadsAllocateNoMoreThanTheFile) {
    run([this]() -> Task<void> {
        auto file = *co_await files().open(path("small"), OpenMode::kCreate);
        EXPECT_TRUE(co_await file->write_at(0, BufferSlice::copy_of("abc")));
        EXPECT_EQ((*co_await file->read_at(1, std::size_t{1} << 50U)).text(), "bc");
    });
}

TEST_F(Files, ErrorsHaveCodeAndPath) {
    run([this]() -> Task<void> {
        const auto absent = co_await files().open(path("absent"), OpenMode::kRead);
        EXPECT_EQ(absent.error().code(), ErrorCode::kNotFound);
        EXPECT_NE(absent.error().detail().find(path("absent")), std::string::npos);
        EXPECT_TRUE(co_await files().open(path("once"), OpenMode::kCreateExclusive));
        const auto again = co_await files().open(path("once"), OpenMode::kCreateExclusive);
        EXPECT_EQ(again.error().code(), ErrorCode::kAlreadyExists);
        EXPECT_EQ((co_await files().remove(path("absent"))).error().code(), ErrorCode::kNotFound);
        EXPECT_EQ((co_await files().list(path("absent"))).error().code(), ErrorCode::kNotFound);
        const auto below_file = co_await files().make_directories(path("once/below"));
        EXPECT_FALSE(below_file);
        auto full = co_await files().open("/dev/full", OpenMode::kReadWrite);
        EXPECT_TRUE(full);
        const Status written = co_await (*full)->write_at(0, BufferSlice::copy_of("x"));
        EXPECT_EQ(written.error().code(), ErrorCode::kNoSpace);
        EXPECT_NE(written.error().detail().find("/dev/full"), std::string::npos);
    });
}

TEST_F(Files, DirectoriesAreMadeListedAndRemoved) {
    run([this]() -> Task<void> {
        EXPECT_TRUE(co_await files().make_directories(path("d/e/f")));
        EXPECT_TRUE(co_await files().make_directories(path("d/e/f")));
        std::ofstream(path("d/b")) << "12345";
        std::ofstream(path("d/a")) << "1";
        const auto entries = *co_await files().list(path("d"));
        const std::vector<runtime::DirectoryEntry> expected = {
            {"a", false, 1}, {"b", false, 5}, {"e", true, 0}
        };
        EXPECT_EQ(entries, expected);
        EXPECT_TRUE(co_await files().rename(path("d/a"), path("d/b")));
        EXPECT_TRUE(co_await files().sync_directory(path("d")));
        EXPECT_EQ((*co_await files().list(path("d"))).size(), 2U);
        EXPECT_TRUE(co_await files().remove_tree(path("d")));
        EXPECT_TRUE(co_await files().remove_tree(path("d")));
        EXPECT_FALSE(std::filesystem::exists(path("d")));
        EXPECT_GT(*co_await files().free_bytes(directory_), 0U);
        EXPECT_GE(
            *co_await files().total_bytes(directory_), *co_await files().free_bytes(directory_)
        );
    });
}

TEST_F(Files, AtomicReplacementLeavesNoTemporaryFile) {
    run([this]() -> Task<void> {
        EXPECT_TRUE(
            co_await write_file_atomically(files(), path("m"), BufferSlice::copy_of("one, long"))
        );
        EXPECT_TRUE(co_await write_file_atomically(files(), path("m"), BufferSlice::copy_of("two"))
        );
        EXPECT_EQ((*co_await read_file(files(), path("m"), 100)).text(), "two");
        EXPECT_EQ((*co_await files().list(directory_)).size(), 1U);
    });
}

TEST_F(Files, SecondLockIsRefusedAndNamesTheHolder) {
    run([this]() -> Task<void> {
        auto held = co_await files().lock(path(".lock"));
        EXPECT_TRUE(held);
        const auto second = co_await files().lock(path(".lock"));
        EXPECT_EQ(second.error().code(), ErrorCode::kLocked);
        EXPECT_NE(second.error().detail().find(std::to_string(::getpid())), std::string::npos);
        held->reset();
        EXPECT_TRUE(co_await files().lock(path(".lock")));
    });
}

TEST_F(Files, AFileMayDieWhileItIsSynced) {
    run([this]() -> Task<void> {
        runtime::TaskGroup group(world_);
        for (int i = 0; i < 20; ++i) {
            group.spawn([this, i]() -> Task<void> {
                auto file = *co_await files().open(path(std::to_string(i)), OpenMode::kCreate);
                EXPECT_TRUE(co_await file->write_at(0, BufferSlice::copy_of("x")));
                EXPECT_TRUE(co_await file->sync());
            });
        }
        co_await group.join();
        EXPECT_EQ((*co_await files().list(directory_)).size(), 20U);
    });
}

}  // namespace
}  // namespace sealane::asio_runtime
