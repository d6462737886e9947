#include "topology/model/graph.hpp"

#include "topology/model/graph_layout.hpp"
#include "topology/model/parse.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

namespace sealane::topology {
namespace {

using testing::HasSubstr;
using testing::Not;

Topology topology_of(const std::string& links) {
    auto parsed = parse_topology(
        "version: 1\nname: pair\n"
        "domains: [{name: east}, {name: west}]\n"
        "clusters:\n"
        "  - {name: a, domain: east, datacenter: dc1, brokers: [{id: 1}, {id: 2}]}\n"
        "  - {name: b, domain: west, brokers: [{id: 1}]}\n"
        "  - {name: k, domain: west, kind: kafka, bootstrap: [\"k:1\"]}\n"
        "links:\n" +
            links,
        "t"
    );
    EXPECT_TRUE(parsed) << parsed.error().detail();
    return *parsed;
}

const char* const kLinks =
    "  - {from: a, to: b, kind: replica, topics: {include: [\"logs.*\"], exclude: [logs.x]}, "
    "objectives: {rpo: 5s, rto: 30s}}\n"
    "  - {from: k, to: b, kind: aggregate, topics: [\"*\"]}\n";

TEST(AsciiGraph, ShowsDomainsClustersAndLinks) {
    EXPECT_EQ(
        draw_ascii(topology_of(kLinks), {{"a->b", "OK, 0 behind"}}),
        "+- domain east ----------------+\n"
        "| a  sealane, 2 brokers  @ dc1 |\n"
        "+------------------------------+\n"
        "    a ===replica===> b   logs.* (not logs.x)   rpo 5s, rto 30s   OK, 0 behind\n"
        "\n"
        "+- domain west --------+\n"
        "| b  sealane, 1 broker |\n"
        "| k  kafka             |\n"
        "+----------------------+\n"
        "    k --aggregate--> b   *\n"
    );
}

TEST(MermaidGraph, QuotesWhatMeansSomethingThere) {
    const std::string text = draw_mermaid(topology_of(kLinks), {{"a->b", "\"<#>\""}});
    EXPECT_THAT(text, HasSubstr("flowchart LR\n"));
    EXPECT_THAT(text, HasSubstr("subgraph d0[\"domain east\"]"));
    EXPECT_THAT(text, HasSubstr("c0[\"a<br/>sealane, 2 brokers<br/>dc1\"]"));
    EXPECT_THAT(
        text, HasSubstr("c0 ==>|\"replica: logs.* (not logs.x)<br/>#quot;#lt;#35;#gt;#quot;\"| c1")
    );
    EXPECT_THAT(text, HasSubstr("c2 -.->|\"aggregate: *\"| c1"));
}

TEST(SvgGraph, IsOneSelfContainedWellFormedFile) {
    const std::string svg = draw_svg(topology_of(kLinks), {{"a->b", "<b>&"}});
    EXPECT_TRUE(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    EXPECT_TRUE(svg.ends_with("</svg>\n"));
    EXPECT_THAT(svg, HasSubstr("&lt;b&gt;&amp;"));
    EXPECT_THAT(svg, HasSubstr("prefers-color-scheme: dark"));
    EXPECT_THAT(svg, Not(HasSubstr("http://www.w3.org/1999")));
    EXPECT_THAT(svg, Not(HasSubstr("<script")));
    // Every element that opens closes.
    std::vector<std::string> open;
    const std::regex tag("<(/?)([a-z]+)[^>]*?(/?)>");
    for (std::sregex_iterator it(svg.begin(), svg.end(), tag), end; it != end; ++it) {
        if ((*it)[3].length() > 0) continue;
        if ((*it)[1].length() == 0) {
            open.push_back((*it)[2]);
        } else {
            ASSERT_FALSE(open.empty());
            EXPECT_EQ(open.back(), (*it)[2].str());
            open.pop_back();
        }
    }
    EXPECT_TRUE(open.empty());
}

// Boxes of one class: x, y, width, height.
std::vector<std::array<int, 4>> boxes(const std::string& svg, const std::string& kind) {
    std::vector<std::array<int, 4>> found;
    const std::regex rect(
        "<rect class=\"" + kind +
        "\" x=\"(-?\\d+)\" y=\"(-?\\d+)\" width=\"(\\d+)\" height=\"(\\d+)\""
    );
    for (std::sregex_iterator it(svg.begin(), svg.end(), rect), end; it != end; ++it) {
        std::array<int, 4> box{};
        for (std::size_t i = 0; i < 4; ++i) box[i] = std::stoi((*it)[i + 1]);
        found.push_back(box);
    }
    return found;
}

TEST(SvgGraph, NothingOverlaps) {
    const std::string svg =
        draw_svg(topology_of("  - {name: l1, from: a, to: b, kind: replica, topics: [a]}\n"
                             "  - {name: l2, from: b, to: a, kind: aggregate, topics: [b]}\n"
                             "  - {name: l3, from: a, to: b, kind: aggregate, topics: [c]}\n"
                             "  - {name: l4, from: k, to: b, kind: aggregate, topics: [d]}\n"));
    for (const char* kind : {"domain", "card", "label"}) {
        const auto all = boxes(svg, kind);
        EXPECT_GE(all.size(), 2U);
        for (std::size_t i = 0; i < all.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                const auto& [ax, ay, aw, ah] = all[i];
                const auto& [bx, by, bw, bh] = all[j];
                const bool apart = ax + aw <= bx || bx + bw <= ax || ay + ah <= by || by + bh <= ay;
                EXPECT_TRUE(apart) << kind << " " << i << " and " << j;
            }
        }
    }
}

TEST(GraphLayout, PutsSourcesBeforeTargetsAndSurvivesCircles) {
    const auto columns = [](const Topology& topology) {
        std::string text;
        for (const DomainGroup& group : group_by_domain(topology))
            text += group.name + std::to_string(group.column) + " ";
        return text;
    };
    EXPECT_EQ(
        columns(topology_of("  - {from: b, to: a, kind: replica, topics: [x]}\n")), "west0 east1 "
    );
    EXPECT_EQ(
        columns(topology_of("  - {from: a, to: b, kind: replica, topics: [x]}\n"
                            "  - {from: b, to: a, kind: replica, topics: [y]}\n")),
        "east0 west1 "
    );
}

TEST(Graphs, LeaveOutWhatIsUnknown) {
    const Topology topology =
        topology_of("  - {from: a, to: nowhere, kind: replica, topics: [x]}\n");
    EXPECT_THAT(draw_ascii(topology), Not(HasSubstr("nowhere")));
    EXPECT_THAT(draw_mermaid(topology), Not(HasSubstr("nowhere")));
    EXPECT_THAT(draw_svg(topology), Not(HasSubstr("nowhere")));
    EXPECT_FALSE(draw_svg(Topology{}).empty());
    EXPECT_EQ(draw_ascii(Topology{}), "");
}

}  // namespace
}  // namespace sealane::topology
