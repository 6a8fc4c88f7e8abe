#include "platform/posix/posix_shm.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <utility>

#include <baton/platform/entropy.h>
#include <baton/platform/state_point.h>

#include "platform/posix/in_pieces.h"
#include "platform/posix/syscall.h"

namespace baton::platform {
namespace {

constexpr int kMostNames = 8;

// Takes the name away whatever happens.
class NameUntilEnd {
 public:
  explicit NameUntilEnd(const std::string& name) : name_(name) {}
  NameUntilEnd(const NameUntilEnd&) = delete;
  NameUntilEnd& operator=(const NameUntilEnd&) = delete;
  ~NameUntilEnd() {
    if (is_there_) ::shm_unlink(name_.c_str());
  }

  // Somebody else may have tidied up (RemoveShmLeftovers).
  Result<void> Remove() {
    const auto removed = Syscall("shm_unlink", [&] { return ::shm_unlink(name_.c_str()); });
    if (!removed && removed.error() != std::errc::no_such_file_or_directory) {
      return Fail(removed.error());
    }
    is_there_ = false;
    return {};
  }

 private:
  const std::string& name_;
  bool is_there_ = true;
};

Result<Handle> Open(const std::string& name, int flags) {
  const auto open = [&] { return ::shm_open(name.c_str(), flags | O_CLOEXEC, 0600); };
  BATON_TRY(const int fd, Syscall("shm_open", open));
  return Handle(fd);
}

// Once the name has gone: nobody else's, nothing in it, and no other way to it.
Result<void> CheckIsOurs(const Handle& memory) {
  struct stat object = {};
  BATON_CHECKED(Syscall("fstat", [&] { return ::fstat(memory.get(), &object); }));
  const bool is_ours = S_ISREG(object.st_mode) && object.st_uid == ::geteuid() &&
                       (object.st_mode & (S_IRWXG | S_IRWXO)) == 0 && object.st_size == 0 &&
                       object.st_nlink == 0;
  if (!is_ours) return FailWith(EEXIST);
  return {};
}

bool IsWorthAnotherName(std::error_code error) {
  return error == std::errc::file_exists || error == std::errc::no_such_file_or_directory;
}

Result<void> Allocate(const Handle& memory, std::uint64_t size) {
  return InPieces(size, [&](off_t at, off_t length) {
    const auto allocate = [&] {  // returns its error
      errno = ::posix_fallocate(memory.get(), at, length);
      return errno == 0 ? 0 : -1;
    };
    return Syscall("posix_fallocate", allocate);
  });
}

// Not every system can for every kind of memory.
bool IsUnknown(std::error_code error) {
  return error == std::errc::operation_not_supported || error == std::errc::invalid_argument ||
         error == std::errc::no_such_device;
}

}  // namespace

Result<std::string> NewShmName() {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr std::size_t kLetters = 22;  // of 6 bits: 128 at least
  std::array<std::byte, kLetters> random;
  BATON_CHECKED(FillRandom(random));
  std::string name = kShmNamePrefix;
  for (const std::byte byte : random) name += kDigits[std::to_integer<unsigned>(byte) & 63];
  return name;
}

Result<PosixShm> CreatePosixShmAs(const std::string& name, ShmHandles handles) {
  PosixShm made;
  BATON_TRY(made.writable, Open(name, O_RDWR | O_CREAT | O_EXCL));
  NameUntilEnd named(name);
  StatePoint("memory.named");
  if (handles == ShmHandles::kBoth) {
    BATON_TRY(made.readable, Open(name, O_RDONLY));
    // Another process of the same user may have put something else in its place.
    BATON_TRY(const bool same, SameObject(made.writable, made.readable));
    if (!same) return FailWith(EEXIST);
  }
  BATON_CHECKED(named.Remove());
  StatePoint("memory.nameless");
  BATON_CHECKED(CheckIsOurs(made.writable));
  return made;
}

// What was left behind goes before there is a name of ours.
Result<PosixShm> CreatePosixShm(ShmHandles handles) {
  static const bool tidied = (RemoveShmLeftovers(), true);
  (void)tidied;
  for (int names = 1;; ++names) {
    BATON_TRY(const std::string name, NewShmName());
    auto made = CreatePosixShmAs(name, handles);
    if (made || names == kMostNames || !IsWorthAnotherName(made.error())) return made;
  }
}

Result<void> SizePosixShm(const Handle& memory, std::uint64_t size, ShmBacking backing) {
  if (backing == ShmBacking::kReserved) {
    const auto allocated = Allocate(memory, size);
    if (allocated || !IsUnknown(allocated.error())) return allocated;
  }
  const auto resize = [&] { return ::ftruncate(memory.get(), static_cast<off_t>(size)); };
  BATON_CHECKED(Syscall("ftruncate", resize));
  return {};
}

Result<void> ReservePosixShm(const Handle& memory, std::uint64_t size) {
  const auto allocated = Allocate(memory, size);
  if (!allocated && !IsUnknown(allocated.error())) return Fail(allocated.error());
  return {};
}

}  // namespace baton::platform
