#include "common/kafka/codec/schema_dump.hpp"

namespace sealane::kafka {

std::string SchemaDump::add(
    const char* name, const FieldSpec& spec, std::string type, std::string default_value
) {
    FieldRow row;
    row.path = prefix_ + name;
    if (type.starts_with("[]")) row.path += "[]";
    row.type = spec.records ? "records" : std::move(type);
    row.versions = spec.versions;
    row.nullable = spec.nullable;
    row.tag = spec.tag;
    row.default_value = std::move(default_value);
    row.never_flexible = spec.never_flexible;
    rows_.push_back(row);
    return row.path;
}

}  // namespace sealane::kafka
