#include "tools/memtrack/cli/run.h"

#include <variant>

namespace memtrack {

int RunCommand(const Command& command, Surroundings& surroundings) {
  const int code = std::visit([&](const auto& one) { return Run(one, surroundings); }, command);
  surroundings.out.flush();
  if (surroundings.out) return code;
  surroundings.err << "memtrack: cannot write to standard output\n";
  return kExitUsage;
}

}  // namespace memtrack
