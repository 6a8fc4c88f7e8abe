#include <cstdio>
#include <exception>
#include <iostream>

#include "tools/memtrack/cli/live_source.h"
#include "tools/memtrack/cli/run.h"
#include "tools/memtrack/cli/terminal.h"

int main(int argc, char** argv) {
  try {
    const memtrack::Command command = memtrack::ParseOptions(argc, argv);
    memtrack::TakeWishesToEnd();
    memtrack::Surroundings surroundings = {std::cout, std::cerr, memtrack::TerminalWidth(),
                                           memtrack::OpenLiveSource, memtrack::WaitFor};
    return memtrack::RunCommand(command, surroundings);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "memtrack: a bug of ours: %s\n", error.what());
    return memtrack::kExitUsage;
  }
}
