// A receiver that runs out of open files while a frame in the ring waits for one in the stream.
#include <catch2/catch.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
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

struct Shortage {
  bool is_due = false;   // the next handles to arrive meet it
  bool is_late = false;  // who waits for the stream hears of it after the poller
  bool is_closed = false;
  internal::Stream::Ready waiting;
};

// Where files run out once: the handles are closed, and the bytes they came with are lost, as
// platform::ReceiveSome has it. From then on there are files again.
class ShortStream final : public internal::Stream {
 public:
  ShortStream(std::unique_ptr<internal::Stream> stream, boost::asio::any_io_executor executor,
              std::shared_ptr<Shortage> shortage)
      : stream_(std::move(stream)),
        executor_(std::move(executor)),
        shortage_(std::move(shortage)) {}

  Result<std::size_t> Send(std::span<const std::byte> bytes,
                           std::span<const platform::NativeHandle> handles) override {
    return stream_->Send(bytes, handles);
  }
  Result<std::size_t> Receive(std::span<std::byte> into,
                              std::vector<platform::Handle>& handles) override {
    const std::size_t before = handles.size();
    auto received = stream_->Receive(into, handles);
    if (!shortage_->is_due || handles.size() == before) return received;
    shortage_->is_due = false;
    handles.resize(before);
    return Fail(std::error_code(EMFILE, std::system_category()));
  }
  void WaitReadable(Ready ready) override {
    constexpr int kMostTurns = 1000;
    stream_->WaitReadable([executor = executor_, shortage = shortage_, ready = std::move(ready)] {
      Tell(executor, shortage, ready, kMostTurns);
    });
  }
  void WaitWritable(Ready ready) override { stream_->WaitWritable(std::move(ready)); }
  Events Block(const Wanted& wanted) override { return stream_->Block(wanted); }
  void Close() override {
    shortage_->is_closed = true;
    shortage_->waiting = {};
    stream_->Close();
  }

 private:
  static void Tell(const boost::asio::any_io_executor& executor,
                   const std::shared_ptr<Shortage>& shortage, const Ready& ready, int turns) {
    if (shortage->is_closed) return;
    if (!shortage->is_late || (shortage->is_due && turns == 0)) return ready();
    if (!shortage->is_due) {  // it was met, and there is nothing any more
      shortage->waiting = ready;
      return;
    }
    boost::asio::post(executor, [=] { Tell(executor, shortage, ready, turns - 1); });
  }

  const std::unique_ptr<internal::Stream> stream_;
  const boost::asio::any_io_executor executor_;
  const std::shared_ptr<Shortage> shortage_;
};

class ShortSource final : public internal::StreamSource {
 public:
  ShortSource(platform::Handle socket, std::shared_ptr<Shortage> shortage)
      : socket_(std::move(socket)), shortage_(std::move(shortage)) {}

  Result<std::unique_ptr<internal::Stream>> Open(
      const boost::asio::any_io_executor& executor) override {
    BATON_TRY(auto stream, internal::OpenSocketStream(std::move(socket_), executor));
    return std::unique_ptr<internal::Stream>(
        std::make_unique<ShortStream>(std::move(stream), executor, shortage_));
  }

 private:
  platform::Handle socket_;
  const std::shared_ptr<Shortage> shortage_;
};

// Both ends in this thread; the child's stream can be made short of files.
struct ShortPair {
  explicit ShortPair(const ChannelOptions& options) {
    auto ends = Must(internal::CreateEndpointParts());
    ends.second.source = std::make_shared<ShortSource>(std::move(ends.second.socket), shortage);
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

  const std::shared_ptr<Shortage> shortage = std::make_shared<Shortage>();
  boost::asio::io_context parents;
  boost::asio::io_context children;
  std::shared_ptr<LoadParent> parent = std::make_shared<LoadParent>();
  std::shared_ptr<LoadChild> child = std::make_shared<LoadChild>();
};

// Whose look meets the shortage.
enum class Looks { kOnceWoken, kInTurn, kPoller };

TEST_CASE("who runs out of files between ring and stream does not blame the peer") {
  const Looks looks = GENERATE(Looks::kOnceWoken, Looks::kInTurn, Looks::kPoller);
  const bool more_follows = looks != Looks::kPoller && GENERATE(false, true);
  CAPTURE(static_cast<int>(looks), more_follows);
  const Guarded guarded;
  ChannelOptions options = OptionsFor(looks == Looks::kOnceWoken ? Path::kRingAsleep : Path::kRing);
  if (looks == Looks::kPoller) options.max_spin = std::chrono::minutes(1);
  ShortPair pair(options);
  bool answered = false;
  pair.parent->SendAsk(1,
                       [&](boost::system::error_code error, std::uint64_t) { answered = !error; });
  pair.RunUntil([&] { return answered; });

  pair.shortage->is_due = true;
  pair.shortage->is_late = looks == Looks::kPoller;
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
