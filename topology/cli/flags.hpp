#pragma once
// The shared vocabulary of flags. gflags holds their types and defaults; this table says what each
// means, so that the same name never means two things.

#include "common/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sealane::topology {

struct FlagSpec {
    std::string name;
    std::string value_name;  // empty: a switch
    std::string meaning;
    std::string default_value;
};

[[nodiscard]] const std::vector<FlagSpec>& flag_table();
[[nodiscard]] const FlagSpec* find_flag(std::string_view name);
// Flags that every command takes.
[[nodiscard]] const std::vector<std::string>& global_flags();
// Checks a value against the flag's type and keeps it as the flag's current value.
[[nodiscard]] Status set_flag(const FlagSpec& flag, const std::string& value);

}  // namespace sealane::topology
