// What /proc says about a process as a whole. Pure functions over its text; source: proc(5) and
// fs/proc/array.c.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace memtrack {

struct ProcessStat {
  int pid = 0;
  std::string command;
  char state = '?';
  int parent_pid = 0;
  bool is_kernel_thread = false;  // has no memory and no descriptors of its own
  int threads = 0;
  std::uint64_t start_time = 0;  // clock ticks since boot

  bool is_stopped() const { return state == 'T' || state == 't'; }
  bool is_dead() const { return state == 'Z' || state == 'X'; }
};

// Of /proc/PID/stat. The name may hold anything, also what looks like the end of the name.
std::optional<ProcessStat> ParseProcessStat(std::string_view text);

// What of /proc/PID/statm moves when shared memory is mapped, touched or unmapped.
struct ProcessPages {
  std::uint64_t size = 0;    // pages
  std::uint64_t shared = 0;  // resident pages of files and of shared memory
  friend bool operator==(const ProcessPages&, const ProcessPages&) = default;
};
std::optional<ProcessPages> ParseProcessPages(std::string_view text);

// Of /proc/PID/cgroup: the path in the unified hierarchy; where that says nothing ("/"), the one
// that systemd or the memory controller has. Empty when there is none.
std::string ParseCgroup(std::string_view text);

// Of /proc/PID/status: the user that it runs as, or std::nullopt where that are several (real,
// effective, saved, of files): a program that has changed its user.
std::optional<std::uint32_t> ParseUser(std::string_view text);

// The number in "mnt:[4026531840]".
std::optional<std::uint64_t> ParseNamespace(std::string_view link);

}  // namespace memtrack
