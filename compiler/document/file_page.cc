#include "compiler/document/file_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/document/html.h"
#include "compiler/spell/spell.h"

namespace batonc {
namespace {

// The sections of everything but protocols.
class Sections {
 public:
  Sections(const Links& links, const std::string& page)
      : links_(links), model_(links.model()), page_(page) {}

  std::string Html(EnumId id) const {
    const Enum& declaration = model_.enumeration(id);
    std::vector<std::string> chips;
    if (declaration.is_flags) chips.push_back("Flags");
    if (declaration.is_extensible) chips.push_back("Extensible");
    const std::string underlying =
        Spell(model_, Type{declaration.underlying, {}}, NameStyle::kShort);
    std::string html = SectionHead(declaration, "enum", chips);
    html += fmt::format("<p class=\"faint\">Held by <code>{}</code>.</p>\n", underlying);
    html += "<div class=\"wide\"><table>\n<tr><th>Name</th><th>Value</th><th></th></tr>\n";
    for (const Enumerator& one : declaration.enumerators) {
      html +=
          fmt::format("<tr><td><code>{}</code></td><td><code>{}</code></td><td>{}{}</td></tr>\n",
                      Escaped(one.name), one.value, DocHtml(one.doc), Chips(SpellAttributes(one)));
    }
    return html + "</table></div>\n";
  }

  std::string Html(StructId id) const {
    const Struct& declaration = model_.structure(id);
    std::vector<std::string> chips;
    if (declaration.wants_comparison) chips.push_back("Comparable");
    std::string html =
        SectionHead(declaration, declaration.is_resource ? "resource struct" : "struct", chips);
    if (declaration.fields.empty()) return html + "<p class=\"faint\">No fields.</p>\n";
    return html + FieldTable(links_, declaration.fields, page_);
  }

  std::string Html(UnionId id) const {
    const Union& declaration = model_.union_of(id);
    std::vector<std::string> chips;
    if (declaration.wants_comparison) chips.push_back("Comparable");
    std::string html =
        SectionHead(declaration, declaration.is_resource ? "resource union" : "union", chips);
    html += "<p class=\"faint\">One of</p>\n<div class=\"wide\"><table>\n";
    for (const UnionMember& member : declaration.members) {
      html += fmt::format("<tr><td><code>{}</code></td><td>{}</td></tr>\n",
                          links_.TypeHtml(member.type, page_), DocHtml(member.doc));
    }
    return html + "</table></div>\n";
  }

  std::string Html(ProtocolId id) const {
    return ProtocolSection(links_, model_.protocol(id), page_);
  }

  std::string Html(ExternalId id) const {
    const External& declaration = model_.external(id);
    std::vector<std::string> chips;
    if (declaration.is_ref_counted) chips.push_back("RefCounted");
    constexpr std::string_view kMoveOnly[] = {"", "MoveOnly=data", "MoveOnly=send", "MoveOnly"};
    const std::string_view move_only = kMoveOnly[static_cast<std::size_t>(declaration.move_only)];
    if (!move_only.empty()) chips.emplace_back(move_only);
    return SectionHead(declaration, "using", chips) +
           fmt::format("<p>The C++ type <code>{}</code> of <code>{}</code>.</p>\n",
                       Escaped(declaration.qualified_name), Escaped(declaration.header));
  }

  std::string Html(ConstantId id) const {
    const Constant& declaration = model_.constant(id);
    return SectionHead(declaration, "const", {}) +
           fmt::format("<pre>{} {} = {}</pre>\n", links_.TypeHtml(declaration.type, page_),
                       Escaped(declaration.name), Escaped(Spell(model_, declaration.value)));
  }

 private:
  const Links& links_;
  const Model& model_;
  const std::string& page_;
};

std::string Includes(const Links& links, const File& file, const std::string& page) {
  std::string html;
  for (const FileId id : file.includes) {
    const std::string& target = links.PageOf(id);
    const std::string name =
        Escaped(target.empty() ? links.model().file(id).path : links.NameOf(id));
    html += html.empty() ? "<p>Includes " : ", ";
    html += target.empty()
                ? name
                : fmt::format("<a href=\"{}\">{}</a>", Escaped(links.ToPage(target, page)), name);
  }
  return html.empty() ? "" : html + "</p>\n";
}

}  // namespace

std::string Chips(const std::vector<std::string>& words) {
  std::string html;
  for (const std::string& word : words) {
    html += fmt::format("<span class=\"chip\">{}</span>", Escaped(word));
  }
  return html.empty() ? "" : html + "\n";
}

std::string SectionHead(const DeclarationHead& head, std::string_view kind,
                        const std::vector<std::string>& chips) {
  std::string path;
  for (const std::string& part : head.namespace_path) path += part + "::";
  return fmt::format(
             "<h2 id=\"{}\"><span class=\"kind\">{}</span> <span "
             "class=\"faint\">{}</span>{}</h2>\n",
             Escaped(Links::Anchor(head)), kind, Escaped(path), Escaped(head.name)) +
         Chips(chips) + DocHtml(head.doc);
}

std::string FieldTable(const Links& links, const std::vector<Field>& fields,
                       const std::string& page) {
  std::string html = "<div class=\"wide\"><table>\n<tr><th>Type</th><th>Name</th><th></th></tr>\n";
  for (const Field& field : fields) {
    const std::string value =
        field.default_value ? " = " + Escaped(Spell(links.model(), *field.default_value)) : "";
    html +=
        fmt::format("<tr><td><code>{}</code></td><td><code>{}{}</code></td><td>{}{}</td></tr>\n",
                    links.TypeHtml(field.type, page), Escaped(field.name), value,
                    DocHtml(field.doc), Chips(SpellAttributes(links.model(), field)));
  }
  return html + "</table></div>\n";
}

std::string FilePage(const Links& links, FileId id) {
  const File& file = links.model().file(id);
  const std::string& page = links.PageOf(id);
  std::string body =
      fmt::format("<p><a href=\"{}\">All protocols</a></p>\n<h1>{}</h1>\n",
                  Escaped(links.ToPage("index.html", page)), Escaped(links.NameOf(id)));
  body += Includes(links, file, page);
  const Sections sections(links, page);
  for (const Declaration& declaration : file.declarations) {
    body += std::visit([&](const auto& one) { return sections.Html(one); }, declaration);
  }
  return PageHtml({links.NameOf(id), body});
}

}  // namespace batonc
