#include <baton/platform/local_listener.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <optional>
#include <thread>

#include <baton/platform/local_socket.h>
#include <baton/platform/received_handle.h>

#include "tests/support/descriptor_limit.h"
#include "tests/support/guarded.h"
#include "tests/support/leak_check.h"
#include "tests/support/lingering.h"
#include "tests/support/must.h"
#include "tests/support/sanitizer.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/skip.h"

namespace baton::platform {
namespace {

using baton::testing::Guarded;
using baton::testing::LeakCheck;
using baton::testing::Lingering;
using baton::testing::Must;
using baton::testing::ScratchFolder;

std::error_code WhyNot(const std::string& address, unsigned mode = 0600) {
  const auto listener = LocalListener::Listen(address, mode);
  return listener ? std::error_code() : listener.error();
}

unsigned ModeOf(const std::string& path) {
  struct stat status = {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  REQUIRE(S_ISSOCK(status.st_mode));
  return status.st_mode & 0777;
}

std::string AbstractName() {
  return "@baton-listener-test-" + std::to_string(::getpid());
}

std::string PathIn(const ScratchFolder& folder) {
  return (folder.path() / "socket").string();
}

// A socket of somebody who does not know us, bound to `path`.
Handle ForeignSocket(const std::string& path, int type = SOCK_STREAM) {
  Handle socket(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  return socket;
}

// Bytes go both ways between who connects there and who is accepted.
void CheckLive(LocalListener& listener, const std::string& address) {
  const Handle guest = Must(ConnectLocal(address));
  const Handle host = Must(listener.Accept());
  std::array<std::byte, 3> bytes = {std::byte{7}};
  std::vector<Handle> handles;
  CHECK(Must(SendSome(guest, bytes, {})) == 3);
  CHECK(Must(ReceiveSome(host, bytes, handles)) == 3);
  CHECK(Must(SendSome(host, bytes, {})) == 3);
  CHECK(Must(ReceiveSome(guest, bytes, handles)) == 3);
}

class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  ~Umask() { ::umask(before_); }

 private:
  const mode_t before_;
};

TEST_CASE("LocalListener: bytes go both ways, and nothing stays in the folder") {
  const LeakCheck leak_check;
  const ScratchFolder folder;
  {
    auto listener = Must(LocalListener::Listen(PathIn(folder), 0600));
    CheckLive(listener, PathIn(folder));
    CHECK(folder.NamesIn(".") == std::vector<std::string>{"socket", "socket.lock"});
  }
  CHECK(folder.NamesIn(".").empty());
  CHECK(ConnectLocal(PathIn(folder)).error() == std::errc::no_such_file_or_directory);
}

TEST_CASE("LocalListener: an abstract name is gone with its listener, and belongs to one") {
  const LeakCheck leak_check;
  const std::string name = AbstractName();
  {
    auto listener = Must(LocalListener::Listen(name, 0600));
    CheckLive(listener, name);
    CHECK(WhyNot(name) == std::errc::address_in_use);
  }
  CHECK(ConnectLocal(name).error() == std::errc::connection_refused);
  CHECK_FALSE(WhyNot(name));
}

TEST_CASE("LocalListener: the file has the mode that was asked for, whatever the umask") {
  const LeakCheck leak_check;
  const ScratchFolder folder;
  const unsigned mode = GENERATE(0600U, 0660U, 0666U, 0777U, 0U);
  const unsigned mask = GENERATE(0U, 022U, 077U, 0777U);
  const auto listener = [&] {
    const Umask umask(mask);
    return LocalListener::Listen(PathIn(folder), mode);
  }();
  REQUIRE(listener);
  CHECK(ModeOf(PathIn(folder)) == mode);
}

TEST_CASE("LocalListener: nobody listens twice, and the first goes on") {
  const LeakCheck leak_check;
  const ScratchFolder folder;
  auto listener = Must(LocalListener::Listen(PathIn(folder), 0600));
  CHECK(WhyNot(PathIn(folder)) == std::errc::address_in_use);
  CheckLive(listener, PathIn(folder));
}

TEST_CASE("LocalListener: a live listener that knows no lock is not replaced") {
  const LeakCheck leak_check;
  const ScratchFolder folder;
  const Handle foreign = ForeignSocket(PathIn(folder));
  REQUIRE(::listen(foreign.get(), 1) == 0);
  CHECK(WhyNot(PathIn(folder)) == std::errc::address_in_use);
  CHECK(ConnectLocal(PathIn(folder)));
  CHECK(folder.NamesIn(".") == std::vector<std::string>{"socket"});
}

TEST_CASE("LocalListener: nor is one whose backlog is full, nor a datagram socket") {
  const LeakCheck leak_check;
  const ScratchFolder folder;
  const bool is_datagram = GENERATE(true, false);
  const Handle foreign = ForeignSocket(PathIn(folder), is_datagram ? SOCK_DGRAM : SOCK_STREAM);
  std::vector<Handle> waiting;
  if (!is_datagram) {
    REQUIRE(::listen(foreign.get(), 0) == 0);
    waiting.push_back(Must(ConnectLocal(PathIn(folder))));
    REQUIRE(ConnectLocal(PathIn(folder)).error() == std::errc::operation_would_block);
  }
  CHECK(WhyNot(PathIn(folder)) == std::errc::address_in_use);
}

TEST_CASE("LocalListener: what a dead one left is replaced") {
  const LeakCheck leak_check;
  const ScratchFolder folder;
  { const Handle dead = ForeignSocket(PathIn(folder)); }
  folder.Write("socket.lock", "");
  REQUIRE(ConnectLocal(PathIn(folder)).error() == std::errc::connection_refused);
  {
    auto listener = Must(LocalListener::Listen(PathIn(folder), 0600));
    CheckLive(listener, PathIn(folder));
  }
  CHECK(folder.NamesIn(".").empty());
}

TEST_CASE("LocalListener: while another is starting there, nothing is replaced") {
  const LeakCheck leak_check;
  const ScratchFolder folder;
  { const Handle dead = ForeignSocket(PathIn(folder)); }
  const auto lock = folder.Write("socket.lock", "");
  const Handle starting(::open(lock.c_str(), O_RDWR | O_CLOEXEC));
  REQUIRE(::flock(starting.get(), LOCK_EX) == 0);
  CHECK(WhyNot(PathIn(folder)) == std::errc::address_in_use);
  CHECK(folder.NamesIn(".") == std::vector<std::string>{"socket", "socket.lock"});
}

TEST_CASE("LocalListener: what is no socket stays") {
  const LeakCheck leak_check;
  const ScratchFolder folder;
  const std::string path = PathIn(folder);
  SECTION("a file") {
    folder.Write("socket", "precious");
  }
  SECTION("a folder") {
    REQUIRE(::mkdir(path.c_str(), 0700) == 0);
  }
  SECTION("a pipe") {
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  }
  SECTION("a link to nothing") {
    REQUIRE(::symlink("nothing", path.c_str()) == 0);
  }
  SECTION("a link to a dead socket") {
    const std::string dead_path = path + "-dead";
    { const Handle dead = ForeignSocket(dead_path); }
    REQUIRE(::symlink(dead_path.c_str(), path.c_str()) == 0);
  }
  const auto before = folder.NamesIn(".");
  CHECK(WhyNot(path) == std::errc::not_a_socket);
  CHECK(folder.NamesIn(".") == before);
}

TEST_CASE("LocalListener: a lock that is something else is neither followed nor removed") {
  const LeakCheck leak_check;
  const ScratchFolder folder;
  const std::string lock = PathIn(folder) + ".lock";
  SECTION("a link") {
    folder.Write("target", "precious");
    REQUIRE(::symlink("target", lock.c_str()) == 0);
    CHECK(WhyNot(PathIn(folder)) == std::errc::too_many_symbolic_link_levels);
  }
  SECTION("a folder") {
    REQUIRE(::mkdir(lock.c_str(), 0700) == 0);
    CHECK(WhyNot(PathIn(folder)) == std::errc::is_a_directory);
  }
  SECTION("a pipe") {
    REQUIRE(::mkfifo(lock.c_str(), 0600) == 0);
    CHECK(WhyNot(PathIn(folder)) == std::errc::file_exists);
  }
  SECTION("a file with something in it") {
    folder.Write("socket.lock", "precious");
    CHECK_FALSE(WhyNot(PathIn(folder)));
  }
  CHECK(std::filesystem::symlink_status(lock).type() != std::filesystem::file_type::not_found);
  CHECK_FALSE(std::filesystem::exists(PathIn(folder)));
}

TEST_CASE("LocalListener: addresses that are none") {
  const LeakCheck leak_check;
  const ScratchFolder folder;
  CHECK(WhyNot("") == std::errc::invalid_argument);
  CHECK(WhyNot("@") == std::errc::invalid_argument);
  CHECK(WhyNot(PathIn(folder) + std::string(1, '\0')) == std::errc::invalid_argument);
  CHECK(WhyNot(PathIn(folder), 01000) == std::errc::invalid_argument);
  CHECK(WhyNot(PathIn(folder) + "/no/such") == std::errc::no_such_file_or_directory);
  CHECK(ConnectLocal("").error() == std::errc::invalid_argument);
}

TEST_CASE("LocalListener: the longest address works, and one more byte is too long") {
  const LeakCheck leak_check;
  const ScratchFolder folder;
  const bool is_abstract = GENERATE(true, false);
  std::string address = is_abstract ? AbstractName() : PathIn(folder);
  address.resize(kMaxLocalAddress, 'x');
  {
    auto listener = Must(LocalListener::Listen(address, 0600));
    CheckLive(listener, address);
  }
  CHECK(folder.NamesIn(".").empty());
  CHECK(WhyNot(address + "x") == std::errc::filename_too_long);
  CHECK(ConnectLocal(address + "x").error() == std::errc::filename_too_long);
}

TEST_CASE("LocalListener: a file that is somebody else's by now stays") {
  const LeakCheck leak_check;
  const ScratchFolder folder;
  std::optional listener = Must(LocalListener::Listen(PathIn(folder), 0600));
  REQUIRE(::unlink(PathIn(folder).c_str()) == 0);
  const Handle foreign = ForeignSocket(PathIn(folder));
  listener.reset();
  CHECK(folder.NamesIn(".") == std::vector<std::string>{"socket"});
}

TEST_CASE("LocalListener: a relative path is removed from wherever the program has gone") {
  const LeakCheck leak_check;
  const ScratchFolder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  std::optional listener = Must(LocalListener::Listen("here", 0600));
  std::filesystem::current_path(before);
  CHECK(folder.NamesIn(".") == std::vector<std::string>{"here", "here.lock"});
  listener.reset();
  CHECK(folder.NamesIn(".").empty());
}

TEST_CASE("LocalListener: assigned over, the first is gone and the second lives") {
  const LeakCheck leak_check;
  const ScratchFolder folder;
  auto listener = Must(LocalListener::Listen(PathIn(folder), 0600));
  listener = Must(LocalListener::Listen(PathIn(folder) + "2", 0600));
  CHECK(folder.NamesIn(".") == std::vector<std::string>{"socket2", "socket2.lock"});
  CheckLive(listener, PathIn(folder) + "2");
}

TEST_CASE("LocalListener: sockets neither block nor outlive an exec") {
  const LeakCheck leak_check;
  const ScratchFolder folder;
  auto listener = Must(LocalListener::Listen(PathIn(folder), 0600));
  CHECK(listener.Accept().error() == std::errc::operation_would_block);
  const Handle guest = Must(ConnectLocal(PathIn(folder)));
  const Handle host = Must(listener.Accept());
  for (const Handle* const handle : {&listener.handle(), &guest, &host}) {
    CHECK((::fcntl(handle->get(), F_GETFD) & FD_CLOEXEC) != 0);
    CHECK((::fcntl(handle->get(), F_GETFL) & O_NONBLOCK) != 0);
  }
}

TEST_CASE("LocalListener: one too many in the backlog is told to come again") {
  const LeakCheck leak_check;
  const ScratchFolder folder;
  auto listener = Must(LocalListener::Listen(PathIn(folder), 0600));
  std::vector<Handle> waiting;
  for (;;) {
    auto guest = ConnectLocal(PathIn(folder));
    if (!guest) {
      CHECK(guest.error() == std::errc::operation_would_block);
      break;
    }
    waiting.push_back(*std::move(guest));
    REQUIRE(waiting.size() < 200);
  }
  CHECK(listener.Accept());
  CHECK(ConnectLocal(PathIn(folder)));
}

TEST_CASE("LocalListener: without a free descriptor nothing is accepted, and nobody is lost") {
  if (baton::testing::IsSanitized())
    SKIP_TEST("the sanitizer cannot look at memory without a free descriptor");
  const LeakCheck leak_check;
  const ScratchFolder folder;
  auto listener = Must(LocalListener::Listen(PathIn(folder), 0600));
  const Handle guest = Must(ConnectLocal(PathIn(folder)));
  {
    const testing::DescriptorLimit none_left(testing::LowestFreeDescriptor());
    CHECK(listener.Accept().error() == std::errc::too_many_files_open);
    CHECK(ConnectLocal(PathIn(folder)).error() == std::errc::too_many_files_open);
    CHECK(WhyNot(PathIn(folder) + "2") == std::errc::too_many_files_open);
  }
  CHECK(listener.Accept());
}

TEST_CASE("LocalListener: guests whose handles do not close are one peer, and keep nobody else") {
  const Guarded guarded;
  const std::string address = AbstractName();
  LocalListener listener = Must(LocalListener::Listen(address, 0600));
  const Handle first_guest = Must(ConnectLocal(address));
  const Handle second_guest = Must(ConnectLocal(address));
  const Handle first = Must(listener.Accept());
  Lingering lingering;
  CloseForeign(Handle::Foreign(lingering.Take().Release(), first.source()));
  while (ForeignHandlesOpen() < kMostForeignHandlesOfOne) {
    CloseForeign(Handle::Foreign(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC), first.source()));
  }
  const auto refused = listener.Accept();
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == std::errc::too_many_files_open);
  CHECK(MayReceiveFrom(NewHandleSource()));
  lingering.LetGo();
  while (ForeignHandlesOpen() > 0) std::this_thread::yield();
  Handle second = Must(listener.Accept());  // he has waited
  CHECK(second.source() == first.source());
  second = TakeAnew(std::move(second));
  CHECK(second.is_end());
  CHECK(second.source() != first.source());
}

}  // namespace
}  // namespace baton::platform
