// What can be wrong with the file of a recording. None of it is a reason to stop the process.
#pragma once

#include <system_error>
#include <type_traits>

namespace memtrack {

enum class RecordingErrc {
  kNotARecording = 1,  // no such first line
  kVersion = 2,        // written by a newer memtrack
  kTooLong = 3,        // a line longer than kMostLineBytes
  kNotJson = 4,        // a line that is no JSON, unless it is the last one and cut off
  kShape = 5,          // a value of another type than it must have, or one that is missing
  kRange = 6,          // a number beyond what it can be, or an index of no row
  kOrder = 7,          // a snapshot that is older than the one before it
  kNothing = 8,        // not a single snapshot
};

const std::error_category& RecordingCategory() noexcept;

inline std::error_code make_error_code(RecordingErrc code) noexcept {
  return {static_cast<int>(code), RecordingCategory()};
}

}  // namespace memtrack

template <>
struct std::is_error_code_enum<memtrack::RecordingErrc> : std::true_type {};
