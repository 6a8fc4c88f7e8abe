#include "tools/memtrack/scan/descriptors.h"

#include <optional>
#include <string>

namespace memtrack {
namespace {

// False: of this one descriptor nothing can be said, and that is no matter.
Result<bool> Excuse(const std::error_code& error) {
  const Failing why = WhyFailing(error);
  if (why == Failing::kShort || why == Failing::kDenied) return baton::Fail(error);
  return false;
}

struct Folders {
  ProcFolder fd;
  ProcFolder fdinfo;
};

Result<bool> ReadOne(const Folders& folders, DescriptorHold hold, const NamedSegment& named,
                     SegmentTable& segments, DescriptorFindings& findings) {
  std::string text;
  const auto read = folders.fdinfo.Read(std::to_string(hold.descriptor), text);
  if (!read) return Excuse(read.error());
  const DescriptorInfo info = ParseDescriptorInfo(text);
  BATON_TRY(const auto key, segments.LookAtDescriptor(folders.fd, hold.descriptor, named, info));
  if (!key) return false;
  hold.segment = *key;
  hold.is_close_on_exec = info.is_close_on_exec();
  hold.is_writable = info.is_writable();
  findings.holds.push_back(hold);
  if (named.name == baton::platform::kRegistryName && key->kind == SegmentKind::kMemfd) {
    findings.registries.push_back({hold.descriptor, *key});
  }
  return true;
}

}  // namespace

Result<void> ReadDescriptors(const ScanContext& context, const ProcFolder& task,
                             const ProcessKey& process, int thread, SegmentTable& segments,
                             DescriptorFindings& findings) {
  BATON_TRY(ProcFolder fd, task.Folder("fd"));
  BATON_TRY(ProcFolder fdinfo, task.Folder("fdinfo"));
  const Folders folders = {std::move(fd), std::move(fdinfo)};
  BATON_TRY(const std::vector<int> descriptors, folders.fd.Numbers());
  std::string target;
  for (const int descriptor : descriptors) {
    const auto read = folders.fd.ReadLink(std::to_string(descriptor), target);
    if (!read) {
      BATON_CHECKED(Excuse(read.error()));
      continue;
    }
    if (const auto inode = ParseSocket(target)) {
      findings.sockets.push_back({.thread = thread, .descriptor = descriptor, .inode = *inode});
    } else if (const auto named = ClassifyTarget(target, context.mounts)) {
      DescriptorHold hold;
      hold.process = process;
      hold.thread = thread;
      hold.descriptor = descriptor;
      BATON_CHECKED(ReadOne(folders, hold, *named, segments, findings));
    }
  }
  return {};
}

}  // namespace memtrack
