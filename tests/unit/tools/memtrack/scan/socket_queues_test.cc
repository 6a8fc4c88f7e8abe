// What netlink says about the queues of sockets.
#include "tools/memtrack/scan/socket_queues.h"

#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <vector>

#include <baton/platform/handle.h>
#include "tests/support/skip.h"

using namespace memtrack;

namespace {

using Bytes = std::vector<std::byte>;

template <class T>
void Put(Bytes& bytes, const T& value) {
  const auto* const first = reinterpret_cast<const std::byte*>(&value);
  bytes.insert(bytes.end(), first, first + sizeof(T));
}

Bytes SocketMessage(std::uint32_t inode, int type, std::uint32_t queue) {
  struct {
    nlmsghdr header;
    unix_diag_msg socket;
    nlattr attribute;
    unix_diag_rqlen lengths;
  } message = {};
  message.header.nlmsg_len = sizeof(message);
  message.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  message.socket.udiag_family = AF_UNIX;
  message.socket.udiag_type = static_cast<std::uint8_t>(type);
  message.socket.udiag_ino = inode;
  message.attribute.nla_len = sizeof(nlattr) + sizeof(unix_diag_rqlen);
  message.attribute.nla_type = UNIX_DIAG_RQLEN;
  message.lengths.udiag_rqueue = queue;
  Bytes bytes;
  Put(bytes, message);
  return bytes;
}

Bytes Done() {
  nlmsghdr header = {};
  header.nlmsg_len = sizeof(header);
  header.nlmsg_type = NLMSG_DONE;
  Bytes bytes;
  Put(bytes, header);
  return bytes;
}

Bytes operator+(Bytes one, const Bytes& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

}  // namespace

TEST_CASE("memtrack: only a stream's empty queue holds certainly nothing") {
  SocketQueues queues;
  const Bytes bytes = SocketMessage(1, SOCK_STREAM, 0) + SocketMessage(2, SOCK_STREAM, 1) +
                      SocketMessage(3, SOCK_DGRAM, 0) + SocketMessage(4, SOCK_SEQPACKET, 0) +
                      Done();
  REQUIRE(AddSocketQueues(bytes, queues) == DumpState::kDone);
  CHECK(queues.empty == std::unordered_set<std::uint64_t>{1});
  CHECK(queues.possible == std::unordered_set<std::uint64_t>{2, 3, 4});
}

TEST_CASE("memtrack: a dump of sockets goes on in the next datagram") {
  SocketQueues queues;
  CHECK(AddSocketQueues(SocketMessage(1, SOCK_STREAM, 0), queues) == DumpState::kMore);
  CHECK(AddSocketQueues(Done(), queues) == DumpState::kDone);
}

TEST_CASE("memtrack: a dump of sockets may end or lie anywhere") {
  const Bytes whole = SocketMessage(1, SOCK_STREAM, 0);
  for (std::size_t length = 1; length < whole.size(); ++length) {
    SocketQueues queues;
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    CHECK(AddSocketQueues(cut, queues) == DumpState::kFailed);
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int value : {0, 1, 0x7f, 0xff}) {
      Bytes lie = whole;
      lie[at] = static_cast<std::byte>(value);
      SocketQueues queues;
      (void)AddSocketQueues(lie, queues);  // the sanitizers watch
      CHECK(queues.empty.size() + queues.possible.size() <= 1);
    }
  }
}

TEST_CASE("memtrack: the kernel tells of the sockets that there are") {
  int pair[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
  const baton::platform::Handle one(pair[0]), other(pair[1]);
  const auto inode_of = [](const baton::platform::Handle& socket) {
    struct stat found = {};
    REQUIRE(::fstat(socket.get(), &found) == 0);
    return static_cast<std::uint64_t>(found.st_ino);
  };
  REQUIRE(::send(one.get(), "x", 1, 0) == 1);
  const auto queues = ReadSocketQueues();
  if (!queues) SKIP_TEST("sock_diag: " << queues.error().message());
  CHECK(queues->possible.contains(inode_of(other)));
  CHECK(queues->empty.contains(inode_of(one)));
}
