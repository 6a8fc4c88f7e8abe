// The file that a trace is written to: the array form of the trace event format, one event a line.
//
// The array need not be closed: what a killed process leaves is a trace all the same, up to the
// last Flush. Memory is bounded by one chunk and one event, whatever the disk does. After fork()
// the child writes a file of its own, under its own number.
//
// Any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <baton/base/result.h>
#include <baton/platform/output_file.h>

namespace baton::internal {

// `pattern` with each `%p` replaced by the number of the process; if it has none, with the number
// inserted before `.json`, or at its end.
std::string TracePath(std::string_view pattern, std::uint64_t process);

class TraceFile {
 public:
  static constexpr std::size_t kChunk = std::size_t{64} << 10;  // bytes

  // Makes the file at TracePath, or empties it. Errors: those of the system.
  static Result<TraceFile*> OpenForEver(std::string_view pattern);

  // Appends `event`, one JSON object, and what is to be known about its thread before it.
  void Add(std::string_view event);
  void Flush();

  // Closes the array; nothing is added any more. At the end of the process.
  void Finish();

 private:
  explicit TraceFile(std::string_view pattern) : pattern_(pattern) {}

  // All with mutex_ held.
  Result<void> OpenFile();
  void Append(std::string_view event);
  void IntroduceThread();
  void WriteBuffer();
  void GiveUp(std::error_code error);

  static void BeforeFork();
  static void InParent();
  static void InChild();

  const std::string pattern_;
  std::mutex mutex_;
  std::optional<platform::OutputFile> file_;  // none: to be opened with the next event
  std::string buffer_;
  std::uint64_t incarnation_ = 0;  // one more for each fork
  bool is_finished_ = false;
};

}  // namespace baton::internal
