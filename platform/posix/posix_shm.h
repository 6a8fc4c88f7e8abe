// Memory by shm_open, for systems that have nothing better. It has a name for a few system calls.
//
//   shm_open(O_CREAT | O_EXCL, 0600)   under 128 random bits
//   shm_open(O_RDONLY)                 a second handle, where somebody only reads
//   shm_unlink                         while it is still empty
//   fstat                              is it ours, and has nobody given it another name?
//   posix_fallocate                    its size, in pieces
//
// A process that is killed before shm_unlink leaves a name and no memory: RemoveShmLeftovers.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <baton/base/result.h>
#include <baton/platform/handle.h>

namespace baton::platform {

// With it begin all names, and no others are ever removed. With the random part 29 characters:
// macOS takes 31.
inline constexpr char kShmNamePrefix[] = "/baton-";

struct PosixShm {
  Handle writable;
  Handle readable;  // the same object, for reading only; empty if not asked for
};

enum class ShmHandles : std::uint8_t { kWritable, kBoth };

// Empty and without a name. Errors: the system's for shortage, permission_denied where the folder
// of such memory is not ours to write; file_exists after several names that somebody had already.
Result<PosixShm> CreatePosixShm(ShmHandles handles);

// The same under this name. file_exists: somebody has it; no_such_file_or_directory: it was taken
// away before the second handle was there.
Result<PosixShm> CreatePosixShmAs(const std::string& name, ShmHandles handles);

// kShmNamePrefix and 128 random bits.
Result<std::string> NewShmName();

// Makes it `size` long, with all of it backed, or none. Errors: the system's; no_space_on_device
// when the file system of such memory is full.
enum class ShmBacking : std::uint8_t { kReserved, kNone };
Result<void> SizePosixShm(const Handle& memory, std::uint64_t size, ShmBacking backing);

// Backs all of it. It may be longer than that.
Result<void> ReservePosixShm(const Handle& memory, std::uint64_t size);

// Removes the names that processes of this user have left behind when they were killed: empty
// objects under our prefix that no process has open, where the kernel tells that (by a lease), or
// else of at least this age. So what the last process has left goes when the next one starts. A
// name says nothing about its maker: it has no room for that beside its 128 bits, and a number
// would be another process's by then. A process that is still at it has its object open, and needs
// its name for some microseconds; should it stand still for so long, it takes another one. Two who
// tidy up at once may each take the other for the maker: the next one removes it. Whatever fails is
// left to others, later. CreatePosixShm does this once, first of all.
void RemoveShmLeftovers(std::chrono::seconds minimum_age = std::chrono::seconds(5));

}  // namespace baton::platform
