// Any bytes at all, in place of what /proc says: each parser gives something or nothing, in bounds.
// Whoever makes a process decides about names, and a recorded tree may hold anything.
#include <catch2/catch.hpp>
#include <cstdint>
#include <random>
#include <string>

#include "tools/memtrack/scan/descriptor_info.h"
#include "tools/memtrack/scan/link_target.h"
#include "tools/memtrack/scan/machine.h"
#include "tools/memtrack/scan/mapped_range.h"
#include "tools/memtrack/scan/mount_table.h"
#include "tools/memtrack/scan/process_stat.h"
#include "tools/memtrack/scan/sysv_table.h"

using namespace memtrack;

namespace {

const char* const kTexts[] = {
    "4711 (a) b) S 17 4711 4711 0 -1 4194560 10 0 0 0 1 2 0 0 20 0 3 0 987654 1000 5",
    "100 50 25 1 0 10 0\n",
    "5:memory:/box\n1:name=systemd:/init\n0::/\n",
    "mnt:[4026531841]",
    "pos:\t0\nflags:\t02100002\nino:\t1028\nscm_fds: 3\nsize:\t5\nexp_name:\tx\nname:\ty\n",
    "7f0000001000-7f0000003000 rw-s 00002000 00:01 1028   /memfd:a\\012b (deleted)",
    "/memfd:x (deleted)",
    "/dev/shm/x (deleted)",
    "socket:[4711]",
    "25 24 0:23 / /dev/shm\\040 rw,relatime shared:1 - tmpfs tmpfs rw\n",
    "Shmem:            8872 kB\n",
    "Name:\tx\nUid:\t1000\t1000\t1000\t1000\n",
    "cpu 1 2\nbtime 1700000000\n",
    "key shmid\n 0 0 600 4096 17 17 1 1000 1000 1001 1001 0 0 1700000000 4096 8192\n",
};

// Gives `text` to every parser. The sum keeps the calls from being optimized away, and is the same
// for the same text.
std::size_t ParseAsAll(const std::string& text) {
  std::size_t sum = 0;
  if (const auto stat = ParseProcessStat(text)) sum += stat->command.size();
  sum += ParseProcessPages(text).has_value() + ParseCgroup(text).size();
  sum += ParseNamespace(text).has_value() + ParseSocket(text).has_value();
  const DescriptorInfo info = ParseDescriptorInfo(text);
  sum += info.dmabuf_name.size() + info.scm_fds % 2;
  if (const auto line = ParseMappingLine(text)) {
    CHECK(line->range.begin <= line->range.end);
    CHECK(line->path.size() <= text.size());
    sum += UnescapedPath(line->path).size();
  }
  const MountTable mounts = ParseMountInfo(text);
  sum += mounts.tmpfs.size();
  if (const auto named = ClassifyTarget(text, mounts)) {
    CHECK(named->name.size() <= text.size());
    sum += DeviceFits(*named, kKernelMount, mounts);
  }
  sum += ParseUser(text).has_value() + ParseBootTime(text).has_value();
  return sum + ParseShmem(text).has_value() + ParseSysVTable(text).size();
}

std::string Changed(std::string text, std::mt19937& dice) {
  for (unsigned changes = 1 + dice() % 4; changes > 0; --changes) {
    const std::size_t at = text.empty() ? 0 : dice() % text.size();
    switch (dice() % 4) {
      case 0: text.resize(at); break;
      case 1: text.insert(at, 1, static_cast<char>(dice())); break;
      case 2: text.insert(at, kTexts[dice() % std::size(kTexts)]); break;
      case 3:
        if (!text.empty()) text[at] = static_cast<char>(dice());
    }
  }
  return text;
}

}  // namespace

TEST_CASE("memtrack: the parsers take any bytes") {
  std::mt19937 dice(4711);
  std::size_t first = 0, again = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = Changed(kTexts[dice() % std::size(kTexts)], dice);
    first += ParseAsAll(text);
    again += ParseAsAll(text);
  }
  CHECK(first == again);
  CHECK(first > 20'000);  // some of it was understood
}
