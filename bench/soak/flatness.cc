#include "bench/soak/flatness.h"

#include <dirent.h>
#include <malloc.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>

#include <baton/base/check.h>
#include <baton/platform/account/registry_format.h>

namespace soak {
namespace {

namespace fs = std::filesystem;

// A process makes one with its first segment, and keeps it.
bool IsRegistry(std::string_view path) {
  return path.starts_with(std::string("/memfd:") + baton::platform::kRegistryName);
}

bool IsSegment(std::string_view path) {
  return path.starts_with("/memfd:") || path.starts_with("/dev/shm/");
}

std::string SegmentName(const std::string& path, const std::string& inode) {
  return path + ", inode " + inode;
}

void LookAtDescriptors(Holdings& holdings) {
  DIR* const folder = ::opendir("/proc/self/fd");
  BATON_CHECK(folder != nullptr);
  while (const dirent* const entry = ::readdir(folder)) {
    const std::string name = entry->d_name;
    if (name.starts_with('.') || name == std::to_string(::dirfd(folder))) continue;
    std::error_code gone;
    const std::string target = fs::read_symlink("/proc/self/fd/" + name, gone);
    if (gone || IsRegistry(target)) continue;
    holdings.descriptors.insert(name + " -> " + target);
    if (!IsSegment(target)) continue;
    std::ifstream info("/proc/self/fdinfo/" + name);
    for (std::string key, value; info >> key >> value;) {
      if (key == "ino:") holdings.segments.insert(SegmentName(target, value));
    }
  }
  ::closedir(folder);
}

void LookAtMappings(Holdings& holdings) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line); ++holdings.mappings) {
    std::istringstream fields(line);
    std::string range, access, offset, device, inode, path;
    fields >> range >> access >> offset >> device >> inode;
    std::getline(fields >> std::ws, path);
    if (!IsSegment(path) || IsRegistry(path)) continue;
    ++holdings.shared_mappings;
    holdings.segments.insert(SegmentName(path, inode));
  }
}

// Those whose parent we are: the fourth field of /proc/PID/stat, "4711 (name) S 47 ...". The name
// may hold anything.
std::uint64_t CountChildren() {
  std::uint64_t count = 0;
  for (const fs::directory_entry& process : fs::directory_iterator("/proc")) {
    const std::string pid = process.path().filename();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    std::string stat;
    std::getline(std::ifstream(process.path() / "stat"), stat);
    const std::size_t end = stat.rfind(')');
    if (end == std::string::npos) continue;  // it has just ended
    std::istringstream rest(stat.substr(end + 1));
    std::string state;
    int parent = 0;
    rest >> state >> parent;
    if (parent == ::getpid()) ++count;
  }
  return count;
}

// The resident pages but for those of files and of shared memory.
std::uint64_t PrivateResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t size = 0, resident = 0, shared = 0;
  statm >> size >> resident >> shared;
  return (resident - shared) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void Compare(std::string& growth, std::string_view what, std::uint64_t first, std::uint64_t now,
             std::uint64_t allowed) {
  if (now <= first + allowed) return;
  std::ostringstream text;
  text << (growth.empty() ? "" : "; ") << what << " grew from " << first << " to " << now << ", by "
       << now - first << " where " << allowed << " are allowed";
  growth += text.str();
}

void NameNew(std::string& growth, const std::set<std::string>& first,
             const std::set<std::string>& now) {
  if (now.size() <= first.size()) return;
  for (const std::string& name : now) {
    if (!first.contains(name)) growth += "\n  " + name;
  }
}

}  // namespace

Holdings Holdings::Now() {
  Holdings holdings;
  ::malloc_trim(0);
  const struct mallinfo2 heap = ::mallinfo2();
  holdings.heap_bytes = heap.uordblks + heap.hblkhd;
  holdings.resident_bytes = PrivateResidentBytes();
  holdings.children = CountChildren();
  LookAtDescriptors(holdings);
  LookAtMappings(holdings);
  return holdings;
}

Burden BurdenOf(const Holdings& holdings) {
  return {.descriptors = holdings.descriptors.size(),
          .segments = holdings.segments.size(),
          .shared_mappings = holdings.shared_mappings,
          .mappings = holdings.mappings,
          .heap_bytes = holdings.heap_bytes};
}

std::string DescribeBoth(const Holdings& first, const Holdings& last) {
  std::ostringstream text;
  const auto add = [&](const char* what, std::uint64_t early, std::uint64_t late) {
    text << (text.tellp() > 0 ? ", " : "") << what << " " << early << " " << late;
  };
  add("descriptors", first.descriptors.size(), last.descriptors.size());
  add("segments", first.segments.size(), last.segments.size());
  add("mappings", first.mappings, last.mappings);
  add("children", first.children, last.children);
  add("heap bytes", first.heap_bytes, last.heap_bytes);
  add("resident bytes", first.resident_bytes, last.resident_bytes);
  return text.str();
}

std::string DescribeGrowth(const Burden& first, const Burden& now, const Allowance& allowance) {
  std::string growth;
  Compare(growth, "descriptors", first.descriptors, now.descriptors, 0);
  Compare(growth, "segments", first.segments, now.segments, 0);
  Compare(growth, "mappings of segments", first.shared_mappings, now.shared_mappings, 0);
  if (now.heap_bytes == 0) return growth;  // a sanitizer maps what it likes
  Compare(growth, "mappings", first.mappings, now.mappings, allowance.mappings);
  Compare(growth, "bytes on the heap", first.heap_bytes, now.heap_bytes, allowance.heap_bytes);
  return growth;
}

std::string DescribeGrowth(const Holdings& first, const Holdings& now, const Allowance& allowance) {
  std::string growth = DescribeGrowth(BurdenOf(first), BurdenOf(now), allowance);
  Compare(growth, "child processes", first.children, now.children, 0);
  if (now.heap_bytes != 0) {
    Compare(growth, "resident bytes", first.resident_bytes, now.resident_bytes,
            allowance.resident_bytes);
  }
  NameNew(growth, first.descriptors, now.descriptors);
  NameNew(growth, first.segments, now.segments);
  return growth;
}

}  // namespace soak
