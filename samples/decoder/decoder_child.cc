// The decoder: a process that turns compressed pictures into pixels, and can do nothing else.
#include <baton/baton.h>

#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <memory>

#include "decoderChild.h"
#include "samples/decoder/picture_reader.h"
#include "samples/decoder/png_size.h"
#include "samples/decoder/png_writer.h"
#include "samples/decoder/sandbox.h"

namespace samples {
namespace {

using baton::Shmem;

class ImageChild final : public PImageChild {
 public:
  void Take(Shmem picture) { picture_ = std::move(picture); }

 private:
  void RecvDecode(std::uint64_t max_pixels, DecodeReplier reply) override {
    const Shmem picture = std::move(picture_);  // freed when it has been decoded
    const auto reader = OpenPicture(picture.bytes());
    DecodeReply answer;
    answer.outcome = reader != nullptr ? reader->ReadHeader() : Outcome::kUnknownFormat;
    if (answer.outcome != Outcome::kDecoded) return reply(std::move(answer));
    answer.format = reader->format();
    answer.width = reader->width();
    answer.height = reader->height();

    const std::uint64_t count = std::uint64_t{answer.width} * answer.height;
    if (count > max_pixels) {
      answer.outcome = Outcome::kTooManyPixels;
      return reply(std::move(answer));
    }
    auto pixels = AllocShmem(count * 4);
    if (!pixels) return reply.Reject(pixels.error());  // our shortage is not the picture's fault
    answer.outcome = reader->ReadPixels(pixels->bytes());
    if (answer.outcome == Outcome::kDecoded) answer.pixels = std::move(*pixels);
    reply(std::move(answer));  // from here on touching the pixels faults
  }

  void RecvEncodeThumbnail(Shmem pixels, std::uint32_t width, std::uint32_t height,
                           EncodeThumbnailReplier reply) override {
    if (width == 0 || height == 0 || std::uint64_t{width} * height != pixels.size() / 4) {
      return reply.Reject(PeerFault("the pixels do not have the size that they should have"));
    }
    auto png = AllocShmem(PngSizeLimit(width, height));
    if (!png) return reply.Reject(png.error());
    const std::uint64_t size = WritePng(pixels.bytes(), width, height, png->bytes());
    reply({std::move(*png), size});
  }

  Shmem picture_;
};

class DecoderChild final : public PDecoderChild {
  std::shared_ptr<PImageChild> AllocPImageChild(const Shmem&) override {
    return std::make_shared<ImageChild>();
  }
  baton::Result<void> RecvPImageConstructor(PImageChild& image, Shmem picture) override {
    static_cast<ImageChild&>(image).Take(std::move(picture));
    return {};
  }
};

baton::Result<void> Serve(boost::asio::io_context& io) {
  BATON_TRY(auto endpoint, baton::InheritedEndpoint<PDecoderChild>());
  baton::ChannelOptions options;
  options.memory_from = baton::MemorySource::kPeerWhenRefused;
  BATON_CHECKED(
      std::move(endpoint).Bind(std::make_shared<DecoderChild>(), io.get_executor(), options));
  BATON_CHECKED(EnterSandbox());
  io.run();  // until the channel closes
  return {};
}

}  // namespace
}  // namespace samples

int main() {
  boost::asio::io_context io(1);
  const auto served = samples::Serve(io);
  if (served) return 0;
  const bool by_hand = served.error() == baton::Errc::kNoEndpoint;
  std::fprintf(stderr, "decoder_child: %s\n",
               by_hand ? "started by decoder, not by hand" : served.error().message().c_str());
  return 2;
}
