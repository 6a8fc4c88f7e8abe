#include "compiler/document/html.h"

#include <fmt/format.h>

#include "compiler/diag/displayed_text.h"

namespace batonc {
namespace {

constexpr std::string_view kStyle = R"css(
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1c2026; --faint: #5c6672; --line: #d5dae1; --wash: #f4f6f8;
  --link: #0b57b0; --mark: #8a4b00; --mark-wash: #fdf1df;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181c; --ink: #e3e7ec; --faint: #98a2ae; --line: #363d46; --wash: #1e2329;
    --link: #7db6ff; --mark: #f2b866; --mark-wash: #3a2c14;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1rem 1.25rem 4rem; max-width: 62rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
a { color: var(--link); text-decoration: none; }
a:hover, a:focus { text-decoration: underline; }
h1 { font-size: 1.6rem; margin: .5rem 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; padding-top: .75rem;
     border-top: 1px solid var(--line); overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; color: var(--faint); }
p { margin: .5rem 0; max-width: 46rem; }
code, pre { font-family: ui-monospace, "DejaVu Sans Mono", Consolas, monospace; font-size: .875rem; }
pre { margin: 0; overflow-x: auto; }
.wide { overflow-x: auto; }
.faint, .kind { color: var(--faint); font-weight: normal; }
.chip {
  display: inline-block; padding: 0 .45rem; margin: 0 .25rem .25rem 0; border-radius: .6rem;
  border: 1px solid var(--line); font-size: .8125rem; color: var(--faint);
}
.message pre { margin-bottom: .4rem; }
.chip.sync { color: var(--mark); background: var(--mark-wash); border-color: var(--mark); }
.message { margin: .75rem 0; padding: .75rem 1rem; background: var(--wash); border-radius: .4rem; }
.message:target, h2:target { outline: 2px solid var(--link); outline-offset: 2px; }
table { border-collapse: collapse; margin: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .25rem .9rem .25rem 0;
         border-bottom: 1px solid var(--line); }
th { font-weight: 600; font-size: .875rem; color: var(--faint); }
td p { margin: 0 0 .25rem; }
ul.names { columns: 16rem; padding-left: 1.1rem; }
ul.names li { break-inside: avoid; overflow-wrap: anywhere; }
svg.tree { display: block; }
svg.tree rect { fill: var(--wash); stroke: var(--line); }
svg.tree a:hover rect, svg.tree a:focus rect { stroke: var(--link); }
svg.tree text { fill: var(--link); font: 12px ui-monospace, "DejaVu Sans Mono", Consolas, monospace; }
svg.tree path { fill: none; stroke: var(--faint); shape-rendering: crispEdges; }
svg.tree .again rect { fill: none; stroke-dasharray: 4 3; }
)css";

std::string Paragraph(const std::string& text) {
  std::string html = "<p>";
  bool in_code = false;
  std::size_t begin = 0;
  for (std::size_t tick = text.find('`'); tick != text.npos; tick = text.find('`', begin)) {
    if (!in_code && text.find('`', tick + 1) == text.npos) break;  // one alone is a backtick
    html += Escaped(std::string_view(text).substr(begin, tick - begin));
    html += in_code ? "</code>" : "<code>";
    in_code = !in_code;
    begin = tick + 1;
  }
  return html + Escaped(std::string_view(text).substr(begin)) + "</p>\n";
}

}  // namespace

std::string Escaped(std::string_view text) {
  std::string html;
  for (const char c : Displayable(text)) {
    switch (c) {
      case '&': html += "&amp;"; break;
      case '<': html += "&lt;"; break;
      case '>': html += "&gt;"; break;
      case '"': html += "&quot;"; break;
      case '\'': html += "&#39;"; break;
      default: html += c;
    }
  }
  return html;
}

std::string DocHtml(const Doc& doc) {
  std::string html;
  std::string paragraph;
  const auto end_paragraph = [&] {
    if (!paragraph.empty()) html += Paragraph(paragraph);
    paragraph.clear();
  };
  for (const std::string& line : doc) {
    if (line.find_first_not_of(" \t") == line.npos) {
      end_paragraph();
    } else {
      paragraph += (paragraph.empty() ? "" : " ") + line;
    }
  }
  end_paragraph();
  return html;
}

std::string PageHtml(const PageText& page) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n{}</body>\n</html>\n",
      Escaped(page.title), kStyle, page.body);
}

}  // namespace batonc
