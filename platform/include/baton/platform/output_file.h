// A file that is only written to, at its end: a log, a trace.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <baton/base/result.h>
#include <baton/platform/handle.h>

namespace baton::platform {

class OutputFile {
 public:
  enum class Content : std::uint8_t {
    kKeep,     // several processes may add to it
    kDiscard,  // it begins empty
  };

  // Makes the file if there is none, for its user's eyes only. Errors: those of the system.
  static Result<OutputFile> Open(const std::string& path, Content content);

  // This process's standard error, which stays open when this goes away.
  static OutputFile StandardError() { return OutputFile(Handle(), 2); }

  // One write(2), so that what several threads and processes write does not mix. Errors: those of
  // the system; std::errc::no_space_on_device when only a part was taken.
  Result<void> Write(std::string_view text) const;

 private:
  OutputFile(Handle handle, NativeHandle native) : handle_(std::move(handle)), native_(native) {}

  Handle handle_;  // empty where somebody else closes it
  NativeHandle native_;
};

}  // namespace baton::platform
