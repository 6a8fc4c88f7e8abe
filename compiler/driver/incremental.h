// Runs that change nothing end at once: a stamp in the output folder says what the last run of a
// command depended on and what it wrote, and as long as all of that is as it was, there is nothing
// to do.
//
// Files are compared by what the system says about them (file_state.h), and by their content when
// that differs or cannot be trusted: an edit in the same tick of the clock is not missed, and a
// file that was merely touched is no reason to work. Outputs that are gone or were edited are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/driver/recording_reader.h"

namespace batonc {

struct Stamp {
  std::string command;  // all that decides what comes out, beside the files: options, version
  std::string words;    // what was said about the input: warnings, to be said again
  std::vector<StampedFile> inputs;
  std::vector<StampedFile> outputs;
};

// Where the stamp of a command is kept.
std::string StampPath(const std::string& output_folder, const std::string& command);

std::string FormatStamp(const Stamp& stamp);

// Absent when it is no stamp, or one of another kind of batonc.
std::optional<Stamp> ParseStamp(std::string_view text);

struct Freshness {
  bool is_fresh = false;     // nothing to do
  bool was_updated = false;  // `stamp` has newer states in it: worth writing, saves work next time
};

// Compares with the disk.
Freshness CheckFreshness(Stamp& stamp);

}  // namespace batonc
