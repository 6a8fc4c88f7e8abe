#include "tests/memtrack/weston/proc_view.h"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace weston_test {
namespace {

std::string FolderOf(int pid) {
  return "/proc/" + std::to_string(pid);
}

}  // namespace

std::map<std::uint64_t, std::uint64_t> MemfdsMappedBy(int pid, const std::string& name) {
  std::map<std::uint64_t, std::uint64_t> lengths;
  std::ifstream maps(FolderOf(pid) + "/maps");
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields(line);
    std::uint64_t begin = 0, end = 0, inode = 0;
    char dash = 0;
    std::string access, offset, device, path;
    fields >> std::hex >> begin >> dash >> end >> access >> offset >> device;
    fields >> std::dec >> inode >> path;
    if (path == "/memfd:" + name) lengths[inode] += end - begin;
  }
  return lengths;
}

std::size_t MemfdsOpenIn(int pid, const std::string& name) {
  std::size_t count = 0;
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator(FolderOf(pid) + "/fd", gone)) {
    const std::string target = std::filesystem::read_symlink(entry.path(), gone).string();
    if (target.starts_with("/memfd:" + name + " ")) ++count;
  }
  return count;
}

}  // namespace weston_test
