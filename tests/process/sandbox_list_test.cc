// docs/sandbox.md has the list of RequiredSyscalls as a table, and this test writes it there:
// BATONC_BLESS=1.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <latch>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <baton/sandbox.h>

#include "tests/support/golden.h"
#include "tests/support/guarded.h"
#include "tests/support/peer.h"
#include "tests/support/sealed_memory.h"
#include "tests/support/skip.h"

namespace baton::testing {
namespace {

constexpr std::array kRoles = {SandboxRole::kChild, SandboxRole::kClient, SandboxRole::kListener,
                               SandboxRole::kLauncher};
constexpr std::array kRoleNames = {"`kChild`", "`kClient`", "`kListener`", "`kLauncher`"};
constexpr SandboxNeeds kLittle = {.makes_memory = false, .makes_loops = false};

std::string OwnerName(SyscallOwner owner) {
  switch (owner) {
    case SyscallOwner::kBaton: return "Baton";
    case SyscallOwner::kAsio: return "Asio";
    case SyscallOwner::kLibrary: return "C library";
  }
  return "";
}

// What makes a row of the table, but for who needs it.
struct Row {
  std::string call;
  std::string only;
  std::string owner;
  std::string purpose;
  auto operator<=>(const Row&) const = default;
};

Row RowOf(const SystemCall& call) {
  std::string only = call.condition_text;
  if (call.refuse_with == EPERM) only = "refused: EPERM";
  if (call.refuse_with == EACCES) only = "refused: EACCES";
  if (call.refuse_with == ENOSYS) only = "refused: ENOSYS";
  return {"`" + call.name + "`", only, OwnerName(call.owner), call.purpose};
}

std::set<Row> RowsOf(SandboxRole role, const SandboxNeeds& needs) {
  std::set<Row> rows;
  for (const SystemCall& call : RequiredSyscalls(role, needs)) rows.insert(RowOf(call));
  return rows;
}

std::string Roles(const Row& row) {
  std::string roles;
  std::size_t count = 0;
  for (std::size_t i = 0; i < kRoles.size(); ++i) {
    if (!RowsOf(kRoles[i], kLittle).contains(row)) continue;
    if (count++ > 0) roles += ", ";
    roles += kRoleNames[i];
  }
  return count == kRoles.size() ? "all" : roles;
}

std::string NeededBy(const Row& row) {
  const SandboxRole child = SandboxRole::kChild;
  SandboxNeeds memory = kLittle;
  SandboxNeeds loops = kLittle;
  memory.makes_memory = true;
  loops.makes_loops = true;
  SandboxNeeds threads = kLittle;
  threads.starts_threads = true;
  const bool in_little = RowsOf(child, kLittle).contains(row);
  if (in_little && !RowsOf(child, memory).contains(row)) return "without `makes_memory`";
  if (in_little && !RowsOf(child, threads).contains(row)) return "without `starts_threads`";
  if (const std::string roles = Roles(row); !roles.empty()) return roles;
  if (RowsOf(child, memory).contains(row)) return "`makes_memory`";
  if (RowsOf(child, loops).contains(row)) return "`makes_loops`";
  return "`starts_threads`";
}

// Each row once, in the order of the lists.
std::vector<Row> AllRows() {
  std::vector<Row> rows;
  const auto append = [&](SandboxRole role, const SandboxNeeds& needs) {
    for (const SystemCall& call : RequiredSyscalls(role, needs)) {
      const Row row = RowOf(call);
      if (std::ranges::find(rows, row) == rows.end()) rows.push_back(row);
    }
  };
  for (const SandboxRole role : kRoles) append(role, {.starts_threads = true});
  for (const SandboxRole role : kRoles) {
    append(role, {.makes_memory = false, .starts_threads = true});
  }
  for (const SandboxRole role : kRoles) append(role, {});
  return rows;
}

std::string Table() {
  std::string table = "\n| call | only | whose | needed by | for |\n|---|---|---|---|---|\n";
  for (const Row& row : AllRows()) {
    table += "| " + row.call + " | " + row.only + " | " + row.owner + " | " + NeededBy(row) +
             " | " + row.purpose + " |\n";
  }
  return table + "\n";
}

TEST_CASE("sandbox: the table of docs/sandbox.md is the list") {
  SKIP_UNLESS_SEALED();
  if (SystemCallNamed("epoll_wait").number < 0) SKIP_TEST("the page is about x86-64");
  const std::string path = BATON_SOURCE_DIR "/docs/sandbox.md";
  const std::string begin = "<!-- the list: written by sandbox_list_test.cc -->\n";
  const std::string end = "<!-- the end of the list -->\n";
  const std::string page = ReadFile(path);
  const std::size_t from = page.find(begin);
  const std::size_t to = page.find(end);
  REQUIRE(from != std::string::npos);
  REQUIRE(to != std::string::npos);
  CompareGolden(path, page.substr(0, from + begin.size()) + Table() + page.substr(to));
}

TEST_CASE("sandbox: no list says two things about one call") {
  for (const SandboxRole role : kRoles) {
    for (const bool makes_memory : {true, false}) {
      for (const bool starts_threads : {true, false}) {
        std::map<std::string, std::set<int>> answers;
        std::set<Row> seen;
        const SandboxNeeds needs = {.makes_memory = makes_memory, .starts_threads = starts_threads};
        for (const SystemCall& call : RequiredSyscalls(role, needs)) {
          CAPTURE(call.name);
          answers[call.name].insert(call.refuse_with);
          CHECK(answers[call.name].size() == 1);
          CHECK(seen.insert(RowOf(call)).second);
          CHECK(call.number >= 0);
          CHECK(call.conditions.empty() == call.condition_text.empty());
          CHECK_FALSE(call.purpose.empty());
        }
      }
    }
  }
}

TEST_CASE("sandbox: what is no list is an error, and nothing is locked up") {
  const Guarded guarded;
  CHECK(ApplySandbox({}).error() == std::errc::invalid_argument);
  const std::vector<SystemCall> unknown = {SystemCallNamed("no_such_call")};
  CHECK(ApplySandbox(unknown).error() == std::errc::invalid_argument);
  std::vector<SystemCall> seventh = {SystemCallNamed("read")};
  seventh[0].conditions = {{.index = 6, .mask = 1, .value = 1}};
  CHECK(ApplySandbox(seventh).error() == std::errc::invalid_argument);
  CHECK(SystemCallName(SystemCallNamed("openat").number) == "openat");
  CHECK(SystemCallName(100'000) == "system call 100000");
}

// Gives the calling thread, and no other, a filter that lets everything through.
bool FilterThisThread() {
  sock_filter allow = {.code = BPF_RET | BPF_K, .jt = 0, .jf = 0, .k = SECCOMP_RET_ALLOW};
  const sock_fprog program = {.len = 1, .filter = &allow};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

PEER(HasAFilteredThread) {
  std::latch is_filtered(1);
  std::latch may_end(1);
  std::thread other([&] {
    PEER_EXPECT(FilterThisThread());
    is_filtered.count_down();
    may_end.wait();
  });
  is_filtered.wait();
  const auto applied = ApplySandbox(RequiredSyscalls(SandboxRole::kChild));
  PEER_EXPECT(!applied && applied.error() == std::errc::no_such_process);
  const platform::Handle outside(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  PEER_EXPECT(outside);  // and it lives
  may_end.count_down();
  other.join();
}

TEST_CASE("sandbox: a thread with a filter of its own is an error, and nothing is locked up") {
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, HasAFilteredThread);
  peer.Join();
}

}  // namespace
}  // namespace baton::testing
