// The mappings of one process in the order of their addresses, by PROCMAP_QUERY where the kernel
// has it, else out of the text of /proc/PID/maps. Both say the same.
#pragma once

#include <cstdint>
#include <string>

#include <baton/platform/handle.h>

#include "tools/memtrack/scan/mapped_range.h"
#include "tools/memtrack/scan/proc_folder.h"

namespace memtrack {

class RangeReader {
 public:
  // `task` is /proc/PID or /proc/PID/task/TID.
  static Result<RangeReader> Open(const ProcFolder& task, bool prefers_text);

  // The next one with a file behind it; false at the end.
  Result<bool> Next(MappedRange& range);

  // The raw name of the range that came last; empty when it is another one by now.
  Result<std::string> Path();

 private:
  RangeReader(Handle file, bool is_text) : file_(std::move(file)), is_text_(is_text) {}
  Result<bool> NextQueried(MappedRange& range);
  Result<bool> NextOfText(MappedRange& range);
  Result<bool> TakeWholeLine(std::string_view& line);

  Handle file_;
  bool is_text_;
  MappedRange last_;
  std::string text_;       // read and not yet used
  std::size_t used_ = 0;   // bytes of it
  std::string_view path_;  // of the last line; part of text_
};

}  // namespace memtrack
