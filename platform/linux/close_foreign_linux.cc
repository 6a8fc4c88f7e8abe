#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include <baton/platform/local_socket.h>
#include <baton/platform/received_handle.h>

#include "platform/linux/closer.h"

// Since Linux 6.5.
#ifndef SCM_PIDFD
#define SCM_PIDFD 4
#endif

namespace baton::platform {
namespace {

// None of what is asked here is asked by Syscall: these are ways out of a scope.

bool IsLocalSocket(NativeHandle handle) {
  int domain = 0;
  socklen_t size = sizeof(domain);
  return ::getsockopt(handle, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
}

bool IsProcess(NativeHandle handle) {
  siginfo_t info = {};
  constexpr int kOnlyLook = WEXITED | WNOHANG | WNOWAIT;
  return ::waitid(P_PIDFD, static_cast<id_t>(handle), &info, kOnlyLook) == 0 || errno == ECHILD;
}

// Of a file system's as well: reading and writing a named pipe, and closing it, is the kernel's.
bool IsPipe(NativeHandle handle) {
  return ::fcntl(handle, F_GETPIPE_SZ) >= 0;
}

// What comes through channels every day, and all that may be asked: whatever else one wants to know
// of a file, its size or the kind of its file system, is asked of whoever serves it.
bool ClosesAtOnce(NativeHandle handle) {
  return ::fcntl(handle, F_GET_SEALS) >= 0 || IsProcess(handle) || IsPipe(handle);
}

// A listening socket does not say.
bool HasNothingUnread(NativeHandle socket) {
  int bytes = 0;
  return ::ioctl(socket, FIONREAD, &bytes) == 0 && bytes == 0;
}

// Its sender may send more until it is closed: that is for those who can do no better.
bool ClosesMostLikely(NativeHandle handle) {
  return IsLocalSocket(handle) && HasNothingUnread(handle);
}

// Whether handles are among the bytes that come next: then they are not received, where somebody
// else can close all of it, as this process may have no room for them.
bool HandlesAreAmong(NativeHandle socket, std::span<std::byte> next) {
  iovec content = {next.data(), next.size()};
  msghdr message = {};
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  const auto seen = ::recvmsg(socket, &message, MSG_PEEK | MSG_DONTWAIT);
  return seen <= 0 || (message.msg_flags & MSG_CTRUNC) != 0;
}

// What comes next, with whatever came along: handles, and the sender's process where somebody else
// who has this socket too wants to know it. Allocates nothing. False: it cannot.
bool ForgetNext(const Handle& end, std::span<std::byte> next) {
  constexpr std::size_t kMostControl = CMSG_SPACE(kMaxHandlesPerSend * sizeof(NativeHandle)) +
                                       CMSG_SPACE(sizeof(ucred)) + CMSG_SPACE(sizeof(NativeHandle));
  alignas(cmsghdr) std::array<std::byte, kMostControl> control;
  iovec content = {next.data(), next.size()};
  msghdr message = {};
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (::recvmsg(end.get(), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) <= 0) return false;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_type != SCM_RIGHTS && header->cmsg_type != SCM_PIDFD) continue;
    for (std::size_t at = CMSG_LEN(0); at < header->cmsg_len; at += sizeof(NativeHandle)) {
      NativeHandle native = kNoHandle;
      std::memcpy(&native, reinterpret_cast<std::byte*>(header) + at, sizeof(native));
      if (native >= 0) CloseForeign(Handle::Foreign(native, end.source()));
    }
  }
  return true;
}

enum class Draining { kBytes, kHandlesAsWell };

// Receives what is left in an end to which nobody can send any more. False: something stays.
bool Drain(const Handle& end, Draining what) {
  constexpr int kMost = 4096;
  std::array<std::byte, 4096> bytes;
  for (int turn = 0; turn < kMost; ++turn) {
    if (HasNothingUnread(end.get())) return true;
    if (what == Draining::kBytes && HandlesAreAmong(end.get(), bytes)) return false;
    if (!MayReceiveFrom(end.source()) || !ForgetNext(end, bytes)) return false;
  }
  return false;
}

void CloseEnd(Handle end) {
  const HandleSource source = end.source();
  const bool is_ours = IsSourceOfThisProcess(source);
  if (is_ours) ::shutdown(end.get(), SHUT_RDWR);
  const bool is_empty = is_ours ? Drain(end, Draining::kBytes) : HasNothingUnread(end.get());
  if (!is_empty) {
    if (Closer::OfProcess().Take(end.get(), source)) return (void)end.Release();
    const bool stays = is_ours && !Drain(end, Draining::kHandlesAsWell);
    if (stays) return Closer::OfProcess().Keep(end.Release(), source);
  }
  ::close(end.Release());
}

}  // namespace

void CloseForeign(Handle handle) {
  if (!handle) return;
  if (handle.is_end()) return CloseEnd(std::move(handle));
  const HandleSource source = handle.is_foreign() ? handle.source() : kUnknownSource;
  const NativeHandle native = handle.Release();
  if (ClosesAtOnce(native)) return (void)::close(native);
  if (Closer::OfProcess().Take(native, source)) return;
  if (ClosesMostLikely(native)) return (void)::close(native);
  Closer::OfProcess().Keep(native, source);
}

bool StartClosing() {
  return Closer::OfProcess().Start();
}

std::size_t ForeignHandlesOpen() {
  return Closer::OfProcess().open();
}

bool MayReceiveFrom(HandleSource source) {
  Closer& closer = Closer::OfProcess();
  const std::size_t open = closer.open();
  if (open < kMostForeignHandlesOfOne) return true;
  const bool are_many = open >= kMostForeignHandlesOpen;
  return closer.OpenOf(source) < (are_many ? kFewForeignHandlesOfOne : kMostForeignHandlesOfOne);
}

HandleSource NewHandleSource() {
  return Closer::OfProcess().NewSource();
}

bool IsSourceOfThisProcess(HandleSource source) {
  return Closer::OfProcess().IsOfThisProcess(source);
}

}  // namespace baton::platform
