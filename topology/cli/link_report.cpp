#include "topology/cli/link_report.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace sealane::topology {

std::string link_status_text(const std::vector<LinkStatus>& links) {
    Table table({"LINK", "KIND", "VERDICT", "STATE", "EPOCH", "LAG", "PARTITIONS", "CAUSE"});
    for (const LinkStatus& link : links) {
        table.row(
            {link.link,
             std::string(name_of(link.kind)),
             link.verdict,
             link.state,
             link.epoch < 0 ? "-" : std::to_string(link.epoch),
             count_text(link.lag()),
             std::to_string(link.partitions.size()),
             link.cause}
        );
    }
    return table.text();
}

boost::json::value link_status_json(const std::vector<LinkStatus>& links) {
    boost::json::array rows;
    for (const LinkStatus& link : links) {
        boost::json::array partitions;
        for (const auto& partition : link.partitions) {
            partitions.push_back(boost::json::object{
                {"topic", partition.source.topic},
                {"partition", partition.source.partition.value},
                {"source_end", partition.source_end.value},
                {"next", partition.next.value},
                {"lag", partition.lag()}
            });
        }
        rows.push_back(boost::json::object{
            {"link", link.link},
            {"kind", std::string(name_of(link.kind))},
            {"verdict", link.verdict},
            {"state", link.state},
            {"epoch", link.epoch},
            {"lag", link.lag()},
            {"cause", link.cause},
            {"partitions", std::move(partitions)}
        });
    }
    return boost::json::object{{"links", std::move(rows)}};
}

runtime::Task<Result<std::vector<LinkVerdict>>> verify_links(
    ClusterPool& pool, std::vector<const Link*> links, Progress& progress, Instant deadline
) {
    std::vector<LinkVerdict> verdicts;
    for (const Link* link : links) {
        SEALANE_CO_TRY(client::ClusterClient* const source, pool.get(link->from.value));
        SEALANE_CO_TRY(client::ClusterClient* const target, pool.get(link->to.value));
        const std::string name = link->name.value;
        const auto told = [&progress, name](std::int64_t compared) {
            progress.update(
                "verifying " + name + ": " + count_text(compared) + " records compared"
            );
        };
        auto verdict = co_await verify_link(*source, *target, *link, told, deadline);
        if (!verdict) co_return fail(verdict.error().in("verifying " + name));
        progress.done(
            "verified " + name + ": " + count_text(verdict->compared()) + " records equal, " +
            count_text(verdict->different()) + " different"
        );
        verdicts.push_back(*std::move(verdict));
    }
    co_return verdicts;
}

std::string link_verdicts_text(const std::vector<LinkVerdict>& verdicts) {
    Table table({"LINK", "SOURCE", "TARGET", "EQUAL", "DIFFERENT", "BEHIND"});
    std::string differences;
    for (const LinkVerdict& verdict : verdicts) {
        for (const PartitionVerdict& one : verdict.partitions) {
            table.row(
                {verdict.link,
                 one.source.to_string(),
                 one.target.to_string(),
                 count_text(one.compared),
                 count_text(one.different),
                 count_text(one.behind)}
            );
            for (const std::string& what : one.differences)
                differences += "  " + one.target.to_string() + ": " + what + "\n";
        }
    }
    return table.text() + (differences.empty() ? "" : "differences\n" + differences);
}

boost::json::value link_verdicts_json(const std::vector<LinkVerdict>& verdicts) {
    boost::json::array rows;
    for (const LinkVerdict& verdict : verdicts) {
        boost::json::array partitions;
        for (const PartitionVerdict& one : verdict.partitions) {
            boost::json::array differences;
            for (const std::string& what : one.differences)
                differences.push_back(boost::json::string(what));
            partitions.push_back(boost::json::object{
                {"source", one.source.to_string()},
                {"target", one.target.to_string()},
                {"equal", one.compared},
                {"different", one.different},
                {"behind", one.behind},
                {"only_at_target", one.only_at_target},
                {"superseded", one.superseded},
                {"differences", std::move(differences)}
            });
        }
        rows.push_back(boost::json::object{
            {"link", verdict.link},
            {"equal", verdict.compared()},
            {"different", verdict.different()},
            {"behind", verdict.behind()},
            {"partitions", std::move(partitions)}
        });
    }
    return boost::json::object{{"links", std::move(rows)}};
}

}  // namespace sealane::topology
