// What a process holds, and whether that has grown.
#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include <baton/platform/handle.h>
#include <baton/platform/process.h>

#include "bench/soak/flatness.h"
#include "tests/support/must.h"
#include "tests/support/sanitizer.h"

namespace soak::testing {
namespace {

using baton::platform::Handle;
using baton::platform::Process;

std::string GrowthSince(const Holdings& first, const Allowance& allowance = {}) {
  // What the test framework does beside it.
  const Allowance rest = {.mappings = allowance.mappings + 16,
                          .heap_bytes = allowance.heap_bytes + (64 << 10),
                          .resident_bytes = allowance.resident_bytes + (8 << 20)};
  return DescribeGrowth(first, Holdings::Now(), rest);
}

bool Names(const std::string& growth, const std::string& what) {
  return growth.find(what) != std::string::npos;
}

TEST_CASE("soak: a process that has let go of everything has not grown") {
  const Holdings first = Holdings::Now();
  { const Handle file(::dup(STDERR_FILENO)); }
  CHECK(GrowthSince(first).empty());
}

TEST_CASE("soak: each sort of thing that is held too much is named, with both numbers") {
  const Holdings first = Holdings::Now();
  SECTION("a descriptor") {
    const Handle file(::dup(STDERR_FILENO));
    const std::string growth = GrowthSince(first);
    CHECK(Names(growth, "descriptors grew from " + std::to_string(first.descriptors.size()) +
                            " to " + std::to_string(first.descriptors.size() + 1)));
    CHECK(Names(growth, "\n  " + std::to_string(file.get()) + " -> "));
  }
  SECTION("a segment that is mapped and has no descriptor") {
    void* mapped = nullptr;
    {
      const Handle segment(::memfd_create("held", MFD_CLOEXEC));
      REQUIRE(::ftruncate(segment.get(), 4096) == 0);
      mapped = ::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, segment.get(), 0);
    }
    REQUIRE(mapped != MAP_FAILED);
    const std::string growth = GrowthSince(first);
    CHECK(Names(growth, "segments grew"));
    CHECK(Names(growth, "mappings of segments grew"));
    CHECK(Names(growth, "/memfd:held"));
    CHECK(::munmap(mapped, 4096) == 0);
  }
  SECTION("a child") {
    const Process child = baton::testing::Must(Process::Launch({"/bin/cat"}, {}));
    CHECK(Names(GrowthSince(first), "child processes grew"));
  }
  SECTION("memory") {
    if (baton::testing::IsSanitized()) return;  // the heap is the sanitizer's
    const auto memory = std::make_unique<char[]>(4 << 20);
    CHECK(Names(GrowthSince(first), "bytes on the heap grew"));
    CHECK(GrowthSince(first, {.heap_bytes = 5 << 20}).empty());
  }
}

}  // namespace
}  // namespace soak::testing
