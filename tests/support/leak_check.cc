#include "tests/support/leak_check.h"

#include <dirent.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>
#include <string_view>

namespace baton::testing {
namespace {

namespace fs = std::filesystem;

std::map<std::string, int> Descriptors() {
  std::map<std::string, int> found;
  DIR* const folder = opendir("/proc/self/fd");
  REQUIRE(folder != nullptr);
  while (const dirent* const entry = readdir(folder)) {
    const std::string name = entry->d_name;
    if (name.starts_with('.') || name == std::to_string(dirfd(folder))) continue;
    std::error_code gone;
    const fs::path target = fs::read_symlink("/proc/self/fd/" + name, gone);
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
    if (path.starts_with("/memfd:") || path.starts_with("/dev/shm/")) {
      ++found[path + ", inode " + inode];
    }
  }
  return found;
}

// The second to fourth field of /proc/PID/stat: "(name) S 4711". The name may hold anything.
std::map<std::string, int> Children() {
  std::map<std::string, int> found;
  for (const fs::directory_entry& process : fs::directory_iterator("/proc")) {
    const std::string pid = process.path().filename();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    std::string stat;
    std::getline(std::ifstream(process.path() / "stat"), stat);
    const std::size_t name = stat.find('('), end = stat.rfind(')');
    if (name == std::string::npos || end == std::string::npos) continue;  // it has just ended
    std::istringstream rest(stat.substr(end + 1));
    std::string state;
    int parent = 0;
    rest >> state >> parent;
    if (parent == getpid()) ++found["process " + pid + " " + stat.substr(name, end + 1 - name)];
  }
  return found;
}

std::map<std::string, int> SharedNames() {
  std::map<std::string, int> found;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator("/dev/shm", none)) {
    if (entry.path().filename().string().starts_with("baton")) ++found[entry.path()];
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

}  // namespace

OpenResources OpenResources::Now() {
  return {Descriptors(), Mappings(), Children(), SharedNames()};
}

std::string DescribeLeaks(const OpenResources& before, const OpenResources& after) {
  return Surplus("file descriptors", before.descriptors, after.descriptors) +
         Surplus("mappings of shared memory", before.mappings, after.mappings) +
         Surplus("child processes", before.children, after.children) +
         Surplus("names in /dev/shm", before.shared_names, after.shared_names);
}

LeakCheck::~LeakCheck() {
  const std::string leaks = DescribeLeaks(before_, OpenResources::Now());
  if (!leaks.empty()) FAIL_CHECK("leaked: " << leaks);
}

}  // namespace baton::testing
