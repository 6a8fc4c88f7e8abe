// The parent's view of one picture at the decoder: an actor of its own.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "decoderParent.h"
#include "samples/decoder/report.h"

namespace samples {

class Decoder;

// A picture as it came back, believed only as far as it was checked: figures.size is positive,
// within max_pixels, and is the size of the pixels.
struct Picture {
  baton::Shmem pixels;
  Figures figures;
};

// Made by Decoder::Open. The actor ends on both sides when this goes away, before its decoder does.
//
// Errors of Decode and EncodeThumbnail are for Decoder::Blame: PictureErrc::kDeadline, after
// `deadline` for both together; kBrokenPromise; what the child found out about the picture;
// shortages, of either side; and the end of the child.
class Image {
 public:
  Image(Decoder& decoder, std::shared_ptr<PImageParent> actor, std::chrono::milliseconds deadline);
  Image(Image&&) = default;
  Image& operator=(Image&&) = delete;
  ~Image();

  // Once. Fills in what Figures can say about decoding alone.
  boost::asio::awaitable<baton::Result<Picture>> Decode();

  // A PNG of `pixels`, in the first `size` bytes of the memory, which is no longer than a PNG of so
  // many pixels can be.
  using Png = PImage::EncodeThumbnailReply;
  boost::asio::awaitable<baton::Result<Png>> EncodeThumbnail(baton::Shmem pixels, PictureSize size);

 private:
  using Clock = std::chrono::steady_clock;

  Clock::duration TimeLeft() const { return deadline_ - Clock::now(); }
  baton::Result<Picture> Believe(PImage::DecodeReply reply, Figures figures);
  baton::Failure Distrust(std::string detail);

  Decoder& decoder_;
  std::shared_ptr<PImageParent> actor_;  // null: moved from
  const Clock::time_point deadline_;
};

}  // namespace samples
