#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "compiler/document/actor_tree.h"
#include "compiler/document/document.h"
#include "compiler/document/draw_tree.h"
#include "compiler/document/html.h"
#include "tests/unit/compiler/model_builder.h"

namespace batonc {
namespace {

using Catch::Contains;

TEST_CASE("document: text cannot become markup") {
  CHECK(Escaped("<b a=\"x\" c='y'>&") == "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;");
  CHECK(Escaped("\xff").find('\xff') == std::string::npos);
}

TEST_CASE("document: a doc comment has paragraphs and code") {
  CHECK(DocHtml({"One `a<b>`", "two", "", "three"}) ==
        "<p>One <code>a&lt;b&gt;</code> two</p>\n<p>three</p>\n");
  CHECK(DocHtml({"one ` alone"}) == "<p>one ` alone</p>\n");
  CHECK(DocHtml({}).empty());
}

const TreeNode& NodeOf(const ActorTree& tree, ProtocolId id) {
  const auto found = std::ranges::find(tree.nodes, id, &TreeNode::protocol);
  REQUIRE(found != tree.nodes.end());
  return *found;
}

TEST_CASE("actor tree: managees stand one column on, each in a row of its own") {
  ModelBuilder builder;
  const ProtocolId hub = builder.AddProtocol("PHub", {});
  std::vector<ProtocolId> managees;
  for (int i = 0; i < 38; ++i) {
    managees.push_back(builder.AddProtocol("PManagee" + std::to_string(i), {}));
    builder.Manage(hub, managees.back());
  }
  const ActorTree tree = LayOutActors(builder.model());
  CHECK(tree.nodes.size() == 39);
  CHECK(tree.rows == 38);
  CHECK(tree.alone.empty());
  std::vector<bool> rows(tree.rows);
  for (const ProtocolId id : managees) {
    const TreeNode& node = NodeOf(tree, id);
    CHECK(node.depth == 1);
    CHECK_FALSE(rows[node.row]);
    rows[node.row] = true;
  }
}

TEST_CASE("actor tree: a second manager is drawn as well") {
  ModelBuilder builder;
  const ProtocolId a = builder.AddProtocol("PA", {});
  const ProtocolId b = builder.AddProtocol("PB", {});
  const ProtocolId c = builder.AddProtocol("PC", {});
  const ProtocolId alone = builder.AddProtocol("PD", {});
  builder.Manage(a, c);
  builder.Manage(b, c);
  builder.Manage(c, c);
  const ActorTree tree = LayOutActors(builder.model());
  REQUIRE(tree.nodes.size() == 5);
  CHECK(std::ranges::count(tree.nodes, true, &TreeNode::is_repeated) == 2);
  CHECK(std::ranges::count(tree.nodes, c, &TreeNode::protocol) == 3);
  CHECK_FALSE(NodeOf(tree, c).is_repeated);  // the first of them
  CHECK(tree.alone == std::vector<ProtocolId>{alone});
  CHECK(NodeOf(tree, a).row != NodeOf(tree, b).row);
}

TEST_CASE("actor tree: a long chain does not exhaust the stack") {
  ModelBuilder builder;
  ProtocolId last = builder.AddProtocol("P0", {});
  for (int i = 1; i < 20'000; ++i) {
    const ProtocolId next = builder.AddProtocol("P" + std::to_string(i), {});
    builder.Manage(last, next);
    last = next;
  }
  const ActorTree tree = LayOutActors(builder.model());
  CHECK(tree.nodes.size() == 20'000);
  CHECK(tree.rows == 1);
}

TEST_CASE("actor tree: Graphviz gets all actors and who manages them") {
  ModelBuilder builder;
  const ProtocolId a = builder.AddProtocol("PA", {});
  builder.Manage(a, builder.AddProtocol("PB", {}));
  builder.AddProtocol("PAlone", {});
  CHECK(DotGraph(builder.model()) ==
        "digraph actors {\n  rankdir=LR;\n  node [shape=box, fontname=\"monospace\"];\n"
        "  \"media::PA\";\n  \"media::PAlone\";\n  \"media::PB\";\n"
        "  \"media::PA\" -> \"media::PB\";\n}\n");
}

const Page& PageAt(const std::vector<Page>& pages, const std::string& path) {
  const auto found = std::ranges::find(pages, path, &Page::path);
  REQUIRE(found != pages.end());
  return *found;
}

TEST_CASE("document: types lead to their declarations in other files") {
  ModelBuilder builder;
  const StructId frame = builder.AddStruct("Frame", {});
  builder.AddFile("show.idl", "show");
  Message show = MessageOf("Show", {FieldOf("frames", ArrayType(Of(frame)))});
  show.is_sync = true;
  show.deadline_us = 250'000;
  show.doc = {"Shows <all> of them."};
  builder.AddProtocol("PShow", {show});
  const auto pages = Document(builder.model());
  CHECK(pages.size() == 3);
  const std::string& page = PageAt(pages, "show.idl.html").html;
  CHECK_THAT(page, Contains("<a href=\"media/camera.idl.html#media.Frame\">Frame</a>[] frames"));
  CHECK_THAT(page, Contains("id=\"media.PShow.Show\""));
  CHECK_THAT(page, Contains("The parent receives"));
  CHECK_THAT(page, Contains("sync: the sender waits"));
  CHECK_THAT(page, Contains("Deadline=250ms"));
  CHECK_THAT(page, Contains("Shows &lt;all&gt; of them."));
  CHECK_THAT(page, !Contains("<script"));
  const std::string& camera = PageAt(pages, "media/camera.idl.html").html;
  CHECK_THAT(camera, Contains("id=\"media.Frame\""));
  CHECK_THAT(camera, Contains("<a href=\"../index.html\">"));
  CHECK_THAT(PageAt(pages, "index.html").html, Contains("show.idl.html#media.PShow"));
}

TEST_CASE("document: files of one name have pages of their own, preludes none") {
  ModelBuilder builder;
  builder.AddFile("other/camera.idl", "media/camera");
  builder.AddFile("batonc/gecko.idlh", "gecko");
  builder.model().files.back().is_prelude = true;
  const auto pages = Document(builder.model());
  CHECK(pages.size() == 3);
  PageAt(pages, "media/camera.idl.html");
  PageAt(pages, "media/camera.idl-2.html");
}

}  // namespace
}  // namespace batonc
