#include "runtime/channel/socket_stream.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <utility>

#include <baton/platform/local_socket.h>
#include <baton/platform/wait_for_socket.h>

namespace baton::internal {
namespace {

using boost::asio::posix::stream_descriptor;

class SocketStream final : public Stream {
 public:
  SocketStream(platform::Handle socket, const boost::asio::any_io_executor& executor)
      : socket_(std::move(socket)), watch_(executor) {}
  ~SocketStream() override { Close(); }

  Result<void> Watch() {
    boost::system::error_code error;
    watch_.assign(socket_.get(), error);
    if (error) return Fail(error);
    return {};
  }

  Result<std::size_t> Send(std::span<const std::byte> bytes,
                           std::span<const platform::NativeHandle> handles) override {
    return platform::SendSome(socket_, bytes, handles);
  }

  Result<std::size_t> Receive(std::span<std::byte> into,
                              std::vector<platform::Handle>& handles) override {
    return platform::ReceiveSome(socket_, into, handles, identifies_ ? &sender_ : nullptr);
  }

  // Whoever launches asks the kernel before there is a second holder (runtime/actor/launch.cc).
  // That it is asked no more only saves time.
  void IdentifySenders(bool on) override {
    if (identifies_ && !on) (void)platform::IdentifySenders(socket_, false);
    identifies_ = on;
  }
  platform::PeerIdentity sender() const override { return sender_; }
  bool HasUnread() const override { return platform::HasUnread(socket_); }

  void WaitReadable(Ready ready) override { Wait(stream_descriptor::wait_read, std::move(ready)); }
  void WaitWritable(Ready ready) override { Wait(stream_descriptor::wait_write, std::move(ready)); }

  Events Block(const Wanted& wanted) override {
    const auto events = platform::WaitForSocket(
        socket_, {wanted.readable, wanted.writable, wanted.also}, wanted.until);
    return {events.hung_up, events.also};
  }

  void Close() override {
    // The handle closes what it owns; the watch must not close it a second time.
    if (watch_.is_open()) watch_.release();
    socket_.Reset();
  }

 private:
  void Wait(stream_descriptor::wait_type what, Ready ready) {
    watch_.async_wait(what, [ready = std::move(ready)](boost::system::error_code error) {
      if (!error) ready();
    });
  }

  platform::Handle socket_;
  stream_descriptor watch_;  // watches, does not own
  bool identifies_ = false;
  platform::PeerIdentity sender_;
};

}  // namespace

Result<std::unique_ptr<Stream>> OpenSocketStream(platform::Handle socket,
                                                 const boost::asio::any_io_executor& executor) {
  auto stream = std::make_unique<SocketStream>(platform::TakeEnd(std::move(socket)), executor);
  BATON_CHECKED(stream->Watch());
  return std::unique_ptr<Stream>(std::move(stream));
}

}  // namespace baton::internal
