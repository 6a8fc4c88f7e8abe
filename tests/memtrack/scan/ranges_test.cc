// PROCMAP_QUERY and the text of maps say the same.
#include <sys/mman.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/memtrack/scan/held_memory.h"
#include "tests/memtrack/scan/looks.h"
#include "tests/support/leak_check.h"
#include "tests/support/skip.h"
#include "tools/memtrack/scan/proc_folder.h"
#include "tools/memtrack/scan/range_query.h"
#include "tools/memtrack/scan/range_reader.h"

using namespace memtrack;
using namespace memtrack_test;
using baton::testing::LeakCheck;

namespace {

struct Named {
  MappedRange range;
  std::string path;
  friend bool operator==(const Named&, const Named&) = default;
};

std::vector<Named> ReadAll(const ProcFolder& process, bool prefers_text) {
  RangeReader reader = Must(RangeReader::Open(process, prefers_text));
  std::vector<Named> all;
  for (MappedRange range; Must(reader.Next(range));) {
    all.push_back({range, Must(reader.Path())});
  }
  return all;
}

bool HasQuery(const ProcFolder& process) {
  MappedRange range;
  const Handle maps = Must(process.File("maps"));
  return QueryRange(maps.get(), 0, range, nullptr).has_value();
}

class Mapped {
 public:
  Mapped(const Handle& file, std::size_t pages, int access, int flags)
      : pages_(pages), address_(MapPages(file, pages, access, flags)) {}
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  ~Mapped() { ::munmap(address_, pages_ * kPage); }

  std::uint64_t address() const { return reinterpret_cast<std::uint64_t>(address_); }

 private:
  const std::size_t pages_;
  void* const address_;
};

}  // namespace

TEST_CASE("memtrack: both ways to read mappings agree") {
  const LeakCheck leak_check;
  const ProcFolder self = Must(ProcFolder::Open("/proc/self"));
  if (!HasQuery(self)) SKIP_TEST("this kernel has no PROCMAP_QUERY (Linux 6.11)");
  const Handle memfd = MakeMemfd("odd \n name", 4, MFD_CLOEXEC);
  const Mapped shared(memfd, 4, PROT_READ | PROT_WRITE, MAP_SHARED);
  const Mapped copied(memfd, 1, PROT_READ, MAP_PRIVATE);
  const Mapped run(memfd, 1, PROT_READ | PROT_EXEC, MAP_SHARED);
  const Mapped revoked(memfd, 2, PROT_NONE, MAP_SHARED);
  const Mapped unnamed(Handle(), 3, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS);

  // The heap may grow by the reading itself, but no file's mapping does.
  const std::vector<Named> queried = ReadAll(self, false), read = ReadAll(self, true);
  CHECK(queried.size() > 8);
  REQUIRE(queried.size() == read.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    INFO(read[i].path);
    CHECK(queried[i] == read[i]);
  }
  const auto at = [&](const Mapped& mapped) -> MappedRange {
    for (const Named& one : queried) {
      if (one.range.begin <= mapped.address() && mapped.address() < one.range.end) return one.range;
    }
    return {};
  };
  CHECK(at(shared).is_writable);
  CHECK_FALSE(at(shared).is_private);
  CHECK(at(copied).is_private);
  CHECK(at(run).is_executable);
  CHECK_FALSE(at(revoked).is_readable);
  CHECK(at(revoked).end - at(revoked).begin == 2 * kPage);
  CHECK(at(unnamed).inode != 0);
}

TEST_CASE("memtrack: a process looks the same either way") {
  const LeakCheck leak_check;
  const Handle memfd = MakeMemfd("baton:either way");
  const Mapped shared(memfd, 1, PROT_READ, MAP_SHARED);
  ScanOptions options;
  options.processes = {::getpid()};
  options.includes_self = true;
  const Snapshot queried = Look(options);
  options.prefers_text_maps = true;
  const Snapshot read = Look(options);
  REQUIRE(queried.mappings.size() == read.mappings.size());
  CHECK(queried.segments.size() == read.segments.size());
  for (std::size_t i = 0; i < read.mappings.size(); ++i) {
    CHECK(queried.mappings[i].segment == read.mappings[i].segment);
    CHECK(queried.mappings[i].address == read.mappings[i].address);
  }
  const Segment* const segment = Find(read, "baton:either way");
  REQUIRE(segment != nullptr);
  CHECK(Of(read.mappings, segment->key).size() == 1);
}

TEST_CASE("memtrack: where PROCMAP_QUERY is not there, the text is read") {
  const LeakCheck leak_check;
  MappedRange range;
  const Handle file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const auto asked = QueryRange(file.get(), 0, range, nullptr);
  REQUIRE_FALSE(asked.has_value());
  CHECK(asked.error() == std::errc::inappropriate_io_control_operation);
}
