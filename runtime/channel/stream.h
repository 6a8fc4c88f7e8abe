// The path between two ends that always works: bytes in order, handles with them, and the news that
// the other end has gone. A socket, or two queues within one process.
//
// Never blocks, but for Block. Everything happens on one executor; the other end may be anywhere.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <system_error>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include <baton/base/result.h>
#include <baton/platform/handle.h>
#include <baton/platform/peer_identity.h>

namespace baton::internal {

class Stream {
 public:
  // Runs on the executor, never inside the call that takes it, or is destroyed without having run
  // when the wait is cancelled or the io_context goes away.
  using Ready = std::function<void()>;

  virtual ~Stream() = default;

  // As platform::SendSome: the beginning of `bytes` with all of `handles` (at most
  // platform::kMaxHandlesPerSend, which stay the caller's) or nothing. Errors:
  // operation_would_block, for a single byte only while the other end has something to read, which
  // wakes it as well as that byte would; shortages that pass (no_buffer_space, not_enough_memory,
  // ETOOMANYREFS); any other means that nobody will read this any more.
  virtual Result<std::size_t> Send(std::span<const std::byte> bytes,
                                   std::span<const platform::NativeHandle> handles) = 0;

  // As platform::ReceiveSome: what is there, appending handles; 0 at the end; operation_would_block
  // only when there is nothing, which the receiver of frames takes for proof (inbox.h).
  virtual Result<std::size_t> Receive(std::span<std::byte> into,
                                      std::vector<platform::Handle>& handles) = 0;

  // Who has sent what Receive has returned last, and nobody else any of it, while the stream is
  // asked to tell; pid 0 where it cannot. Off at first.
  virtual void IdentifySenders(bool) {}
  virtual platform::PeerIdentity sender() const { return {}; }

  // Whether something that was sent has not been received yet, as far as that can be seen.
  virtual bool HasUnread() const { return false; }

  // One wait of each kind at a time. Runs at once when there is something (or an end) already, and
  // may run although there is nothing.
  virtual void WaitReadable(Ready ready) = 0;
  virtual void WaitWritable(Ready ready) = 0;

  // Blocks the thread until there is something to receive (or the end), where that is wanted; until
  // there is room to send, where that is; until `also`, a handle of the system's, is readable; or
  // until then. May return early, and changes nothing for the waits above.
  struct Wanted {
    bool readable = false;
    bool writable = false;
    platform::NativeHandle also = platform::kNoHandle;
    std::chrono::steady_clock::time_point until;
  };
  struct Events {
    bool has_ended = false;  // nobody reads or writes at the other end any more
    bool also = false;
  };
  virtual Events Block(const Wanted& wanted) = 0;

  // The other end sees the end of the stream behind what was sent. Waits are cancelled; nothing
  // else is called afterwards.
  virtual void Close() = 0;
};

// One end of a stream that is not a socket, before an executor was chosen for it.
class StreamSource {
 public:
  virtual ~StreamSource() = default;
  virtual Result<std::unique_ptr<Stream>> Open(const boost::asio::any_io_executor& executor) = 0;
};

}  // namespace baton::internal
