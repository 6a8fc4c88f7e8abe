#include "tests/support/leak_check.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>
#include <string_view>
#include <thread>
#include <vector>

#include <baton/platform/account/registry_format.h>
#include <baton/platform/memory_backend.h>
#include <baton/platform/received_handle.h>
#include "tests/support/memory_observer.h"
#include "tests/support/patience.h"

namespace baton::testing {
namespace {

namespace fs = std::filesystem;

// A process makes one, once, and keeps it.
bool IsRegistry(const fs::path& target) {
  return target.string().starts_with(std::string("/memfd:") + platform::kRegistryName);
}

std::map<std::string, int> Descriptors() {
  std::map<std::string, int> found;
  DIR* const folder = opendir("/proc/self/fd");
  REQUIRE(folder != nullptr);
  while (const dirent* const entry = readdir(folder)) {
    const std::string name = entry->d_name;
    if (name.starts_with('.') || name == std::to_string(dirfd(folder))) continue;
    std::error_code gone;
    const fs::path target = fs::read_symlink("/proc/self/fd/" + name, gone);
    // Of platform::MemoryPressure, which a process opens once and keeps.
    if (target == "/proc/pressure/memory" || IsRegistry(target)) continue;
    if (!gone) ++found["fd " + name + " -> " + target.string()];
  }
  closedir(folder);
  return found;
}

std::map<std::string, int> Mappings() {
  std::map<std::string, int> found;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields(line);
    std::string range, access, offset, device, inode, path;
    fields >> range >> access >> offset >> device >> inode;
    std::getline(fields >> std::ws, path);
    if (IsRegistry(path)) continue;
    if (path.starts_with("/memfd:") || path.starts_with("/dev/shm/")) {
      ++found[path + ", inode " + inode];
    }
  }
  return found;
}

struct Family {
  std::map<std::string, int> children;  // as OpenResources::children
  std::vector<int> processes;           // this one and they
};

std::vector<int> AllProcesses() {
  std::vector<int> processes;
  for (const fs::directory_entry& process : fs::directory_iterator("/proc")) {
    const std::string pid = process.path().filename();
    if (pid.find_first_not_of("0123456789") == std::string::npos) {
      processes.push_back(std::stoi(pid));
    }
  }
  return processes;
}

struct NameAndParent {
  std::string name;  // "(name)", of whatever characters
  int parent = 0;    // 0: it has just ended
};

// The second to fourth field of /proc/PID/stat: "(name) S 4711".
NameAndParent LookAt(int process) {
  std::string stat;
  std::getline(std::ifstream("/proc/" + std::to_string(process) + "/stat"), stat);
  const std::size_t name = stat.find('('), end = stat.rfind(')');
  if (name == std::string::npos || end == std::string::npos) return {};
  std::istringstream rest(stat.substr(end + 1));
  std::string state;
  NameAndParent found = {stat.substr(name, end + 1 - name), 0};
  rest >> state >> found.parent;
  return found;
}

Family FindFamily() {
  Family family = {{}, {getpid()}};
  for (const int process : AllProcesses()) {
    const NameAndParent found = LookAt(process);
    if (found.parent != getpid()) continue;
    ++family.children["process " + std::to_string(process) + " " + found.name];
    family.processes.push_back(process);
  }
  return family;
}

bool IsOfOurs(int process) {
  while (process > 1 && process != getpid()) process = LookAt(process).parent;
  return process == getpid();
}

// What anybody makes has its name for some microseconds.
bool StaysThere(const fs::path& path) {
  constexpr int kLooks = 1000;
  std::error_code gone;
  for (int look = 0; look < kLooks; ++look) {
    if (!fs::exists(fs::symlink_status(path, gone))) return false;
    std::this_thread::yield();
  }
  return true;
}

bool HasOpen(int process, const struct stat& object) {
  std::error_code gone;
  const fs::path folder = "/proc/" + std::to_string(process) + "/fd";
  for (fs::directory_iterator fd(folder, gone), end; !gone && fd != end; fd.increment(gone)) {
    struct stat opened = {};
    if (::stat(fd->path().c_str(), &opened) != 0) continue;
    if (opened.st_dev == object.st_dev && opened.st_ino == object.st_ino) return true;
  }
  return false;
}

// A name says nothing of its maker, who has the object open. Left behind by somebody who has ended
// it counts where processes make such memory at all: another program's cannot be told from it.
bool IsNameOfOurs(const fs::path& path) {
  struct stat object = {};
  if (::stat(path.c_str(), &object) != 0) return false;
  bool has_others = false;
  for (const int process : AllProcesses()) {
    if (!HasOpen(process, object)) continue;
    if (IsOfOurs(process)) return true;
    has_others = true;
  }
  const bool makes_names = platform::CurrentMemoryBackend() == platform::MemoryBackend::kPosixShm;
  return !has_others && makes_names;
}

std::map<std::string, int> SharedNames() {
  std::map<std::string, int> found;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator("/dev/shm", none)) {
    const fs::path& path = entry.path();
    const bool is_batons = path.filename().string().starts_with("baton");
    if (is_batons && StaysThere(path) && IsNameOfOurs(path)) ++found[path];
  }
  return found;
}

int Total(const std::map<std::string, int>& found) {
  return std::accumulate(found.begin(), found.end(), 0,
                         [](int sum, const auto& one) { return sum + one.second; });
}

std::string Surplus(std::string_view what, const std::map<std::string, int>& before,
                    const std::map<std::string, int>& after) {
  const int surplus = Total(after) - Total(before);
  if (surplus <= 0) return "";
  std::ostringstream text;
  text << surplus << " more " << what << " than before:\n";
  for (const auto& [name, count] : after) {
    const auto earlier = before.find(name);
    if (earlier == before.end() || earlier->second < count) text << "  " << name << "\n";
  }
  return text.str();
}

// All that `now` says of this process and of children that were not there before. What a child that
// stays holds is its own affair, and changes.
HeldMemory MemoryThatCounts(const OpenResources& before, const OpenResources& now) {
  HeldMemory held;
  for (const auto& [pid, memory] : now.baton_memory) {
    if (pid != getpid() && before.baton_memory.contains(pid)) continue;
    for (const auto& [name, count] : memory) held[name] += count;
  }
  return held;
}

}  // namespace

void AwaitForeignHandles() {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (platform::ForeignHandlesOpen() > 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
  }
}

OpenResources OpenResources::Now() {
  const Family family = FindFamily();
  return {Descriptors(), Mappings(), family.children, SharedNames(),
          BatonMemoryHeldBy(family.processes)};
}

std::string DescribeLeaks(const OpenResources& before, const OpenResources& after) {
  return Surplus("file descriptors", before.descriptors, after.descriptors) +
         Surplus("mappings of shared memory", before.mappings, after.mappings) +
         Surplus("child processes", before.children, after.children) +
         Surplus("names in /dev/shm", before.shared_names, after.shared_names) +
         Surplus("holds of Baton's memory, as memtrack sees it,", MemoryThatCounts(before, before),
                 MemoryThatCounts(before, after));
}

LeakCheck::~LeakCheck() {
  AwaitForeignHandles();
  const std::string leaks = DescribeLeaks(before_, OpenResources::Now());
  if (!leaks.empty()) FAIL_CHECK("leaked: " << leaks);
}

}  // namespace baton::testing
