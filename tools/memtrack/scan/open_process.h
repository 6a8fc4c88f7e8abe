// One process in /proc with the files of it that each look reads. Between two looks of a repeated
// scan they stay open: to open them takes longer than to read them.
//
// Whatever is asked is asked of the very process that had the number then, as of a ProcFolder. That
// they are open keeps nothing of it alive but the kernel's entry of its number, and of its memory
// the top of the page tables. Whether we may look was asked when they were opened.
#pragma once

#include <optional>
#include <string>

#include "tools/memtrack/scan/proc_folder.h"
#include "tools/memtrack/scan/process_stat.h"

namespace memtrack {

// Move-only. Errors are those of the system: ESRCH and ENOENT once the process has ended.
class OpenProcess {
 public:
  static constexpr std::size_t kMostDescriptors = 5;

  static Result<OpenProcess> Open(const ProcFolder& root, int pid);

  const ProcFolder& folder() const { return folder_; }

  // The text of its `stat`, into `text`, whose memory is used again.
  Result<void> ReadStat(std::string& text) const;

  // Its open folder `fd`.
  Result<const ProcFolder*> Descriptors();

  // Of its `statm`. std::nullopt: it says something else than we know.
  Result<std::optional<ProcessPages>> Pages();

  // An open `maps`, for QueryRange. Of the memory that it had when this was first asked for: after
  // exec every query fails, or tells of a parent that had the same memory (vfork).
  Result<int> Maps();
  // Maps() opens it anew: for a process that is not what it was.
  void CloseMaps() { maps_ = Handle(); }

 private:
  OpenProcess(ProcFolder folder, Handle stat)
      : folder_(std::move(folder)), stat_(std::move(stat)) {}

  ProcFolder folder_;
  Handle stat_;
  std::optional<ProcFolder> descriptors_;  // this and what follows: opened when first asked for
  Handle statm_;
  Handle maps_;
};

}  // namespace memtrack
