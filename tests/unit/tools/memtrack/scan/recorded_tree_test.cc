// A scan of a recorded /proc: of it only names and texts are read.
#include <sys/sysmacros.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "tests/support/must.h"
#include "tests/support/scratch_folder.h"
#include "tools/memtrack/scan/mount_table.h"
#include "tools/memtrack/scan/scanner.h"

using namespace memtrack;
using baton::testing::Must;
using baton::testing::ScratchFolder;

namespace {

namespace fs = std::filesystem;

std::string Stat(int pid, const std::string& name, const std::string& state, int threads) {
  return std::to_string(pid) + " (" + name + ") " + state +
         " 1 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 " + std::to_string(threads) + " 0 777 0 0\n";
}

class Recording {
 public:
  Recording() {
    folder_.Write("meminfo", "MemTotal: 10 kB\nShmem:  100 kB\n");
    folder_.Write("self/mountinfo", "25 24 0:23 / /dev/shm rw - tmpfs tmpfs rw\n");
  }

  // `task` is a folder of a process or thread, named from the root.
  void AddTask(const std::string& task, const std::string& stat, const std::string& maps) {
    folder_.Write(task + "/stat", stat);
    folder_.Write(task + "/maps", maps);
    fs::create_directories(folder_.path() / task / "fd");
    fs::create_directories(folder_.path() / task / "fdinfo");
  }
  void AddDescriptor(const std::string& task, int number, const std::string& target,
                     const std::string& info) {
    fs::create_symlink(target, folder_.path() / task / "fd" / std::to_string(number));
    folder_.Write(task + "/fdinfo/" + std::to_string(number), info);
  }

  void Write(const std::string& name, const std::string& text) { folder_.Write(name, text); }

  Snapshot Scan() const {
    ScanOptions options;
    options.proc_root = folder_.path();
    return Must(Must(Scanner::Create(options)).Scan());
  }

 private:
  ScratchFolder folder_;
};

}  // namespace

TEST_CASE("memtrack: a recorded process holds what its names and texts say") {
  Recording recording;
  recording.AddTask("42", Stat(42, "client", "S", 1),
                    "1000-3000 rw-s 00000000 00:01 900 /memfd:pool (deleted)\n"
                    "4000-5000 r-xp 00000000 fe:00 12 /usr/bin/client\n"
                    "6000-7000 rw-p 00000000 00:00 0 [heap]\n"
                    "8000-9000 rw-s 00000000 00:01 0 /SYSV00000000 (deleted)\n");
  recording.AddDescriptor("42", 5, "/memfd:pool (deleted)", "flags:\t02000002\nino:\t900\n");
  recording.AddDescriptor("42", 6, "/dev/shm/named", "flags:\t0\nino:\t31\n");
  recording.AddDescriptor("42", 7, "socket:[55]", "flags:\t02\nscm_fds: 2\n");
  recording.AddDescriptor("42", 8, "/dev/null", "flags:\t02\nino:\t4\n");

  const Snapshot snapshot = recording.Scan();
  const ProcessKey client = {42, 777};
  const SegmentKey pool = {kKernelMount, 900, SegmentKind::kMemfd};
  const SegmentKey named = {makedev(0, 23), 31, SegmentKind::kPosix};
  const SegmentKey sysv = {kKernelMount, 0, SegmentKind::kSysV};
  REQUIRE(snapshot.processes.size() == 1);
  CHECK(snapshot.processes[0].key == client);
  CHECK(snapshot.processes[0].command == "client");
  REQUIRE(snapshot.segments.size() == 3);
  CHECK(snapshot.segments[0].key == sysv);
  CHECK(snapshot.segments[1].key == pool);
  CHECK(snapshot.segments[1].name == "pool");
  CHECK(snapshot.segments[2].key == named);
  CHECK(snapshot.segments[2].name == "/dev/shm/named");
  REQUIRE(snapshot.descriptors.size() == 2);
  CHECK(snapshot.descriptors[0].segment == pool);
  CHECK(snapshot.descriptors[0].is_close_on_exec);
  CHECK(snapshot.descriptors[0].is_writable);
  CHECK(snapshot.descriptors[1].segment == named);
  CHECK_FALSE(snapshot.descriptors[1].is_close_on_exec);
  REQUIRE(snapshot.mappings.size() == 2);
  CHECK(snapshot.mappings[0].segment == pool);
  CHECK(snapshot.mappings[0].length == 0x2000);
  CHECK(snapshot.mappings[1].segment == sysv);
  REQUIRE(snapshot.in_flight.size() == 1);
  CHECK(snapshot.in_flight[0].receiver == client);
  CHECK(snapshot.in_flight[0].descriptors == 2);
  CHECK(snapshot.in_flight[0].segments.empty());
  CHECK(snapshot.machine.shmem == 100 * 1024);
  CHECK(snapshot.coverage.read == 1);
  CHECK(snapshot.coverage.unsized_segments == 3);
  CHECK(snapshot.coverage.closed_sockets == 1);
  CHECK_FALSE(snapshot.since_boot.has_value());
}

