#include <catch2/catch.hpp>

#include <sstream>

#include <nlohmann/json.hpp>

#include "tests/unit/tools/memtrack/report/made_up.h"
#include "tools/memtrack/rules/verdict.h"
#include "tools/memtrack/view/json_view.h"
#include "tools/memtrack/view/tables.h"
#include "tools/memtrack/view/trace.h"
#include "tools/memtrack/view/verdict_text.h"

namespace memtrack::testing {
namespace {

Table Names(const std::vector<std::string>& names) {
  Table table;
  table.columns = {{"N"}, {"NAME", false}, {"REST", false}};
  for (const std::string& name : names) {
    table.rows.push_back({CountCell(name.size()), TextCell(name), TextCell("what follows")});
  }
  return table;
}

std::size_t LongestLine(const std::string& text) {
  std::size_t longest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
  return longest;
}

TEST_CASE("memtrack: a table fits its terminal, and numbers stay whole") {
  const std::string text = RenderText(Names({std::string(300, 'x'), "short"}), 40);
  CHECK(LongestLine(text) == 40);
  CHECK(text.find("300") != std::string::npos);
  CHECK(text.find("xxx... what follows") != std::string::npos);
  CHECK(text.find("  5 short") != std::string::npos);
}

TEST_CASE("memtrack: where there is no terminal nothing is cut") {
  const std::string name(300, 'x');
  CHECK(RenderText(Names({name}), 0).find(name) != std::string::npos);
  CHECK(RenderText(Names({"a"}), 3).find("what follows") == std::string::npos);
}

TEST_CASE("memtrack: a cut does not split a character") {
  std::string umlauts;
  for (int i = 0; i < 40; ++i) umlauts += "\xc3\xa4";
  const std::string text = RenderText(Names({umlauts}), 30);
  const std::size_t dots = text.find("...");
  REQUIRE(dots != std::string::npos);
  CHECK(text[dots - 1] == '\xa4');
}

TEST_CASE("memtrack: in CSV names are quoted, and bytes are bytes") {
  Table table = Names({"a,b", "say \"no\"", "two\nlines"});
  table.totals = {CountCell(1)};
  table.rows[0][0] = BytesCell(7'340'032, {.is_human = true});
  CHECK(table.rows[0][0].text == "7.0M");
  CHECK(RenderCsv(table) ==
        "n,name,rest\n7340032,\"a,b\",what follows\n8,\"say \"\"no\"\"\",what follows\n"
        "9,two\\nlines,what follows\n");
}

TEST_CASE("memtrack: numbers sort largest first, names by alphabet") {
  Table table = Names({"bb", "aaa", "c"});
  REQUIRE(SortBy(table, "n", false));
  CHECK(table.rows[0][1].text == "aaa");
  REQUIRE(SortBy(table, "NAME", true));
  CHECK(table.rows[0][1].text == "c");
  CHECK_FALSE(SortBy(table, "size", false));
  CHECK(ColumnNames(table) == "n, name, rest");
}

TEST_CASE("memtrack: the name of another's memory cannot speak to the terminal") {
  MadeUp made_up;
  made_up.Runs(10, "e\x1b]0;vil\x07\xc2\x9b\x7f");
  made_up.Has(5, "clear\x1b[2J", 4096);
  made_up.Maps(10, 5);
  const Model model = made_up.model();
  Verdict verdict;
  verdict.tag = verdict.text = "clear\x1b[2J";
  const std::string json = JsonText(SegmentsJson(model, {})) + JsonText(ProcessesJson(model, {})) +
                           JsonText(VerdictsJson(std::span(&model, 1), {verdict}));
  const std::string text =
      RenderText(SegmentTable(model, {}), 0) + RenderText(ProcessTable(model, {}), 0) +
      RenderText(GridTables(model, {}, 0)[0], 0) + RenderCsv(SegmentTable(model, {})) +
      RenderCsv(ProcessTable(model, {})) + VerdictText(verdict) + TraceText().EventsOf(model, {});
  for (const std::string& one : {json, text}) {
    CHECK(one.find('\x1b') == std::string::npos);
    CHECK(one.find('\x07') == std::string::npos);
    CHECK(one.find("\xc2\x9b") == std::string::npos);
    CHECK(one.find('\x7f') == std::string::npos);
  }
  CHECK(text.find("\\x1b") != std::string::npos);
  CHECK(json.find("\\u001b[2J") != std::string::npos);
  CHECK(json.find("\\u009b") != std::string::npos);
}

TEST_CASE("memtrack: the head of a column does not split a character") {
  MadeUp made_up;
  std::string umlauts;
  for (int i = 0; i < 15; ++i) umlauts += "\xc3\xa4";
  made_up.Runs(10, umlauts);
  made_up.Has(5, "frame", 4096);
  made_up.Maps(10, 5);
  CHECK(GridTables(made_up.model(), {}, 0)[0].columns[2].title ==
        umlauts.substr(0, std::size_t{2} * 10) + "(10)");
}

TEST_CASE("memtrack: each way to hold memory has its word") {
  MadeUp made_up;
  made_up.Has(5, "baton:PImage:4f", 4096);
  made_up.Runs(10, "a");
  made_up.Opens(10, 5);
  made_up.Runs(11, "b");
  made_up.Maps(11, 5);
  made_up.Runs(12, "c");
  made_up.Opens(12, 5);
  made_up.Maps(12, 5);
  made_up.Runs(13, "d");
  made_up.MapsRevoked(13, 5);
  made_up.Runs(14, "e");
  made_up.Maps(14, 5).is_private = true;
  made_up.Runs(15, "f");
  made_up.Sends(15, 99, {5});
  const Table table = SegmentTable(made_up.model(), {});
  REQUIRE(table.rows.size() == 1);
  CHECK(table.rows[0].back().text ==
        "a(10) fd, b(11) map, c(12) fd+map, d(13) revoked, e(14) private, to f(15)");
}

TEST_CASE("memtrack: a grid that is too wide goes on below") {
  MadeUp made_up;
  made_up.Has(5, "frame", 4096);
  for (int pid = 10; pid < 17; ++pid) {
    made_up.Runs(pid, "process" + std::to_string(pid));
    made_up.Maps(pid, 5);
  }
  const auto tables = GridTables(made_up.model(), {}, 80);
  REQUIRE(tables.size() == 3);
  for (const Table& table : tables) CHECK(LongestLine(RenderText(table, 80)) <= 80);
  CHECK(tables[2].columns.size() == 3);
  CHECK(GridTables(made_up.model(), {}, 0).size() == 1);
  CHECK(GridTables(MadeUp().model(), {}, 80).size() == 1);
}

TEST_CASE("memtrack: a trace is an array that need not be closed, and says each thing once") {
  MadeUp made_up;
  made_up.Runs(10, "client");
  made_up.Has(5, "frame", 4096);
  made_up.Maps(10, 5);
  Verdict verdict;
  verdict.tag = "frame";
  TraceText trace;
  std::string text = trace.EventsOf(made_up.model(), {verdict});
  MadeUp later(1);
  text += trace.EventsOf(later.model(), {verdict});  // the memory is gone, its counter falls
  REQUIRE(text.ends_with(",\n"));
  const auto events = nlohmann::json::parse(text.substr(0, text.size() - 2) + "]");
  int instants = 0;
  std::vector<std::uint64_t> bytes;
  for (const auto& event : events) {
    instants += event["ph"] == "i" ? 1 : 0;
    if (event["name"] == "shm/frame") bytes.push_back(event["args"]["bytes"]);
  }
  CHECK(instants == 1);
  CHECK(bytes == std::vector<std::uint64_t>{4096, 0});
}

}  // namespace
}  // namespace memtrack::testing
