#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <string_view>

#include "platform/posix/posix_shm.h"

namespace baton::platform {
namespace {

bool IsOurs(const struct stat& object) {
  return S_ISREG(object.st_mode) && object.st_uid == ::geteuid() && object.st_size == 0;
}

// A lease for writing is given to who is alone with a file. Opening it changes nothing: a link or a
// device that lies there now is not what was looked at.
bool IsOpenedByNobody(int folder, const char* name) {
  const Handle file(::openat(folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat object = {};
  return file && ::fstat(file.get(), &object) == 0 && IsOurs(object) &&
         ::fcntl(file.get(), F_SETLEASE, F_WRLCK) == 0;
}

bool IsLeftover(int folder, const char* name, std::time_t newest) {
  struct stat object = {};
  if (::fstatat(folder, name, &object, AT_SYMLINK_NOFOLLOW) != 0 || !IsOurs(object)) return false;
  return object.st_ctime <= newest || IsOpenedByNobody(folder, name);
}

}  // namespace

void RemoveShmLeftovers(std::chrono::seconds minimum_age) {
  DIR* const folder = ::opendir("/dev/shm");
  if (folder == nullptr) return;
  constexpr std::string_view kPrefix = kShmNamePrefix + 1;  // without the slash
  const std::time_t newest = std::time(nullptr) - minimum_age.count();
  while (const dirent* const entry = ::readdir(folder)) {
    if (!std::string_view(entry->d_name).starts_with(kPrefix)) continue;
    if (!IsLeftover(::dirfd(folder), entry->d_name, newest)) continue;
    ::unlinkat(::dirfd(folder), entry->d_name, 0);
  }
  ::closedir(folder);
}

}  // namespace baton::platform
