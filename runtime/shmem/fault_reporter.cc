#include <baton/fault_reporter.h>

#include <array>

#include <baton/platform/fault_handler.h>

#include "runtime/shmem/fault_report.h"

namespace baton {
namespace {

void Report(std::uintptr_t address) {
  const auto memory = internal::FindNote(address);
  if (!memory) return;
  std::array<char, 512> line;
  platform::SayFromHandler(internal::DescribeFault(*memory, address, line));
}

}  // namespace

Result<void> InstallFaultReporter() {
  return platform::ObserveFaults(&Report);
}

}  // namespace baton
