// Every system call of a channel's life fails once: Bind, HELLO, rings, messages that travel by
// themselves, handles, Close.
#include <fcntl.h>

#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <tuple>

#include "tests/fault/sweep_errors.h"
#include "tests/process/load_actors.h"
#include "tests/support/watchdog.h"

namespace baton::testing {
namespace {

using boost::system::error_code;

constexpr std::size_t kByRing = 1000;
constexpr std::size_t kByStream = 40'000;
constexpr std::size_t kCarried = 200'000;

// What has become of a conversation.
struct Outcome {
  std::error_code failure;  // the first, of either side
  bool is_whole = false;    // every message arrived, and the end was in good order
};

Result<void> SendAll(LoadParent& parent, const FileDescriptor& file) {
  BATON_CHECKED(parent.SendPiece(0, ContentOf(0, kByRing)));
  BATON_CHECKED(parent.SendPiece(1, ContentOf(1, kByStream)));
  BATON_CHECKED(parent.SendPiece(2, ContentOf(2, kCarried)));
  std::vector<FileDescriptor> files;
  BATON_TRY(FileDescriptor copy, file.Duplicate());
  files.push_back(std::move(copy));
  BATON_CHECKED(parent.SendFiles(3, files, ContentOf(3, kByRing)));
  return parent.SendPiece(4, ContentOf(4, kByRing));
}

// Both sides in this thread. Errors: what Bind or a send says at once.
Result<void> Converse(Path path, LoadParent& parent, LoadChild& child, boost::asio::io_context& io,
                      const FileDescriptor& file) {
  const auto options = OptionsFor(path);
  const auto bind = [&](auto endpoint, Actor& actor) {
    return internal::BindEndpoint(std::move(endpoint), actor.shared_from_this(), io.get_executor(),
                                  options);
  };
  internal::EndpointParts ends[2];
  if (path == Path::kInProcess) {
    std::tie(ends[0], ends[1]) = internal::CreateInProcessParts();
  } else {
    BATON_TRY(std::tie(ends[0], ends[1]), internal::CreateEndpointParts());
  }
  BATON_CHECKED(bind(std::move(ends[0]), parent));
  BATON_CHECKED(bind(std::move(ends[1]), child));
  return SendAll(parent, file);
}

Outcome Run(Path path, const FileDescriptor& file) {
  boost::asio::io_context io;
  const auto parent = std::make_shared<LoadParent>();
  const auto child = std::make_shared<LoadChild>();
  Outcome outcome;
  const auto started = Converse(path, *parent, *child, io, file);
  if (started) {
    parent->SendFetch(static_cast<std::uint32_t>(kCarried),
                      [&](error_code error, const std::vector<std::byte>& content) {
                        if (!error) outcome.is_whole = content.size() == kCarried;
                        parent->Close();
                      });
  } else {
    outcome.failure = started.error();
    parent->Close();
    child->Close();
  }
  io.run();
  // Whoever was bound is told of the end once, whatever failed. An actor that is not bound has no
  // end, and a Bind that failed leaves its actor unbound.
  CHECK(parent->destroyed <= 1);
  CHECK(child->destroyed <= 1);
  if (started) CHECK(parent->destroyed == 1);
  if (started) CHECK(child->destroyed == 1);
  if (!outcome.failure) outcome.failure = parent->close_error();
  if (!outcome.failure) outcome.failure = child->close_error();
  outcome.is_whole = outcome.is_whole && !outcome.failure && child->received == 5 &&
                     child->files_received == 1 && child->handler_errors.empty();
  // Of what arrived nothing was out of order: a message is lost alone only if its receiver says so.
  if (child->handler_errors.empty()) {
    CHECK(TakeRecordedFailures().empty());
  } else {
    (void)TakeRecordedFailures();
  }
  return outcome;
}

bool Passes(int error) {
  return error == EINTR || error == EAGAIN || error == ENOMEM || error == ENOBUFS ||
         error == ETOOMANYREFS;
}

TEST_CASE("faults: whichever call of a channel fails, it ends once, and not for what passes") {
  const Path path = EachPath();
  const Watchdog watchdog(2 * kPatience);
  const FileDescriptor file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  REQUIRE(Run(path, file).is_whole);  // what Asio and the probes keep for good is there now
  int shortages = 0;
  SweepErrors([&] { return Run(path, file).is_whole; },
              [&](const std::string& call, int error, bool is_whole) {
                if (call != "sendmsg" || !Passes(error)) return;
                ++shortages;
                CHECK(is_whole);
              });
  CHECK((shortages > 0 || path == Path::kInProcess));
}

}  // namespace
}  // namespace baton::testing
