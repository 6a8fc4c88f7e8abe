#include "tools/memtrack/scan/open_process.h"

#include <utility>

namespace memtrack {

Result<OpenProcess> OpenProcess::Open(const ProcFolder& root, int pid) {
  BATON_TRY(ProcFolder folder, root.Folder(std::to_string(pid)));
  BATON_TRY(Handle stat, folder.File("stat"));
  return OpenProcess(std::move(folder), std::move(stat));
}

Result<void> OpenProcess::ReadStat(std::string& text) const {
  return ReadRecord(stat_, text);
}

Result<const ProcFolder*> OpenProcess::Descriptors() {
  if (!descriptors_) {
    BATON_TRY(descriptors_, folder_.Folder("fd"));
  }
  return &*descriptors_;
}

Result<std::optional<ProcessPages>> OpenProcess::Pages() {
  if (!statm_) {
    BATON_TRY(statm_, folder_.File("statm"));
  }
  std::string text;
  BATON_CHECKED(ReadRecord(statm_, text));
  return ParseProcessPages(text);
}

Result<int> OpenProcess::Maps() {
  if (!maps_) {
    BATON_TRY(maps_, folder_.File("maps"));
  }
  return maps_.get();
}

}  // namespace memtrack
