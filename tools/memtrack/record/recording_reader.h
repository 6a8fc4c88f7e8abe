// Reads what recording_writer.h writes, or says why not. Nothing in a file is believed: every
// number has a range, every index a row, every line a longest length.
#pragma once

#include <cstddef>
#include <istream>
#include <memory>
#include <optional>
#include <string>

#include <baton/base/result.h>

#include "tools/memtrack/record/recording_error.h"
#include "tools/memtrack/scan/snapshot.h"

namespace memtrack {

class RecordingReader {
 public:
  // Reads the first line. Errors: the system's, for the file; RecordingErrc for what is in it.
  static baton::Result<RecordingReader> Open(const std::string& path);
  static baton::Result<RecordingReader> From(std::unique_ptr<std::istream> stream);

  // Nothing at the end. After an error there is no more. Snapshots come in the order of their
  // times, by the clock that nobody sets where they have it. A last line that is cut off (it has no
  // line break, and cannot be read) is as if it were not there: the recorder was killed.
  baton::Result<std::optional<Snapshot>> Next();

  // Of the last line that was read, from 1.
  std::size_t line() const { return line_; }

 private:
  explicit RecordingReader(std::unique_ptr<std::istream> stream) : stream_(std::move(stream)) {}
  baton::Result<std::optional<std::string>> ReadLine();
  baton::Result<void> CheckOrder(const Snapshot& snapshot);

  std::unique_ptr<std::istream> stream_;
  std::size_t line_ = 0;
  bool is_cut_ = false;            // the line that was read last has no line break
  std::optional<bool> has_clock_;  // whether they say Snapshot::since_boot: all or none
  std::int64_t last_time_ = 0;
};

}  // namespace memtrack
