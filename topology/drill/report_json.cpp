#include "topology/drill/report.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace sealane::topology {
namespace {

namespace json = boost::json;

json::value ms_or_null(const std::optional<Duration>& span) {
    if (!span) return nullptr;
    return static_cast<double>(span->count()) / 1e6;
}

json::array numbers(const std::vector<std::int64_t>& list) {
    json::array array;
    for (const std::int64_t number : list) array.push_back(number);
    return array;
}

json::array texts(const std::vector<std::string>& list) {
    json::array array;
    for (const std::string& text : list) array.push_back(json::string(text));
    return array;
}

json::array events(const DrillResult& result) {
    json::array array;
    for (const DrillEvent& event : result.events) {
        array.push_back(json::object{
            {"at_ms", ms_or_null(event.at - result.log.times.start)}, {"what", event.what}
        });
    }
    return array;
}

}  // namespace

std::string report_json(const DrillResult& result) {
    const DrillFindings& f = result.findings;
    const auto missed = missed_objectives(result);
    json::object document{
        {"drill", "lose the primary of a replica link"},
        {"link", result.plan.link},
        {"primary", result.plan.primary},
        {"standby", result.plan.standby},
        {"started_at_ms", result.started_at_ms},
        {"topic", result.plan.probes.topic},
        {"verdict", missed.empty() ? "objectives met" : "objectives missed"},
        {"missed", texts(missed)},
        {"records",
         json::object{
             {"sent", f.sent},
             {"acknowledged", f.acked},
             {"lost", f.lost.size()},
             {"lost_numbers", numbers(f.lost)},
             {"duplicated", f.duplicates},
             {"duplicated_numbers", numbers(f.duplicated)},
             {"reordered", f.reordered},
             {"skipped_by_consumer", f.skipped_by_consumer},
             {"redelivered_to_consumer", f.redelivered},
         }},
        {"rpo_ms", ms_or_null(f.rpo)},
        {"rto_write_ms", ms_or_null(f.rto_write)},
        {"rto_read_ms", ms_or_null(f.rto_read)},
        {"rto_parts_ms",
         json::object{
             {"detect", ms_or_null(f.detect)},
             {"promote", ms_or_null(f.promote)},
             {"move_writers", ms_or_null(f.move_writers)},
         }},
        {"objectives_ms",
         json::object{
             {"rpo", ms_or_null(result.plan.objectives.rpo)},
             {"rto", ms_or_null(result.plan.objectives.rto)},
         }},
        {"mirror_latency_ms",
         json::object{
             {"p50", ms_or_null(f.mirror_latency(0.5))},
             {"p99", ms_or_null(f.mirror_latency(0.99))},
         }},
        {"promoted", texts(result.promoted)},
        {"events", events(result)},
    };
    return json::serialize(document) + "\n";
}

}  // namespace sealane::topology
