#pragma once
// Structured log lines: an event in words and its fields. `log.info("replica caught up",
// {{"partition", p}, {"offset", o}})`. What an operator must act on is error; a peer that
// disconnects is info. Secrets never go in.

#include "common/base/ids.hpp"
#include "common/base/result.hpp"

#include <concepts>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace sealane::runtime {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct LogField {
    std::string_view key;
    std::string value;
    LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
    LogField(std::string_view k, const std::string& v) : key(k), value(v) {}
    LogField(std::string_view k, const char* v) : key(k), value(v) {}
    LogField(std::string_view k, std::integral auto v) : key(k), value(std::to_string(v)) {}
    LogField(std::string_view k, const Error& v) : key(k), value(v.to_string()) {}
    template <class Tag, class Rep>
    LogField(std::string_view k, const Id<Tag, Rep>& v) : key(k), value(std::to_string(v.value)) {}
};

class LogSink {
 public:
    virtual ~LogSink() = default;
    virtual void write(
        LogLevel level,
        std::string_view module,
        std::string_view event,
        std::span<const LogField> fields
    ) = 0;
    [[nodiscard]] virtual bool enabled(LogLevel level, std::string_view module) const = 0;
};

// A module's handle on the sink. Cheap to copy.
class Log {
 public:
    Log(LogSink& sink, std::string_view module) : sink_(&sink), module_(module) {}
    using Fields = std::initializer_list<LogField>;
    void debug(std::string_view event, Fields fields = {}) const {
        write(LogLevel::kDebug, event, fields);
    }
    void info(std::string_view event, Fields fields = {}) const {
        write(LogLevel::kInfo, event, fields);
    }
    void warning(std::string_view event, Fields fields = {}) const {
        write(LogLevel::kWarning, event, fields);
    }
    void error(std::string_view event, Fields fields = {}) const {
        write(LogLevel::kError, event, fields);
    }

 private:
    void write(LogLevel level, std::string_view event, Fields fields) const {
        if (sink_->enabled(level, module_))
            sink_->write(level, module_, event, {fields.begin(), fields.size()});
    }
    LogSink* sink_;
    std::string_view module_;  // a literal
};

}  // namespace sealane::runtime
