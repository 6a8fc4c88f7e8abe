#include "compiler/document/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "compiler/document/draw_tree.h"
#include "compiler/document/file_page.h"
#include "compiler/document/html.h"
#include "compiler/document/links.h"
#include "compiler/spell/spell.h"

namespace batonc {
namespace {

const std::string kIndex = "index.html";

std::string Link(const Links& links, const Declaration& declaration) {
  return fmt::format("<a href=\"{}\">{}</a>", Escaped(links.To(declaration, kIndex)),
                     Escaped(FullName(HeadOf(links.model(), declaration))));
}

std::string Actors(const Links& links) {
  const Model& model = links.model();
  const ActorTree tree = LayOutActors(model);
  std::string html;
  if (!tree.nodes.empty()) {
    html += "<h2>Who manages whom</h2>\n<div class=\"wide\">\n" +
            DrawTree(model, tree, [&](ProtocolId id) { return links.To(id, kIndex); }) + "</div>\n";
    if (std::ranges::any_of(tree.nodes, &TreeNode::is_repeated)) {
      html +=
          "<p class=\"faint\">Dashed: has other managers, too; see there what it manages.</p>\n";
    }
  }
  if (tree.alone.empty()) return html;
  html += "<h2>On their own</h2>\n<ul class=\"names\">\n";
  for (const ProtocolId id : tree.alone) html += "<li>" + Link(links, id) + "</li>\n";
  return html + "</ul>\n";
}

std::vector<const File*> FilesByPath(const Links& links) {
  std::vector<const File*> files;
  for (const File& file : links.model().files) {
    if (!links.PageOf(file.id).empty()) files.push_back(&file);
  }
  std::ranges::sort(files, {}, [&](const File* file) { return links.PageOf(file->id); });
  return files;
}

std::string Files(const Links& links) {
  std::string html =
      "<h2>Files</h2>\n<div class=\"wide\"><table>\n"
      "<tr><th>File</th><th>Protocols</th><th>Messages</th><th>Types</th></tr>\n";
  for (const File* file : FilesByPath(links)) {
    std::size_t protocols = 0;
    std::size_t messages = 0;
    for (const Declaration& declaration : file->declarations) {
      const auto* id = std::get_if<ProtocolId>(&declaration);
      if (id == nullptr) continue;
      ++protocols;
      messages += links.model().protocol(*id).messages.size();
    }
    html += fmt::format(
        "<tr><td><a href=\"{}\">{}</a></td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        Escaped(links.ToPage(links.PageOf(file->id), kIndex)), Escaped(links.NameOf(file->id)),
        protocols, messages, file->declarations.size() - protocols);
  }
  return html + "</table></div>\n";
}

std::string Names(const Links& links) {
  std::vector<Declaration> all;
  for (const File* file : FilesByPath(links)) {
    all.insert(all.end(), file->declarations.begin(), file->declarations.end());
  }
  std::ranges::stable_sort(all, {}, [&](const Declaration& declaration) {
    return FullName(HeadOf(links.model(), declaration));
  });
  std::string html = "<h2>All names</h2>\n<ul class=\"names\">\n";
  for (const Declaration& declaration : all) html += "<li>" + Link(links, declaration) + "</li>\n";
  return html + "</ul>\n";
}

}  // namespace

std::vector<Page> Document(const Model& model) {
  const Links links(model);
  std::vector<Page> pages;
  pages.push_back({kIndex, PageHtml({"Protocols", "<h1>Protocols</h1>\n" + Actors(links) +
                                                      Files(links) + Names(links)})});
  for (const File& file : model.files) {
    const std::string& page = links.PageOf(file.id);
    if (!page.empty()) pages.push_back({page, FilePage(links, file.id)});
  }
  return pages;
}

}  // namespace batonc
