#include "tools/memtrack/scan/mount_table.h"

#include <sys/sysmacros.h>

#include <algorithm>

#include "tools/memtrack/scan/text_fields.h"

namespace memtrack {
namespace {

bool IsBelow(std::string_view path, std::string_view point) {
  if (point == "/") return true;
  return path.size() > point.size() && path.starts_with(point) && path[point.size()] == '/';
}

bool IsBelowAny(std::string_view path, const std::vector<Mount>& mounts) {
  return std::ranges::any_of(mounts,
                             [&](const Mount& mount) { return IsBelow(path, mount.point); });
}

// "36 35 98:0 /root /point options optional... - type source options"
void AddMount(std::string_view line, MountTable& table) {
  TextFields fields(line);
  fields.Word();
  fields.Word();
  fields.SkipBlanks();
  const auto major_number = fields.Number<unsigned>();
  if (!major_number || !fields.Skip(':')) return;
  const auto minor_number = fields.Number<unsigned>();
  if (!minor_number) return;
  fields.Word();
  const std::string_view point = fields.Word();
  std::string_view word = fields.Word();
  while (!word.empty() && word != "-") word = fields.Word();
  const std::string_view type = fields.Word();

  const std::uint64_t device = makedev(*major_number, *minor_number);
  const bool is_tmpfs = type == "tmpfs" || type == "devtmpfs";
  if (is_tmpfs || type == "hugetlbfs") {
    (is_tmpfs ? table.tmpfs : table.hugetlbfs).push_back({device, UnescapedMountPoint(point)});
    table.memory_devices.insert(device);
  } else if (!type.empty()) {
    table.other_devices.insert(device);
  }
}

}  // namespace

bool MountTable::IsBelowTmpfs(std::string_view path) const {
  return IsBelow(path, "/dev/shm") || IsBelowAny(path, tmpfs);
}

bool MountTable::IsBelowHugetlbfs(std::string_view path) const {
  return IsBelowAny(path, hugetlbfs);
}

std::uint64_t MountTable::DeviceOf(std::string_view path) const {
  const Mount* nearest = nullptr;
  for (const auto* mounts : {&tmpfs, &hugetlbfs}) {
    for (const Mount& mount : *mounts) {
      const bool is_nearer = nearest == nullptr || mount.point.size() >= nearest->point.size();
      if (IsBelow(path, mount.point) && is_nearer) nearest = &mount;  // the later one hides
    }
  }
  return nearest == nullptr ? 0 : nearest->device;
}

bool MountTable::MayHoldMemory(std::uint64_t device) const {
  return major(device) == 0 && !other_devices.contains(device);
}

MountTable ParseMountInfo(std::string_view text) {
  MountTable table;
  while (!text.empty()) AddMount(TakeLine(text), table);
  return table;
}

std::string UnescapedMountPoint(std::string_view text) {
  const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
  std::string point;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '\\' && i + 3 < text.size() && is_octal(text[i + 1]) &&
                           is_octal(text[i + 2]) && is_octal(text[i + 3]);
    if (is_escape) {
      point += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                 (text[i + 3] - '0'));
      i += 3;
    } else {
      point += text[i];
    }
  }
  return point;
}

}  // namespace memtrack
