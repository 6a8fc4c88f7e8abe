#include "tools/memtrack/scan/in_flight.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <unordered_map>

#include "platform/posix/syscall.h"
#include "tools/memtrack/scan/process_stat.h"

namespace memtrack {
namespace {

using baton::platform::FailWith;
using baton::platform::Handle;
using baton::platform::Syscall;

constexpr std::size_t kMostDescriptors = 253;  // SCM_MAX_FD
// SCM_PIDFD of Linux 6.5, one more descriptor for us; sockets may have asked for it (SO_PASSPIDFD).
constexpr int kScmPidfd = 4;
constexpr std::size_t kOtherControl = 1024;  // credentials, a security label, a pidfd
constexpr unsigned kPidfdThread = O_EXCL;    // PIDFD_THREAD of Linux 6.9

Result<Handle> BorrowDescriptor(int thread, bool is_first_thread, int descriptor) {
  const auto open = [&] {
    const unsigned flags = is_first_thread ? 0 : kPidfdThread;
    return static_cast<int>(::syscall(SYS_pidfd_open, thread, flags));
  };
  BATON_TRY(const int opened, Syscall("pidfd_open", open));
  const Handle pidfd(opened);
  const auto get = [&] {
    return static_cast<int>(::syscall(SYS_pidfd_getfd, pidfd.get(), descriptor, 0));
  };
  BATON_TRY(const int borrowed, Syscall("pidfd_getfd", get));
  return Handle(borrowed);
}

// Adopts every descriptor that has come to us, whatever it is.
void AdoptDescriptors(msghdr& message, std::vector<Handle>& handles) {
  for (cmsghdr* control = CMSG_FIRSTHDR(&message); control != nullptr;
       control = CMSG_NXTHDR(&message, control)) {
    const bool holds_descriptors =
        control->cmsg_level == SOL_SOCKET &&
        (control->cmsg_type == SCM_RIGHTS || control->cmsg_type == kScmPidfd);
    if (!holds_descriptors) continue;
    const std::size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int descriptor = -1;
      std::memcpy(&descriptor, CMSG_DATA(control) + i * sizeof(int), sizeof(int));
      Handle handle(descriptor);
      if (control->cmsg_type == SCM_RIGHTS) handles.push_back(std::move(handle));
    }
  }
}

// Shared memory among what has been peeked at; our own /proc says what our duplicates are.
Result<std::vector<SegmentKey>> SegmentsAmong(const ScanContext& context,
                                              const std::vector<Handle>& handles,
                                              SegmentTable& segments) {
  std::vector<SegmentKey> keys;
  BATON_TRY(const ProcFolder own, context.root->Folder("thread-self/fd"));
  std::string target;
  for (const Handle& handle : handles) {
    if (!own.ReadLink(std::to_string(handle.get()), target)) continue;
    const auto named = ClassifyTarget(target, context.mounts);
    if (!named) continue;
    BATON_TRY(const auto key, segments.LookAtDescriptor(own, handle.get(), *named, {}));
    if (key) keys.push_back(*key);
  }
  return keys;
}

Result<std::vector<SegmentKey>> LookInto(const ScanContext& context, const ProcessKey& process,
                                         const SeenSocket& socket, SegmentTable& segments) {
  const bool is_first_thread = socket.thread == 0;
  BATON_TRY(const Handle borrowed, BorrowDescriptor(is_first_thread ? process.pid : socket.thread,
                                                    is_first_thread, socket.descriptor));
  // It may be another one by now: of that nothing is our business.
  std::string target;
  BATON_TRY(const ProcFolder own, context.root->Folder("thread-self/fd"));
  BATON_CHECKED(own.ReadLink(std::to_string(borrowed.get()), target));
  if (ParseSocket(target) != socket.inode) return FailWith(ESRCH);
  BATON_TRY(const std::vector<Handle> handles, PeekDescriptors(borrowed));
  return SegmentsAmong(context, handles, segments);
}

// What the descriptors of others lead to, and what happens when we close them, is anybody's guess.
bool MayLookInto(const ScanContext& context, const ProcFolder& process, const ProcessKey& key) {
  const ScanOptions& options = *context.options;
  if (!context.is_live || !options.looks_into_sockets || key.pid == ::getpid()) return false;
  if (options.looks_into_sockets_of_others) return true;
  std::string text;
  return process.Read("status", text) && ParseUser(text) == ::geteuid();
}

enum class Queue { kEmpty, kPossible, kUnknown };

Queue QueueOf(const ScanContext& context, std::uint64_t inode) {
  if (!context.queues) return Queue::kPossible;
  if (context.queues->empty.contains(inode)) return Queue::kEmpty;
  return context.queues->possible.contains(inode) ? Queue::kPossible : Queue::kUnknown;
}

// Whether a socket that the table of all sockets does not have can be in another network namespace;
// else it is no Unix socket.
bool MayBeElsewhere(const ScanContext& context, const ProcFolder& process) {
  std::string target;
  if (!process.ReadLink("ns/net", target)) return true;
  return ParseNamespace(target) != context.network_namespace;
}

std::string InfoOf(const SeenSocket& socket) {
  if (socket.thread == 0) return fmt::format("fdinfo/{}", socket.descriptor);
  return fmt::format("task/{}/fdinfo/{}", socket.thread, socket.descriptor);
}

}  // namespace

