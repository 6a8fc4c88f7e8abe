#include "tools/memtrack/scan/range_reader.h"

#include <unistd.h>

#include <cerrno>

#include "platform/posix/syscall.h"
#include "tools/memtrack/scan/link_target.h"
#include "tools/memtrack/scan/range_query.h"

namespace memtrack {
namespace {

using baton::platform::Syscall;

constexpr std::size_t kReadAtOnce = 64 << 10;
constexpr std::size_t kLongestLine = 1 << 20;

}  // namespace

Result<RangeReader> RangeReader::Open(const ProcFolder& task, bool prefers_text) {
  BATON_TRY(Handle file, task.File("maps"));
  return RangeReader(std::move(file), prefers_text);
}

Result<bool> RangeReader::Next(MappedRange& range) {
  if (!is_text_) {
    auto queried = NextQueried(range);
    if (queried || queried.error() != std::errc::inappropriate_io_control_operation) return queried;
    is_text_ = true;
  }
  return NextOfText(range);
}

Result<bool> RangeReader::NextQueried(MappedRange& range) {
  BATON_TRY(const bool is_there, QueryRange(file_.get(), last_.end, range, nullptr));
  if (is_there) last_ = range;
  return is_there;
}

Result<bool> RangeReader::NextOfText(MappedRange& range) {
  for (std::string_view line;;) {
    BATON_TRY(const bool is_there, TakeWholeLine(line));
    if (!is_there) return false;
    const auto mapping = ParseMappingLine(line);
    // SysV memory may have the inode 0, as have mappings without a file.
    if (!mapping || (mapping->range.inode == 0 && !mapping->path.starts_with('/'))) continue;
    range = last_ = mapping->range;
    path_ = mapping->path;
    return true;
  }
}

Result<bool> RangeReader::TakeWholeLine(std::string_view& line) {
  for (;;) {
    const std::size_t end = text_.find('\n', used_);
    if (end != std::string::npos) {
      line = std::string_view(text_).substr(used_, end - used_);
      used_ = end + 1;
      return true;
    }
    text_.erase(0, used_);
    used_ = 0;
    const std::size_t kept = text_.size();
    if (kept > kLongestLine) return false;  // this is no such file
    text_.resize(kept + kReadAtOnce);
    const auto read =
        Syscall("read", [&] { return ::read(file_.get(), text_.data() + kept, kReadAtOnce); });
    text_.resize(kept + (read ? static_cast<std::size_t>(*read) : 0));
    if (!read) return baton::Fail(read.error());
    if (*read == 0) return false;
  }
}

Result<std::string> RangeReader::Path() {
  if (is_text_) return UnescapedPath(path_);
  MappedRange range;
  std::string path;
  BATON_TRY(const bool is_there, QueryRange(file_.get(), last_.begin, range, &path));
  if (!is_there || range != last_) path.clear();
  return path;
}

}  // namespace memtrack
