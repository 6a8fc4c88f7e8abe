// Ten children, random traffic, random deaths, and nothing that is lost, late, swapped or left
// behind. docs/testing.md tells what it checks. Exit code 0 only when all of it held.
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <baton/platform/memory_pressure.h>

#include "bench/soak/conductor.h"

int main(int argc, char** argv) {
  const auto options = soak::ParseOptions(argc - 1, argv + 1);
  if (!options) {
    std::fprintf(stderr, "%s", soak::Usage().c_str());
    return 2;
  }
  (void)std::signal(SIGPIPE, SIG_IGN);  // a child that reads a pipe may have been killed
  std::printf("soak seed %llu\n", static_cast<unsigned long long>(options->seed));
  std::fflush(stdout);
  baton::platform::MemoryPressure::OfMachine().Watch();  // a file that is open for good
  boost::asio::io_context io(1);
  soak::Conductor conductor(io, *options);
  if (conductor.Run()) return 0;
  std::fflush(stdout);
  std::_Exit(1);  // what was under way when it failed is not taken down in any order
}
