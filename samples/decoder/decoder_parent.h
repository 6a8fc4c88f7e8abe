// The parent's view of the decoder: a process that is there whenever it is needed.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <baton/launch.h>

#include "decoderParent.h"
#include "samples/decoder/report.h"

namespace samples {

struct DecoderOptions {
  std::string program;                         // path of the decoder
  std::chrono::milliseconds deadline{10'000};  // for one file, all in all
  std::uint64_t max_pixels = 64'000'000;
};

// A picture as it came back, believed only as far as it was checked: figures.size is positive,
// within max_pixels, and is the size of the pixels.
struct Picture {
  baton::Shmem pixels;
  Figures figures;
};

// A child process, one at a time, replaced when it crashed, hung, or answered nonsense. One call at
// a time; everything happens on `executor`.
//
// Errors of Decode and EncodeThumbnail: PictureErrc::kDeadline, kDecoderDied and kBrokenPromise,
// after which the child is gone and its memory freed; what the child found out about the picture;
// and shortages, of either side. With any of these, TakeDetail() may say more.
class Decoder {
 public:
  Decoder(boost::asio::any_io_executor executor, DecoderOptions options);
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder();

  // Before each file, whose traffic counts from here: starts a child unless a living one is there.
  // Errors: the system's.
  baton::Result<void> Ready();

  // Memory to hand over, once Ready. Errors: as above; a child that has died since is not replaced
  // now, so that a file costs one child at most.
  baton::Result<baton::Shmem> AllocShmem(std::uint64_t size);

  // The file's deadline begins here. Fills in what Figures can say about decoding alone.
  boost::asio::awaitable<baton::Result<Picture>> Decode(baton::Shmem file);

  // A PNG of `pixels`, in the first `size` bytes of the memory, which is no longer than a PNG of so
  // many pixels can be. Has what Decode left of the deadline.
  using Png = PDecoder::EncodeThumbnailReply;
  boost::asio::awaitable<baton::Result<Png>> EncodeThumbnail(baton::Shmem pixels, PictureSize size);

  // What the channel carried since Ready. Only when nothing failed since.
  baton::Traffic FileTraffic() const;

  // About the last failure, for people; may be empty. Once.
  std::string TakeDetail() { return std::exchange(detail_, {}); }

  // Says goodbye to the child. Nothing may follow.
  void Close();

 private:
  baton::Result<void> Start();
  bool HasEnded();
  void GuardAnswer();
  baton::Failure Blame(std::error_code error);
  baton::Failure Distrust(std::string detail);
  void Replace(std::chrono::milliseconds grace);

  boost::asio::any_io_executor executor_;
  const DecoderOptions options_;
  baton::Process process_;
  std::shared_ptr<PDecoderParent> actor_;  // null: no child
  baton::Traffic file_begin_;              // its counters, when the file began
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer::time_point deadline_;  // of the file
  bool timed_out_ = false;
  std::string detail_;
};

}  // namespace samples
