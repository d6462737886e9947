#include "topology/rules/rules.hpp"

#include "topology/rules/rule_functions.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace sealane::topology {

namespace {

constexpr Severity kError = Severity::kError;
constexpr Severity kWarning = Severity::kWarning;

constexpr std::array kRules{
    Rule{
        "T001",
        kError,
        "a name refers to nothing",
        "Links, crossings, clusters, mirrors and drills refer to others by name. A name that does "
        "not resolve is usually a typing mistake, and what it would have protected is not there.",
        "Correct the name, or add what it means.",
        judge_unknown_names
    },
    Rule{
        "T002",
        kError,
        "a name is used twice",
        "Domains, datacenters, clusters, links, drills, brokers of a cluster and listeners of a "
        "broker are known by name or id; files, metrics and certificates are called after them.",
        "Give each a name of its own. Links between the same two clusters need a `name`.",
        judge_repeated_names
    },
    Rule{
        "T003",
        kError,
        "a link leads from a cluster to itself",
        "It would copy every record behind itself without end.",
        "Name another cluster under `from` or `to`.",
        judge_links_to_self
    },
    Rule{
        "T004",
        kError,
        "a link crosses domains without permission",
        "Nothing flows from one security domain to another unless a crossing says that these "
        "topics "
        "may. Every topic that the link could ever carry has to be allowed, also those that do not "
        "exist yet; the finding shows a name that would slip through.",
        "Add a crossing with a reason, or narrow the link's topics.",
        judge_permissions
    },
    Rule{
        "T005",
        kWarning,
        "a crossing that no link uses",
        "A permission without use is a door left open: the next link may walk through it "
        "unnoticed.",
        "Remove the crossing.",
        judge_unused_crossings
    },
    Rule{
        "T006",
        kWarning,
        "a crossing within one domain",
        "Clusters of one domain trust each other already; the crossing permits nothing.",
        "Remove it, or correct the domains.",
        judge_crossings_within
    },
    Rule{
        "T007",
        kError,
        "topics flow in a circle",
        "A record would come back to a cluster that it left and be carried again and again. "
        "Replica "
        "links cannot form a circle at all: each topic has one place where it is written.",
        "Remove one of the links, exclude the topics on one of them, or rename them on the way.",
        judge_loops
    },
    Rule{
        "T008",
        kError,
        "a topic has two owners",
        "A replica is a function of its source: same offsets, same records. A second writer would "
        "break that, so the target refuses it. Two links that carry the same topic between the "
        "same "
        "clusters would deliver every record twice.",
        "Let one link carry the topic, or make both aggregate links into a topic of another name.",
        judge_two_owners
    },
    Rule{
        "T009",
        kError,
        "group offsets overwrite each other",
        "Two links carry groups of the same name into one cluster. Each would put its own position "
        "over the other's.",
        "Give the aggregate links different `group_prefix` values, or carry the groups on one "
        "only.",
        judge_overwritten_groups
    },
    Rule{
        "T010",
        kError,
        "a link into Apache Kafka",
        "A replica keeps offsets and leader epochs, and Apache Kafka assigns both itself. An "
        "aggregate keeps its exact offset map in the target's log, which takes a Sealane cluster. "
        "Apache Kafka as the source works.",
        "Make the target a Sealane cluster.",
        judge_links_into_kafka
    },
    Rule{
        "T011",
        kError,
        "domains share a trust root",
        "Two domains with one certificate authority accept each other's certificates, and so are "
        "one domain.",
        "Give each domain a certificate authority and a secrets folder of its own.",
        judge_shared_authorities
    },
    Rule{
        "T012",
        kError,
        "domains share keys",
        "Key files of one domain lie where another domain's processes look for theirs. No process "
        "may hold the credentials of two domains.",
        "Give each domain a secrets folder of its own, none inside another.",
        judge_shared_keys
    },
    Rule{
        "T013",
        kError,
        "two processes listen on one address",
        "Only one of them would start.",
        "Give each its own port, or leave the address out to have one assigned.",
        judge_addresses
    },
    Rule{
        "T014",
        kError,
        "data folders collide",
        "Two processes would write into one folder; the second refuses to start, or worse, one "
        "lies "
        "inside the other's.",
        "Give each its own folder.",
        judge_data_dirs
    },
    Rule{
        "T015",
        kError,
        "a link between domains without TLS",
        "Between domains nobody is trusted without a certificate, and both ends of the link have "
        "to "
        "offer a TLS listener.",
        "Add a listener with `tls: domain` to the cluster.",
        judge_plain_between_domains
    },
    Rule{
        "T016",
        kWarning,
        "a plain listener that other machines reach",
        "Whoever reaches it is anybody, and everything on it can be read on the way.",
        "Bind it to 127.0.0.1, or use `tls: domain`.",
        judge_plain_listeners
    },
    Rule{
        "T017",
        kError,
        "an objective that cannot be met",
        "The recovery time includes the time until the loss is noticed.",
        "Allow a longer rto, or detect sooner.",
        judge_impossible_objectives
    },
    Rule{
        "T018",
        kWarning,
        "an objective that promises too much",
        "Links carry records after they were written: what was written in the last moments is not "
        "there yet, so an rpo of zero holds for planned moves only. A recovery time can be "
        "promised "
        "for replica links only, since nobody fails over to an aggregate.",
        "Allow an rpo of a second or more; put the rto on the replica link.",
        judge_empty_objectives
    },
    Rule{
        "T019",
        kError,
        "a link that carries nothing",
        "Its exclude patterns take away everything that its include patterns name.",
        "Correct the patterns, or remove the link.",
        judge_empty_links
    },
    Rule{
        "T020",
        kWarning,
        "something that nothing uses",
        "Domains and datacenters without a cluster and mirrors without a link are left over, or "
        "something was forgotten.",
        "Remove it, or add what was meant to use it.",
        judge_unused_parts
    },
    Rule{
        "T021",
        kWarning,
        "a standby beside its primary",
        "Source and target of the replica link stand in one datacenter; losing it loses both.",
        "Put the standby into another datacenter.",
        judge_standby_places
    },
    Rule{
        "T022",
        kError,
        "a drill that cannot be run",
        "A drill loses the source of a link and promotes the target, which only a replica link "
        "has.",
        "Name a replica link.",
        judge_drills
    },
    Rule{
        "T023",
        kError,
        "a broker with another role's identity",
        "Roles are told apart by their certificates: a broker with the mirror's key could do what "
        "only the mirror may.",
        "Use `broker` or a name of its own.",
        judge_reused_roles
    },
    Rule{
        "T024",
        kError,
        "a quorum that cannot be formed",
        "The voters of a cluster are brokers of it, each once. A voter that is not there counts as "
        "lost from the first day.",
        "Correct the voters, or leave them out: the first one, three or five brokers vote.",
        judge_voters
    },
    Rule{
        "T025",
        kWarning,
        "a quorum of an unlucky size",
        "A majority of the voters must be alive. Four survive the loss of one, as three do, and "
        "more "
        "than five make every change of the metadata wait for more answers.",
        "Name one, three or five voters.",
        judge_quorum_sizes
    },
    Rule{
        "T026",
        kError,
        "brokers that cannot find each other",
        "The brokers of a cluster talk over one listener, the first with TLS, and look for it at "
        "the others by its name.",
        "Give every broker of the cluster a listener of that name and kind.",
        judge_meeting_points
    },
    Rule{
        "T027",
        kWarning,
        "brokers without certificates",
        "Brokers know each other by their certificates. Without TLS whoever reaches the listener "
        "may replicate, vote and register as a broker.",
        "Give every broker a listener with `tls: domain`.",
        judge_nameless_brokers
    },
    Rule{
        "T028",
        kWarning,
        "racks for some brokers only",
        "Replicas are spread over racks. A broker without a rack counts as a rack of its own, "
        "which "
        "it may not be.",
        "Name a rack for each broker of the cluster, or for none.",
        judge_racks
    },
};

}  // namespace

