#include "tools/memtrack/scan/socket_queues.h"

#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

#include <baton/platform/handle.h>

#include "platform/posix/syscall.h"

namespace memtrack {
namespace {

using baton::platform::FailWith;
using baton::platform::Handle;
using baton::platform::Syscall;

constexpr std::size_t kDatagram = 64 << 10;

struct Request {
  nlmsghdr header;
  unix_diag_req body;
};

std::size_t Aligned(std::size_t size) {
  return (size + 3) & ~std::size_t{3};
}

template <class T>
std::optional<T> TakeCopy(std::span<const std::byte> bytes) {
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

// Bytes that lie in the queue, of a listening socket the connections; std::nullopt: not said.
std::optional<std::uint32_t> QueueLength(std::span<const std::byte> attributes) {
  while (const auto header = TakeCopy<nlattr>(attributes)) {
    if (header->nla_len < sizeof(nlattr) || header->nla_len > attributes.size()) break;
    if (header->nla_type == UNIX_DIAG_RQLEN) {
      const auto lengths = TakeCopy<unix_diag_rqlen>(
          attributes.subspan(sizeof(nlattr), header->nla_len - sizeof(nlattr)));
      return lengths ? std::optional(lengths->udiag_rqueue) : std::nullopt;
    }
    attributes = attributes.subspan(std::min(attributes.size(), Aligned(header->nla_len)));
  }
  return std::nullopt;
}

bool AddSocket(std::span<const std::byte> payload, SocketQueues& queues) {
  const auto socket = TakeCopy<unix_diag_msg>(payload);
  if (!socket) return false;
  const auto length = QueueLength(payload.subspan(Aligned(sizeof(unix_diag_msg))));
  // Datagrams may be empty and carry descriptors all the same; a piece of a stream may not.
  const bool is_empty = socket->udiag_type == SOCK_STREAM && length == 0U;
  (is_empty ? queues.empty : queues.possible).insert(socket->udiag_ino);
  return true;
}

}  // namespace

DumpState AddSocketQueues(std::span<const std::byte> datagram, SocketQueues& queues) {
  while (!datagram.empty()) {
    const auto header = TakeCopy<nlmsghdr>(datagram);
    if (!header || header->nlmsg_len < sizeof(nlmsghdr) || header->nlmsg_len > datagram.size()) {
      return DumpState::kFailed;
    }
    if (header->nlmsg_type == NLMSG_DONE) return DumpState::kDone;
    if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY) return DumpState::kFailed;
    const auto payload = datagram.subspan(sizeof(nlmsghdr), header->nlmsg_len - sizeof(nlmsghdr));
    if (!AddSocket(payload, queues)) return DumpState::kFailed;
    datagram = datagram.subspan(std::min(datagram.size(), Aligned(header->nlmsg_len)));
  }
  return DumpState::kMore;
}

Result<SocketQueues> ReadSocketQueues() {
  const auto open = [] { return ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG); };
  BATON_TRY(const int opened, Syscall("socket", open));
  const Handle socket(opened);
  Request request = {};
  request.header.nlmsg_len = sizeof(request);
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.body.sdiag_family = AF_UNIX;
  request.body.udiag_states = ~0U;
  request.body.udiag_show = UDIAG_SHOW_RQLEN;
  const auto send = [&] { return ::send(socket.get(), &request, sizeof(request), 0); };
  BATON_CHECKED(Syscall("send", send));

  SocketQueues queues;
  std::vector<std::byte> datagram(kDatagram);
  for (;;) {
    // The answer of a dump is there when asked for: it is made by the call itself.
    const auto receive = [&] {
      return ::recv(socket.get(), datagram.data(), datagram.size(), MSG_DONTWAIT);
    };
    BATON_TRY(const ssize_t size, Syscall("recv", receive));
    const DumpState state =
        AddSocketQueues(std::span(datagram).first(static_cast<std::size_t>(size)), queues);
    if (state == DumpState::kDone) return queues;
    if (state == DumpState::kFailed) return FailWith(EPROTO);
  }
}

}  // namespace memtrack
