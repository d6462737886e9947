#pragma once
// Reassignments as JSON in the format of Apache Kafka's kafka-reassign-partitions, which reads what
// is written here and the other way round:
//   {"version": 1, "partitions": [{"topic": "t", "partition": 0, "replicas": [1, 2, 3]}]}

#include "topology/cluster/reassignment.hpp"

#include <boost/json/value.hpp>

namespace sealane::topology {

// What shall be: the moves' `to`; or what is: their `from`, which undoes the plan.
enum class PlanSide : std::uint8_t { kTo, kFrom };
[[nodiscard]] boost::json::value reassignment_json(const ReassignmentPlan& plan, PlanSide side);
// kBadConfig names the place; members that are not known ("log_dirs") are passed over.
[[nodiscard]] Result<Assignment> parse_reassignment(
    const std::string& text, const std::string& file
);

}  // namespace sealane::topology