std::span<const Rule> all_rules() {
    return kRules;
}

const Rule* find_rule(std::string_view id) {
    const auto found = std::ranges::find(kRules, id, &Rule::id);
    return found == kRules.end() ? nullptr : &*found;
}

Findings judge(const Topology& topology) {
    Findings findings;
    for (const Rule& rule : kRules) {
        Judgement judgement(topology, rule.id, rule.severity, findings);
        rule.judge(judgement);
    }
    std::ranges::sort(findings, {}, [](const Finding& finding) {
        return std::tie(finding.mark, finding.rule, finding.where, finding.what);
    });
    return findings;
}

std::string to_string(const Finding& finding, const std::string& file) {
    std::string text = file;
    if (finding.mark.line > 0) {
        text += ":" + std::to_string(finding.mark.line) + ":" + std::to_string(finding.mark.column);
    }
    text += finding.severity == Severity::kError ? ": error[" : ": warning[";
    text += finding.rule + "]: ";
    if (!finding.where.empty()) text += finding.where + ": ";
    text += finding.what;
    if (!finding.mend.empty()) text += "; " + finding.mend;
    return text;
}

bool has_errors(const Findings& findings) {
    return std::ranges::any_of(findings, [](const Finding& finding) {
        return finding.severity == Severity::kError;
    });
}

}  // namespace sealane::topology
