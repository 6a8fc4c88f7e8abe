#include <baton/platform/memory_capabilities.h>

#include <cstring>
#include <fstream>
#include <span>
#include <sstream>

#include <baton/platform/memory_pressure.h>
#include <baton/platform/shared_memory.h>

#include "platform/linux/page_move.h"
#include "platform/linux/reservation.h"

namespace baton::platform {
namespace {

constexpr std::uint64_t kProbeBytes = std::uint64_t{8} << 20;

// "always within_size advise [never] deny force" -> "never"
std::string HugePagesPolicy() {
  std::ifstream file("/sys/kernel/mm/transparent_hugepage/shmem_enabled");
  for (std::string word; file >> word;) {
    if (word.size() > 2 && word.front() == '[') return word.substr(1, word.size() - 2);
  }
  return "";
}

// In /proc/self/smaps, of the area that begins at `bytes`: how much of it huge pages show.
bool HasHugePages(std::span<const std::byte> bytes) {
  std::ostringstream begin;
  begin << std::hex << reinterpret_cast<std::uintptr_t>(bytes.data()) << '-';
  std::ifstream areas("/proc/self/smaps");
  bool is_ours = false;
  for (std::string line; std::getline(areas, line);) {
    if (line.starts_with(begin.str())) is_ours = true;
    if (!is_ours || !line.starts_with("ShmemPmdMapped:")) continue;
    return line.find_first_of("123456789") != std::string::npos;
  }
  return false;
}

}  // namespace

MemoryCapabilities FindMemoryCapabilities() {
  MemoryCapabilities found = {.backend = CurrentMemoryBackend()};
  found.constant_cost_revocation = CanMovePages();
  found.wide_ranges =
      CanUseWideRanges() && Reservation::Make("mmap(ranges)", WideSpan(), 2, WideSpan());
  MemoryPressure::OfMachine().Watch();
  found.pressure_told = MemoryPressure::OfMachine().is_known();
  found.huge_pages_policy = HugePagesPolicy();
  const auto memory = SharedMemory::Create("baton:capabilities", kProbeBytes);
  found.sealed = memory && memory->is_sealed();
  if (!memory) return found;
  const auto mapping = memory->Map();
  if (!mapping) return found;
  std::memset(mapping->bytes().data(), 1, mapping->bytes().size());
  found.huge_pages_seen = HasHugePages(mapping->bytes());
  return found;
}

std::string ToString(const MemoryCapabilities& capabilities) {
  const auto word = [](bool yes) { return yes ? "yes" : "no"; };
  const std::string& policy = capabilities.huge_pages_policy;
  std::ostringstream text;
  text << CapabilitiesOf(capabilities.backend).name << ", sealed " << word(capabilities.sealed)
       << ", constant-cost revocation " << word(capabilities.constant_cost_revocation)
       << ", ranges of 1 GiB " << word(capabilities.wide_ranges) << ", huge pages "
       << word(capabilities.huge_pages_seen) << " (policy " << (policy.empty() ? "unknown" : policy)
       << "), memory pressure told " << word(capabilities.pressure_told);
  return text.str();
}

}  // namespace baton::platform