TEST_CASE("memtrack: a recorded machine says when it was booted") {
  Recording recording;
  const auto [text, booted_at] = GENERATE(table<std::string, std::int64_t>({
      {"cpu  1 2 3\nbtime 1700000000\nprocesses 5\n", 1'700'000'000'000'000'000},
      {"btime 9223372036854775807\n", 0},
      {"btime -5\n", 0},
      {"btime x\n", 0},
      {"cpu 1\n", 0},
  }));
  INFO(text);
  recording.Write("stat", text);
  const Snapshot snapshot = recording.Scan();
  REQUIRE(snapshot.since_boot.has_value() == (booted_at != 0));
  if (booted_at != 0) CHECK(snapshot.taken_at - *snapshot.since_boot == booted_at);
}

TEST_CASE("memtrack: a recorded thread may have a table of its own") {
  Recording recording;
  recording.AddTask("42", Stat(42, "x", "S", 3), "");
  recording.AddTask("42/task/42", Stat(42, "x", "S", 3), "");
  recording.AddTask("42/task/43", Stat(43, "x", "S", 3), "");
  recording.AddTask("42/task/44", Stat(44, "x", "S", 3), "");
  recording.AddDescriptor("42/task/44", 3, "/memfd:hidden (deleted)", "flags:\t02\nino:\t7\n");
  const Snapshot snapshot = recording.Scan();
  REQUIRE(snapshot.descriptors.size() == 1);
  CHECK(snapshot.descriptors[0].process.pid == 42);
  CHECK(snapshot.descriptors[0].thread == 44);
}

TEST_CASE("memtrack: a recorded process goes on without its first thread") {
  Recording recording;
  recording.AddTask("42", Stat(42, "x", "Z", 2), "");
  recording.AddTask("42/task/42", Stat(42, "x", "Z", 2), "");
  recording.AddTask("42/task/43", Stat(43, "x", "S", 2),
                    "1000-2000 rw-s 00000000 00:01 7 /memfd:left (deleted)\n");
  recording.AddDescriptor("42/task/43", 3, "/memfd:left (deleted)", "flags:\t02\nino:\t7\n");
  const Snapshot snapshot = recording.Scan();
  REQUIRE(snapshot.processes.size() == 1);
  CHECK(snapshot.processes[0].leader_is_dead);
  CHECK(snapshot.descriptors.size() == 1);
  REQUIRE(snapshot.mappings.size() == 1);
  CHECK(snapshot.mappings[0].process.pid == 42);
}

TEST_CASE("memtrack: what a recording lacks costs only what it was") {
  Recording recording;
  recording.AddTask("42", Stat(42, "x", "Z", 1), "");
  recording.AddTask("43", "nonsense", "");
  recording.Write("44/stat", Stat(44, "y", "S", 1));
  recording.Write("notanumber/stat", Stat(45, "z", "S", 1));
  const Snapshot snapshot = recording.Scan();
  REQUIRE(snapshot.processes.size() == 1);
  CHECK(snapshot.processes[0].key.pid == 42);
  CHECK_FALSE(snapshot.processes[0].leader_is_dead);
  CHECK(snapshot.coverage.read == 1);
  CHECK(snapshot.coverage.gone == 2);
}

TEST_CASE("memtrack: there must be a folder to scan") {
  ScanOptions options;
  options.proc_root = "/nowhere/proc";
  const auto scanner = Scanner::Create(options);
  REQUIRE_FALSE(scanner.has_value());
  CHECK(scanner.error() == std::errc::no_such_file_or_directory);
}
