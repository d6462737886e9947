// Objectives: whether what is promised can be kept.

#include "topology/rules/rule_functions.hpp"

namespace sealane::topology {

namespace {

// Reading, carrying and acknowledging take a while even when all is well.
constexpr Duration kRpoLeast = std::chrono::seconds(1);

}  // namespace

void judge_impossible_objectives(Judgement& judgement) {
    for (const Link& link : judgement.topology().links) {
        const auto& rto = link.objectives.rto;
        if (!rto || link.kind != LinkKind::kReplica || *rto > link.detection) continue;
        judgement.find(
            link.objectives.mark,
            "link " + link.name.value,
            "an rto of " + config::format_duration(*rto) +
                " leaves no time after the loss is noticed, which takes " +
                config::format_duration(link.detection),
            "allow a longer rto, or a shorter detection"
        );
    }
}

void judge_empty_objectives(Judgement& judgement) {
    for (const Link& link : judgement.topology().links) {
        const auto& [rpo, rto, mark] = link.objectives;
        const std::string where = "link " + link.name.value;
        if (rto && link.kind == LinkKind::kAggregate) {
            judgement.find(
                mark, where, "an rto on an aggregate link measures nothing", "leave it out"
            );
        }
        if (rpo && *rpo < kRpoLeast) {
            judgement.find(
                mark,
                where,
                "an rpo of " + config::format_duration(*rpo) + " holds for planned moves only",
                "allow " + config::format_duration(kRpoLeast) + " or more"
            );
        }
    }
}

}  // namespace sealane::topology
