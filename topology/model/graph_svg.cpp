// The topology as one SVG file (SVG 1.1 with CSS): domains are boxes in columns, clusters cards in
// them, links curves from the right edge of their source to the left edge of their target. Nothing
// is loaded from elsewhere; colours follow the reader's light or dark preference.

#include "topology/model/graph.hpp"
#include "topology/model/graph_layout.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace sealane::topology {

namespace {

// Lengths in pixels.
constexpr int kCardWidth = 190;
constexpr int kCardHeight = 78;
constexpr int kCardGap = 18;
constexpr int kPadding = 18;     // between a domain's border and its cards
constexpr int kHeading = 30;     // a domain's title
constexpr int kColumnGap = 270;  // room for curves and their labels
constexpr int kRowGap = 34;      // between domains of a column
constexpr int kMargin = 28;
constexpr int kTitle = 40;
constexpr int kLegend = 44;
constexpr int kLetter = 7;  // about the width of a letter of a label
constexpr std::size_t kPatternsShown = 30;

constexpr std::string_view kStyle = R"(<style>
svg { --page:#ffffff; --ink:#1d2430; --soft:#5b6675; --domain:#f4f6fa; --edge:#c9d1de;
  --card:#ffffff; --replica:#1f6feb; --aggregate:#a3590a; font-family: system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { svg { --page:#12161d; --ink:#e6eaf0; --soft:#9aa6b5;
  --domain:#1a2029; --edge:#37414f; --card:#222a35; --replica:#6cb0ff; --aggregate:#f0a757; } }
.page { fill: var(--page); } .domain { fill: var(--domain); stroke: var(--edge); }
.card { fill: var(--card); stroke: var(--edge); }
text { fill: var(--ink); font-size: 13px; } .title { font-size: 18px; font-weight: 600; }
.heading { font-size: 12px; fill: var(--soft); letter-spacing: .06em; }
.name { font-size: 15px; font-weight: 600; } .soft { fill: var(--soft); font-size: 12px; }
.link { fill: none; stroke-width: 2.2; } .replica { stroke: var(--replica); }
.aggregate { stroke: var(--aggregate); stroke-dasharray: 7 4; }
.tip-replica { fill: var(--replica); } .tip-aggregate { fill: var(--aggregate); }
.label { fill: var(--page); stroke: var(--edge); } .on-label { font-size: 12px; }
</style>
)";

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                // Other control characters are not allowed in XML at all.
                out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
    }
    return out;
}

std::string number(int value) {
    return std::to_string(value);
}

struct Box {
    int x = 0;
    int y = 0;
    int width = 0;
    int height = 0;
};

std::string rect(const Box& box, int radius, std::string_view kind) {
    return "<rect class=\"" + std::string(kind) + "\" x=\"" + number(box.x) + "\" y=\"" +
           number(box.y) + "\" width=\"" + number(box.width) + "\" height=\"" + number(box.height) +
           "\" rx=\"" + number(radius) + "\"/>\n";
}

std::string text_at(int x, int y, std::string_view kind, std::string_view text) {
    return "<text class=\"" + std::string(kind) + "\" x=\"" + number(x) + "\" y=\"" + number(y) +
           "\">" + escaped(text) + "</text>\n";
}

// Where everything is.
struct Drawing {
    std::vector<std::pair<const DomainGroup*, Box>> domains;
    std::map<std::string, Box> cards;  // by cluster
    int width = 0;
    int height = 0;
};

int height_of(const DomainGroup& group) {
    const int cards = static_cast<int>(group.clusters.size());
    return kHeading + cards * kCardHeight + (cards - 1) * kCardGap + kPadding;
}

