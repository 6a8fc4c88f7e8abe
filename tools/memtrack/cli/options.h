// What the command line says. Each verb is a struct here, an Add function in options.cc and a Run.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "tools/memtrack/cli/surroundings.h"
#include "tools/memtrack/model/model.h"
#include "tools/memtrack/serve/serve.h"
#include "tools/memtrack/view/tables.h"

namespace memtrack {

// Where snapshots come from.
struct SourceOptions {
  std::string recording;    // --from; empty: this machine, now
  double seconds = 0;       // --for: how long to look; 0: once
  double every = 1;         // --every: seconds from one pass to the next
  bool is_endless = false;  // with 0 seconds: until the user ends it
  Sockets sockets = Sockets::kOwn;
};

enum class Format : std::uint8_t { kText, kJson, kCsv };

// What every table can be told.
struct ViewOptions {
  Format format = Format::kText;
  Share share = Share::kOwner;
  TableOptions table;
  std::string sort;  // a column; empty: as the table comes
  bool is_reversed = false;
};

struct ProcessesCommand {
  SourceOptions source;
  ViewOptions view;
};

struct SegmentsCommand {
  SourceOptions source;
  ViewOptions view;
};

struct TagsCommand {
  SourceOptions source;
  ViewOptions view;
};

struct GridCommand {
  SourceOptions source;
  ViewOptions view;
};

// `watch`, and `replay`, whose source is a file.
struct WatchCommand {
  SourceOptions source;
  ViewOptions view;
  bool only_verdicts = false;                // --leak
  std::map<std::string, double> max_growth;  // tag, or "*"
};

struct WhyCommand {
  SourceOptions source;
  ViewOptions view;
  std::uint64_t number = 0;
  bool may_be_process = true;  // "inode:N" is none,
  bool may_be_inode = true;    // "pid:N" is none
};

struct DiffCommand {
  std::string older;
  std::string newer;
  ViewOptions view;
};

// The source is --replay and --interval.
struct TopCommand {
  SourceOptions source;
  ViewOptions view;
};

struct RecordCommand {
  SourceOptions source;
  std::string file;
  std::string trace;  // empty: none
};

struct ServeCommand {
  SourceOptions source;  // of it only the sockets
  ServeOptions options;
};

// Nothing to do but to end: --help and --version have been printed, or the mistake has.
struct Exit {
  int code = 0;
};

using Command =
    std::variant<ProcessesCommand, SegmentsCommand, TagsCommand, GridCommand, WatchCommand,
                 WhyCommand, DiffCommand, RecordCommand, TopCommand, ServeCommand, Exit>;

inline constexpr int kExitClean = 0;
inline constexpr int kExitLeak = 1;     // a verdict says so
inline constexpr int kExitPartial = 2;  // no leak, but not all was seen
inline constexpr int kExitUsage = 3;    // the command is wrong, or a file is

// Prints help, and what is wrong with the command.
Command ParseOptions(int argc, const char* const* argv);

// All verbs, for completion and tests.
const std::vector<std::string>& Verbs();

}  // namespace memtrack
