#include "samples/decoder/image.h"

#include <baton/baton.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <string>
#include <utility>

#include "samples/decoder/decoder_parent.h"
#include "samples/decoder/picture_error.h"
#include "samples/decoder/png_size.h"
#include "samples/decoder/traffic_count.h"

namespace samples {
namespace {

using baton::Fail;
using baton::Result;
using baton::Within;
using boost::asio::awaitable;

constexpr auto kAnswer = boost::asio::as_tuple(boost::asio::use_awaitable);

std::string Describe(PictureSize size) {
  return std::to_string(size.width) + " x " + std::to_string(size.height);
}

// Of a question that was not answered as it should be.
std::error_code ReasonOf(std::error_code error) {
  return error == std::errc::timed_out ? PictureErrc::kDeadline : error;
}

}  // namespace

Image::Image(Decoder& decoder, std::shared_ptr<PImageParent> actor,
             std::chrono::milliseconds deadline)
    : decoder_(decoder), actor_(std::move(actor)), deadline_(Clock::now() + deadline) {}

// Of a child that is gone nothing is left to delete.
Image::~Image() {
  if (actor_ != nullptr) (void)actor_->Send__delete__();
}

awaitable<Result<Picture>> Image::Decode() {
  Figures figures;
  const baton::Traffic before = actor_->traffic();
  const auto begin = Clock::now();
  auto [error, reply] =
      co_await actor_->SendDecode(decoder_.max_pixels(), Within(TimeLeft(), kAnswer));
  if (error) co_return Fail(ReasonOf(error));
  figures.decode_time = Clock::now() - begin;
  figures.format = reply.format;
  figures.size = {reply.width, reply.height};
  figures.bytes_copied = BytesCopied(figures.size.rgba_bytes(), actor_->traffic() - before);
  co_return Believe(std::move(reply), figures);
}

// Nothing of this is true because the child says so.
Result<Picture> Image::Believe(PImage::DecodeReply reply, Figures figures) {
  const std::string size = Describe(figures.size);
  if (reply.outcome == Outcome::kTooManyPixels)
    return decoder_.Explain(ErrorOf(reply.outcome), size);
  if (reply.outcome != Outcome::kDecoded) return Fail(ErrorOf(reply.outcome));
  const std::uint64_t count = figures.size.pixels();
  if (count == 0 || count > decoder_.max_pixels() || reply.format == Format::kUnknown) {
    return Distrust(size);
  }
  if (!reply.pixels || reply.pixels->size() != count * 4) {
    return Distrust(size + " with other pixels than that");
  }
  return Picture{std::move(*reply.pixels), figures};
}

baton::Failure Image::Distrust(std::string detail) {
  return decoder_.Explain(PictureErrc::kBrokenPromise, std::move(detail));
}

awaitable<Result<Image::Png>> Image::EncodeThumbnail(baton::Shmem pixels, PictureSize size) {
  auto [error, reply] = co_await actor_->SendEncodeThumbnail(
      std::move(pixels), size.width, size.height, Within(TimeLeft(), kAnswer));
  if (error) co_return Fail(ReasonOf(error));
  if (reply.size > reply.png.size()) {
    co_return Distrust("a thumbnail longer than its memory");
  }
  if (reply.png.size() > PngSizeLimit(size.width, size.height)) {
    co_return Distrust("a thumbnail longer than its pixels can need");
  }
  if (reply.size == 0) co_return Fail(PictureErrc::kNotEncoded);
  co_return std::move(reply);
}

}  // namespace samples
