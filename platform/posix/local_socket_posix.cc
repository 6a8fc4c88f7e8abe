#include <baton/platform/local_socket.h>
#include <baton/platform/received_handle.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstring>

#include <baton/platform/state_point.h>

#include "platform/posix/syscall.h"

// Since Linux 6.5.
#ifndef SCM_PIDFD
#define SCM_PIDFD 4
#endif

namespace baton::platform {
namespace {

// Room for the most that can come in one call: the handles, and the sender's identity and process
// when the socket asks for them.
struct ControlBuffer {
  alignas(cmsghdr)
      std::array<std::byte, CMSG_SPACE(kMaxHandlesPerSend * sizeof(NativeHandle)) +
                                CMSG_SPACE(sizeof(ucred)) + CMSG_SPACE(sizeof(NativeHandle))> bytes;
};

void Attach(msghdr& message, ControlBuffer& control, std::span<const NativeHandle> handles) {
  if (handles.empty()) return;
  message.msg_control = control.bytes.data();
  message.msg_controllen = CMSG_SPACE(handles.size_bytes());
  // The padding travels as well.
  std::memset(control.bytes.data(), 0, message.msg_controllen);
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(handles.size_bytes());
  std::memcpy(CMSG_DATA(header), handles.data(), handles.size_bytes());
}

// Comes unasked where somebody else who has this socket too wants to know who writes.
void CloseProcess(cmsghdr& header) noexcept {
  NativeHandle process = kNoHandle;
  if (header.cmsg_len < CMSG_LEN(sizeof(process))) return;
  std::memcpy(&process, CMSG_DATA(&header), sizeof(process));
  if (process >= 0) const Handle closed(process);
}

PeerIdentity SenderIn(const cmsghdr& header) noexcept {
  ucred credentials = {};
  if (header.cmsg_len < CMSG_LEN(sizeof(credentials))) return {};
  std::memcpy(&credentials, CMSG_DATA(&header), sizeof(credentials));
  return {credentials.pid, credentials.uid, credentials.gid};
}

// There is room in `handles`: nothing here can throw and lose the rest.
void TakeControl(msghdr& message, HandleSource source, std::vector<Handle>& handles,
                 PeerIdentity& sender) noexcept {
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET) continue;
    if (header->cmsg_type == SCM_PIDFD) CloseProcess(*header);
    if (header->cmsg_type == SCM_CREDENTIALS) sender = SenderIn(*header);
    if (header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(NativeHandle);
    for (std::size_t i = 0; i < count; ++i) {
      NativeHandle native = kNoHandle;
      std::memcpy(&native, CMSG_DATA(header) + i * sizeof(native), sizeof(native));
      handles.push_back(Handle::Foreign(native, source));
      constexpr linger kDoNotWait = {0, 0};
      ::setsockopt(native, SOL_SOCKET, SO_LINGER, &kDoNotWait, sizeof(kDoNotWait));
    }
  }
}

// Whether handles are what comes next. Only looks: what there is no room for would be closed by the
// kernel inside of the call, and may linger.
bool HandlesAreNext(const Handle& socket, bool names_sender) {
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(ucred))> control;
  std::byte byte{};
  iovec content = {&byte, 1};
  msghdr message = {};
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  message.msg_control = names_sender ? control.data() : nullptr;
  message.msg_controllen = names_sender ? control.size() : 0;
  const auto look = [&] { return ::recvmsg(socket.get(), &message, MSG_PEEK | MSG_DONTWAIT); };
  return Syscall("recvmsg", look) && (message.msg_flags & MSG_CTRUNC) != 0;
}

HandleSource SourceOf(const Handle& socket) {
  return socket.source() == 0 ? kUnknownSource : socket.source();
}

}  // namespace

Result<std::pair<Handle, Handle>> CreateSocketPair() {
  std::array<int, 2> ends = {kNoHandle, kNoHandle};
  const auto create = [&] {
    return ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data());
  };
  BATON_CHECKED(Syscall("socketpair", create));
  StatePoint("socket.paired");
  return std::pair(Handle(ends[0]), Handle(ends[1]));
}

Handle TakeEnd(Handle socket) {
  return socket.is_end() ? std::move(socket) : TakeEnd(std::move(socket), NewHandleSource());
}

Handle TakeEnd(Handle socket, HandleSource source) {
  if (socket.is_end() || !socket) return socket;
  constexpr int kYes = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_OOBINLINE, &kYes, sizeof(kYes));
  return Handle::End(socket.Release(), source == 0 ? NewHandleSource() : source);
}

Handle TakeAnew(Handle end) {
  BATON_CHECK(end.is_end());
  return Handle::End(end.Release(), NewHandleSource());
}

Result<std::size_t> SendSome(const Handle& socket, std::span<const std::byte> bytes,
                             std::span<const NativeHandle> handles) {
  BATON_CHECK(!bytes.empty());
  if (handles.size() > kMaxHandlesPerSend) return Fail(Errc::kTooManyHandles);
  iovec content = {const_cast<std::byte*>(bytes.data()), bytes.size()};
  msghdr message = {};
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  ControlBuffer control;
  Attach(message, control, handles);
  const auto send = [&] { return ::sendmsg(socket.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT); };
  StatePoint(handles.empty() ? "socket.sending" : "handles.passing");
  BATON_TRY(const ssize_t sent, Syscall("sendmsg", send));
  StatePoint(handles.empty() ? "socket.sent" : "handles.passed");
  return static_cast<std::size_t>(sent);
}

Result<std::size_t> ReceiveSome(const Handle& socket, std::span<std::byte> into,
                                std::vector<Handle>& handles, PeerIdentity* sender) {
  BATON_CHECK(!into.empty());
  const HandleSource source = SourceOf(socket);
  if (!MayReceiveFrom(source) && HandlesAreNext(socket, sender != nullptr)) return FailWith(EMFILE);
  const std::size_t before = handles.size();
  handles.reserve(before + kMaxHandlesPerSend);
  iovec content = {into.data(), into.size()};
  ControlBuffer control;
  msghdr message = {};
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  const auto receive = [&] {
    return ::recvmsg(socket.get(), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  };
  BATON_TRY(const ssize_t received, Syscall("recvmsg", receive));
  PeerIdentity named;
  TakeControl(message, source, handles, named);
  if (sender != nullptr) *sender = named;
  StatePoint(handles.size() == before ? "socket.received" : "handles.received");
  if ((message.msg_flags & MSG_CTRUNC) != 0) {
    // There was room for all that one message can carry: this process can open no more.
    handles.resize(before);
    return FailWith(EMFILE);
  }
  return static_cast<std::size_t>(received);
}

bool HasUnread(const Handle& socket) {
  int bytes = 0;
  const auto asked =
      Syscall("ioctl(SIOCOUTQ)", [&] { return ::ioctl(socket.get(), SIOCOUTQ, &bytes); });
  return asked && bytes > 0;
}

}  // namespace baton::platform
