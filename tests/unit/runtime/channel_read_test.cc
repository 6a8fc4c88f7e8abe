// A receiver that runs out of open files while a frame in the ring waits for one in the stream.
#include <catch2/catch.hpp>

#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>

#include "runtime/channel/socket_stream.h"
#include "runtime/channel/stream.h"
#include "tests/process/load_actors.h"
#include "tests/support/guarded.h"

namespace baton::testing {
namespace {

// Where files run out once: handles that arrive while `is_short` is set are closed, and the bytes
// they came with are lost, as platform::ReceiveSome has it. From then on there are files again.
class ShortStream final : public internal::Stream {
 public:
  ShortStream(std::unique_ptr<internal::Stream> stream, std::shared_ptr<bool> is_short)
      : stream_(std::move(stream)), is_short_(std::move(is_short)) {}

  Result<std::size_t> Send(std::span<const std::byte> bytes,
                           std::span<const platform::NativeHandle> handles) override {
    return stream_->Send(bytes, handles);
  }
  Result<std::size_t> Receive(std::span<std::byte> into,
                              std::vector<platform::Handle>& handles) override {
    const std::size_t before = handles.size();
    auto received = stream_->Receive(into, handles);
    if (!*is_short_ || handles.size() == before) return received;
    *is_short_ = false;
    handles.resize(before);
    return Fail(std::error_code(EMFILE, std::system_category()));
  }
  void WaitReadable(Ready ready) override { stream_->WaitReadable(std::move(ready)); }
  void WaitWritable(Ready ready) override { stream_->WaitWritable(std::move(ready)); }
  void Close() override { stream_->Close(); }

 private:
  const std::unique_ptr<internal::Stream> stream_;
  const std::shared_ptr<bool> is_short_;
};

class ShortSource final : public internal::StreamSource {
 public:
  ShortSource(platform::Handle socket, std::shared_ptr<bool> is_short)
      : socket_(std::move(socket)), is_short_(std::move(is_short)) {}

  Result<std::unique_ptr<internal::Stream>> Open(
      const boost::asio::any_io_executor& executor) override {
    BATON_TRY(auto stream, internal::OpenSocketStream(std::move(socket_), executor));
    return std::unique_ptr<internal::Stream>(
        std::make_unique<ShortStream>(std::move(stream), is_short_));
  }

 private:
  platform::Handle socket_;
  const std::shared_ptr<bool> is_short_;
};

// Both ends in this thread; the child's stream can be made short of files.
struct ShortPair {
  explicit ShortPair(Path path) {
    auto ends = Must(internal::CreateEndpointParts());
    ends.second.source = std::make_shared<ShortSource>(std::move(ends.second.socket), is_short);
    const ChannelOptions options = OptionsFor(path);
    Must(internal::BindEndpoint(std::move(ends.first), parent, parents.get_executor(), options));
    Must(internal::BindEndpoint(std::move(ends.second), child, children.get_executor(), options));
  }

  // By the stream.
  void SendFile(std::uint64_t number) {
    std::vector<FileDescriptor> files;
    files.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    Must(parent->SendFiles(number, files, {}));
  }
  // By the ring.
  void SendPiece(std::uint64_t number) {
    const std::uint64_t before = parent->statistics().ring_frames_sent;
    Must(parent->SendPiece(number, {}));
    REQUIRE(parent->statistics().ring_frames_sent == before + 1);
  }

  template <class Predicate>
  void RunUntil(Predicate done) {
    while (!done()) {
      LoadPair::RunOne(parents);
      LoadPair::RunOne(children);
    }
  }

  const std::shared_ptr<bool> is_short = std::make_shared<bool>(false);
  boost::asio::io_context parents;
  boost::asio::io_context children;
  std::shared_ptr<LoadParent> parent = std::make_shared<LoadParent>();
  std::shared_ptr<LoadChild> child = std::make_shared<LoadChild>();
};

TEST_CASE("who runs out of files between ring and stream does not blame the peer") {
  const Path path = GENERATE(Path::kRing, Path::kRingAsleep);
  const bool more_follows = GENERATE(false, true);
  CAPTURE(static_cast<int>(path), more_follows);
  const Guarded guarded;
  ShortPair pair(path);
  bool answered = false;
  pair.parent->SendAsk(1,
                       [&](boost::system::error_code error, std::uint64_t) { answered = !error; });
  pair.RunUntil([&] { return answered; });

  *pair.is_short = true;
  pair.SendFile(0);
  pair.SendPiece(1);
  if (more_follows) {
    pair.SendFile(2);
    pair.SendPiece(3);
  }
  pair.RunUntil([&] { return pair.child->destroyed == 1 && pair.parent->destroyed == 1; });
  INFO(pair.child->close_detail());
  CHECK(pair.child->close_error() == std::errc::too_many_files_open);
  CHECK(pair.child->reason == ActorDestroyReason::kAbnormalShutdown);
  CHECK(pair.child->received == 0);
  CHECK(pair.parent->close_error() == Errc::kPeerDied);
}

}  // namespace
}  // namespace baton::testing
