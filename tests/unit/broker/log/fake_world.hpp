#pragma once
// FakeWorld: time that moves only when nothing else can happen, files in memory, no network.

#include "common/runtime/world.hpp"
#include "tests/unit/broker/log/fake_files.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <optional>

namespace sealane::broker {

class QuietLog : public runtime::LogSink {
 public:
    void write(
        runtime::LogLevel level,
        std::string_view module,
        std::string_view event,
        std::span<const runtime::LogField> fields
    ) override {
        (void)module;
        std::string line(event);
        for (const auto& field : fields)
            line.append(" ").append(field.key).append("=").append(field.value);
        if (level == runtime::LogLevel::kError) errors.push_back(line);
        if (level == runtime::LogLevel::kWarning) warnings.push_back(line);
    }
    [[nodiscard]] bool enabled(runtime::LogLevel level, std::string_view module) const override {
        (void)module;
        return level >= runtime::LogLevel::kWarning;
    }
    std::vector<std::string> errors;
    std::vector<std::string> warnings;
};

class FakeWorld : public runtime::World {
 public:
    FakeWorld()
        : waits_(context_.get_executor(), [](Instant) {}), files_(context_.get_executor()) {}
    ~FakeWorld() override { waits_.drop_all(); }

    [[nodiscard]] Instant now() const override { return now_; }
    [[nodiscard]] WallTime wall() const override { return {kEpoch + now_.ns / 1'000'000}; }
    [[nodiscard]] Rng& rng() override { return rng_; }
    [[nodiscard]] Uuid random_uuid() override {
        Uuid id;
        for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(rng_.below(256));
        return id;
    }
    [[nodiscard]] runtime::Network& network() override {
        ADD_FAILURE() << "no network here";
        std::abort();
    }
    [[nodiscard]] FakeFileSystem& files() override { return files_; }
    [[nodiscard]] runtime::WaitQueue& waits() override { return waits_; }
    [[nodiscard]] runtime::Executor executor() override { return context_.get_executor(); }
    [[nodiscard]] QuietLog& log_sink() override { return log_; }

    // Runs everything until the task has ended, moving time to the next deadline when idle.
    template <class T>
    T run(runtime::Task<T> task) {
        std::optional<T> result;
        boost::asio::co_spawn(
            context_,
            std::move(task),
            [&result](const std::exception_ptr& failure, T value) {
                SEALANE_ASSERT(failure == nullptr);
                result = std::move(value);
            }
        );
        while (!result) turn();
        return *std::move(result);
    }
    void run(runtime::Task<void> task) {
        bool done = false;
        boost::asio::co_spawn(
            context_,
            std::move(task),
            [&done](const std::exception_ptr& failure) {
                SEALANE_ASSERT(failure == nullptr);
                done = true;
            }
        );
        while (!done) turn();
    }
    // Runs what can run now; time stands still.
    void settle() {
        context_.restart();
        context_.poll();
    }
    void advance(Duration by) {
        now_ = now_ + by;
        waits_.expire(now_);
        settle();
    }
    // Drops everything that waits, as a crash does.
    void drop_all() {
        waits_.drop_all();
        settle();
    }

    static constexpr std::int64_t kEpoch = 1'700'000'000'000;

 private:
    void turn() {
        context_.restart();
        if (context_.poll() > 0) return;
        const Instant next = waits_.next_deadline();
        SEALANE_ASSERT(next != Instant::never());  // nobody can wake the task
        now_ = std::max(now_, next);
        waits_.expire(now_);
    }
    boost::asio::io_context context_{1};
    Instant now_;
    Rng rng_{7};
    runtime::WaitQueue waits_;
    FakeFileSystem files_;
    QuietLog log_;
};

}  // namespace sealane::broker