Drawing place(const std::vector<DomainGroup>& groups) {
    std::map<std::size_t, int> column_heights;
    for (const DomainGroup& group : groups) {
        int& height = column_heights[group.column];
        height += height_of(group) + (height > 0 ? kRowGap : 0);
    }
    int tallest = 0;
    for (const auto& [column, height] : column_heights) tallest = std::max(tallest, height);

    Drawing drawing;
    std::map<std::size_t, int> next_y;
    const int column_width = kCardWidth + 2 * kPadding;
    for (const DomainGroup& group : groups) {
        // Columns are centred on the tallest.
        const int start = kMargin + kTitle + (tallest - column_heights[group.column]) / 2;
        int& y = next_y.try_emplace(group.column, start).first->second;
        const int x = kMargin + static_cast<int>(group.column) * (column_width + kColumnGap);
        drawing.domains.push_back({&group, {x, y, column_width, height_of(group)}});
        int card_y = y + kHeading;
        for (const Cluster* cluster : group.clusters) {
            drawing.cards[cluster->name.value] = {x + kPadding, card_y, kCardWidth, kCardHeight};
            card_y += kCardHeight + kCardGap;
        }
        y += height_of(group) + kRowGap;
        drawing.width = std::max(drawing.width, x + column_width + kMargin);
    }
    drawing.width = std::max(drawing.width, 560);
    drawing.height = kMargin + kTitle + tallest + kLegend + kMargin;
    return drawing;
}

// Ends of links are spread over the edges of the cards.
class Ports {
 public:
    explicit Ports(const std::vector<const Link*>& links) {
        for (const Link* link : links) {
            ++out_[link->from.value].count;
            ++in_[link->to.value].count;
        }
    }
    int leave(const std::string& cluster, const Box& card) { return spread(out_[cluster], card); }
    int enter(const std::string& cluster, const Box& card) { return spread(in_[cluster], card); }

 private:
    struct Edge {
        int count = 0;
        int used = 0;
    };
    static int spread(Edge& edge, const Box& card) {
        return card.y + card.height * ++edge.used / (edge.count + 1);
    }
    std::map<std::string, Edge> out_;
    std::map<std::string, Edge> in_;
};

struct Curve {
    int x1, y1, x2, y2;
    // How far the ends of the curve run straight.
    [[nodiscard]] int pull() const { return x2 > x1 ? (x2 - x1) / 2 : 110; }
    [[nodiscard]] std::string path() const {
        return "M" + number(x1) + "," + number(y1) + " C" + number(x1 + pull()) + "," + number(y1) +
               " " + number(x2 - pull()) + "," + number(y2) + " " + number(x2 - 9) + "," +
               number(y2);
    }
    [[nodiscard]] std::pair<int, int> middle() const {
        // At t = 1/2 the control points weigh three times the ends; left and right pull cancel.
        return {(x1 + x2) / 2, (y1 + y2) / 2};
    }
};

bool overlap(const Box& a, const Box& b) {
    return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height &&
           b.y < a.y + a.height;
}

// Labels stand in the middle of their curves, below each other where they would overlap.
class Labels {
 public:
    void add(const Curve& curve, const std::vector<std::string>& lines) {
        std::size_t longest = 0;
        for (const std::string& line : lines) longest = std::max(longest, line.size());
        const auto [x, y] = curve.middle();
        const int width = static_cast<int>(longest) * kLetter + 16;
        const int height = static_cast<int>(lines.size()) * kLineHeight + 8;
        Box box{x - width / 2, y - height / 2, width, height};
        for (std::size_t i = 0; i < placed_.size(); ++i) {
            if (!overlap(box, placed_[i])) continue;
            box.y = placed_[i].y + placed_[i].height + 4;
            i = static_cast<std::size_t>(-1);  // it may now meet an earlier one; y only grows
        }
        placed_.push_back(box);
        text_ += rect(box, 6, "label");
        for (std::size_t i = 0; i < lines.size(); ++i) {
            text_ += text_at(
                box.x + 8, box.y + (static_cast<int>(i) + 1) * kLineHeight, "on-label", lines[i]
            );
        }
    }
    [[nodiscard]] const std::string& text() const { return text_; }

 private:
    static constexpr int kLineHeight = 16;
    std::vector<Box> placed_;
    std::string text_;
};

