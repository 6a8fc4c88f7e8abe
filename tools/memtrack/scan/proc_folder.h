// A folder of /proc, held open. What is asked relative to it is asked of the very process that had
// the number when it was opened: once that has ended, everything fails, whoever has the number now.
//
// Nothing of this changes a process that is looked at.
#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <baton/base/result.h>
#include <baton/platform/handle.h>

namespace memtrack {

using baton::Result;
using baton::platform::Handle;

// What a failure means for a scan.
enum class Failing {
  kGone,    // the process, thread or descriptor has ended meanwhile
  kDenied,  // we are not let in
  kShort,   // this program or machine is short of something: the scan cannot go on
  kOther,   // of this one thing nothing can be said
};
Failing WhyFailing(const std::error_code& error);

class ProcFolder {
 public:
  static Result<ProcFolder> Open(const std::string& path);

  // The same folder once more.
  Result<ProcFolder> Duplicate() const;

  // Names below this folder; the same rules. Files are opened for reading and without waiting.
  Result<ProcFolder> Folder(const std::string& name) const;
  Result<Handle> File(const std::string& name) const;

  // What a name leads to, held and not opened: nothing of its own is run, neither now nor when it
  // is closed, and it stays the same whoever has the name next.
  Result<Handle> Pin(const std::string& name) const;

  // The text of a file, whole, into `text`, whose memory is used again. At most 16 MiB.
  Result<void> Read(const std::string& name, std::string& text) const;

  // What a link says, raw.
  Result<void> ReadLink(const std::string& name, std::string& target) const;

  // The entries that are numbers, ascending.
  Result<std::vector<int>> Numbers() const;

  int native() const { return handle_.get(); }

 private:
  explicit ProcFolder(Handle handle) : handle_(std::move(handle)) {}

  Handle handle_;
};

// Whether this is a mounted /proc rather than a copy of one.
bool IsProc(const ProcFolder& folder);

// As ProcFolder::Read, from the beginning, of a file that is open: it may be read several times.
Result<void> ReadText(const Handle& file, std::string& text);

// The same of a file that is a single record of at most 4 KiB, such as `stat`, in one call: the
// kernel gives such a one whole.
Result<void> ReadRecord(const Handle& file, std::string& text);

}  // namespace memtrack
