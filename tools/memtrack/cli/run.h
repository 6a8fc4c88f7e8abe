// Does what the command line says. Each returns the exit code.
#pragma once

#include "tools/memtrack/cli/options.h"
#include "tools/memtrack/cli/surroundings.h"

namespace memtrack {

int Run(const ProcessesCommand& command, Surroundings& surroundings);
int Run(const SegmentsCommand& command, Surroundings& surroundings);
int Run(const TagsCommand& command, Surroundings& surroundings);
int Run(const GridCommand& command, Surroundings& surroundings);
int Run(const WatchCommand& command, Surroundings& surroundings);
int Run(const WhyCommand& command, Surroundings& surroundings);
int Run(const DiffCommand& command, Surroundings& surroundings);
int Run(const RecordCommand& command, Surroundings& surroundings);
int Run(const ServeCommand& command, Surroundings& surroundings);
int Run(const TopCommand& command, Surroundings& surroundings);
inline int Run(const Exit& exit, Surroundings&) {
  return exit.code;
}

// Any of them; a standard output that takes no more is kExitUsage.
int RunCommand(const Command& command, Surroundings& surroundings);

}  // namespace memtrack
