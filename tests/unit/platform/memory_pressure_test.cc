#include <baton/platform/memory_pressure.h>

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include <baton/platform/handle.h>
#include <baton/platform/memory_capabilities.h>

namespace baton::platform {
namespace {

// 0, or why this process can have no trigger.
int WhyNotTold() {
  constexpr std::string_view kTrigger("some 150000 2000000\0", 20);
  const Handle file(::open("/proc/pressure/memory", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!file) return errno;
  return ::write(file.get(), kTrigger.data(), kTrigger.size()) < 0 ? errno : 0;
}

TEST_CASE("memory pressure is known where the kernel tells it, and only grows") {
  MemoryPressure& pressure = MemoryPressure::OfMachine();
  CHECK(&pressure == &MemoryPressure::OfMachine());
  pressure.Watch();
  const int why_not = WhyNotTold();
  CHECK(pressure.is_known() == (why_not == 0));
  pressure.Watch();
  CHECK(pressure.is_known() == (why_not == 0));
  const std::uint64_t before = pressure.Count();
  CHECK(pressure.Count() >= before);
  CHECK(pressure.Count() <= before + 2);  // an event is counted once, and comes once in 2 s
  if (why_not == 0) return;
  std::printf("no memory pressure is told here: %s\n", std::strerror(why_not));
  CHECK(before == 0);
  CHECK(pressure.Count() == 0);
}

TEST_CASE("capabilities say whether memory pressure is told") {
  const MemoryCapabilities found = FindMemoryCapabilities();
  CHECK(found.pressure_told == MemoryPressure::OfMachine().is_known());
  const std::string word = found.pressure_told ? "yes" : "no";
  CHECK(ToString(found).find("memory pressure told " + word) != std::string::npos);
}

}  // namespace
}  // namespace baton::platform
