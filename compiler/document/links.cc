#include "compiler/document/links.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>
#include <string_view>

#include "compiler/document/html.h"
#include "compiler/spell/spell.h"

namespace batonc {
namespace {

// A path as part of a URL.
std::string UrlOf(const std::string& path) {
  constexpr std::string_view kPlain = "-._~/";
  std::string url;
  for (const char c : path) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || kPlain.find(c) != kPlain.npos;
    url += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return url;
}

}  // namespace

Links::Links(const Model& model) : model_(model) {
  std::set<std::string> taken = {"index.html"};
  for (const File& file : model.files) {
    std::string& page = pages_.emplace_back();
    if (file.is_prelude) continue;
    const std::string name =
        file.output + std::filesystem::path(file.path).extension().generic_string();
    page = name + ".html";
    // Files that no -I tells apart share a name.
    for (int i = 2; !taken.insert(page).second; ++i) page = fmt::format("{}-{}.html", name, i);
  }
}

std::string Links::Anchor(const DeclarationHead& head) {
  std::string anchor;
  for (const std::string& part : head.namespace_path) anchor += part + ".";
  return anchor + head.name;
}

std::string Links::Anchor(const Protocol& owner, const Message& message) {
  return Anchor(owner) + "." + message.name;
}

std::string Links::ToPage(const std::string& page, const std::string& from) const {
  if (page == from) return "";
  std::string link;
  for (const char c : from) {
    if (c == '/') link += "../";
  }
  return link + UrlOf(page);
}

std::string Links::To(const Declaration& declaration, const std::string& from) const {
  const DeclarationHead& head = HeadOf(model_, declaration);
  const std::string& page = PageOf(head.file);
  return page.empty() ? "" : ToPage(page, from) + "#" + Anchor(head);
}

std::string Links::TypeHtml(const Type& type, const std::string& from) const {
  std::string html;
  for (const SpelledPart& part : SpellParts(model_, type, NameStyle::kShort)) {
    const std::string link = part.declaration ? To(*part.declaration, from) : "";
    const std::string text = Escaped(part.text);
    html += link.empty() ? text : fmt::format("<a href=\"{}\">{}</a>", Escaped(link), text);
  }
  return html;
}

}  // namespace batonc
