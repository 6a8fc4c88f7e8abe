#include "tools/memtrack/record/recording_error.h"

#include <string>

namespace memtrack {
namespace {

class Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "memtrack recording"; }

  std::string message(int code) const override {
    switch (static_cast<RecordingErrc>(code)) {
      case RecordingErrc::kNotARecording: return "this is no recording of memtrack";
      case RecordingErrc::kVersion: return "it was written by a newer memtrack";
      case RecordingErrc::kTooLong: return "the line is too long";
      case RecordingErrc::kNotJson: return "the line is damaged";
      case RecordingErrc::kShape: return "something is missing, or of the wrong type";
      case RecordingErrc::kRange: return "a number is out of its range";
      case RecordingErrc::kOrder: return "it is older than the snapshot before it";
      case RecordingErrc::kNothing: return "there is no snapshot in it";
    }
    return "unknown";
  }
};

}  // namespace

const std::error_category& RecordingCategory() noexcept {
  static const Category category;
  return category;
}

}  // namespace memtrack
