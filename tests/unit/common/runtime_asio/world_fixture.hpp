#pragma once
// A real World for one test, a temporary directory, and running a coroutine to its end in it.

#include "common/runtime/task_group.hpp"
#include "common/runtime_asio/asio_world.hpp"
#include "common/runtime_asio/stderr_log_sink.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

namespace sealane::asio_runtime {

class WorldTest : public testing::Test {
 protected:
    WorldTest() {
        std::string pattern = testing::TempDir() + "sealane_world_XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
    }
    ~WorldTest() override { std::filesystem::remove_all(directory_); }

    void run(std::function<runtime::Task<void>()> body) {
        const int code = world_.run([&body](StopSignal&) -> runtime::Task<int> {
            co_await body();
            co_return 7;
        });
        EXPECT_EQ(code, 7);
    }
    [[nodiscard]] std::string path(const std::string& name) const {
        return directory_ + "/" + name;
    }
    [[nodiscard]] Instant soon() const { return world_.now() + 10s; }

    StderrLogSink sink_{runtime::LogLevel::kWarning};
    AsioWorld world_{sink_};
    std::string directory_;
};

}  // namespace sealane::asio_runtime
