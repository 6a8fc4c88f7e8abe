// What /proc says about a process as a whole.
#include "tools/memtrack/scan/process_stat.h"

#include <catch2/catch.hpp>
#include <string>

using namespace memtrack;

namespace {

std::string StatLine(const std::string& command, const std::string& state = "S") {
  return "4711 (" + command + ") " + state +
         " 17 4711 4711 0 -1 4194560 10 0 0 0 1 2 0 0 20 0 3 0 987654 1000 5 "
         "18446744073709551615\n";
}

}  // namespace

TEST_CASE("memtrack: a stat line gives who, whose, since when and how many threads") {
  const auto stat = ParseProcessStat(StatLine("server"));
  REQUIRE(stat.has_value());
  CHECK(stat->pid == 4711);
  CHECK(stat->command == "server");
  CHECK(stat->state == 'S');
  CHECK(stat->parent_pid == 17);
  CHECK(stat->threads == 3);
  CHECK(stat->start_time == 987654);
  CHECK_FALSE(stat->is_kernel_thread);
}

TEST_CASE("memtrack: a process may be called what it likes") {
  const struct {
    std::string written, meant;
  } kNames[] = {{"a) R 1 (b", "a) R 1 (b"},
                {"", ""},
                {"((", "(("},
                {"))", "))"},
                {"x\\ny", "x\ny"},
                {"x\\\\ny", "x\\ny"},
                {"end\\", "end\\"},
                {"\xff\x01", "\xff\x01"}};
  for (const auto& name : kNames) {
    const auto stat = ParseProcessStat(StatLine(name.written));
    REQUIRE(stat.has_value());
    CHECK(stat->command == name.meant);
    CHECK(stat->start_time == 987654);
  }
}

TEST_CASE("memtrack: states of a process") {
  CHECK(ParseProcessStat(StatLine("x", "T"))->is_stopped());
  CHECK(ParseProcessStat(StatLine("x", "t"))->is_stopped());
  CHECK(ParseProcessStat(StatLine("x", "Z"))->is_dead());
  CHECK_FALSE(ParseProcessStat(StatLine("x", "R"))->is_dead());
  const auto kernel =
      ParseProcessStat("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 3 0");
  REQUIRE(kernel.has_value());
  CHECK(kernel->is_kernel_thread);
}

TEST_CASE("memtrack: what is no stat line is none, wherever it ends") {
  const std::string whole = StatLine("a) b");
  const std::size_t needed = whole.find("987654");
  for (std::size_t length = 0; length <= needed; ++length) {
    CHECK_FALSE(ParseProcessStat(whole.substr(0, length)).has_value());
  }
  CHECK_FALSE(ParseProcessStat("x (y) S 1").has_value());
  CHECK_FALSE(ParseProcessStat(") (").has_value());
}

TEST_CASE("memtrack: pages, cgroup and namespaces") {
  CHECK(ParseProcessPages("100 50 25 1 0 10 0\n") == ProcessPages{100, 25});
  CHECK_FALSE(ParseProcessPages("100 50").has_value());
  CHECK(ParseCgroup("0::/user.slice/app.scope\n") == "/user.slice/app.scope");
  CHECK(ParseCgroup("5:memory:/box\n1:name=systemd:/init\n0::/\n") == "/init");
  CHECK(ParseCgroup("5:memory:/box\n0::/\n") == "/box");
  CHECK(ParseCgroup("0::/\n") == "/");
  CHECK(ParseCgroup("0::/a:b\n") == "/a:b");
  CHECK(ParseCgroup("nonsense").empty());
  CHECK(ParseNamespace("mnt:[4026531841]") == 4026531841U);
  CHECK_FALSE(ParseNamespace("mnt:[x]").has_value());
  CHECK_FALSE(ParseNamespace("mnt:[12").has_value());
}

TEST_CASE("memtrack: the user of a process is one, or not said") {
  CHECK(ParseUser("Name:\tx\nUid:\t1000\t1000\t1000\t1000\nGid:\t5\n") == 1000U);
  CHECK_FALSE(ParseUser("Uid:\t1000\t0\t0\t0\n").has_value());
  CHECK_FALSE(ParseUser("Uid:\t1000\t1000\n").has_value());
  CHECK_FALSE(ParseUser("Uid:\tx\n").has_value());
  CHECK_FALSE(ParseUser("Name:\tUid:\n").has_value());
}