std::vector<std::string> lines_of(const Link& link, const LinkNotes& notes) {
    std::vector<std::string> lines{
        std::string(name_of(link.kind)) + "  " + describe(link.topics, kPatternsShown)
    };
    if (const std::string objectives = describe(link.objectives); !objectives.empty())
        lines.push_back(objectives);
    if (const auto note = notes.find(link.name.value); note != notes.end())
        lines.push_back(note->second);
    return lines;
}

void draw_links(
    const std::vector<const Link*>& links,
    const LinkNotes& notes,
    const Drawing& drawing,
    std::string& out
) {
    Ports ports(links);
    Labels labels;
    for (const Link* link : links) {
        const Box& from = drawing.cards.at(link->from.value);
        const Box& to = drawing.cards.at(link->to.value);
        const Curve curve{
            from.x + from.width,
            ports.leave(link->from.value, from),
            to.x,
            ports.enter(link->to.value, to)
        };
        const std::string kind(name_of(link->kind));
        out += "<path class=\"link " + kind + "\" d=\"" + curve.path() + "\" marker-end=\"url(#" +
               kind + ")\"><title>" + escaped(link->name.value) + "</title></path>\n";
        labels.add(curve, lines_of(*link, notes));
    }
    out += labels.text();  // above all curves
}

void draw_domains(const Drawing& drawing, std::string& out) {
    for (const auto& [group, box] : drawing.domains) {
        out += rect(box, 12, "domain");
        out += text_at(box.x + kPadding, box.y + 20, "heading", "DOMAIN " + group->name);
        for (const Cluster* cluster : group->clusters) {
            const Box& card = drawing.cards.at(cluster->name.value);
            out += rect(card, 8, "card");
            out += text_at(card.x + 14, card.y + 26, "name", cluster->name.value);
            out += text_at(card.x + 14, card.y + 46, "soft", describe(*cluster));
            out += text_at(card.x + 14, card.y + 64, "soft", cluster->datacenter.value);
        }
    }
}

void draw_legend(const Drawing& drawing, std::string& out) {
    const int y = drawing.height - kMargin;
    const auto sample = [&](int x, std::string_view kind, std::string_view words) {
        out += "<path class=\"link " + std::string(kind) + "\" d=\"M" + number(x) + "," +
               number(y - 4) + " h34\"/>\n" + text_at(x + 44, y, "soft", words);
    };
    sample(kMargin, "replica", "replica: same offsets, read-only");
    sample(kMargin + 270, "aggregate", "aggregate: many into one");
}

std::string marker(std::string_view kind) {
    const std::string name(kind);
    return "<marker id=\"" + name +
           "\" viewBox=\"0 0 10 10\" refX=\"1\" refY=\"5\" markerWidth=\"10\" markerHeight=\"10\" "
           "markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"tip-" +
           name + "\" d=\"M0,0 L10,5 L0,10 z\"/></marker>\n";
}

}  // namespace

std::string draw_svg(const Topology& topology, const LinkNotes& notes) {
    const std::vector<DomainGroup> groups = group_by_domain(topology);
    const Drawing drawing = place(groups);
    const std::string size = number(drawing.width) + " " + number(drawing.height);
    std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + size +
                      "\" width=\"" + number(drawing.width) + "\" height=\"" +
                      number(drawing.height) + "\" role=\"img\">\n";
    out += "<title>Topology " + escaped(topology.name.value) + "</title>\n";
    out += kStyle;
    out += "<defs>" + marker("replica") + marker("aggregate") + "</defs>\n";
    out += rect({0, 0, drawing.width, drawing.height}, 0, "page");
    out += text_at(kMargin, kMargin + 12, "title", topology.name.value);
    draw_domains(drawing, out);
    draw_links(drawable_links(topology), notes, drawing, out);
    draw_legend(drawing, out);
    return out + "</svg>\n";
}

}  // namespace sealane::topology
