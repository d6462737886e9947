#pragma once
// Pictures of a topology: for terminals, for Mermaid (GitHub and GitLab render it in Markdown), and
// as one self-contained SVG file that is legible on light and dark pages. Pure functions; the same
// topology gives the same picture. Links to unknown clusters are left out.

#include "topology/model/topology.hpp"

#include <map>
#include <string>

namespace sealane::topology {

// What to write beside a link besides its kind and topics, by link name: "OK, 0 behind".
using LinkNotes = std::map<std::string, std::string, std::less<>>;

[[nodiscard]] std::string draw_ascii(const Topology& topology, const LinkNotes& notes = {});
[[nodiscard]] std::string draw_mermaid(const Topology& topology, const LinkNotes& notes = {});
[[nodiscard]] std::string draw_svg(const Topology& topology, const LinkNotes& notes = {});

// "app.*, web.* (not *.tmp)", cut to `most` characters with an ellipsis.
[[nodiscard]] std::string describe(const Selection& selection, std::size_t most);

}  // namespace sealane::topology
