#pragma once
// The functions behind the table in rules.cpp, one a rule, grouped into files by what they look at.

#include "topology/rules/rules.hpp"

namespace sealane::topology {

// reference_rules.cpp
void judge_unknown_names(Judgement& judgement);
void judge_repeated_names(Judgement& judgement);
void judge_unused_parts(Judgement& judgement);
void judge_drills(Judgement& judgement);

// crossing_rules.cpp
void judge_permissions(Judgement& judgement);
void judge_unused_crossings(Judgement& judgement);
void judge_crossings_within(Judgement& judgement);
void judge_plain_between_domains(Judgement& judgement);

// flow_rules.cpp
void judge_links_to_self(Judgement& judgement);
void judge_empty_links(Judgement& judgement);
void judge_loops(Judgement& judgement);
void judge_two_owners(Judgement& judgement);
void judge_overwritten_groups(Judgement& judgement);
void judge_links_into_kafka(Judgement& judgement);

// secret_rules.cpp
void judge_shared_authorities(Judgement& judgement);
void judge_shared_keys(Judgement& judgement);
void judge_reused_roles(Judgement& judgement);

// place_rules.cpp
void judge_addresses(Judgement& judgement);
void judge_data_dirs(Judgement& judgement);
void judge_plain_listeners(Judgement& judgement);
void judge_standby_places(Judgement& judgement);

// quorum_rules.cpp
void judge_voters(Judgement& judgement);
void judge_quorum_sizes(Judgement& judgement);
void judge_meeting_points(Judgement& judgement);
void judge_nameless_brokers(Judgement& judgement);
void judge_racks(Judgement& judgement);

// objective_rules.cpp
void judge_impossible_objectives(Judgement& judgement);
void judge_empty_objectives(Judgement& judgement);

}  // namespace sealane::topology
