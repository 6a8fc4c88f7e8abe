// The parent's view of one picture at the decoder: an actor of its own.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>

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
// Errors of Decode and EncodeThumbnail: PictureErrc::kDeadline, kDecoderDied and kBrokenPromise,
// after which the child is gone and its memory freed; what the child found out about the picture;
// and shortages, of either side. With any of these, Decoder::TakeDetail() may say more.
class Image {
 public:
  Image(Decoder& decoder, std::shared_ptr<PImageParent> actor);
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
  baton::Result<Picture> Believe(PImage::DecodeReply reply, Figures figures);

  Decoder& decoder_;
  std::shared_ptr<PImageParent> actor_;  // null: moved from
};

}  // namespace samples