Result<InFlightFindings> ReadInFlight(const ScanContext& context, const ProcFolder& process,
                                      const ProcessKey& key, const std::vector<SeenSocket>& sockets,
                                      SegmentTable& segments) {
  InFlightFindings findings;
  std::optional<bool> may_be_elsewhere, may_look;
  std::string text;
  for (const SeenSocket& socket : sockets) {
    const Queue queue = QueueOf(context, socket.inode);
    if (queue == Queue::kEmpty) continue;
    if (queue == Queue::kUnknown) {
      if (!may_be_elsewhere) may_be_elsewhere = MayBeElsewhere(context, process);
      if (!*may_be_elsewhere) continue;
    }
    const auto read = process.Read(InfoOf(socket), text);
    if (!read && WhyFailing(read.error()) == Failing::kShort) return baton::Fail(read.error());
    const std::uint32_t descriptors = read ? ParseDescriptorInfo(text).scm_fds : 0;
    if (descriptors == 0) continue;

    InFlightHold& hold = findings.holds.emplace_back();
    hold.receiver = key;
    hold.thread = socket.thread;
    hold.socket_descriptor = socket.descriptor;
    hold.socket_inode = socket.inode;
    hold.descriptors = descriptors;
    if (!may_look) may_look = MayLookInto(context, process, key);
    auto keys = *may_look ? LookInto(context, key, socket, segments) : FailWith(EPERM);
    if (keys) {
      hold.segments = std::move(*keys);
    } else if (WhyFailing(keys.error()) == Failing::kShort) {
      return baton::Fail(keys.error());
    } else {
      ++findings.closed_sockets;
    }
  }
  return findings;
}

Result<std::vector<Handle>> PeekDescriptors(const Handle& socket) {
  int offset = -1;
  socklen_t size = sizeof(offset);
  const auto ask = [&] {
    return ::getsockopt(socket.get(), SOL_SOCKET, SO_PEEK_OFF, &offset, &size);
  };
  BATON_CHECKED(Syscall("getsockopt(SO_PEEK_OFF)", ask));
  if (offset >= 0) return FailWith(EBUSY);

  std::byte data = {};
  iovec vector = {&data, 1};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(kMostDescriptors * sizeof(int)) + kOtherControl>
      control = {};
  msghdr message = {};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const auto peek = [&] {
    return ::recvmsg(socket.get(), &message, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  };
  BATON_CHECKED(Syscall("recvmsg", peek));
  std::vector<Handle> handles;
  AdoptDescriptors(message, handles);
  return handles;
}

}  // namespace memtrack
